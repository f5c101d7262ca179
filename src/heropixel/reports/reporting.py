"""Reports and lists of pageviews for an event loop: they give way to incoming pageviews, and run in groups.

Questions that arrive while others are answered form the next group, and share what it reads; see shared_reading.py.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

import structlog
from sqlalchemy.exc import DBAPIError

from heropixel.concurrency.next_group import Call, NextGroup
from heropixel.errors import (
    NOTHING_CHANGED,
    DirectoryUnavailable,
    EventsTooSlow,
    EventsUnavailable,
    ReportsBusy,
    ReportTooSlow,
)
from heropixel.events import Events, EventsThread
from heropixel.events.pageviews import ListPlace
from heropixel.outages import loggable
from heropixel.reports.ask import Report, Wanted
from heropixel.reports.listing import ListedPageview, ListQuestion, count_pageviews, list_pageviews
from heropixel.reports.people import PersonScopes
from heropixel.reports.question import Question
from heropixel.reports.seen import SeenPerson, SeenQuestion, seen_people
from heropixel.reports.shared_reading import Asked, SharedReading

log = structlog.get_logger()

MAX_WAITING = 100  # the last of them waits for the others; its caller has given up by then

T = TypeVar("T")


class Reporting(Protocol):
    """Questions about all pageviews: any process may ask them, whichever has the event store open.

    Every one raises ReportTooSlow, ReportsBusy, EventStoreUnavailable or DirectoryUnavailable where it cannot be
    answered, or not now.
    """

    async def report(self, app: int, question: Question, wanted: Wanted) -> Report:
        """The report of a question.

        Raises:
            TooManyPoints: the report would have more rows than are allowed.
        """

    async def pageviews(
        self, app: int, question: ListQuestion, after: ListPlace | None, limit: int, *, with_visits: bool = False
    ) -> Sequence[ListedPageview]:
        """One page of pageviews beyond a place, newest first; with the sources of their visits if wanted."""

    async def seen_people(
        self, app: int, question: SeenQuestion, before: tuple[int, int] | None, limit: int | None
    ) -> list[SeenPerson]:
        """The users in a range beyond a place, those who were seen last first."""

    async def count(self, app: int, question: ListQuestion) -> int:
        """How many pageviews match in all."""


class ReportingHere:
    """Answers them on a thread and a connection of this process; see `Reporting`."""

    def __init__(
        self,
        thread: EventsThread,
        merged_of: Callable[[int], Mapping[int, int]],
        trait_values: Callable[[int, str], Iterable[bytes]],
        seconds: int,
    ) -> None:
        """`merged_of` and `trait_values` run on that thread; see `PersonScopes`."""
        self._thread = thread
        self._seconds = seconds
        self._people = PersonScopes(merged_of, trait_values)
        self._waiting = 0
        self._next: NextGroup[Asked, Report] = NextGroup(self._answer_group)

    async def report(self, app: int, question: Question, wanted: Wanted) -> Report:
        """See `Reporting.report`."""
        self._check_room()
        return await self._counted(self._next.ask(Asked(app, question, wanted)))

    async def pageviews(
        self, app: int, question: ListQuestion, after: ListPlace | None, limit: int, *, with_visits: bool = False
    ) -> Sequence[ListedPageview]:
        """See `Reporting.pageviews`."""
        return await self._run(
            lambda events: list_pageviews(events, self._people, app, question, after, limit, with_visits=with_visits)
        )

    async def seen_people(
        self, app: int, question: SeenQuestion, before: tuple[int, int] | None, limit: int | None
    ) -> list[SeenPerson]:
        """See `Reporting.seen_people`."""
        return await self._run(lambda events: seen_people(events, self._people, app, question, before, limit))

    async def count(self, app: int, question: ListQuestion) -> int:
        """See `Reporting.count`."""
        return await self._run(lambda events: count_pageviews(events, self._people, app, question))

    async def _answer_group(self, group: Sequence[Call[Asked, Report]]) -> None:
        loop = asyncio.get_running_loop()

        def tell(call: Call[Asked, Report], answer: Report | Exception) -> None:
            loop.call_soon_threadsafe(call.settle, answer)

        await self._thread.read(lambda events: self._answer(events, group, tell))

    def _answer(
        self,
        events: Events,
        group: Sequence[Call[Asked, Report]],
        tell: Callable[[Call[Asked, Report], Report | Exception], None],
    ) -> None:
        """Answer a group. Each question gets its answer as soon as it is there."""
        self._people.sweep()
        with SharedReading(events, self._people, [call.question for call in group]) as reading:
            for call in group:
                if call.answer.done():  # the caller has gone
                    continue
                try:
                    tell(call, reading.answer(call.question))
                except EventsUnavailable as error:
                    events.ask("SELECT 1")  # if this fails too, no question can be answered
                    tell(call, error)
                except Exception as error:  # of this question; the others must not fail with it
                    tell(call, error)

    async def _run(self, work: Callable[[Events], T]) -> T:
        self._check_room()
        return await self._counted(self._thread.read(lambda events: self._swept(events, work)))

    def _swept(self, events: Events, work: Callable[[Events], T]) -> T:
        self._people.sweep()
        return work(events)

    async def _counted(self, answer: Awaitable[T]) -> T:
        """Await an answer, which counts as one of the waiting calls."""
        self._waiting += 1
        try:
            return await answer
        except EventsTooSlow:
            raise ReportTooSlow(seconds=self._seconds) from None
        except DBAPIError as error:
            log.error("the directory failed", error=loggable(error))  # noqa: TRY400 - a traceback has the whole text
            raise DirectoryUnavailable(so=NOTHING_CHANGED) from error
        finally:
            self._waiting -= 1

    def _check_room(self) -> None:
        if self._waiting >= MAX_WAITING:
            raise ReportsBusy
