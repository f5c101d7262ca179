"""The copy of a directory has every row that there is, and follows every change."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from sqlalchemy import Boolean, LargeBinary, String, Table, Text

from heropixel.directory import open_directory
from heropixel.moving.changes import count_of, is_watched, opened, unwatch, watch
from heropixel.moving.directory_copy import TABLES, copy_all, copy_changes, go_on_numbering, keys_of_tables
from heropixel.postgres import address_of, connect
from tests.world import copy_of_directory


class Both(NamedTuple):
    """A directory in a file, and the database that it is copied into."""

    file: Path
    source: sqlite3.Connection
    target: psycopg.Connection[Any]

    def rows(self, connection: Any, table: Table) -> list[tuple[Any, ...]]:
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        found = connection.execute(f"SELECT {names} FROM {table.name}").fetchall()
        return sorted((tuple(map(_plain, row)) for row in found), key=repr)

    def check_equal(self) -> None:
        for table in TABLES:
            assert self.rows(self.source, table) == self.rows(self.target, table), table.name


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else bytes(value) if isinstance(value, memoryview) else value


@pytest.fixture
def both(tmp_path: Path, postgres_url: str) -> Iterator[Both]:
    file = copy_of_directory(tmp_path)
    open_directory(postgres_url).close()
    with closing(opened(file)) as source, connect(address_of(postgres_url), "directory") as target:
        yield Both(file, source, target)


def _row(table: Table, number: int) -> dict[str, Any]:
    """A row with a value in each column. Row `number` refers to rows of that number."""
    return {
        column.name: _value(column.type, f"{table.name if not column.foreign_keys else ''}{number}", number)
        if not column.foreign_keys
        else _row(next(iter(column.foreign_keys)).column.table, number)[next(iter(column.foreign_keys)).column.name]
        for column in table.columns
    }


def _value(kind: Any, text: str, number: int) -> Any:
    if isinstance(kind, Boolean):
        return number % 2
    if isinstance(kind, LargeBinary):
        return text.encode().rjust(16, b"\0")
    if isinstance(kind, String | Text):
        return f"é\t\\N\n{text}"
    return number


def _insert(source: sqlite3.Connection, table: Table, number: int) -> None:
    row = _row(table, number)
    names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
    source.execute(f"INSERT OR REPLACE INTO {table.name} ({names}) VALUES ({marks})", [*row.values()])


def test_every_row_of_every_table_is_copied(both: Both) -> None:
    for number in (1, 2, 3):
        for table in TABLES:
            _insert(both.source, table, number)
    watch(both.source, keys_of_tables())
    assert copy_all(both.source, both.target, lambda _: None) == 3 * len(TABLES)
    both.check_equal()


def test_every_change_of_every_table_is_followed(both: Both) -> None:
    for number in (1, 2):
        for table in TABLES:
            _insert(both.source, table, number)
    watch(both.source, keys_of_tables())
    copy_all(both.source, both.target, lambda _: None)
    for table in TABLES:  # made, changed, and both made and changed
        _insert(both.source, table, 3)
        rest = [column.name for column in table.columns if column.name not in keys_of_tables()[table.name]]
        plain = [name for name in rest if not table.columns[name].foreign_keys and not table.columns[name].unique]
        for name in plain[:1]:
            both.source.execute(f'UPDATE {table.name} SET "{name}" = (SELECT max("{name}") FROM {table.name})')
    assert copy_changes(both.source, both.target) >= 3 * len(TABLES) - 10
    both.check_equal()
    for table in reversed(TABLES):
        both.source.execute(
            f"DELETE FROM {table.name} WHERE rowid = (SELECT max(rowid) FROM {table.name})"
            if table.dialect_options["sqlite"]["with_rowid"]
            else f"DELETE FROM {table.name}"
        )
    both.source.execute("UPDATE apps SET number = number + 10 WHERE number NOT IN (SELECT app FROM secrets)")
    copy_changes(both.source, both.target)
    both.check_equal()
    assert count_of(both.source) == 0
    assert copy_changes(both.source, both.target) == 0


def test_an_id_that_was_given_is_not_given_again(both: Both) -> None:
    apps, pixels = (next(table for table in TABLES if table.name == name) for name in ("apps", "pixels"))
    _insert(both.source, apps, 1)
    for number in (1, 7):
        both.source.execute("INSERT INTO pixels (id, app, name, created_at) VALUES (?, 1, 'Site', 1)", (number,))
    both.source.execute("DELETE FROM pixels WHERE id = 7")
    watch(both.source, keys_of_tables())
    copy_all(both.source, both.target, lambda _: None)
    go_on_numbering(both.source, both.target)
    made = both.target.execute("INSERT INTO pixels (app, name, created_at) VALUES (1, 'New', 1) RETURNING id")
    assert made.fetchone() == (8,)
    assert len(both.rows(both.target, pixels)) == 2


def test_the_file_is_as_before_once_nobody_copies_it(both: Both) -> None:
    schema = "SELECT type, name, sql FROM sqlite_master ORDER BY name"
    before = both.source.execute(schema).fetchall()
    watch(both.source, keys_of_tables())
    assert is_watched(both.source)
    assert both.source.execute(schema).fetchall() != before
    unwatch(both.file)
    unwatch(both.file)
    assert not is_watched(both.source)
    assert both.source.execute(schema).fetchall() == before
