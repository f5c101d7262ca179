"""Batches: many rows are read or written in one statement.

The statements are the driver's own SQL (docs/decisions/0002). `executemany` releases the interpreter lock once a row.
SQLAlchemy prepares each parameter in Python, which costs more than finding its row. For the same reason rows are best
selected as one JSON text (`json_group_array`): SQLite makes it without the lock, and msgspec decodes it in one call.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection

# SQLite takes 32,766 parameters in a statement, PostgreSQL 65,535.
_MAX_PARAMETERS = 32_000
_MAX_VALUES = 16_384


def select_in(
    connection: Connection, select: str, values: Sequence[bytes] | Sequence[int]
) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement that ends in `IN`: one row for each batch of sixteen thousand values."""
    if len(values) > _MAX_VALUES:
        values = sorted(values)  # type: ignore[assignment]  # bytes or numbers, not both: each statement reads pages of its own
    for start in range(0, len(values), _MAX_VALUES):
        padded = _padded(values[start : start + _MAX_VALUES])
        yield tuple(connection.exec_driver_sql(f"{select} ({_marks(len(padded))})", tuple(padded)).one())


def _padded(values: Sequence[Any]) -> Sequence[Any]:
    # Padded to the next power of two: the database prepares fifteen statements, not one for each size of a batch.
    missing = (1 << (len(values) - 1).bit_length()) - len(values)
    return [*values, *([values[0]] * missing)] if values else values


@lru_cache
def _marks(count: int) -> str:
    return ",".join("?" * count)


def insert_rows(connection: Connection, head: str, tail: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows between the head (`INSERT INTO t (a, b) VALUES`) and the tail (`ON CONFLICT ..`) of a statement."""
    if not rows:
        return
    width = len(rows[0])
    at_once = _MAX_PARAMETERS // width
    for start in range(0, len(rows), at_once):
        some = rows[start : start + at_once]
        marks = _rows_of_marks(width, len(some))
        connection.exec_driver_sql(f"{head} {marks} {tail}", tuple(chain.from_iterable(some)))


@lru_cache
def _rows_of_marks(width: int, count: int) -> str:
    return ",".join([f"({_marks(width)})"] * count)
