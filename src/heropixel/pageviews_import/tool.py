"""What a tool's export has to be told into: past pageviews of one site."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, ClassVar, NamedTuple, Protocol

import msgspec

from heropixel.recording.past import PastPageview
from heropixel.transfer import Row
from heropixel.transfer.converting import UnusableRow
from heropixel.values import milliseconds


class Site(NamedTuple):
    """What the rows of an export do not say of themselves."""

    pixel: int
    domain: str  # of pageviews whose host was not kept
    zone: tzinfo  # of times that name none


class Tool(Protocol):
    """Reads the rows of one tool's export, in the order of the file."""

    wants: ClassVar[str]  # which files those are, and what they have, for an error's sentence

    def __init__(self, site: Site) -> None: ...

    @staticmethod
    def recognises(names: frozenset[str]) -> bool:
        """Whether a row with these column names, in lower case, is of this tool."""

    def pageviews(self, row: Row) -> Iterator[PastPageview | None]:
        """The pageviews that a row stands for, with their event ids; None for each thing that is no pageview.

        Raises:
            UnusableRow: it stands for none.
        """


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
    if isinstance(value, float) and value.is_integer():  # numbers beside empty cells come as floats
        return str(int(value))
    if isinstance(value, int | float):
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
        raise UnusableRow(f"{column} is no time") from None


def count_of(cells: Mapping[str, Any], column: str) -> int:
    """A number of things.

    Raises:
        UnusableRow: it is no whole number.
    """
    text = text_of(cells, column)
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise UnusableRow(f"{column} is no whole number below a thousand million")
    return int(text)


class OwnIds:
    """Event ids for what its export gives none: made of its content, and of its place among its like in the file.

    So the same file gives the same ids, and two rows that are alike stay two. Takes some 100 bytes a row.
    """

    def __init__(self) -> None:
        self._seen: dict[bytes, int] = {}

    def of(self, content: object) -> str:
        """The id of the next row with this content."""
        digest = hashlib.blake2b(_encode(content), digest_size=16).digest()
        place = self._seen.get(digest, 0)
        self._seen[digest] = place + 1
        return f"{digest.hex()}-{place}" if place else digest.hex()


_encode: Callable[[object], bytes] = msgspec.json.Encoder(order="deterministic").encode


class LowerCase:
    """The cells of rows by their columns in lower case; what each is called is remembered from row to row."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}

    def cells(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The cells of a row, or of a part of one."""
        try:
            return {self._of[name]: value for name, value in values.items()}
        except KeyError:
            self._of |= {name: name.strip().lower() for name in values}
            return self.cells(values)
