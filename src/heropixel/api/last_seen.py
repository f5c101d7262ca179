"""Users in the order in which they were last seen, ever or in a range with a filter: the people view of a dashboard."""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from heropixel.api.callers import Caller
from heropixel.api.connections import ListPage
from heropixel.api.masked_filters import filter_for
from heropixel.directory.merges import people
from heropixel.directory.people import ListedUser, Search, list_people, listed_by_ids, search_ids
from heropixel.directory.registry import Pixel
from heropixel.directory.thread import DirectoryThread
from heropixel.events.asking import Asking
from heropixel.reports.asked import KNOWN, own_pixels
from heropixel.reports.filters import FilterInput, parse_filter
from heropixel.reports.question import calendar_of, check_pixels, check_traffic
from heropixel.reports.ranges import Range, RangeInput, parse_range
from heropixel.reports.reporting import Reporting
from heropixel.reports.seen import EVER, SeenPerson, SeenQuestion

LIST = "users-seen"
_FEW = 500  # users who are looked up each, instead of reading the pageviews of all
_SPANS = (1, 8, 64)  # days
_DAY = 86_400_000
MOST_TOLD = 1_000_000  # users that a search may find; beyond, the rest of them is left out


class SeenInput(msgspec.Struct, frozen=True):
    """Who was here, as the caller sends it: the contract's `SeenInput`."""

    pixel_ids: Sequence[int]
    range: RangeInput | None = None
    timezone: str | None = None
    filter: FilterInput | None = None
    traffic: Sequence[str] = ("PEOPLE",)

    def question(self, pixels: Mapping[int, Pixel], caller: Caller, now: int) -> SeenQuestion:
        """The checked question.

        Raises:
            Refusal: a part is wrong. The message says which one, and why.
        """
        own = own_pixels(pixels, caller.app.number)
        asked = check_pixels(self.pixel_ids, own)
        return SeenQuestion(
            asked,
            parse_range(self.range or RangeInput(name="LAST_30_DAYS"), calendar_of(self.timezone, own[asked[0]]), now),
            filter_for(caller, parse_filter(self.filter, KNOWN, of_sessions=True)),
            check_traffic(self.traffic),
        )


class SeenPage(NamedTuple):
    """One page of users, and one more if there is one; each with its place, and what was seen of them in the range."""

    listed: list[ListedUser]
    places: dict[int, tuple[int, int]]
    seen: dict[int, SeenPerson]


class LastSeen:
    """Lists users by when they were last seen."""

    def __init__(
        self, searching: DirectoryThread, reporting: Reporting, asking: Asking, clock: Callable[[], int]
    ) -> None:
        self._searching = searching
        self._reporting = reporting
        self._asking = asking
        self._clock = clock

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
            return await self._latest(app, question, before, limit, None)

        def find(connection: Connection) -> tuple[set[int], dict[int, list[int]]]:
            found = search_ids(connection, app, search, MOST_TOLD)
            return found, people(connection, found) if question == EVER and 0 < len(found) <= _FEW else {}

        found, members = await self._searching.read(find)
        if not found:
            return []
        if not members:
            return await self._latest(app, question, before, limit, found)
        seen = await self._asking.activity(app, members)
        rows = [SeenPerson(user, each.first or 0, each.last or 0, each.pageviews) for user, each in seen.items()]
        beyond = [row for row in rows if before is None or row.place < before]
        return sorted(beyond, key=attrgetter("place"), reverse=True)[:limit]

    async def _latest(
        self,
        app: int,
        question: SeenQuestion,
        before: tuple[int, int] | None,
        limit: int | None,
        among: set[int] | None,
    ) -> list[SeenPerson]:
        """The users of a question, if they are `among` these.

        Who was seen last is nearly always found in the pageviews of the last days.
        """
        spans = _SPANS if question == EVER and limit is not None else ()
        for days in spans:
            since = self._clock() - days * _DAY
            recent = msgspec.structs.replace(question, range=Range(since, question.range.end))
            rows = await self._reporting.seen_people(app, recent, before, limit if among is None else None)
            rows = rows if among is None else [row for row in rows if row.user in among]
            if limit is not None and len(rows) >= limit:
                return rows[:limit]
        rows = await self._reporting.seen_people(app, question, before, limit if among is None else None)
        return rows if among is None else [row for row in rows if row.user in among][:limit]

    async def _unseen(self, app: int, search: Search, after: int | None, limit: int) -> list[ListedUser]:
        everybody = await self._reporting.seen_people(app, EVER, None, None)
        unseen = search._replace(unseen=[row.user for row in everybody])

        def read(connection: Connection) -> list[ListedUser]:
            return list_people(connection, app, unseen, after, limit, newest=True)

        return await self._searching.read(read)
