"""Rows of a file are converted in batches. An invalid row goes to the file of rejected rows and stops no other."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from heropixel.errors import InvalidPhone, PlaceholderIdentifier, Refusal
from heropixel.identity.identifiers import Claims
from heropixel.transfer.rejected import RejectedRows
from heropixel.transfer.rows import BadRow, FileRow
from heropixel.transfer.source import Source
from heropixel.values import MARKS, snake, taken_without, unguarded

T = TypeVar("T")


class UnusableRow(ValueError):  # noqa: N818 - the name says what it is
    """A row that cannot be converted."""


def converted(source: Source, rejected: RejectedRows, convert: Callable[[FileRow], T]) -> Iterator[T]:
    """The converted rows. Those that cannot be converted go to `rejected`; empty ones are skipped.

    `convert` raises a Refusal or UnusableRow for a row that it cannot convert.
    """
    for row in source:
        if isinstance(row, BadRow):
            rejected.add(row, row.why)
            continue
        if all(value in (None, "") for value in row.values.values()):
            continue  # spreadsheets leave such rows below their last one
        try:
            yield convert(row)
        except Refusal as refusal:
            rejected.add(row, refusal.message)
        except UnusableRow as unusable:
            rejected.add(row, str(unusable))


def chunks(items: Iterator[T], size: int) -> Iterator[Sequence[T]]:
    """The items in batches of `size`."""
    chunk: list[T] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


LISTS = ("emails", "phones")


class Columns:
    """Splits rows by what `identifier_of` says of a column: the identifier that it holds, or nothing.

    `exact` is `Source.exact`. With `floats_in_texts` the text `12.0` is the identifier 12.
    """

    def __init__(self, identifier_of: Callable[[str], str], exact: Mapping[str, int], *, floats_in_texts: bool) -> None:
        self._identifier_of = identifier_of
        self._exact = exact
        self._floats_in_texts = floats_in_texts
        self._of: dict[str, str] = {}  # kept from row to row

    def split(self, row: FileRow) -> "Split":
        """The cells of a row that are not empty, with the identifiers apart.

        Raises:
            UnusableRow: an identifier is neither a text nor a whole number.
        """
        naming: dict[str, str] = {}
        lists: dict[str, Any] = {}
        others: dict[str, Any] = {}
        more: list[FurtherCell] = []
        for name, value in row.values.items():
            if value is None or value == "" or value != value:
                continue
            identifier = self._of.get(name)
            if identifier is None:
                identifier = self._of[name] = self._identifier_of(name)
            if not identifier:
                others[name] = value
            elif identifier in LISTS:
                lists[identifier] = value
            elif identifier in naming:
                more.append(FurtherCell(identifier, self._text(name, value)))
            else:
                naming[identifier] = self._text(name, value)
        return Split(naming, lists, others, more)

    def _text(self, name: str, value: object) -> str:
        text = identifier_text(name, value, self._exact.get(name, WHOLE_IN_A_FLOAT))
        if self._floats_in_texts and text[-1:] == "0" and _FLOAT.fullmatch(text):
            return text.partition(".")[0]
        return text


class Split(NamedTuple):
    """The cells of a row: by identifier, those that hold a list of identifiers, and the others by column."""

    naming: dict[str, str]
    lists: dict[str, Any]
    others: dict[str, Any]
    more: Sequence["FurtherCell"] = ()


class FurtherCell(NamedTuple):
    """An identifier that a row gives beside the first of its kind."""

    identifier: str
    text: str


WHOLE_IN_A_FLOAT = (1 << 53) - 1  # beyond it, several whole numbers are one float


def identifier_text(name: str, value: object, exact: int = WHOLE_IN_A_FLOAT) -> str:
    """An identifier as a text. Floats are exact up to `exact`.

    Raises:
        UnusableRow: it is neither a text nor a whole number, or a number whose last digits are lost.
    """
    if isinstance(value, str):
        return unguarded(value.strip()) if value[:1] in MARKS else value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer():  # numbers beside empty cells come as floats
        if abs(value) > exact:
            raise UnusableRow(f"{name} is a number whose last digits are lost: write it as a text")
        return str(int(value))
    raise UnusableRow(f"{name} is neither a text nor a whole number")


_FLOAT = re.compile(r"[1-9]\d{0,14}\.0+")  # as programs write a whole number of a column that has empty cells, too


def claims_of(naming: Mapping[str, str], rejected: RejectedRows) -> Claims:
    """The identifiers of a row. In a file a placeholder is an empty cell, if the row has another identifier.

    So is a telephone number that cannot be used. `rejected` counts such cells.

    Raises:
        Refusal: an identifier is not valid, or none is left.
    """
    try:
        return Claims.parse(**naming)
    except (InvalidPhone, PlaceholderIdentifier) as refusal:
        field = snake(str(refusal.details.get("field", "phone")))
        claims = claims_of({name: text for name, text in naming.items() if name != field}, rejected)
        if claims == Claims():
            raise
        if isinstance(refusal, InvalidPhone):
            rejected.remarks[taken_without(refusal.message)] += 1
        else:
            rejected.placeholders[field] += 1
        return claims
