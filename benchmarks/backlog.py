"""What a server still owes its event store: pageviews answered and not loaded yet."""

import re
import time

from benchmarks.servers import Server

GIVE_UP = 120.0  # seconds
_ANSWERED = re.compile(rb"^heropixel_(?:pageviews_total\{.*\}|beacons_total) (\S+)$", re.MULTILINE)
_LOADED = re.compile(rb"^heropixel_loaded_pageviews_total (\S+)$", re.MULTILINE)


def wait_until_loaded(server: Server) -> None:
    """Wait until no pageview waits in the journal, but not for longer than `GIVE_UP`."""
    began = time.monotonic()
    while waiting(server) > 0 and time.monotonic() - began < GIVE_UP:
        time.sleep(0.05)


def waiting(server: Server) -> int:
    """How many pageviews are answered and not loaded, by counters: the gauge is only set between batches."""
    status, text = server.ask("GET", "/metrics")
    if status != 200:
        raise RuntimeError(f"GET /metrics answered {status}: {text[:200]!r}")
    answered, loaded = (sum(map(float, counter.findall(text))) for counter in (_ANSWERED, _LOADED))
    return int(answered - loaded)
