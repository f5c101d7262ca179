"""Section 5 of the contract, from outside: a pixel keeps its pageviews for its retention, on a real server."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.waiting import eventually
from tests.world import Server, command, exported, make_world, running


@pytest.fixture(scope="module")
def old_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a pixel of many years, and pageviews of now."""
    world = make_world(tmp_path_factory.mktemp("old") / "data")
    with running(world) as server:
        server.pageview(eventId="now")
        server.loaded(1)
        yield server


def import_years(server: Server, tmp_path: Path, *ages: int) -> None:
    """Import a pageview of each age in days."""
    rows = [
        {"eventId": f"{age}", "timestamp": int(time.time()) - age * 86_400, "domain": "example.com"} for age in ages
    ]
    file = tmp_path / "years.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    said = json.loads(command(server.world, "pageviews", "import", str(file), "--pixel", "1", "--json"))
    assert said["recorded"] == len(ages), said


def kept(server: Server) -> list[str]:
    return sorted(row["eventId"] for row in exported(server.world))


def eventually_kept(server: Server, *expected: str) -> None:
    eventually(lambda: kept(server), sorted(expected))


def test_pageviews_older_than_asked_are_dropped_whether_by_api_or_command_and_none_that_is_younger(
    old_server: Server, tmp_path: Path
) -> None:
    import_years(old_server, tmp_path, 20, 100, 400, 900)
    eventually_kept(old_server, "now", "20", "100", "400", "900")
    answer = old_server.graphql(
        "mutation ($auth: AuthInput) { updatePixel(auth: $auth, id: 1, retentionDays: 800) { code message } }",
        {"auth": old_server.world.auth},
    )
    assert answer["data"]["updatePixel"] == {"code": 200, "message": "Pixel updated"}
    eventually_kept(old_server, "now", "20", "100", "400")
    command(old_server.world, "pixels", "retain", "1", "--days", "60", "--yes")
    eventually_kept(old_server, "now", "20")
    assert "heropixel_expired_pageviews_total 3.0" in old_server.http.get("/metrics").text
    assert old_server.log.read_text().count("dropped by retention") == 3

    command(old_server.world, "pixels", "retain", "1", "--for-ever")
    import_years(old_server, tmp_path, 500)
    eventually_kept(old_server, "now", "20", "500")
    time.sleep(2)
    assert kept(old_server) == sorted(["now", "20", "500"]), "kept for ever again"


def test_pageviews_that_come_too_late_are_loaded_and_dropped_after_the_next_start(tmp_path: Path) -> None:
    world = make_world(tmp_path / "data")
    with running(world) as server:
        server.pageview(eventId="now")
        server.loaded(1)
        command(world, "pixels", "retain", "1", "--days", "30", "--yes")
        time.sleep(2)
        import_years(server, tmp_path, 300)
        assert kept(server) == ["300", "now"]
        assert server.stop() == 0
    with running(world) as server:
        eventually_kept(server, "now")
