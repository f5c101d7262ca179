"""A commit waits for standbys, so a journal never says that it has stored what one disk alone has."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from heropixel.cluster.durability import check_durability
from heropixel.directory import Directory, open_directory
from heropixel.directory.revision import bump_revision, read_revision
from heropixel.errors import JournalUnavailable, JournalUnsure
from heropixel.journal import Journal, open_journal
from heropixel.postgres import address_of
from heropixel.troubles import NotDurable, StoreUnreachable
from tests.postgres.server import PostgresServer
from tests.world import make_world, running

QUORUM = "ANY 1 (one, two)"

# A server that waits for its database as any other, and gives up sooner.
IMPATIENT = """
from heropixel.processes import steps, stopping
steps._ANSWER_WITHIN = stopping.PATIENCE = 1.0
from heropixel.cli import main
main()
"""


class Pair:
    """A primary and one of its two standbys; the other is away."""

    def __init__(self, primary: PostgresServer, standby: PostgresServer) -> None:
        self.primary = primary
        self.standby = standby

    def set(self, **settings: str) -> None:
        for name, value in settings.items():
            self.primary.run(f"ALTER SYSTEM SET {name} = '{value}'")
        self.primary.run("SELECT pg_reload_conf()")
        for name, value in settings.items():
            until(partial(self._has, name, value))

    def _has(self, name: str, value: str) -> bool:
        return self.primary.run(f"SHOW {name}") == [(value,)]

    def journal(self) -> Journal:
        return open_journal(self.primary.url(), "node")


def until(condition: Callable[[], object]) -> None:
    give_up = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.01)


@pytest.fixture(scope="module")
def servers() -> Iterator[Pair]:
    with PostgresServer() as primary, PostgresServer({"cluster_name": "one"}, standby_of=primary) as standby:
        yield Pair(primary, standby)
        primary.run("ALTER SYSTEM RESET ALL")  # else nothing can be committed without the standby
        primary.run("SELECT pg_reload_conf()")


@pytest.fixture
def pair(servers: Pair) -> Pair:
    """Both are there."""
    if servers.standby.process is None:
        servers.standby.start()
    servers.set(synchronous_standby_names=QUORUM, synchronous_commit="on", fsync="on", full_page_writes="on")
    until(lambda: servers.primary.run("SELECT sync_state FROM pg_stat_replication") == [("quorum",)])
    return servers


def test_a_quorum_of_standbys_that_are_there_is_durable(pair: Pair) -> None:
    assert check_durability(address_of(pair.primary.url())) == []


REFUSED = [
    ({"fsync": "off"}, "Set fsync = on", False),
    ({"full_page_writes": "off"}, "Set full_page_writes = on", False),
    ({"synchronous_commit": "off"}, "Set synchronous_commit = on", False),
    ({"synchronous_commit": "local"}, "does not wait for the disks of standbys", True),
    ({"synchronous_commit": "remote_write"}, "does not wait for the disks of standbys", True),
    ({"synchronous_standby_names": ""}, "synchronous_standby_names is empty", True),
    ({"synchronous_standby_names": "ANY 1 (one, two, three, four)"}, "no majority of 5 machines", True),
    ({"synchronous_standby_names": "FIRST 2 (one, two)"}, "1 of 2 standbys are there", True),
]


@pytest.mark.parametrize(("settings", "sentence", "is_accepted"), REFUSED)
def test_what_cannot_keep_the_promise_is_refused_with_the_setting_or_accepted_by_name(
    pair: Pair, settings: dict[str, str], sentence: str, is_accepted: bool
) -> None:
    pair.set(**settings)
    with pytest.raises(NotDurable, match=sentence):
        check_durability(address_of(pair.primary.url()))
    single = address_of(pair.primary.url(durability="single"))
    if is_accepted:
        (said,) = check_durability(single)
        assert sentence in said
    else:
        with pytest.raises(NotDurable, match=sentence):
            check_durability(single)


def test_a_standby_is_refused(pair: Pair) -> None:
    with pytest.raises(NotDurable, match="It is a standby"):
        check_durability(address_of(pair.standby.url(durability="single")))


def test_a_server_that_is_away_is_said_without_its_password() -> None:
    with pytest.raises(StoreUnreachable) as refused:
        check_durability(address_of("postgresql://someone:secret@127.0.0.1:1/db"))
    assert "secret" not in refused.value.message
    assert "someone:***@127.0.0.1:1" in refused.value.message


def test_while_too_few_standbys_are_there_nothing_is_stored_and_nobody_waits(pair: Pair) -> None:
    journal = pair.journal()
    journal.append(b"before\n", {}, 0)
    there = journal.length()
    pair.standby.stop()
    until(lambda: pair.primary.run("SELECT count(*) FROM pg_stat_replication") == [(0,)])
    time.sleep(0.3)  # a look is remembered for a moment
    started = time.monotonic()
    with pytest.raises(JournalUnavailable, match="1 of the standbys are missing"):
        journal.append(b"lost\n", {b"lost": b"r"}, 0)
    assert time.monotonic() - started < 10
    assert (journal.length(), journal.receipts([b"lost"], 0)) == (there, {})
    pair.standby.start()
    until(lambda: pair.primary.run("SELECT sync_state FROM pg_stat_replication") == [("quorum",)])
    journal.append(b"after\n", {}, 0)
    assert journal.length() == there + 1
    journal.close()


def _in_commit(pair: Pair) -> list[tuple[object, ...]]:
    return pair.primary.run("SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'")


def _stuck(pair: Pair, journal: Journal, line: bytes) -> Callable[[], None]:
    """A group that begins with its standby, and waits without it."""

    def work() -> None:
        journal.append(line, {line[:-1]: b"r"}, 0)
        pair.standby.stop()

    return lambda: journal.together(work)


@pytest.mark.parametrize("how", ["pg_terminate_backend", "pg_cancel_backend"])
def test_a_group_whose_commit_was_broken_off_may_have_been_stored_and_is_never_said_to_be(pair: Pair, how: str) -> None:
    journal = pair.journal()
    journal.append(b"before\n", {}, 0)
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(_stuck(pair, journal, b"%b\n" % how.encode()))
        until(lambda: _in_commit(pair))
        pair.primary.run(f"SELECT {how}(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
        with pytest.raises(JournalUnsure):
            waiting.result(30)
    assert journal.receipts([how.encode()], 0), "it is stored here; whether elsewhere, nobody knows"
    journal.close()


def test_a_commit_that_waits_for_standbys_ends_as_stored_once_they_are_back(pair: Pair) -> None:
    journal = pair.journal()
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(_stuck(pair, journal, b"late\n"))
        until(lambda: _in_commit(pair))
        assert not threading.Event().wait(0.2)
        assert not waiting.done()
        pair.standby.start()
        waiting.result(30)
    assert journal.receipts([b"late"], 0)
    journal.close()


def test_who_is_told_that_nothing_was_to_be_changed_waits_for_standbys_too(pair: Pair) -> None:
    """What is there may be what a power cut left on this disk alone."""
    directory = open_directory(pair.primary.url())

    def change_nothing() -> None:
        with directory.writing():
            pair.standby.stop()

    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(change_nothing)
        try:
            until(lambda: _in_commit(pair) or waiting.done())
            assert not waiting.done()
        finally:
            pair.standby.start()
        waiting.result(30)
    directory.close()


def test_while_too_few_standbys_are_there_nothing_is_changed_and_nobody_waits(pair: Pair) -> None:
    directory = open_directory(pair.primary.url())
    pair.standby.stop()
    until(lambda: pair.primary.run("SELECT count(*) FROM pg_stat_replication") == [(0,)])
    with ThreadPoolExecutor() as threads:
        changing = threads.submit(_bump, directory)
        try:
            with pytest.raises(OperationalError, match="1 of the standbys are missing"):
                changing.result(5)
        finally:
            pair.standby.start()
    until(lambda: pair.primary.run("SELECT sync_state FROM pg_stat_replication") == [("quorum",)])
    _bump(directory)
    assert read_revision(directory.connection) == 1
    directory.close()


def _bump(directory: Directory) -> None:
    with directory.writing() as connection:
        bump_revision(connection)


@pytest.mark.process
@pytest.mark.parametrize(("doors", "code"), [("1", 0), ("0", 1)], ids=["of several processes", "of one process"])
def test_a_server_stops_though_a_commit_waits_for_standbys_and_says_what_was_not_answered(
    pair: Pair, tmp_path: Path, doors: str, code: int
) -> None:
    pair.primary.run(f"CREATE DATABASE stopping_{doors}")
    url = pair.primary.url(f"stopping_{doors}")
    world = make_world(tmp_path / "data", {"directory_url": url, "journal_url": url})
    with running(world, script=IMPATIENT, doors=doors) as server, ThreadPoolExecutor() as threads:
        assert server.pageview(email="ann@example.com")["message"] == "User Created"
        pair.standby.pause()
        try:
            sent = threads.submit(server.pageview, email="ben@example.com", eventId="1")
            until(lambda: _in_commit(pair))
            assert server.stop() == code
            assert sent.result(30)["reason"] == "OUTCOME_UNKNOWN"
        finally:
            pair.standby.resume()
        assert "PostgreSQL does not answer" in server.log.read_text()
        assert "to write pageviews" in server.log.read_text()
    until(lambda: not _in_commit(pair))
    with running(world) as server:
        assert server.pageview(email="ben@example.com", eventId="1")["code"] == 200
