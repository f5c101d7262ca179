"""What only the journal of a cluster promises: its nodes share receipts, and load what a dead one has left."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import psycopg
import pytest

from heropixel.errors import JournalUnavailable
from heropixel.journal import Journal, is_reached, open_journal, waiting_in
from heropixel.journal.postgres import LEASE
from heropixel.journal.postgres_tables import SHIFT
from heropixel.troubles import FolderFromNewerVersion
from tests.postgres.clocks import ClockedDatabase
from tests.postgres.server import end_clients

HOUR = 3_600_000
FIVE = 499_997 * HOUR  # o'clock, of a day in 2027: partitions of receipts begin at six


class Cluster:
    """Nodes on one database, whose clock is set."""

    def __init__(self, database: ClockedDatabase) -> None:
        self.database = database
        self.opened: list[Journal] = []
        self.at(FIVE)

    def at(self, now: int) -> None:
        self.now = now
        self.database.set_clock(now)

    def node(self, name: str) -> Journal:
        self.opened.append(open_journal(self.database.url, name))
        return self.opened[-1]

    def run(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.database.url, autocommit=True) as connection:
            return connection.execute(query.encode()).fetchall()

    def partitions(self, table: str) -> list[int]:
        names = self.run(f"SELECT relname FROM pg_class WHERE relname ~ '^{table}_[0-9]+$' ORDER BY 1")
        return [int(str(name).rpartition("_")[2]) for (name,) in names]


@pytest.fixture
def cluster(clocked_database: Callable[[], ClockedDatabase]) -> Iterator[Cluster]:
    cluster = Cluster(clocked_database())
    yield cluster
    for journal in cluster.opened:
        journal.close()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as threads:
        yield threads


def everything(journal: Journal) -> list[bytes]:
    """All that a node can take, released."""
    payloads: list[bytes] = []
    while batch := journal.take(1000):
        payloads += batch.payloads
        journal.release(batch)
    return payloads


def test_each_node_has_a_sub_journal_of_its_own(cluster: Cluster) -> None:
    one, other = cluster.node("one"), cluster.node("other")
    one.append(b"a\n", {}, 0)
    other.append(b"b\nc\n", {}, 0)
    assert len(one.end()) == 2
    assert waiting_in(cluster.database.url).entries == 3
    assert (everything(one), everything(other)) == ([b"a"], [b"b", b"c"])
    assert is_reached(one.end(), other.loaded())


def test_an_appender_that_starts_again_goes_on_and_the_earlier_one_cannot_append_there(cluster: Cluster) -> None:
    earlier, later = cluster.node("one"), cluster.node("one")
    earlier.append(b"a\n", {}, 0)
    later.append(b"b\n", {}, 0)
    ((number, end),) = later.end().items()
    earlier.append(b"c\n", {}, 0)  # takes it back: they are one node
    assert later.end() == {number: end + 1}
    assert everything(later) == [b"a", b"b", b"c"]


def test_a_dead_nodes_sub_journal_is_adopted_once_its_lease_has_ended_and_free_once_it_is_loaded(
    cluster: Cluster,
) -> None:
    dead, other = cluster.node("dead"), cluster.node("other")
    dead.append(b"a\n", {}, 0)
    dead.append(b"b\n", {}, 0)
    taken = dead.take(1)
    assert taken is not None
    cluster.at(cluster.now + int(LEASE * 1000) - 1)
    assert other.take(10) is None
    cluster.at(cluster.now + 2)
    again = cluster.node("other").take(1)
    assert again == taken._replace(repeated=True), "what a dead loader had taken is taken alike"
    other.release(again)
    assert everything(other) == [b"b"]
    cluster.node("other").take(1)  # lets it go
    cluster.at(cluster.now + 1)
    new = cluster.node("new")
    new.append(b"c\n", {}, 0)
    assert new.end().keys() == {taken.first >> SHIFT}, "a new node goes on with it"


def test_what_a_node_keeps_for_later_is_its_own_until_it_is_gone_and_is_kept_until_it_is_done(cluster: Cluster) -> None:
    node, other = cluster.node("node"), cluster.node("other")
    node.append(b"a\n", {}, 0)
    batch = node.take(10)
    assert batch is not None
    node.release(batch, b"look again")
    ((number, kept),) = node.later().items()
    assert (kept, other.later()) == (b"look again", {})
    cluster.at(cluster.now + int(LEASE * 1000) + 1)
    assert other.later() == {number: b"look again"}
    other.done(number)
    assert (node.later(), other.later()) == ({}, {})


def test_a_node_that_was_taken_for_dead_appends_nothing_to_what_another_has_adopted(cluster: Cluster) -> None:
    slow = cluster.node("slow")
    slow.append(b"a\n", {}, 0)
    ((number, end),) = slow.end().items()
    cluster.at(cluster.now + int(LEASE * 1000) + 1)
    other = cluster.node("other")
    adopted = other.take(10)
    assert adopted is not None
    slow.append(b"b\n", {b"key": b"r"}, 0)
    assert other.end()[number] == end
    other.release(adopted)
    assert everything(other) == []
    assert everything(slow) == [b"b"]


def test_a_sign_of_life_keeps_a_lease(cluster: Cluster) -> None:
    quiet = cluster.node("quiet")
    quiet.append(b"a\n", {}, 0)
    cluster.at(cluster.now + int(LEASE * 1000) - 1)
    quiet.hold()
    cluster.at(cluster.now + 2)
    assert cluster.node("other").take(10) is None
    assert everything(quiet) == [b"a"]


def record(
    journal: Journal, key: bytes, line: bytes, meanwhile: Callable[[], object], after: Callable[[], object]
) -> bool:
    """Record a pageview as a writer does; returns whether it was new. What happens meanwhile, happens once."""
    steps = [meanwhile, after]

    def work() -> bool:
        known = key in journal.receipts([key], 0)
        if steps:
            steps.pop(0)()
        if not known:
            journal.append(line, {key: b"r"}, 0)
        if steps:
            steps.pop(0)()
        return not known

    return journal.together(work)


def nothing() -> None:
    """Nothing happens."""


def test_the_same_event_id_at_two_nodes_at_the_same_moment_is_recorded_once(
    cluster: Cluster, threads: ThreadPoolExecutor
) -> None:
    one, other = cluster.node("one"), cluster.node("other")
    both_have_looked = threading.Barrier(2, timeout=20)
    new = [
        threads.submit(record, node, b"key", line, both_have_looked.wait, nothing)
        for node, line in ((one, b"a\n"), (other, b"b\n"))
    ]
    assert sorted(each.result(30) for each in new) == [False, True]
    assert len(everything(one) + everything(other)) == 1


class Held:
    """Holds a group up that has appended, before it commits."""

    def __init__(self) -> None:
        self._has_appended, self.may_commit = threading.Event(), threading.Event()

    def __call__(self) -> None:
        self._has_appended.set()
        assert self.may_commit.wait(20)

    def wait_for_append(self) -> None:
        assert self._has_appended.wait(20)


@pytest.mark.parametrize("committed", [1, 30 * 60_000, HOUR - 2])
def test_the_same_event_id_at_the_turn_of_an_hour_is_recorded_once_however_long_a_commit_takes(
    cluster: Cluster, threads: ThreadPoolExecutor, committed: int
) -> None:
    one, other = cluster.node("one"), cluster.node("other")
    for node in (one, other):
        node.append(b"before\n", {}, 0)
    cluster.at(FIVE + HOUR - 1)
    held = Held()
    early = threads.submit(record, one, b"key", b"a\n", nothing, held)
    held.wait_for_append()
    cluster.at(FIVE + HOUR + committed)
    late = threads.submit(record, other, b"key", b"b\n", nothing, nothing)
    _until_it_waits(cluster, late)
    held.may_commit.set()
    assert (early.result(30), late.result(30)) == (True, False)
    assert sorted(everything(one) + everything(other)) == [b"a", b"before", b"before"]


_HERE = "datname = current_database() AND application_name = 'heropixel'"


def _until_it_waits(cluster: Cluster, work: "Future[bool]") -> None:
    """Wait until a transaction waits for another one's."""
    give_up = time.monotonic() + 20
    while not cluster.run(
        "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    ):
        assert not work.done(), "it did not wait"
        assert time.monotonic() < give_up
        time.sleep(0.01)


def test_a_group_that_took_longer_than_an_hour_appends_nothing(cluster: Cluster) -> None:
    node = cluster.node("one")
    with pytest.raises(JournalUnavailable, match="more than an hour"):
        record(node, b"key", b"a\n", lambda: cluster.at(FIVE + 2 * HOUR), nothing)
    assert (node.length(), node.receipts([b"key"], 0)) == (0, {})


def test_receipts_are_kept_in_one_partition_once_the_groups_of_earlier_hours_are_complete(cluster: Cluster) -> None:
    node = cluster.node("one")
    cluster.node("idle").append(b"x\n", {}, 0)
    for hour in range(3):
        cluster.at(FIVE + hour * HOUR)
        node.append(b"a\n", {b"%d" % hour: b"r"}, 0)
    assert cluster.run("SELECT count(*) FROM receipts") == [(3,)]


def test_the_clock_of_the_database_counts_and_not_the_nodes(cluster: Cluster) -> None:
    node = cluster.node("one")
    node.append(b"a\n", {b"key": b"r"}, FIVE - 100 * HOUR)
    assert node.receipts([b"key"], FIVE + 100 * HOUR) == {b"key": b"r"}
    node.expire(FIVE + 100 * HOUR)
    assert node.receipts([b"key"], 0) == {b"key": b"r"}


def tidy(cluster: Cluster) -> None:
    cluster.node("tidy").expire(0)


def test_partitions_are_made_ahead_and_dropped_whole(cluster: Cluster) -> None:
    node = cluster.node("one")
    node.append(b"a\n", {b"key": b"r"}, 0)
    hour = FIVE // HOUR
    assert cluster.partitions("journal_groups") == [*range(hour - 1, hour + 4)]
    assert cluster.partitions("receipts") == [hour - 5, hour + 1]
    cluster.at(FIVE + 5 * HOUR)
    tidy(cluster)
    assert hour in cluster.partitions("journal_groups"), "its group is not loaded"
    assert everything(node) == [b"a"]
    tidy(cluster)
    assert cluster.partitions("journal_groups") == [*range(hour + 4, hour + 9)]
    cluster.at(FIVE + 25 * HOUR)
    tidy(cluster)
    assert cluster.partitions("receipts")[0] == hour - 5, "its last receipts may not be 24 hours old"
    cluster.at(FIVE + 26 * HOUR)
    tidy(cluster)
    assert cluster.partitions("receipts")[0] == hour + 1


def test_a_partition_that_is_in_use_is_dropped_another_time_and_holds_nobody_up(
    cluster: Cluster, threads: ThreadPoolExecutor
) -> None:
    one, other = cluster.node("one"), cluster.node("other")
    for node in (one, other):
        node.append(b"before\n", {}, 0)
        everything(node)
    held = Held()
    under_way = threads.submit(record, one, b"another", b"a\n", nothing, held)
    held.wait_for_append()
    cluster.at(FIVE + 26 * HOUR)
    before = time.monotonic()
    other.hold()
    tidy(cluster)
    assert time.monotonic() - before < 10
    assert FIVE // HOUR - 5 in cluster.partitions("receipts")
    held.may_commit.set()
    assert under_way.result(20)
    tidy(cluster)
    assert FIVE // HOUR in cluster.partitions("journal_groups"), "what was committed meanwhile is not loaded"
    assert everything(one) == [b"a"]
    tidy(cluster)
    assert FIVE // HOUR not in cluster.partitions("journal_groups")
    assert FIVE // HOUR - 5 not in cluster.partitions("receipts")


def test_the_end_waits_for_the_groups_under_way_at_every_node(cluster: Cluster, threads: ThreadPoolExecutor) -> None:
    one, other = cluster.node("one"), cluster.node("other")
    one.append(b"a\n", {}, 0)
    ((number, before),) = one.end().items()
    has_looked, may_append = threading.Event(), threading.Event()

    def wait() -> None:
        has_looked.set()
        assert may_append.wait(20)

    under_way = threads.submit(record, one, b"key", b"b\n", wait, nothing)
    assert has_looked.wait(20)
    end = threads.submit(other.end)
    time.sleep(0.1)
    assert not end.done()
    may_append.set()
    assert under_way.result(20)
    assert end.result(20) == {number: before + 1}


@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_a_group_that_met_a_deadlock_or_a_serialisation_failure_is_repeated(cluster: Cluster, state: str) -> None:
    node = cluster.node("one")
    failures = [state]

    def work() -> None:
        node.append(b"a\n", {b"key": b"r"}, 0)
        if failures:
            with psycopg.connect(cluster.database.url) as connection:
                connection.execute(f"DO $$BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{failures.pop()}'; END$$".encode())

    node.together(work)
    assert everything(node) == [b"a"]


def test_a_lost_connection_is_opened_again_and_nothing_is_there_twice(cluster: Cluster) -> None:
    node = cluster.node("one")
    node.append(b"a\n", {}, 0)
    end_clients(cluster.database.url)
    node.append(b"b\n", {}, 0)
    assert everything(node) == [b"a", b"b"]


def test_tables_of_a_newer_version_are_refused(cluster: Cluster) -> None:
    cluster.node("one")
    with psycopg.connect(cluster.database.url) as connection:
        connection.execute("UPDATE journal_version SET version = 99")
    with pytest.raises(FolderFromNewerVersion):
        cluster.node("other")


def test_tables_of_an_earlier_version_get_what_they_have_not(cluster: Cluster) -> None:
    cluster.node("one").append(b"a\n", {}, 0)
    tables = "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_name ~ 'journal'"
    made = cluster.run(f"{tables} ORDER BY 1, 2")
    with psycopg.connect(cluster.database.url) as connection:
        connection.execute("DROP TABLE journal_later")
        connection.execute("UPDATE journal_version SET version = 1")
    node = cluster.node("one")
    assert cluster.run(f"{tables} ORDER BY 1, 2") == made
    assert everything(node) == [b"a"]
    assert cluster.run("SELECT version FROM journal_version") == [(2,)]
