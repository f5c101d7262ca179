"""What monitoring sees of a server: its parts, its backlog, its disk."""

import time
from importlib.metadata import version

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.world import Server, World, running


def samples(server: Server) -> dict[tuple[str, ...], float]:
    """The values of all samples, by name and labels."""
    families = text_string_to_metric_families(server.http.get("/metrics").text)
    return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


def test_backlog_age_disk_memory_processor_time_and_version_are_told_while_the_event_store_is_away(
    world: World,
) -> None:
    with running(world, events_url="clickhouse://127.0.0.1:1/") as server:
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
        assert told["heropixel_disk_free_bytes", "data"] == pytest.approx(told["heropixel_disk_free_bytes", "journal"])
        assert told["heropixel_disk_free_bytes", "data"] > 0
        assert told["heropixel_build_info", version("heropixel")] == 1
        parts = {name[1] for name in told if name[0] == "heropixel_resident_memory_bytes"}
        assert parts
        assert parts == {name[1] for name in told if name[0] == "heropixel_cpu_seconds_total"}
        assert told["heropixel_pageviews_total", "User Not Found"] == 3
        assert told["heropixel_pageviews_created", "User Not Found"] > 1_700_000_000
