"""Changes of stored rows on replicas, migrations of several nodes at once, and of a node that is broken off."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
import structlog.testing

from heropixel.directory import Directory
from heropixel.directory.erasures import add_erasure, find_erasure, waiting_erasures
from heropixel.errors import EventsUnavailable
from heropixel.events import Events, migrations
from heropixel.events.reprocessing import Reprocessed
from heropixel.postgres import Lock
from heropixel.processes import event_store
from heropixel.settings import Settings
from heropixel.upkeep.erasing import erase
from tests.clickhouse.server import CUT, LOST_BEFORE, ClickHouseServer
from tests.session.clickhouse import new_database
from tests.stores.test_events import exported, rows
from tests.world import new_directory


@pytest.fixture
def url(replica: ClickHouseServer) -> Iterator[str]:
    yield replica.url(new_database(), "cluster=here")
    replica.asked()


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Directory]:
    with closing(new_directory(tmp_path)) as directory:
        yield directory


def test_an_erasure_is_pending_until_every_replica_has_done_it_and_a_replica_that_is_down_is_said(
    url: str, replica: ClickHouseServer, directory: Directory
) -> None:
    with directory.writing() as connection:
        receipt = add_erasure(connection, 1, {}, "TEST", 1, users=[7]).id
    counted: dict[str, int] = {}
    with closing(Events(url)) as events:
        events.insert(rows(1, 10, 2, resolution="NOT_KNOWN", visitor_id="theirs") + b"\n" + rows(1, 12, 1), "1")
        events.insert(rows(1, 20, 1, user_id=7, visitor_id="theirs", email="x"), "2")
        replica.lose("here-2")
        waiting = waiting_erasures(directory.connection)
        for _ in range(2):
            waits_for = erase(directory, events, waiting, lambda: 9, counted)
            assert waits_for == "1 of 2 replicas do not answer, and do their changes when they are back"
            assert find_erasure(directory.connection, 1, receipt).done_at is None
        assert {row["visitorId"] for row in exported(events, 1)} == {None}, "what is there is erased at once"
        mutations = [each for each in replica.asked() if each["statement"].startswith("ALTER TABLE")]
        assert {each["asked"]["mutations_sync"] for each in mutations} == {"1"}, "it waits for no other replica"
        assert not [each for each in mutations if "theirs" in str(each) or "SELECT" in each["statement"]]
        assert erase(directory, events, waiting, lambda: 9, counted) == ""
    erased = find_erasure(directory.connection, 1, receipt)
    assert (erased.done_at, erased.counts["pageviews"]) == (9, 3)


def test_nodes_that_start_at_once_make_the_tables_once(url: str) -> None:
    held: list[int] = []

    @contextmanager
    def lock() -> Iterator[None]:
        held.append(1)
        yield

    with ThreadPoolExecutor(3) as pool:
        opened = [*pool.map(lambda _: Events(url, lock=lock()), range(3))]
    numbers = opened[0].ask("SELECT DISTINCT number FROM migrations ORDER BY number")
    assert [number for (number,) in numbers] == [number for number, _, _ in migrations()]
    for events in (*opened, Events(url, lock=lock())):
        events.close()
    assert len(held) <= 3, "where all is done, no lock is taken"


@pytest.mark.parametrize(
    ("kind", "broken_off_at"),
    [(LOST_BEFORE, "pageviews ON CLUSTER"), (CUT, "VIEW"), (CUT, "INSERT INTO .*migrations")],
)
def test_a_migration_that_is_broken_off_is_completed_by_the_next_start(
    url: str, replica: ClickHouseServer, kind: str, broken_off_at: str
) -> None:
    replica.fail(kind, broken_off_at, 2)
    with pytest.raises(EventsUnavailable):
        Events(url)
    replica.asked()
    with closing(Events(url)) as events:
        events.insert(rows(1, 1, 1, user_id=7, visitor_id="v"), "1")
        assert events.ask("SELECT visitor_id, toUInt32(user_id) FROM links") == [("v", 7)]


def test_a_migration_is_done_when_the_queue_of_the_cluster_says_so(url: str, replica: ClickHouseServer) -> None:
    replica.lose("here-2")
    with structlog.testing.capture_logs() as said:
        Events(url).close()
    assert said[0]["servers"] == ["here-2"]


def test_links_that_are_given_back_are_not_taken_for_a_repeated_insert(url: str) -> None:
    link = b'{"app": 1, "visitor_id": "v", "user_id": 6, "linked_at": "1900000000000"}'
    with closing(Events(url)) as events:
        events.add_links(link)
        events.change("ALTER TABLE links DELETE WHERE user_id = 6")
        events.add_links(link)
        assert events.ask("SELECT visitor_id FROM links") == [("v",)]


def test_on_replicas_pageviews_are_not_enriched_again_and_that_is_said(url: str) -> None:
    with closing(Events(url)) as events, pytest.raises(EventsUnavailable, match="with replicas"):
        Reprocessed(events, ["browser"])


def test_nodes_that_share_a_directory_migrate_one_at_a_time(postgres_url: str, replica: ClickHouseServer) -> None:
    given: dict[str, object] = {
        "directory_url": postgres_url,
        "journal_url": postgres_url,
        "events_url": replica.url("shop"),
    }
    lock = event_store._lock(Settings.model_validate(given))
    with closing(psycopg.connect(postgres_url, autocommit=True)) as other:
        taken = f"SELECT pg_try_advisory_xact_lock({Lock.MIGRATE_EVENTS:d})"
        with lock:
            assert other.execute(taken).fetchone() == (False,)
        assert other.execute(taken).fetchone() == (True,)


def test_a_directory_that_is_away_is_an_event_store_that_cannot_be_opened_now() -> None:
    with (
        pytest.raises(EventsUnavailable, match="lock") as away,
        event_store._locked("postgresql://u:s3cret@127.0.0.1:9/x"),
    ):
        pytest.fail("it has no lock")
    assert "s3cret" not in str(away.value)
