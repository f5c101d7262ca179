"""Users in the order in which they were last seen, ever or in a range with a filter: the people view of a dashboard."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from heropixel.api.connections import ListPage
from heropixel.directory.people import ListedUser, Search, list_people, listed_by_ids, search_ids
from heropixel.directory.registry import Pixel
from heropixel.directory.thread import DirectoryThread
from heropixel.reports.asked import KNOWN, own_pixels
from heropixel.reports.filters import FilterInput, parse_filter
from heropixel.reports.question import check_pixels, check_traffic
from heropixel.reports.ranges import RangeInput, parse_range
from heropixel.reports.reporting import Reporting
from heropixel.reports.seen import EVER, SeenPerson, SeenQuestion
from heropixel.reports.wall_clock import zone_of

LIST = "users-seen"
MOST_TOLD = 1_000_000  # users that a search may find; beyond, the rest of them is left out


class SeenInput(msgspec.Struct, frozen=True):
    """Who was here, as the caller sends it: the contract's `SeenInput`."""

    pixel_ids: Sequence[int]
    range: RangeInput | None = None
    timezone: str = "UTC"
    filter: FilterInput | None = None
    traffic: Sequence[str] = ("PEOPLE",)

    def question(self, pixels: Mapping[int, Pixel], app: int, now: int) -> SeenQuestion:
        """The checked question.

        Raises:
            Refusal: a part is wrong. The message says which one, and why.
        """
        return SeenQuestion(
            check_pixels(self.pixel_ids, own_pixels(pixels, app)),
            parse_range(self.range or RangeInput(name="LAST_30_DAYS"), zone_of(self.timezone), now),
            parse_filter(self.filter, KNOWN),
            check_traffic(self.traffic),
        )


class SeenPage(NamedTuple):
    """One page of users, and one more if there is one; each with its place, and what was seen of them in the range."""

    listed: list[ListedUser]
    places: dict[int, tuple[int, int]]
    seen: dict[int, SeenPerson]


class LastSeen:
    """Lists users by when they were last seen."""

    def __init__(self, searching: DirectoryThread, reporting: Reporting) -> None:
        self._searching = searching
        self._reporting = reporting

    async def page(self, app: int, search: Search, question: SeenQuestion | None, page: ListPage) -> SeenPage:
        """One page. Without a question, users who were never seen come last, the newest first."""
        before = None if page.after is None else (page.after, page.tie)
        wanted = page.first + 1
        rows = [] if before and not before[0] else await self._seen(app, search, question or EVER, before, wanted)
        listed = await self._searching.read(lambda connection: listed_by_ids(connection, [row.user for row in rows]))
        seen = {row.user: row for row in rows}
        places = {row.user: row.place for row in rows}
        if question is None and len(rows) < wanted:
            after = before[1] if before and not before[0] else None
            unseen = await self._unseen(app, search, after, wanted - len(rows))
            places |= {each.user.id: (0, each.user.id) for each in unseen}
            listed += unseen
        return SeenPage(listed, places, seen)

    async def count(self, app: int, search: Search, question: SeenQuestion) -> int:
        """How many users were seen in a range."""
        return len(await self._seen(app, search, question, None, None))

    async def _seen(
        self, app: int, search: Search, question: SeenQuestion, before: tuple[int, int] | None, limit: int | None
    ) -> list[SeenPerson]:
        if not any(part is not None for part in search):
            return await self._reporting.seen_people(app, question, before, limit)

        def find(connection: Connection) -> set[int]:
            return search_ids(connection, app, search, MOST_TOLD)

        found = await self._searching.read(find)
        rows = await self._reporting.seen_people(app, question, before, None) if found else []
        return [row for row in rows if row.user in found][:limit]

    async def _unseen(self, app: int, search: Search, after: int | None, limit: int) -> list[ListedUser]:
        everybody = await self._reporting.seen_people(app, EVER, None, None)
        unseen = search._replace(unseen=[row.user for row in everybody])

        def read(connection: Connection) -> list[ListedUser]:
            return list_people(connection, app, unseen, after, limit, newest=True)

        return await self._searching.read(read)
