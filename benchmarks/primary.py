"""What a PostgreSQL server has done so far, by its own counters and by the processor time of its processes."""

import re
from typing import Any, Final

import psycopg
from tests.postgres.server import PostgresServer

from benchmarks.processes import spent

Counts = dict[str, float]  # they only grow: what matters is the difference of two

# A server whose counters say it all. Timing a sync costs two looks at the clock.
COUNTING: Final = {
    "shared_preload_libraries": "pg_stat_statements",
    "track_io_timing": "on",
    "track_wal_io_timing": "on",
}

SYNCS, IN_SYNCS, WAL_BYTES = "syncs", "seconds in syncs", "bytes of WAL"
CONNECTIONS, OWN = "processor seconds of connections", "processor seconds of its own processes"

# The first that a statement matches. A group is looked up, locked and appended by the writer.
LOOK_UP, LOCK, APPEND = "look-up of users", "lock of the sub-journal", "append"
_STATEMENTS: Final = (
    (LOOK_UP, r"FROM .*\bidentifiers\b"),
    (LOCK, r"FROM journals WHERE .*\bFOR UPDATE"),
    (APPEND, r"INSERT INTO journal_groups"),
    ("look-up of receipts", r"FROM receipts"),
    ("BEGIN and COMMIT", r"^(BEGIN|COMMIT|SET)\b"),
    ("reading what is to be loaded", r"FROM journal_groups"),
    ("noting what is loaded", r"journal_loads"),
)
OTHERS: Final = "others"
OF_A_GROUP: Final = (LOOK_UP, LOCK, APPEND)


def prepare(database: PostgresServer) -> None:
    """Let the server count statements. It was started with `COUNTING`."""
    database.run("CREATE EXTENSION pg_stat_statements")


def counts(database: PostgresServer) -> Counts:
    """The counters now."""
    with database.connect() as connection:
        return _counts(database, connection)


def _counts(database: PostgresServer, connection: "psycopg.Connection[Any]") -> Counts:
    (wal_bytes,) = connection.execute("SELECT wal_bytes FROM pg_stat_wal").fetchone() or (0,)
    syncs, milliseconds = connection.execute(_SYNCS).fetchone() or (0, 0)
    found: Counts = {WAL_BYTES: float(wal_bytes), SYNCS: float(syncs), IN_SYNCS: milliseconds / 1000}
    clients = {pid for (pid,) in connection.execute(_CLIENTS)}
    for pid in database.pids():
        kind = CONNECTIONS if pid in clients else OWN
        found[kind] = found.get(kind, 0.0) + spent(pid)
    for query, milliseconds in connection.execute(_TIMES):
        name = time_of(_name(query))
        found[name] = found.get(name, 0.0) + milliseconds / 1000
    return found


def time_of(statement: str) -> str:
    """The name of the counter of seconds. A COMMIT is counted without its sync."""
    return f"seconds in {statement}"


def statements(counted: Counts) -> dict[str, float]:
    """The seconds of each statement, the longest first."""
    names = [name for name, _ in _STATEMENTS] + [OTHERS]
    times = {name: counted.get(time_of(name), 0.0) for name in names}
    return dict(sorted(times.items(), key=lambda item: -item[1]))


def _name(query: str) -> str:
    text = " ".join(query.split())
    return next((name for name, pattern in _STATEMENTS if re.search(pattern, text)), OTHERS)


_SYNCS: Final = "SELECT sum(fsyncs), sum(fsync_time) FROM pg_stat_io WHERE object = 'wal'"
_CLIENTS: Final = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
_TIMES: Final = "SELECT query, total_exec_time FROM pg_stat_statements"
