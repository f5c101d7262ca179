"""Rows become what they stand for, many at a time; a row that cannot is written beside its file and stops no other."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from heropixel.errors import Refusal
from heropixel.transfer.reading import Source
from heropixel.transfer.rejected import RejectedRows
from heropixel.transfer.rows import BadRow, FileRow
from heropixel.troubles import FileUnusable

T = TypeVar("T")


class UnusableRow(ValueError):  # noqa: N818 - named as what it is
    """A row that does not stand for what it should."""


def check_columns(path: Path, columns: Sequence[str], named: Mapping[str, str]) -> None:
    """Refuse a file whose columns name nobody, or name somebody twice; JSON Lines has no columns.

    Raises:
        FileUnusable: it says which.
    """
    counts = Counter(identifier for name in columns if (identifier := named.get(name.strip().lower())))
    if columns and not counts:
        known = ", ".join(sorted(set(named.values())))
        raise FileUnusable(path=path, why=f"none of its columns ({', '.join(columns)[:200]}) is one of {known}")
    for identifier, count in counts.items():
        if count > 1:
            raise FileUnusable(path=path, why=f"{count} of its columns are {identifier}")


def converted(source: Source, rejected: RejectedRows, convert: Callable[[FileRow], T]) -> Iterator[T]:
    """What the rows stand for; those that cannot be converted go to `rejected`, empty ones nowhere.

    `convert` raises a Refusal or UnusableRow for a row that cannot.
    """
    for row in source:
        if isinstance(row, BadRow):
            rejected.add(row, row.why)
            continue
        if all(value in (None, "") for value in row.values.values()):
            continue  # as spreadsheets leave below their last row
        try:
            yield convert(row)
        except Refusal as refusal:
            rejected.add(row, refusal.message)
        except UnusableRow as unusable:
            rejected.add(row, str(unusable))


def chunks(items: Iterator[T], size: int) -> Iterator[Sequence[T]]:
    """The items, so many at a time."""
    chunk: list[T] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


class Columns:
    """Which columns name somebody, and by what; what each is called is remembered from row to row."""

    def __init__(self, named: Mapping[str, str]) -> None:
        self._named = named
        self._of: dict[str, str] = {}

    def split(self, row: FileRow) -> "Split":
        """The cells of a row that are given, those that name somebody apart.

        Raises:
            UnusableRow: what should name somebody is neither a text nor a whole number.
        """
        naming: dict[str, str] = {}
        others: dict[str, Any] = {}
        for name, value in row.values.items():
            if value is None or value == "":
                continue
            identifier = self._of.get(name)
            if identifier is None:
                identifier = self._of[name] = self._named.get(name.strip().lower(), "")
            if identifier:
                naming[identifier] = value if isinstance(value, str) else _text_of(name, value)
            else:
                others[name] = value
        return Split(naming, others)


class Split(NamedTuple):
    """The cells of a row: by what they name somebody, and by their columns."""

    naming: dict[str, str]
    others: dict[str, Any]


def _text_of(name: str, value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer():  # numbers beside empty cells come as floats
        return str(int(value))
    raise UnusableRow(f"{name} is neither a text nor a whole number")
