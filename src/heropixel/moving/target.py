"""The target of a move: the stores of a cluster. They are empty, or have what an unfinished move of this world left."""

from contextlib import closing, nullcontext
from typing import Any, NamedTuple

import psycopg

from heropixel.cluster.durability import check_durability
from heropixel.cluster.unfinished import known_move, note_begun
from heropixel.directory import open_directory
from heropixel.errors import EventsUnavailable
from heropixel.events import Events
from heropixel.journal.postgres_tables import make_tables
from heropixel.moving.directory_copy import TABLES
from heropixel.moving.events_copy import empty, pageviews_in
from heropixel.postgres import address_of, connect, is_postgres, without_secrets
from heropixel.troubles import MoveImpossible, StoreUnreachable

Pg = psycopg.Connection[Any]


class Target(NamedTuple):
    """The URLs of a cluster's stores. They may hold passwords."""

    directory: str  # and journal
    events: str

    @property
    def shown(self) -> tuple[str, str]:
        """The same for messages."""
        return without_secrets(self.directory), without_secrets(self.events)


def connected(target: Target) -> Pg:
    """A connection to its database.

    Raises:
        StoreUnreachable: it cannot be reached.
    """
    try:
        connection = connect(address_of(target.directory), "directory")
        connection.execute("SET idle_in_transaction_session_timeout = 0")  # what it copies may take a while to be read
    except psycopg.OperationalError as error:
        raise StoreUnreachable(where=target.shown[0], why=" ".join(str(error).split())) from error
    return connection


def is_done(target: Target, world: str) -> bool:
    """Whether this world is there already.

    Raises:
        StoreUnreachable: nobody can say.
    """
    with connected(target) as connection:
        known = known_move(connection)
        return known is not None and known.world == world and known.done_at is not None


def check(target: Target, world: str) -> None:
    """Check that the world may move there; make the tables that are missing.

    Raises:
        Trouble: it may not. The message says what to change.
    """
    if not is_postgres(target.directory) or not target.events.startswith(("clickhouse://", "clickhouses://")):
        raise MoveImpossible(why="a world moves to a postgresql:// and a clickhouse:// URL")
    check_durability(address_of(target.directory))
    open_directory(target.directory).close()
    with connected(target) as connection:
        make_tables(connection, target.shown[0])
        known = known_move(connection)
        if known is not None and (known.world != world or known.done_at is not None):
            raise MoveImpossible(why=f"another world has moved to {target.shown[0]}. Create a new database")
        if connection.execute(_NODES).fetchone() != (0,):
            raise MoveImpossible(why=f"a node is running on {target.shown[0]}. Stop it")
        if known is None:
            _check_empty(connection, target.shown[0])
    with closing(opened_events(target)) as events:
        if known is None and pageviews_in(events):
            raise MoveImpossible(why=f"{target.shown[1]} has pageviews. Name a new database")


_NODES = "SELECT count(*) FROM journals WHERE lease_until > clock_timestamp() AND isfinite(lease_until)"


def _check_empty(connection: Pg, shown: str) -> None:
    names = [table.name for table in TABLES if table.name != "state"]
    for name in (*names, "journal_groups"):
        if connection.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone():  # noqa: S608 - our tables
            raise MoveImpossible(why=f"{shown} is not empty: there are {name}. Create a new database")


def begin(target: Target, world: str, attempt: str) -> None:
    """Begin anew, after `check`: no earlier attempt can be finished any more, and what it has copied is removed."""
    with connected(target) as connection, connection.transaction():
        note_begun(connection, world, attempt)
    with closing(opened_events(target)) as events:
        empty(events)


def opened_events(target: Target) -> Events:
    """Its event store, made or migrated. Nobody else is there.

    Raises:
        StoreUnreachable: it cannot be reached.
    """
    try:
        return Events(target.events, lock=nullcontext())
    except EventsUnavailable as error:
        raise StoreUnreachable(where=target.shown[1], why=" ".join(str(error).split())[:500]) from error
