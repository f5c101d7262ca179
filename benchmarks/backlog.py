"""The backlog of a server: pageviews that are answered and not yet in the event store."""

import re
import time

from benchmarks.servers import Server

GIVE_UP = 120.0  # seconds
_ANSWERED = re.compile(rb"^heropixel_(?:pageviews_total\{.*\}|beacons_total) (\S+)$", re.MULTILINE)
_LOADED = re.compile(rb"^heropixel_loaded_pageviews_total (\S+)$", re.MULTILINE)


def wait_until_loaded(server: Server) -> None:
    """Wait until the journal is empty, at most `GIVE_UP` seconds."""
    began = time.monotonic()
    while waiting(server) > 0 and time.monotonic() - began < GIVE_UP:
        time.sleep(0.05)


def waiting(server: Server) -> int:
    """How many pageviews are answered and not loaded. It uses counters, as the gauge is only set between batches."""
    status, text = server.ask("GET", "/metrics")
    if status != 200:
        raise RuntimeError(f"GET /metrics answered {status}: {text[:200]!r}")
    answered, loaded = (sum(map(float, counter.findall(text))) for counter in (_ANSWERED, _LOADED))
    return int(answered - loaded)
