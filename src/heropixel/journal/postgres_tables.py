"""The journal's tables on PostgreSQL, and their partitions by hours of the database's clock.

Partitions are made ahead and dropped whole, so nothing is deleted row by row. Dropping needs the parent table for a
moment. If a group holds it for longer than that (it may wait for standbys), the partition is dropped next time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, LiteralString

import psycopg
from psycopg import sql

from heropixel.postgres import Lock
from heropixel.troubles import FolderFromNewerVersion

AnyConnection = psycopg.Connection[Any]

# The database's clock counts, since nodes have one each. Not `now()`: that is when the transaction began.
HOUR: Final = "floor(extract(epoch FROM clock_timestamp()) / 3600)::int"
MILLISECONDS: Final = "floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint"

SHIFT: Final = 44  # a position is the number of its sub-journal, and below these bits a count without a hole
# Positions of the embedded journal are microseconds of Unix time. They are lower than the first one here until 2540.
_FIRST: Final = 1024
_EPOCH: Final = 490_896  # the hour of Unix time in which 2026 began
_ADVANCE: Final = 20  # bits: a sub-journal that is made a millisecond later begins a million entries later

_FIRST_TABLES: Final[tuple[LiteralString, ...]] = (
    "CREATE TABLE journal_version (version int NOT NULL)",
    "INSERT INTO journal_version VALUES (1)",
    # One row a sub-journal. Its holder's transactions lock it first, so whoever locks it waits for them.
    """
    CREATE TABLE journals (
        id bigint PRIMARY KEY,
        holder text NOT NULL,              -- the node that appends; where it is sealed, the node that loads the rest
        epoch bigint NOT NULL,             -- grows with each new holder, so that no earlier one can append
        sealed boolean NOT NULL,           -- nothing is appended
        lease_until timestamptz NOT NULL,  -- another node may take it then
        hour int NOT NULL,                 -- of the last group
        next bigint NOT NULL CHECK (next >> 44 = id)  -- position of the next entry
    ) WITH (fillfactor = 20)
    """,
    # Apart from `journals`, so that the loader and the writer do not wait for each other.
    """
    CREATE TABLE journal_loads (
        journal bigint PRIMARY KEY REFERENCES journals,
        loaded bigint NOT NULL,  -- all with lower positions are in the event store
        taken_last bigint        -- the last position of the batch that is being loaded
    ) WITH (fillfactor = 20)
    """,
    # One row a group, its lines in LZ4.
    """
    CREATE TABLE journal_groups (
        hour int NOT NULL,
        first bigint NOT NULL,  -- position of its first entry
        count int NOT NULL,
        at bigint NOT NULL,     -- Unix milliseconds
        lines bytea STORAGE EXTERNAL NOT NULL,
        PRIMARY KEY (first, hour)
    ) PARTITION BY LIST (hour)
    """,
    """
    CREATE TABLE receipts (
        hour int NOT NULL,       -- the first hour of its partition
        key bytea NOT NULL,
        at bigint NOT NULL,      -- Unix milliseconds
        receipt bytea NOT NULL,
        PRIMARY KEY (key, hour)
    ) PARTITION BY LIST (hour)
    """,
)

# What a loader has still to do for entries that it has released, when all that was accepted before is loaded.
_LATER: Final[LiteralString] = """
    CREATE TABLE journal_later (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        node text NOT NULL,  -- whose loader it is; once that is gone, any
        what bytea NOT NULL
    )
