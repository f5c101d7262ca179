"""Queries over pageviews: `report`, and the list `pageviews`."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import msgspec

from heropixel.api.answers import NOTHING, Answer, answers
from heropixel.api.connections import ListAnswer, ListPage, digest_of
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials
from heropixel.api.document_as_of import DocumentAsOf
from heropixel.api.masked_filters import filter_for
from heropixel.api.why import Why
from heropixel.directory.registry import Registry
from heropixel.events.pageviews import ListPlace
from heropixel.masked import masked_text, names_phones
from heropixel.reports.as_json import plain_row
from heropixel.reports.ask import Report, ReportRow, Wanted
from heropixel.reports.asked import KNOWN, own_pixels
from heropixel.reports.dimensions import TRAIT, USER
from heropixel.reports.figures import Changes, Figures
from heropixel.reports.filters import FilterInput, parse_filter
from heropixel.reports.listing import ListQuestion
from heropixel.reports.question import Question, ReportInput, calendar_of, check_pixels, check_traffic
from heropixel.reports.ranges import Range, RangeInput, parse_range
from heropixel.reports.reporting import Reporting
from heropixel.reports.shared import narrowed
from heropixel.shown import show_pageview
from heropixel.values import counted, date_time


class ReportAnswer(Answer):
    """The answer to a report."""

    asked: Question | None = None
    asked_at: int = 0  # Unix milliseconds
    report: Report | None = None

    @property
    def rows(self) -> Sequence[ReportRow] | None:
        """The rows."""
        return self.report.rows if self.report else None

    @property
    def totals(self) -> Figures | None:
        """The figures of all rows together."""
        return self.report.totals if self.report else None

    @property
    def comparison_totals(self) -> Figures | None:
        """The figures of all rows together, in the range that is compared with."""
        return self.report.comparison_totals if self.report else None

    @property
    def row_count(self) -> int | None:
        """How many rows there are."""
        return self.report.row_count if self.report else None

    @property
    def as_of(self) -> str | None:
        """Before when every accepted pageview is counted."""
        return date_time(self.report.as_of) if self.report else None

    @property
    def seconds_behind(self) -> int | None:
        """How far that is behind the time of the question."""
        if self.asked is None or self.report is None or self.report.as_of is None:
            return None
        return max(0, self.asked_at - self.report.as_of) // 1000

    @property
    def range(self) -> Range | None:
        """The range that was asked for."""
        return self.asked.range if self.asked else None

    @property
    def comparison_range(self) -> Range | None:
        """The range that is compared with."""
        return self.asked.comparison if self.asked else None

    @property
    def timezone(self) -> str | None:
        """The time zone of its days."""
        return self.asked.zone.key if self.asked else None

    @property
    def week_starts_on(self) -> str | None:
        """The first day of its weeks."""
        return self.asked.calendar.week_starts_on if self.asked else None

    @property
    def totals_change(self) -> Changes | None:
        """The change of the totals since the range that is compared with."""
        return self.report.totals_change if self.report else None

    @property
    def sampled(self) -> bool | None:
        """Always False: every pageview is counted."""
        return False if self.asked else None

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The rows."""
        if not self.report or not self.asked:
            return NOTHING
        metrics, compared = self.asked.metrics, self.asked.comparison is not None
        return {"rows": [plain_row(row, metrics, compared=compared) for row in self.report.rows]}


class PageviewListAnswer(ListAnswer):
    """A page of pageviews."""

    LIST = "pageviews"
    EMPTY = "No pageviews in this range, with this filter; `verifyInstallation` says why none arrives"

    @staticmethod
    def plain(node: dict[str, Any]) -> dict[str, Any]:
        """A pageview."""
        return show_pageview(node)


class Reports:
    """Resolves reports and lists of pageviews."""

    def __init__(
        self,
        *,
        registry: Registry,
        reporting: Reporting,
        as_of: Callable[[], Awaitable[int | None]],
        why: Why,
        now: Callable[[], int],
        max_page: int,
    ) -> None:
        """`now` is the time until which a document asks; see document_time.py. `as_of`: see recording/as_of.py."""
        self._as_of = DocumentAsOf(as_of)
        self._registry = registry
        self._reporting = reporting
        self._now = now
        self._why = why
        self._max_page = max_page

    @answers(ReportAnswer)
    async def report(self, context: Context, report: ReportInput, auth: Credentials | None = None) -> ReportAnswer:
        """Figures over a range of time."""
        caller = context.caller(auth)
        now = self._now()
        question = Question.parse(report, caller.own_pixels(self._registry.pixels), KNOWN, now)
        question = msgspec.structs.replace(question, filter=filter_for(caller, question.filter))
        if caller.share:
            question = narrowed(question, caller.share.filter)
        wanted = Wanted(
            totals=bool({"totals", "totalsChange"} & {*context.selected}),
            comparison_totals=bool({"comparisonTotals", "totalsChange"} & {*context.selected}),
            row_count="rowCount" in context.selected,
        )
        if {USER, TRAIT} & {*question.dimensions}:
            context.reply.tells_people = True
        wants_to_know = bool({"asOf", "secondsBehind"} & context.selected)
        as_of = await self._as_of(wanted=wants_to_know)  # before it is counted
        made = await self._reporting.report(caller.app.number, question, wanted)
        made = msgspec.structs.replace(made, as_of=as_of)
        if caller.masked and names_phones(question.trait):
            made = _without_phones(made)
        return ReportAnswer(message=counted(len(made.rows), "rows"), asked=question, asked_at=now, report=made)

    @answers(PageviewListAnswer)
    async def pageviews(
        self,
        context: Context,
        pixel_ids: Sequence[int],
        range: RangeInput | None = None,  # noqa: A002 - the schema's
        timezone: str | None = None,
        filter: FilterInput | None = None,  # noqa: A002 - the schema's
        traffic: Sequence[str] = ("PEOPLE",),
        first: int = 50,
        after: str | None = None,
        auth: Credentials | None = None,
    ) -> PageviewListAnswer:
        """Single pageviews, newest first."""
        caller = context.caller(auth)
        app = caller.app.number
        own = own_pixels(self._registry.pixels, app)
        pixels = check_pixels(pixel_ids, own)
        question = ListQuestion(
            pixels,
            parse_range(range or _LAST_30_DAYS, calendar_of(timezone, own[pixels[0]]), self._now()),
            filter_for(caller, parse_filter(filter, KNOWN, of_sessions=True, of_users=True)),
            check_traffic(traffic),
        )
        page = ListPage.parse(
            f"{PageviewListAnswer.LIST}-{digest_of(pixel_ids, range, timezone, filter, traffic)}",
            first,
            after,
            self._max_page,
        )
        beyond = None if page.after is None else ListPlace(page.after, page.tie)
        with_visits = "visitSource" in context.selected
        listed = await self._reporting.pageviews(app, question, beyond, page.first + 1, with_visits=with_visits)
        total = await self._reporting.count(app, question) if "totalCount" in context.selected else None
        if "why" in context.selected:
            await self._why.put(app, listed)
        places = {id(row): place for place, row in listed}
        return PageviewListAnswer.of([row for _, row in listed], page, total, lambda row: places[id(row)])


_LAST_30_DAYS: Final = RangeInput(name="LAST_30_DAYS")


def _without_phones(report: Report) -> Report:
    """A report by a trait of telephone numbers, which are masked: its rows do not name the trait."""
    rows = [
        msgspec.structs.replace(row, values={**row.values, TRAIT: masked_text(row.values[TRAIT], is_phone=True)})
        for row in report.rows
    ]
    return msgspec.structs.replace(report, rows=rows)
