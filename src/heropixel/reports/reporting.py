"""Reports and lists of pageviews for an event loop: one after the other, behind whoever sends pageviews."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from heropixel.errors import EventsTooSlow, ReportsBusy, ReportTooSlow
from heropixel.events import Events, EventsThread
from heropixel.reports.ask import Report, Wanted, ask
from heropixel.reports.listing import Listed, ListQuestion, Place, count_pageviews, list_pageviews
from heropixel.reports.people import People
from heropixel.reports.question import Question

MAX_WAITING = 100  # the last of them waits for the others; who asked has long gone then

T = TypeVar("T")


class Reporting:
    """Answers what is asked of all pageviews, on a thread and a connection of its own."""

    def __init__(self, thread: EventsThread, seconds: int) -> None:
        self._thread = thread
        self._seconds = seconds
        self._people = People()
        self._waiting = 0

    async def report(self, app: int, question: Question, merged: Mapping[int, int], wanted: Wanted) -> Report:
        """The answer to a question; `merged` says which users of the app are others.

        Raises:
            TooManyPoints: it would have more rows than are allowed.
            ReportTooSlow, ReportsBusy, EventStoreUnavailable: it cannot be told, or not now.
        """
        return await self._run(lambda events: ask(events, self._people, app, question, merged, wanted))

    async def pageviews(
        self, app: int, question: ListQuestion, merged: Mapping[int, int], after: Place | None, limit: int
    ) -> Sequence[Listed]:
        """So many pageviews beyond a place, newest first.

        Raises:
            ReportTooSlow, ReportsBusy, EventStoreUnavailable: it cannot be told, or not now.
        """
        return await self._run(lambda events: list_pageviews(events, self._people, app, question, merged, after, limit))

    async def count(self, app: int, question: ListQuestion, merged: Mapping[int, int]) -> int:
        """How many pageviews there are in all.

        Raises:
            ReportTooSlow, ReportsBusy, EventStoreUnavailable: it cannot be told, or not now.
        """
        return await self._run(lambda events: count_pageviews(events, self._people, app, question, merged))

    async def _run(self, work: Callable[[Events], T]) -> T:
        if self._waiting >= MAX_WAITING:
            raise ReportsBusy
        self._waiting += 1
        try:
            return await self._thread.read(work)
        except EventsTooSlow:
            raise ReportTooSlow(seconds=self._seconds) from None
        finally:
            self._waiting -= 1
