"""What holds for a server of two doors as for one process: limits of senders, and metrics."""

import os
import signal
import time
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.contract.beaconing import collect
from tests.world import Server, World, running

DOORS = ("door-1", "door-2")


def told(server: Server) -> dict[tuple[str, ...], float]:
    """All samples, by name and labels, on a new connection: either door may answer."""
    families = text_string_to_metric_families(httpx.get(f"{server.url}/metrics", timeout=30).text)
    return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


def kill_doors(server: Server) -> None:
    """kill -9, and wait until there are others: the parent forks the doors first."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    before = children.read_text().split()
    for pid in before[: len(DOORS)]:
        os.kill(int(pid), signal.SIGKILL)
    until = time.monotonic() + 30
    while len({*children.read_text().split()} - {*before}) < len(DOORS):
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="only Linux tells it")
def test_limits_and_metrics_are_of_the_whole_server_and_outlive_its_doors(world: World) -> None:
    with running(world, doors="2", address_rate="0.001", address_burst="20") as server:
        answers = [collect(server, site="https://example.com").status_code for _ in range(60)]
        assert 20 <= answers.count(204) <= 21, "a race may give one token to both"
        assert {*answers} == {204, 429}
        before = told(server)
        assert before["heropixel_beacons_total",] == answers.count(204)
        assert before["heropixel_beacons_dropped_total", "TOO_MANY_BEACONS"] == answers.count(429)
        for metric in ("heropixel_resident_memory_bytes", "heropixel_cpu_seconds_total"):
            assert {name[1] for name in before if name[0] == metric} == {"parent", *DOORS, "writer", "engine"}
        kill_doors(server)
        assert collect(server, site="https://example.com").status_code == 429, "new doors know who has sent too much"
        after = told(server)
        assert after["heropixel_beacons_total",] == answers.count(204)
        assert after["heropixel_beacons_dropped_total", "TOO_MANY_BEACONS"] == answers.count(429) + 1
        assert all(
            after["heropixel_cpu_seconds_total", door] >= before["heropixel_cpu_seconds_total", door] for door in DOORS
        )


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="only Linux tells it")
def test_one_process_for_everything_counts_too(world: World) -> None:
    with running(world, doors="0") as server:
        assert server.pageview()["code"] == 200
        found = told(server)
        assert found["heropixel_pageviews_total", "User Not Found"] == 1
        assert {name[1] for name in found if name[0] == "heropixel_resident_memory_bytes"} == {"server"}