"""

_VERSIONS: Final[tuple[tuple[LiteralString, ...], ...]] = (_FIRST_TABLES, (_LATER,))  # what each adds
SCHEMA_VERSION: Final = len(_VERSIONS)

# Hours of a partition. A group is only looked for among those that wait. A receipt is looked for in each partition of a
# day: of 100,000 an hour, that took 45 to 66 µs in partitions of an hour, and 11 to 16 in those of six.
HOURS_OF: Final = {"journal_groups": 1, "receipts": 6}
_KEPT: Final = {
    "journal_groups": 1,
    "receipts": 25,
}  # hours after its end: nothing new comes, and receipts have expired
_HOURS_AHEAD: Final = 3


def make_tables(connection: AnyConnection, where: str) -> None:
    """Make the tables, or those that an earlier version had not.

    Raises:
        FolderFromNewerVersion: a later version of heropixel has made them.
    """
    if _version(connection) < SCHEMA_VERSION:
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (Lock.MIGRATE.value,))
            for statements in _VERSIONS[_version(connection) :]:
                for statement in statements:
                    connection.execute(statement)
            connection.execute("UPDATE journal_version SET version = greatest(version, %s)", (SCHEMA_VERSION,))
    if _version(connection) > SCHEMA_VERSION:
        raise FolderFromNewerVersion(store="The journal", where=where)


def _version(connection: AnyConnection) -> int:
    """That of the tables; 0 where there are none."""
    # Not `to_regclass`: within a transaction it goes on saying that there is none, though another node has made it.
    there = "SELECT EXISTS (SELECT FROM pg_class WHERE relname = 'journal_version' AND pg_table_is_visible(oid))"
    if not _one(connection, there):
        return 0
    return int(_one(connection, "SELECT version FROM journal_version"))


def make_partitions(connection: AnyConnection) -> None:
    """Make the partitions of the hours to come.

    Raises:
        psycopg.errors.LockNotAvailable: groups held the tables for too long.
    """
    now = int(_one(connection, f"SELECT {HOUR}"))
    wanted = range(now - 1, now + _HOURS_AHEAD + 1)  # the hour before: at its turn, receipts are kept for both
    for table, hours in HOURS_OF.items():
        there = _partitions(connection, table)
        missing = sorted({hour - hour % hours for hour in wanted}.difference(there))
        if missing:
            with _soon(connection):
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (Lock.MAKE_PARTITIONS.value,))
                for hour in missing:
                    connection.execute(_MAKE_PARTITION.format(_name(table, hour), sql.Identifier(table), hour))
                    connection.execute(_TUNE.format(_name(table, hour)))


_MAKE_PARTITION: Final = sql.SQL("CREATE TABLE IF NOT EXISTS {} PARTITION OF {} FOR VALUES IN ({})")
# Partitions live for a day at most: vacuuming them is work for nothing.
_TUNE: Final = sql.SQL("ALTER TABLE {} SET (autovacuum_enabled = off)")


def drop_partitions(connection: AnyConnection) -> None:
    """Drop the partitions that nobody needs any more, unless another node is doing it."""
    now = int(_one(connection, f"SELECT {HOUR}"))
    for table, hours in HOURS_OF.items():
        for hour in _partitions(connection, table):
            if hour + hours + _KEPT[table] <= now:
                try:
                    with _soon(connection):
                        if _one(connection, "SELECT pg_try_advisory_xact_lock(%s)", (Lock.DROP_PARTITIONS.value,)):
                            _drop(connection, table, hour)
                except (psycopg.errors.LockNotAvailable, psycopg.errors.UndefinedTable):
                    continue  # it is in use, or another node has just dropped it


def _drop(connection: AnyConnection, table: str, hour: int) -> None:
    partition = _name(table, hour)
    # In this order, as groups lock them. It waits for those that have appended to it.
    connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.Identifier(table)))
    connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(partition))
    if table == "journal_groups":
        left = connection.execute(_NOT_LOADED.format(partition)).fetchone()
        if left is not None and left[0]:
            return
    connection.execute(sql.SQL("DROP TABLE {}").format(partition))


_NOT_LOADED: Final = sql.SQL(
    "SELECT EXISTS (SELECT 1 FROM journal_loads l WHERE EXISTS"
    " (SELECT 1 FROM {} g WHERE g.first >= l.loaded AND g.first < (l.journal + 1) << 44))"
)


@contextmanager
def _soon(connection: AnyConnection) -> Iterator[None]:
    """A transaction that waits a short time only for tables: whoever comes after it waits behind it."""
    with connection.transaction():
        connection.execute("SET LOCAL lock_timeout = '200ms'")
        yield


def _name(table: str, hour: int) -> sql.Identifier:
    return sql.Identifier(f"{table}_{hour}")


def _partitions(connection: AnyConnection, table: str) -> list[int]:
    """The hours that have a partition of a table."""
    rows = connection.execute(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = %s::regclass ORDER BY 1",
        (table,),
    )
    return [int(name.rpartition("_")[2]) for (name,) in rows]


def _one(connection: AnyConnection, query: LiteralString, values: tuple[object, ...] = ()) -> Any:  # noqa: ANN401 - of any type
    """The only value of a query's only row."""
    (value,) = connection.execute(query, values).fetchone() or (None,)
    return value


# The first number a new sub-journal may have depends on the time, and so does its first position. So a journal that is
# made after a deleted one never repeats a position.
NEW_SUB_JOURNAL: Final = f"""
    WITH numbered AS (
        SELECT greatest({_FIRST} + {HOUR} - {_EPOCH}, (SELECT max(id) + 1 FROM journals)) AS id
    ), placed AS (
        SELECT id, (id << {SHIFT}) + (({MILLISECONDS} %% 3600000) << {_ADVANCE}) AS start FROM numbered
    ), made AS (
        INSERT INTO journals (id, holder, epoch, sealed, lease_until, hour, next)
        SELECT id, %(node)s, 1, false, clock_timestamp() + %(lease)s * interval '1 second', {HOUR}, start FROM placed
        RETURNING id, epoch, next
    ), loads AS (
        INSERT INTO journal_loads (journal, loaded) SELECT id, next FROM made
    )
    SELECT id, epoch FROM made
"""  # noqa: S608 - constants
