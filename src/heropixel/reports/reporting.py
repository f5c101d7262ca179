"""Reports and lists of pageviews for an event loop: one after the other, behind whoever sends pageviews."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import structlog
from sqlalchemy.exc import DBAPIError

from heropixel.errors import DirectoryUnavailable, EventsTooSlow, ReportsBusy, ReportTooSlow
from heropixel.events import Events, EventsThread
from heropixel.reports.ask import Report, Wanted, ask
from heropixel.reports.listing import Listed, ListQuestion, Place, count_pageviews, list_pageviews
from heropixel.reports.people import People
from heropixel.reports.question import Question

MAX_WAITING = 100  # the last of them waits for the others; who asked has long gone then

T = TypeVar("T")

log = structlog.get_logger()


class Reporting:
    """Answers what is asked of all pageviews, on a thread and a connection of its own."""

    def __init__(self, thread: EventsThread, merged_of: Callable[[int], Mapping[int, int]], seconds: int) -> None:
        """`merged_of` says on that thread which users of an app were merged into which others."""
        self._thread = thread
        self._seconds = seconds
        self._people = People(merged_of)
        self._waiting = 0

    async def report(self, app: int, question: Question, wanted: Wanted) -> Report:
        """The answer to a question.

        Raises:
            TooManyPoints: it would have more rows than are allowed.
            ReportTooSlow, ReportsBusy, EventStoreUnavailable, DirectoryUnavailable: it cannot be told, or not now.
        """
        return await self._run(lambda events: ask(events, self._people, app, question, wanted))

    async def pageviews(self, app: int, question: ListQuestion, after: Place | None, limit: int) -> Sequence[Listed]:
        """So many pageviews beyond a place, newest first.

        Raises:
            ReportTooSlow, ReportsBusy, EventStoreUnavailable, DirectoryUnavailable: it cannot be told, or not now.
        """
        return await self._run(lambda events: list_pageviews(events, self._people, app, question, after, limit))

    async def count(self, app: int, question: ListQuestion) -> int:
        """How many pageviews there are in all.

        Raises:
            ReportTooSlow, ReportsBusy, EventStoreUnavailable, DirectoryUnavailable: it cannot be told, or not now.
        """
        return await self._run(lambda events: count_pageviews(events, self._people, app, question))

    async def _run(self, work: Callable[[Events], T]) -> T:
        if self._waiting >= MAX_WAITING:
            raise ReportsBusy
        self._waiting += 1
        try:
            return await self._thread.read(work)
        except EventsTooSlow:
            raise ReportTooSlow(seconds=self._seconds) from None
        except DBAPIError as error:
            log.error("the directory failed", error=str(error.orig))  # noqa: TRY400 - the driver's sentence is enough
            raise DirectoryUnavailable from error
        finally:
            self._waiting -= 1
