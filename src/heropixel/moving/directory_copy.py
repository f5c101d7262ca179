"""The directory's rows go from SQLite into PostgreSQL: all at first, then those that have changed.

Each copy is of one moment, so that what refers to a row finds it. A file of SQLite shows one moment for as long
as a transaction reads it, and is written meanwhile.
"""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, Final

import psycopg
from sqlalchemy import Table

from heropixel.directory import member_tables, share_tables, view_tables  # noqa: F401 - they add their tables
from heropixel.directory.tables import metadata
from heropixel.moving.changes import changed_keys, changed_tables, followed, snapshot

Pg = psycopg.Connection[Any]

TABLES: Final[list[Table]] = metadata.sorted_tables
_EACH: Final = 50_000  # rows between two reports of progress


def keys_of_tables() -> dict[str, list[str]]:
    """The columns of each table's key."""
    return {table.name: _key(table) for table in TABLES}


def rows_in(source: sqlite3.Connection) -> int:
    """How many rows are to be copied."""
    return sum(source.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0] for table in TABLES)  # noqa: S608 - our tables


def copy_all(source: sqlite3.Connection, target: Pg, progress: Callable[[int], None]) -> int:
    """Copy every row into empty tables; returns how many."""
    count = 0
    with snapshot(source) as last, target.transaction():
        target.execute(f"TRUNCATE {', '.join(table.name for table in TABLES)}")
        for table in TABLES:
            rows = source.execute(f"SELECT {_list(table)} FROM {table.name} ORDER BY {_names(_key(table))}")  # noqa: S608 - as above
            with target.cursor().copy(f"COPY {table.name} ({_list(table)}) FROM STDIN") as copying:
                for row in rows:
                    copying.write_row(row)
                    count += 1
                    if not count % _EACH:
                        progress(count)
    followed(source, last)
    return count


def copy_changes(source: sqlite3.Connection, target: Pg) -> int:
    """Copy the rows that have changed, in one transaction; returns how many keys they were."""
    with snapshot(source) as last, target.transaction():
        count = apply_changes(source, target)
    followed(source, last)
    return count


def apply_changes(source: sqlite3.Connection, target: Pg) -> int:
    """Let the target have the changed rows as the source shows them now, within a transaction of each."""
    names = changed_tables(source)
    changed = [table for table in TABLES if table.name in names]
    count = sum(_stage(source, target, table) for table in changed)
    for table in reversed(changed):
        target.execute(_DELETE.format(table=table.name, same=_same(table, "there"), missing=_same(table, "now")))
    for table in changed:
        rest = [name for name in _columns(table) if name not in _key(table)]
        update = ", ".join(f'"{name}" = EXCLUDED."{name}"' for name in rest)
        target.execute(
            f"INSERT INTO {table.name} ({_list(table)}) SELECT {_list(table)} FROM now_{table.name}"  # noqa: S608 - our tables
            f" ON CONFLICT ({_names(_key(table))}) DO {f'UPDATE SET {update}' if rest else 'NOTHING'}"
        )
    for table in changed:
        target.execute(f"DROP TABLE keys_{table.name}, now_{table.name}")
    return count


_DELETE: Final = (
    "DELETE FROM {table} there USING keys_{table} k WHERE {same}"
    " AND NOT EXISTS (SELECT 1 FROM now_{table} now WHERE {missing})"
)


def _stage(source: sqlite3.Connection, target: Pg, table: Table) -> int:
    """Bring the changed keys of a table, and the rows that they have now, into temporary tables."""
    key, name = _key(table), table.name
    keys = changed_keys(name, len(key))
    target.execute(f"CREATE TEMP TABLE keys_{name} AS SELECT {_names(key)} FROM {name} WITH NO DATA")  # noqa: S608 - as above
    target.execute(f"CREATE TEMP TABLE now_{name} AS SELECT {_list(table)} FROM {name} WITH NO DATA")  # noqa: S608 - as above
    count = 0
    with target.cursor().copy(f"COPY keys_{name} FROM STDIN") as copying:
        for row in source.execute(keys):
            copying.write_row(row)
            count += 1
    rows = source.execute(f"SELECT {_list(table)} FROM {name} WHERE ({_names(key)}) IN ({keys})")  # noqa: S608 - as above
    with target.cursor().copy(f"COPY now_{name} FROM STDIN") as copying:
        for row in rows:
            copying.write_row(row)
    return count


def go_on_numbering(source: sqlite3.Connection, target: Pg) -> None:
    """Let the target give out no id that the source has given, also of rows that are gone."""
    for name, last in source.execute("SELECT name, seq FROM sqlite_sequence").fetchall():
        table = metadata.tables.get(name)
        if table is not None:
            (column,) = _key(table)
            target.execute("SELECT setval(pg_get_serial_sequence(%s, %s), greatest(%s, 1))", (name, column, last))


def _columns(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _key(table: Table) -> list[str]:
    return [column.name for column in table.primary_key.columns]


def _list(table: Table) -> str:
    return _names(_columns(table))


def _names(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _same(table: Table, other: str) -> str:
    return " AND ".join(f'{other}."{name}" = k."{name}"' for name in _key(table))
