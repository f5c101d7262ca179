"""The cells of an export: by the names of their columns, and as texts, times and counts, however they are written."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from heropixel.nothing import NO_VALUES, is_nothing
from heropixel.transfer.converting import UnusableRow, identifier_text
from heropixel.values import milliseconds


class LowerCase:
    """The cells of rows by their columns in lower case; what each is called is remembered from row to row."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}

    def cells(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The cells of a row, or of a part of one. Those that say that there is no value, such as `NULL`, are empty."""
        try:
            return {
                self._of[name]: "" if isinstance(value, str) and value in NO_VALUES else value
                for name, value in values.items()
            }
        except KeyError:
            self._of |= {name: name.strip().lower() for name in values}
            return self.cells(values)


# By the name of a field: the columns it may be in, the best first.
Table = Mapping[str, Sequence[str]]


def texts(cells: Mapping[str, Any], table: Table) -> dict[str, Any]:
    """The fields of a table that a row gives."""
    given: dict[str, Any] = {}
    for field, columns in table.items():
        for column in columns:
            if text := text_of(cells, column):
                given[field] = text
                break
    return given


def identifier_of(cells: Mapping[str, Any], column: str) -> str:
    """A cell that identifies something; empty also where a program says so with a word, such as `none` or `0`.

    Raises:
        UnusableRow: it is neither a text nor a number.
    """
    text = text_of(cells, column).strip()
    return "" if is_nothing(text) else text


def text_of(cells: Mapping[str, Any], column: str) -> str:
    """A cell as a text; empty where there is none, or `false`, as PHP writes for nothing.

    Raises:
        UnusableRow: it is neither a text nor a number.
    """
    value = cells.get(column)
    if isinstance(value, str):
        return value
    if value is None or value is False:
        return ""
    if isinstance(value, float) and value.is_integer():
        return identifier_text(column, value)
    if isinstance(value, int | float) and value is not True:
        return str(value)
    raise UnusableRow(f"{column} is neither a text nor a number")


def instant_of(cells: Mapping[str, Any], column: str, zone: tzinfo) -> int:
    """A time in Unix milliseconds, from seconds or milliseconds or a text of ISO 8601, in `zone` if it names none.

    Raises:
        UnusableRow: it is none of these.
    """
    text = text_of(cells, column)
    try:
        if text.isdecimal():
            return milliseconds(text)
        moment = datetime.fromisoformat(text)
        return round((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise UnusableRow(f"{column} is not a time") from None


def count_of(cells: Mapping[str, Any], column: str) -> int:
    """A number of things.

    Raises:
        UnusableRow: it is no whole number.
    """
    text = text_of(cells, column)
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise UnusableRow(f"{column} is not a whole number below a thousand million")
    return int(text)
