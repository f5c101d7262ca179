"""What changes in a SQLite file while it is copied: triggers note the keys of rows.

A note costs a row. So the triggers are there only while a world moves, and are dropped at its end, however it ends.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

_NOTES: Final = "moving_changes"
_KEYS: Final = ("one", "two", "three")  # columns of a note; no table has more in its key
_WAIT_SECONDS: Final = 20


def opened(file: Path) -> sqlite3.Connection:
    """A connection that waits for its locks, in autocommit mode."""
    connection = sqlite3.connect(file, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def watch(connection: sqlite3.Connection, tables: Mapping[str, Sequence[str]]) -> None:
    """Note every change from now on, of tables by their names and the columns of their keys."""
    with _writing(connection):
        _forget(connection)
        connection.execute(f"CREATE TABLE {_NOTES} (number INTEGER PRIMARY KEY, name TEXT, one, two, three)")
        for name, key in tables.items():
            for event, rows in _ROWS_OF.items():
                noted = "".join(_noting(name, key, row) for row in rows)
                trigger = f"CREATE TRIGGER moving_{event}_{name} AFTER {event} ON {name} BEGIN {noted} END"
                connection.execute(trigger)


_ROWS_OF: Final = {"INSERT": ("new",), "UPDATE": ("old", "new"), "DELETE": ("old",)}


def _noting(name: str, key: Sequence[str], row: str) -> str:
    columns = ", ".join(_KEYS[: len(key)])
    values = ", ".join(f"{row}.{column}" for column in key)
    return f"INSERT INTO {_NOTES} (name, {columns}) VALUES ('{name}', {values});"  # noqa: S608 - names of our tables


def unwatch(file: Path) -> None:
    """Note no more changes of a file, and forget those that were noted."""
    with closing(opened(file)) as connection:
        if is_watched(connection):
            with _writing(connection):
                _forget(connection)


def is_watched(connection: sqlite3.Connection) -> bool:
    """Whether changes are noted."""
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (_NOTES,)).fetchone() is not None


def _forget(connection: sqlite3.Connection) -> None:
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'moving\\_%' ESCAPE '\\'"
    )
    for (name,) in names.fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute(f"DROP TABLE IF EXISTS {_NOTES}")


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[int]:
    """Let a connection see one moment of its file. Gives the number of the last change that was noted by then."""
    connection.execute("BEGIN")
    try:
        (last,) = connection.execute(f"SELECT coalesce(max(number), 0) FROM {_NOTES}").fetchone()  # noqa: S608 - a constant
        yield last
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def changed_tables(connection: sqlite3.Connection) -> set[str]:
    """The names of the tables with changes."""
    return {name for (name,) in connection.execute(f"SELECT DISTINCT name FROM {_NOTES}")}  # noqa: S608 - as above


def changed_keys(name: str, width: int) -> str:
    """A query of the keys that changed in a table."""
    return f"SELECT DISTINCT {', '.join(_KEYS[:width])} FROM {_NOTES} WHERE name = '{name}'"  # noqa: S608 - as above


def count_of(connection: sqlite3.Connection) -> int:
    """How many changes are noted."""
    return int(connection.execute(f"SELECT count(*) FROM {_NOTES}").fetchone()[0])  # noqa: S608 - as above


def followed(connection: sqlite3.Connection, last: int) -> None:
    """Forget the changes up to a number: the copy has them."""
    connection.execute(f"DELETE FROM {_NOTES} WHERE number <= ?", (last,))  # noqa: S608 - as above


@contextmanager
def _writing(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
