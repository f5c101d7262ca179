"""What the directory promises on PostgreSQL alone: one for all nodes, reached over a network, with a password."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial

import pytest
import structlog
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, OperationalError

from heropixel.directory import Directory, open_directory
from heropixel.directory.apps import create_app
from heropixel.directory.erasures import find_erasure
from heropixel.directory.pixels import find_pixel
from heropixel.directory.revision import bump_revision, read_revision
from heropixel.directory.tables import metadata
from heropixel.directory.thread import DirectoryThread
from heropixel.errors import DirectoryUnavailable, ErasureNotFound, JournalUnavailable, PixelNotFound
from heropixel.identity.resolve import Lookup, Resolver
from heropixel.journal import Journal, open_journal
from heropixel.journal.postgres import PostgresJournal
from heropixel.journal.postgres_link import DirectorysConnection
from heropixel.postgres import _ENDS, address_of, connect, without_secrets
from heropixel.processes.event_store import _locked
from heropixel.troubles import FolderFromNewerVersion, SettingUnusable, UnknownStore
from tests.identity.resolving import INDEX, Place, list_statements, new_app
from tests.postgres.server import PostgresServer
from tests.session.directories import NewUrl

SECRET = "hush%2Fhush"


@pytest.fixture
def url(new_directory_database: NewUrl) -> Iterator[str]:
    with new_directory_database() as url:
        yield url


@pytest.fixture
def node(url: str) -> Iterator[Directory]:
    with closing(open_directory(url)) as directory:
        yield directory


@pytest.fixture
def other(node: Directory) -> Iterator[Directory]:
    with closing(node.another(0.05)) as directory:
        yield directory


def count(directory: Directory) -> int:
    return int(directory.connection.execute(text("SELECT count(*) FROM apps")).scalar_one())


def test_two_nodes_that_start_at_once_make_one_directory(postgres_url: str) -> None:
    begin = threading.Barrier(4)

    def start(_: int) -> Directory:
        begin.wait()
        return open_directory(postgres_url)

    with ThreadPoolExecutor(4) as nodes:
        directories = [*nodes.map(start, range(4))]
    found = directories[0].connection
    assert found.execute(text("SELECT id, revision FROM state")).all() == [(1, 0)]
    assert compare_metadata(MigrationContext.configure(found), metadata) == [], "it has the newest schema"
    for directory in directories:
        directory.close()


def test_a_start_that_is_broken_off_leaves_nothing_half_made(postgres: PostgresServer, postgres_url: str) -> None:
    name = postgres_url.partition("?")[0].rpartition("/")[2]
    postgres.run("CREATE TABLE saved_views (id int)", name)  # the last to be made
    with pytest.raises(DBAPIError):
        open_directory(postgres_url)
    postgres.run("DROP TABLE saved_views", name)
    open_directory(postgres_url).close()


def test_a_database_of_a_later_version_is_refused(url: str) -> None:
    with closing(open_directory(url)) as directory, directory.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(FolderFromNewerVersion, match=r"The directory in postgresql:.* by a newer version") as refused:
        open_directory(url.replace("heropixel@", "heropixel:hush@"))
    assert "hush" not in str(refused.value)


def test_a_database_that_cannot_hold_every_text_is_refused(postgres: PostgresServer) -> None:
    postgres.run("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
    with pytest.raises(SettingUnusable, match="its encoding is LATIN1"):
        open_directory(postgres.url("latin"))


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://me:{SECRET}@127.0.0.1:1/db",
        f"postgresql://127.0.0.1:1/db?user=me&password={SECRET}&connect_timeout=2",
        f"postgresql://me:{SECRET}@127.0.0.1:1/db?no_such_parameter=1",
        f"postgresql://me:{SECRET}%@127.0.0.1:1/db",
        f"postgresql://me:{SECRET}@@host/@127.0.0.1:no/db",
        f"postgresql://me:{SECRET}@127.0.0.1:1/db?sslpassword={SECRET}&durability=none",
        f"mysql://me:{SECRET}@host/db",
        f"postgres//me:{SECRET}@host/db",
        f"'postgresql://me:{SECRET}@host/db'",
        f"host=db user=me password={SECRET}",
    ],
)
def test_a_password_is_in_no_message(url: str) -> None:
    with pytest.raises((UnknownStore, OperationalError, SettingUnusable)) as refused:
        open_directory(url)
    shown = f"{refused.value} {refused.value!r} {refused.value.__cause__} {without_secrets(url)}"
    assert "hush" not in shown


def test_the_durability_in_the_url_is_not_the_databases(url: str) -> None:
    with closing(open_directory(f"{url}&durability=single&application_name=node")) as directory:
        assert directory.connection.exec_driver_sql("SHOW application_name").scalar_one() == "node"


async def test_a_connection_that_was_lost_is_opened_again_and_while_the_server_is_away_it_is_unavailable() -> None:
    with PostgresServer() as server, closing(open_directory(server.url())) as directory:
        thread = DirectoryThread(directory.another())
        await thread.write(lambda connection: create_app(connection, "Shop", now=1))
        server.stop()
        server.start()
        assert count(directory) == 1, "at the first use"
        await thread.write(lambda connection: create_app(connection, "Shop", now=1))
        server.stop()
        with structlog.testing.capture_logs() as said:
            for _ in range(2):
                with pytest.raises(DirectoryUnavailable):
                    await thread.write(lambda connection: create_app(connection, "Shop", now=1))
        assert {line["event"] for line in said} == {"the directory failed"}
        server.start()
        assert await thread.read(lambda connection: connection.execute(text("SELECT count(*) FROM apps")).scalar()) == 2
        thread.close()


async def test_of_a_change_whose_connection_is_lost_in_commit_it_is_said_that_nobody_knows(node: Directory) -> None:
    def change(connection: Connection, *, is_last: bool) -> None:
        create_app(connection, "Shop", now=1)
        pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        node.connection.exec_driver_sql(f"SELECT pg_terminate_backend({pid}, 5000)")
        if not is_last:
            read_revision(connection)

    thread = DirectoryThread(node.another())
    with pytest.raises(DirectoryUnavailable, match="nothing was changed"):
        await thread.write(partial(change, is_last=False))
    with pytest.raises(DirectoryUnavailable, match="Whether the change was made is not known"):
        await thread.write(partial(change, is_last=True))
    thread.close()


def test_a_node_stops_without_an_error_while_the_server_is_away() -> None:
    with PostgresServer() as server, closing(open_directory(server.url())) as directory:
        journal = journal_of(directory)
        journal.append(b"a\n", {}, 0)
        server.stop()
        journal.close()


def test_of_several_servers_the_primary_is_used_and_one_that_became_a_standby_is_left() -> None:
    with PostgresServer() as primary:
        open_directory(primary.url()).close()
        with PostgresServer(standby_of=primary) as standby:
            both = primary.url(host=f"{standby.folder},{primary.folder}", port=f"{standby.port},{primary.port}")
            with closing(open_directory(both)) as directory, directory.writing() as connection:
                create_app(connection, "Shop", now=1)
            with closing(open_directory(standby.url())) as directory:
                ours = directory.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
                with pytest.raises(DBAPIError, match="recovery"), directory.writing():
                    pass
                assert directory.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one() != ours


def test_a_group_that_loses_its_connection_does_not_go_on_with_another(
    postgres: PostgresServer, node: Directory
) -> None:
    def lose() -> None:
        with node.group() as connection:
            create_app(connection, "Shop", now=1)
            ours = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            postgres.run(f"SELECT pg_terminate_backend({ours})")
            count(node)

    with pytest.raises(DBAPIError):
        lose()
    assert count(node) == 0


def test_a_group_that_writes_waits_for_the_lock_as_long_as_told_and_one_that_finds_does_not(
    node: Directory, other: Directory
) -> None:
    def write() -> None:
        with other.group(), other.writing() as connection:
            create_app(connection, "Shop", now=1)

    with node.writing() as connection:
        create_app(connection, "Shop", now=1)
        with pytest.raises(OperationalError, match="lock timeout"):
            write()
        with other.group():
            assert count(other) == 0
    write()
    assert count(other) == 2


def test_a_group_is_one_transaction(node: Directory, other: Directory) -> None:
    with node.group():
        for name in ("one", "two"):
            with node.writing() as connection:
                create_app(connection, name, now=1)
        assert (count(node), count(other)) == (2, 0)
    assert count(other) == 2

    def fail() -> None:
        with node.group():
            with node.writing() as connection:
                create_app(connection, "three", now=1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert count(node) == 2
    with node.writing() as connection:
        create_app(connection, "four", now=1)
    assert count(other) == 3, "and a later transaction is one of its own"


def test_no_statement_of_a_transaction_is_cut_by_the_databases_timeouts(postgres: PostgresServer, url: str) -> None:
    name = url.partition("?")[0].rpartition("/")[2]
    postgres.run(f"ALTER DATABASE {name} SET statement_timeout = '50ms'")
    postgres.run(f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'")
    with closing(open_directory(url)) as directory, directory.group() as connection:
        connection.exec_driver_sql("SELECT pg_sleep(0.1)").all()
        assert connection.exec_driver_sql("SHOW transaction_isolation").scalar_one() == "read committed"


def test_a_group_that_was_given_up_in_a_deadlock_is_repeated(
    postgres: PostgresServer, node: Directory, other: Directory
) -> None:
    name = node.connection.exec_driver_sql("SELECT current_database()").scalar_one()
    postgres.run(f"ALTER DATABASE {name} SET deadlock_timeout = '10ms'")
    with node.writing() as connection:
        apps = [create_app(connection, "Shop", now=1).app_id for _ in range(2)]
    both_have_one = threading.Barrier(2)
    tries: list[int] = []

    def move(node: Directory, first: str, second: str) -> Callable[[], None]:
        def work() -> None:
            tries.append(1)
            rename = text("UPDATE apps SET name = name || 'x' WHERE id = :id")
            node.connection.execute(rename, {"id": first})
            if len(tries) <= 2:
                both_have_one.wait(10)
            node.connection.execute(rename, {"id": second})

        return work

    nodes = [node.another(), other.another()]
    with ThreadPoolExecutor(2) as threads:
        done = [
            threads.submit(journal_of(each).together, move(each, *order))
            for each, order in zip(nodes, (apps, apps[::-1]), strict=True)
        ]
        assert [each.result() for each in done] == [None, None]
    assert len(tries) >= 3  # PostgreSQL may give up one of them or both
    assert node.connection.execute(text("SELECT name FROM apps")).scalars().all() == ["Shopxx"] * 2
    for each in nodes:
        each.close()


def test_a_change_made_while_a_group_waits_for_its_sub_journal_is_seen_by_the_group(url: str, node: Directory) -> None:
    """Another node has seen the end of the sub-journal by then, and may erase a pixel that the group still knows."""
    with closing(node.another()) as directory, ThreadPoolExecutor(1) as threads:
        journal = journal_of(directory)
        assert isinstance(journal, PostgresJournal)
        journal.append(b"before\n", {}, 0)
        seen: list[int] = []

        def work() -> None:
            seen.append(journal.revision)
            journal.append(b"after\n", {b"key": b"r"}, 0)

        with connect(address_of(url), "journal") as another, another.transaction():
            another.execute("SELECT 1 FROM journals FOR SHARE")
            group = threads.submit(journal.together, work)
            until_one_waits(node)
            with node.writing() as connection:
                bump_revision(connection)
        group.result(20)
        assert seen[-1] == read_revision(node.connection)
        assert journal.length() == 2


def until_one_waits(directory: Directory) -> None:
    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    give_up = time.monotonic() + 20
    while not directory.connection.exec_driver_sql(waiting).all():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def journal_of(directory: Directory) -> Journal:
    """The journal whose groups are transactions of the directory."""
    return open_journal("postgresql:///", f"node-{id(directory)}", DirectorysConnection(directory))


@pytest.mark.parametrize(("state", "tries"), [("40001", 20), ("40P01", 20), ("23505", 1)])
def test_only_what_was_given_up_for_another_is_repeated_and_not_for_ever(
    node: Directory, state: str, tries: int
) -> None:
    tried: list[int] = []

    def work() -> None:
        tried.append(1)
        node.connection.exec_driver_sql(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$")

    with pytest.raises((DBAPIError, JournalUnavailable)):
        journal_of(node).together(work)
    assert len(tried) == tries


def test_lists_have_the_order_of_sqlite_whatever_the_language_of_the_database(node: Directory) -> None:
    texts = "SELECT table_name, collation_name FROM information_schema.columns WHERE table_schema = 'public'"
    texts += " AND data_type IN ('text', 'character varying')"
    found = node.connection.exec_driver_sql(texts).all()
    assert {collation for name, collation in found if name in metadata.tables} == {"C"}


def test_what_no_row_can_have_is_not_found(node: Directory) -> None:
    with pytest.raises(PixelNotFound):
        find_pixel(node.connection, 1 << 40)
    with pytest.raises(ErasureNotFound):
        find_erasure(node.connection, 1 << 40, "era_\0")


def resolve_in_group(place: Place, questions: list[Lookup]) -> None:
    with place.directory.group():
        place.resolver.resolve(questions, 1)


def test_a_group_takes_a_fixed_number_of_statements(node: Directory) -> None:
    place = Place(node, Resolver(node, INDEX), new_app(node))

    def group(size: int) -> list[str]:
        asked = [place.question(email=f"{size}-{n}@example.com", visitor_id=f"{size}-{n}") for n in range(size)]
        return list_statements(place, lambda: resolve_in_group(place, asked))

    assert group(1) == group(400)
    known = [place.question(email=f"400-{n}@example.com") for n in range(400)]
    finding = list_statements(place, lambda: resolve_in_group(place, known))
    assert finding == ["BEGIN", "SELECT FROM identifiers", "COMMIT"]


def test_a_node_that_hangs_in_a_transaction_stops_the_others_for_seconds_only(node: Directory) -> None:
    began = time.monotonic()
    with (
        pytest.raises(DBAPIError),
        node.writing(),  # as one that is stopped, or cut off, with the lock
        closing(node.another()) as other,
        other.writing(),
    ):
        waited = time.monotonic() - began
    assert waited < 8
    with node.writing():  # it goes on
        pass


def test_the_server_ends_what_a_machine_held_that_is_gone_without_a_word(postgres: PostgresServer) -> None:
    with connect(address_of(postgres.url(by_port=True)), "anything") as connection:
        names = ("idle_in_transaction_session_timeout", "tcp_keepalives_idle", "tcp_keepalives_interval")
        found = [connection.execute(f"SHOW {name}".encode()).fetchone() for name in names]
    assert found == [("5s",), ("10",), ("5",)], "by itself it would wait for ever, and for two hours"


def test_the_lock_for_migrations_of_the_event_store_is_held_however_long_they_take(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(_ENDS, "idle_in_transaction_session_timeout", "100")
    with _locked(url):
        time.sleep(0.3)
