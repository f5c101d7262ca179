"""Batches: many rows are read or written in one statement.

The statements are the driver's own SQL (docs/decisions/0002). `executemany` releases the interpreter lock once a row.
SQLAlchemy prepares each parameter in Python, which costs more than finding its row. For the same reason rows are best
selected as one JSON text (`listed`): the database makes it without the lock, and msgspec decodes it in one call.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

from heropixel.directory.dialects import Into, Statement, dialect_of


def select_in(
    connection: Connection, select: Statement, values: Sequence[bytes] | Sequence[int]
) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement that ends in the column which has one of the values: one row for each batch of them."""
    dialect = dialect_of(connection)
    begin = select(dialect)
    if len(values) > dialect.most_values:
        values = sorted(values)  # type: ignore[assignment]  # bytes or numbers, not both: each statement reads pages of its own
    for start in range(0, len(values), dialect.most_values):
        end, bound = dialect.among(values[start : start + dialect.most_values])
        yield tuple(connection.exec_driver_sql(f"{begin} {end}", bound).one())


def insert_rows(connection: Connection, into: Into, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows."""
    if rows:
        for statement, bound in dialect_of(connection).inserts(into, rows):
            connection.exec_driver_sql(statement, bound)
