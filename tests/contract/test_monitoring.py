"""What monitoring sees of a server: its parts, its backlog, its disk."""

import time
from importlib.metadata import version

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.contract.beaconing import collect
from tests.databases import ONE_DISK
from tests.world import Server, World, command, running

REPORT = """query ($auth: AuthInput) {
    report(auth: $auth, report: { pixelIds: [1], range: { name: TODAY }, metrics: [PAGEVIEWS] }) {
        code totals { pageviews }
    }
}"""
FORGET = """mutation ($auth: AuthInput) {
    forget(auth: $auth, by: { email: "anna@example.com" }) { code erasure { id done } }
}"""
ERASURE = "query ($auth: AuthInput, $id: ID!) { erasure(auth: $auth, id: $id) { erasure { id done } } }"


def samples(server: Server) -> dict[tuple[str, ...], float]:
    """The values of all samples, by name and labels."""
    families = text_string_to_metric_families(server.http.get("/metrics").text)
    return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


def test_backlog_age_disk_memory_processor_time_and_version_are_told_while_the_event_store_is_away(
    world: World,
) -> None:
    with running(world.with_key, events_url="clickhouse://127.0.0.1:1/") as server:
        assert (
            samples(server)["heropixel_journal_pageviews",],
            samples(server)["heropixel_journal_oldest_seconds",],
        ) == (
            0,
            0,
        )
        for _ in range(3):
            assert server.pageview()["code"] == 200
        time.sleep(0.3)
        told = samples(server)
        assert told["heropixel_journal_pageviews",] == 3
        assert 0.3 <= told["heropixel_journal_oldest_seconds",] < 30
        rooms = [value for name, value in told.items() if name[0] == "heropixel_disk_free_bytes"]
        assert rooms == pytest.approx(rooms[:1] * len(rooms)), "its folders are on one disk"
        assert min(rooms, default=1) > 0
        assert bool(rooms) is not ("directory_url" in world.more), "a server that keeps no files has no disk"
        assert told["heropixel_build_info", version("heropixel")] == 1
        parts = {name[1] for name in told if name[0] == "heropixel_resident_memory_bytes"}
        assert parts
        assert parts == {name[1] for name in told if name[0] == "heropixel_cpu_seconds_total"}
        assert told["heropixel_pageviews_total", "User Not Found"] == 3
        assert told["heropixel_pageviews_created", "User Not Found"] > 1_700_000_000


def test_with_less_than_min_free_disk_pageviews_are_refused_and_the_rest_works(world: World) -> None:
    with running(world) as server:
        assert server.pageview(eventId="before", email="anna@example.com")["code"] == 200
        server.loaded(1)
        assert server.stop() == 0
    with running(world, min_free_disk=str(2**60)) as server:
        answer = server.pageview(eventId="refused")
        assert (answer["code"], answer["reason"], answer["data"]) == (500, "DISK_ALMOST_FULL", {})
        assert "nothing was recorded" in answer["message"]
        beacon = collect(server)
        assert (beacon.status_code, beacon.json()["reason"]) == (503, "DISK_ALMOST_FULL")
        ready = server.http.get("/ready")
        said = [line for line in ready.text.splitlines() if line != ONE_DISK]
        assert (ready.status_code, said) == (503, [f"not ready: less than {2**60} bytes are free on the disk"])
        assert server.http.get("/health").status_code == 200
        report = server.graphql(REPORT, {"auth": world.auth})["data"]["report"]
        assert (report["code"], report["totals"]) == (200, {"pageviews": 1})
        forgotten = server.graphql(FORGET, {"auth": world.auth})["data"]["forget"]
        erasure, until = forgotten["erasure"], time.monotonic() + 30
        while not erasure["done"]:
            assert time.monotonic() < until
            asked = server.graphql(ERASURE, {"auth": world.auth, "id": erasure["id"]})
            erasure = asked["data"]["erasure"]["erasure"]
        assert samples(server)["heropixel_refused_total", "DISK_ALMOST_FULL"] == 1
        assert samples(server)["heropixel_journal_pageviews",] == 0
        file = world.folder / "past.jsonl"
        file.write_text('{"domain": "example.com", "timestamp": "2020-01-01T00:00:00Z"}\n')
        printed = command(world, "pageviews", "import", str(file), "--pixel", str(world.pixel), expect=8)
        assert "bytes are free on the disk" in printed
