"""A node that stops says so before it stops serving, so that a load balancer takes it out."""

import signal
import time
from pathlib import Path

import httpx

from tests.world import make_world, running


def test_ready_turns_first_and_pageviews_are_recorded_meanwhile(tmp_path: Path) -> None:
    world = make_world(tmp_path / "world")
    with running(world, doors="2", leave_seconds="2") as server:
        assert server.http.get("/ready").status_code == 200
        server.process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        while (said := server.http.get("/ready")).status_code == 200:
            assert time.monotonic() - began < 1.5
            time.sleep(0.01)
        assert (said.status_code, said.text) == (503, "not ready: the server is stopping\n")
        recorded = 0
        with httpx.Client(base_url=server.url, timeout=30, verify=False) as new_connections:
            while time.monotonic() - began < 1.5:
                assert server.pageview(externalId=f"u-{recorded}")["code"] == 200
                closes = new_connections.get("/ready").headers.get("connection") == "close"
                recorded += 1
        assert recorded > 1
        assert closes, "proxies keep no connection to it"
        assert server.process.wait(60) == 0
        assert time.monotonic() - began < 30
