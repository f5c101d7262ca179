"""Pagination: Relay connections (GraphQL Cursor Connections Specification), forwards only.

A cursor holds the sort key of a row, not its number. So rows that are added or removed meanwhile shift nothing.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NamedTuple, Self

import msgspec

from heropixel.api.answers import NOTHING, Answer
from heropixel.errors import InvalidCursor, InvalidPage
from heropixel.values import counted


class ListPage(NamedTuple):
    """The requested page of a list: `first` rows after the place `after`; None is the beginning."""

    of: str  # the list; a cursor of another list is refused
    first: int
    after: int | None
    tie: int = 0  # tells rows with the same place apart, in a list that may have several

    @classmethod
    def parse(cls, of: str, first: int, after: str | None, limit: int) -> Self:
        """Check the arguments of the list `of`.

        Raises:
            InvalidPage: `first` is out of bounds.
            InvalidCursor: `after` is no cursor, or is a cursor of another list.
        """
        if not 1 <= first <= limit:
            raise InvalidPage(limit=limit)
        return cls(of, first, *_place(of, after)) if after else cls(of, first, None)


class Edge(msgspec.Struct, frozen=True):
    """A row and its cursor."""

    node: Any
    cursor: str


class PageBounds(msgspec.Struct, frozen=True):
    """Where a page lies in its list."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None

    @classmethod
    def of(cls, cursors: Sequence[str], page: ListPage, *, has_next_page: bool) -> Self:
        """The bounds of a page with rows at these cursors."""
        start, end = (cursors[0], cursors[-1]) if cursors else (None, None)
        return cls(has_next_page, page.after is not None, start, end)


class ListAnswer(Answer):
    """A page of a list."""

    LIST: ClassVar[str]  # the name of the list in its cursors
    EMPTY: ClassVar[str]  # says what would be in it, and how to get it
    edges: Sequence[Edge] | None = None
    page_info: PageBounds | None = None
    total_count: int | None = None

    @classmethod
    def of(
        cls, rows: Sequence[Any], page: ListPage, total: int | None, place: Callable[[Any], int | tuple[int, int]]
    ) -> Self:
        """The answer, from the page's rows and one more if there is one. `total` is None if it was not selected.

        `total` was counted before or after the rows were read. So it never contradicts what the page itself shows.
        """
        if total is not None and page.after is None:
            total = max(total, len(rows)) if len(rows) > page.first else len(rows)
        edges = [Edge(row, cursor(page.of, place(row))) for row in rows[: page.first]]
        info = PageBounds.of([edge.cursor for edge in edges], page, has_next_page=len(rows) > page.first)
        message = counted(len(edges), cls.LIST) if total is None else f"{len(edges)} of {total}"
        if not edges and page.after is None:
            message = cls.EMPTY
        return cls(message=message, edges=edges, page_info=info, total_count=total)

    @property
    def nodes(self) -> list[Any] | None:
        """The rows of the page."""
        return None if self.edges is None else [edge.node for edge in self.edges]

    @staticmethod
    def plain(node: Any) -> dict[str, Any]:  # noqa: ANN401 - a row of any list
        """A row as plain JSON."""
        raise NotImplementedError

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The rows of the page."""
        if self.edges is None:
            return NOTHING
        total = {} if self.total_count is None else {"totalCount": self.total_count}
        return {"nodes": [self.plain(edge.node) for edge in self.edges], **total}


def cursor(of: str, place: int | tuple[int, int]) -> str:
    """The cursor of a place in a list."""
    words = place if isinstance(place, tuple) else (place,)
    return base64.urlsafe_b64encode(":".join([of, *map(str, words)]).encode()).decode().rstrip("=")


def digest_of(*asked: object) -> str:
    """A digest of arguments as they were sent. Instants would differ: the last 30 days move between two pages."""
    return hashlib.blake2b(msgspec.json.encode(asked), digest_size=6).hexdigest()


_PLACE = re.compile(r"([0-9]{1,19})(?::([0-9]{1,20}))?")
_BEYOND = 1 << 63, 1 << 64  # the first numbers that the stores cannot compare with


def _place(of: str, cursor: str) -> tuple[int, int]:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise InvalidCursor from None
    name, _, place = text.partition(":")
    found = _PLACE.fullmatch(place)
    if name != of or not found:
        raise InvalidCursor
    where, tie = int(found[1]), int(found[2] or 0)
    if where >= _BEYOND[0] or tie >= _BEYOND[1]:
        raise InvalidCursor
    return where, tie
