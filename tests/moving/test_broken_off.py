"""A move that is broken off leaves the world in its folder as it was, and the same command moves it after all."""

import json
import re
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from heropixel.moving import changing_over
from heropixel.moving.changes import is_watched, opened
from heropixel.moving.changing_over import ChangeOver, Folder
from heropixel.moving.target import Target
from heropixel.postgres import address_of, connect
from heropixel.processes.stores import check_database
from heropixel.settings import Settings
from heropixel.troubles import MoveUnfinished, StoreUnreachable
from tests.clickhouse.server import ClickHouseServer
from tests.moving.worlds import Cluster, slow, wait_for
from tests.postgres.server import PostgresServer
from tests.session.clickhouse import new_database
from tests.world import Server, World, command, make_world, running

pytestmark = pytest.mark.process


@pytest.fixture
def cluster(postgres_url: str, clickhouse: ClickHouseServer) -> Iterator[Cluster]:
    yield Cluster(postgres_url, clickhouse.url(new_database()))
    clickhouse.asked()


def _is_as_before(world: World) -> bool:
    """Whether nothing of a move is in the folder."""
    for name in ("directory.sqlite3", "journal.sqlite3"):
        with closing(opened(world.folder / name)) as connection:
            if is_watched(connection):
                return False
    return not (world.folder / "moving").exists() and not list((world.folder / "events/shadow").glob("moving_*"))


def _record(server: Server, count: int, name: str) -> None:
    for number in range(count):
        answer = server.pageview(eventId=f"{name}-{number}", email=f"{name}-{number}@example.com")
        assert answer["code"] == 200, answer


def test_a_world_goes_on_whatever_ends_its_move_and_moves_after_all(
    tmp_path: Path, cluster: Cluster, clickhouse: ClickHouseServer
) -> None:
    world = make_world(tmp_path / "data")
    with running(world, doors="1") as server:
        _record(server, 10, "first")
        server.loaded(10)
        slow(clickhouse, 2)
        with cluster.moving(world) as moving:  # kill -9 of the command
            moving.wait_until_frozen(world)
            _record(server, 10, "killed")
            moving.process.kill()
            moving.process.wait()
        wait_for(lambda: _is_as_before(world))
        server.loaded(20)
        with pytest.raises(MoveUnfinished, match=r"Run the same `heropixel move` again"):
            check_database(Settings(directory_url=cluster.database, journal_url=cluster.database))

        slow(clickhouse, 2)
        with cluster.moving(world) as moving:  # Ctrl+C
            moving.wait_until_frozen(world)
            moving.process.send_signal(signal.SIGINT)
            clickhouse.asked()  # it goes on
            assert moving.wait() != 0
        wait_for(lambda: _is_as_before(world))

        slow(clickhouse, 2)
        with cluster.moving(world) as moving:  # another attempt, of which this one knows nothing
            moving.wait_until_frozen(world)
            with connect(address_of(cluster.database), "directory") as connection:
                connection.execute("UPDATE moves SET attempt = 'another'")
            clickhouse.asked()
            assert moving.wait() == 13
            assert "The world goes on in its folder" in moving.log.read_text()
        _record(server, 10, "refused")
        wait_for(lambda: _is_as_before(world))
        assert not (world.folder / "moved.json").exists()

        slow(clickhouse, 2)
        with cluster.moving(world) as moving:  # kill -9 of the server
            moving.wait_until_frozen(world)
            server.stop(signal.SIGKILL)
            clickhouse.asked()
            assert moving.wait() == 13
            assert "The same command begins again" in moving.log.read_text()
    with running(world, doors="1") as server:
        assert _is_as_before(world)
        _record(server, 10, "started-again")
        assert re.search(r"Moved: \d+ pageviews", cluster.move(world))
        _record(server, 1, "in-the-cluster")
        assert server.stop() == 0
    rows = [json.loads(line) for line in cluster.command(world, "pageviews", "export").splitlines()]
    ids = [row["eventId"] for row in rows]
    names = ("first", "killed", "refused", "started-again")
    assert sorted(ids) == sorted([*(f"{name}-{number}" for name in names for number in range(10)), "in-the-cluster-0"])


def test_a_world_moves_without_a_server_and_goes_back_while_nothing_was_recorded_there(
    tmp_path: Path, cluster: Cluster
) -> None:
    world = make_world(tmp_path / "data")
    with running(world, doors="1") as server:
        _record(server, 5, "before")
    assert "Moved: 5 pageviews" in cluster.move(world)
    assert "has moved to postgresql://" in command(world, "pixels", "list", expect=13)
    assert len(cluster.command(world, "pageviews", "export").splitlines()) == 5
    (world.folder / "moved.json").unlink()
    assert _is_as_before(world)
    assert len(command(world, "pageviews", "export").splitlines()) == 5
    assert "another world has moved" in cluster.move(world, expect=13)


def test_a_target_that_is_not_empty_is_refused(tmp_path: Path, cluster: Cluster, clickhouse: ClickHouseServer) -> None:
    one, other = make_world(tmp_path / "one"), make_world(tmp_path / "other")
    cluster.move(one)
    assert "another world has moved to" in cluster.move(other, expect=13)
    with connect(address_of(cluster.database), "directory") as connection:
        connection.execute("DROP TABLE moves")
    assert "is not empty: there are apps" in cluster.move(other, expect=13)
    said = Cluster("postgresql://heropixel@127.0.0.1:9/nowhere", cluster.events).move(other, expect=8)
    assert "cannot be reached" in said
    assert "moves to a postgresql:// and a clickhouse:// URL" in Cluster("sqlite:///x", "chdb:///x").move(
        other, expect=13
    )
    assert command(other, "pixels", "list")


def test_a_world_goes_on_while_the_database_is_away_and_is_on_neither_side_while_nobody_knows(
    tmp_path: Path, clickhouse: ClickHouseServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changing_over, "_DOUBT_SECONDS", 0.1)
    world = make_world(tmp_path / "data")
    with PostgresServer() as postgres:
        cluster = Cluster(postgres.url(), clickhouse.url(new_database()))
        with running(world, doors="1") as server:
            slow(clickhouse, 2)
            _record(server, 3, "before")
            server.loaded(3)
            with cluster.moving(world) as moving:
                moving.wait_until_frozen(world)
                postgres.stop(signal.SIGQUIT)  # as a power cut
                clickhouse.asked()
                assert moving.wait() == 13
            wait_for(lambda: _is_as_before(world))
            _record(server, 3, "away")
            server.loaded(6)
        postgres.start()

        where = Folder(world.folder, world.folder / "directory.sqlite3", world.folder / "journal.sqlite3")
        changing = ChangeOver(where, Target(cluster.database, cluster.events), "world", "attempt", lambda: 1)
        postgres.stop(signal.SIGQUIT)
        with pytest.raises(StoreUnreachable):
            changing.work(1)
        assert "has moved to" in command(world, "pixels", "list", expect=13)
        postgres.start()
        assert "Moved: 6 pageviews" in cluster.move(world), "it had not, and so it does now"
    clickhouse.asked()
