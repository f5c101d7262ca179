"""The backlog of a server: pageviews that are answered and not yet in the event store."""

import re
import time

from benchmarks.servers import Server

GIVE_UP = 120.0  # seconds
_WAITING = re.compile(rb"^heropixel_journal_pageviews (\S+)$", re.MULTILINE)


def wait_until_loaded(server: Server) -> None:
    """Wait until the journal is empty, at most `GIVE_UP` seconds."""
    began = time.monotonic()
    while waiting(server) > 0 and time.monotonic() - began < GIVE_UP:
        time.sleep(0.1)  # `/metrics` takes 2 ms of a door


def waiting(server: Server) -> int:
    """How many pageviews are answered and not loaded."""
    status, text = server.ask("GET", "/metrics")
    found = _WAITING.search(text)
    if status != 200 or not found:
        raise RuntimeError(f"GET /metrics answered {status}: {text[:200]!r}")
    return int(float(found[1]))
