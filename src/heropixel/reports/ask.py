"""A report is computed: its rows without gaps, the comparison, and its totals."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from heropixel.errors import TooManyPoints
from heropixel.events import Events
from heropixel.reports.dimensions import OF_SESSION
from heropixel.reports.figures import NEEDS, OF_FIRST_PAGEVIEWS, OF_PAGEVIEWS, OF_VISITS, Changes, Counts, Figures
from heropixel.reports.filters import conditions
from heropixel.reports.first_pageviews import first_pageviews
from heropixel.reports.long_series import begun_before
from heropixel.reports.people import PersonScope
from heropixel.reports.question import Question
from heropixel.reports.ranges import Range
from heropixel.reports.sql import Rows, counts
from heropixel.reports.visit_tables import columns_of_origins, drop, make_origins

MAX_POINTS = 10_000  # rows of time and other dimensions together

_Values = tuple[str, ...]
Series = dict[_Values, Counts]  # the counts by the values of dimensions other than time; in order


class ReportRow(msgspec.Struct, frozen=True):
    """A row of a report."""

    begin: int | None  # of its bucket, in Unix milliseconds
    values: Mapping[str, str]  # of the other dimensions, by their names
    figures: Figures
    comparison: Figures | None

    @property
    def change(self) -> Changes | None:
        """The change of each figure since the compared range."""
        return Changes.between(self.comparison, self.figures)


class Report(msgspec.Struct, frozen=True):
    """The answer to a question."""

    rows: Sequence[ReportRow]
    totals: Figures | None
    comparison_totals: Figures | None
    row_count: int
    as_of: int | None = None  # every pageview accepted before is counted; Unix milliseconds, None: it is not known

    @property
    def totals_change(self) -> Changes | None:
        """The change of the totals since the compared range."""
        return Changes.between(self.comparison_totals, self.totals)


class Wanted(NamedTuple):
    """The expensive parts of a report, which few callers ask for."""

    totals: bool = False
    comparison_totals: bool = False
    row_count: bool = False


EVERYTHING = Wanted(totals=True, comparison_totals=True, row_count=True)


def ask(
    events: Events,
    scope_of: Callable[[Range], PersonScope],
    question: Question,
    wanted: Wanted,
    series: Series | None = None,
) -> Report:
    """Compute the report of a question; `scope_of` returns the scope of each of its ranges.

    `series` has the counts of its range by its dimensions other than time, where these were queried already.

    Raises:
        TooManyPoints: the report would have more rows than are allowed.
        EventsUnavailable: the event store cannot be read.
    """
    asking = _Asking(events, scope_of, question, series)
    try:
        return asking.report(wanted)
    finally:
        asking.close()


def counts_sessions(question: Question) -> bool:
    """Whether a report has to know where sessions begin and end."""
    looked_at = dimensions_of(question)
    needed = {name for metric in question.metrics for name in NEEDS[metric]}
    return bool(needed - OF_PAGEVIEWS or looked_at & {*OF_SESSION})


def counts_newcomers(question: Question) -> bool:
    """Whether a report has to know the first pageview of each visitor."""
    return any(name in OF_FIRST_PAGEVIEWS for metric in question.metrics for name in NEEDS[metric])


def dimensions_of(question: Question) -> set[str]:
    """The dimensions that a question uses in its rows or in its filter."""
    return {*question.dimensions, *(condition.dimension for condition in conditions(question.filter))}


def is_one_row(question: Question) -> bool:
    """Whether its only row is its totals."""
    return not question.step and not question.dimensions


def looks(question: Question, wanted: Wanted) -> int:
    """How often the report of a question reads the pageviews of a range."""
    needed = {name in OF_PAGEVIEWS for metric in question.metrics for name in NEEDS[metric]}
    for_origins = 2 * bool(columns_of_origins(dimensions_of(question)))  # once for their texts, once for nobody's
    return len(needed) * _statements(question, wanted) + for_origins


def looks_at_visits(question: Question, wanted: Wanted) -> int:
    """How often it reads the visits of a range, and nothing else of their pageviews."""
    if not counts_sessions(question) or dimensions_of(question) - {*OF_SESSION}:
        return 0
    return _statements(question, wanted)


def places_pageviews(question: Question, wanted: Wanted) -> int:
    """How often it reads the pageviews of a range with the visit of each."""
    looked_at = dimensions_of(question)
    needed = {name for metric in question.metrics for name in NEEDS[metric]}
    by_time = bool(question.step and needed & OF_PAGEVIEWS)
    places = looked_at - {*OF_SESSION} or (looked_at and (by_time or needed - OF_VISITS))
    return _statements(question, wanted) if places and counts_sessions(question) else 0


def _statements(question: Question, wanted: Wanted) -> int:
    """How many statements count its rows and its totals."""
    return 1 + bool(question.step and question.dimensions) + (wanted.totals and not is_one_row(question))


class _Counted(NamedTuple):
    """A row as the event store returns it."""

    begin: int
    values: _Values
    counts: Counts
    total: int  # how many rows there are, if the question wants it


class _Asking:
    def __init__(
        self, events: Events, scope_of: Callable[[Range], PersonScope], question: Question, asked_already: Series | None
    ) -> None:
        self._events = events
        self._question = question
        self._asked_already = asked_already
        # Once for each range, so that all parts of a report see the same persons.
        ranges = [question.range, *([question.comparison] if question.comparison else [])]
        self._scopes = {range_: scope_of(range_) for range_ in ranges}
        self._tables: list[str] = []
        try:
            for range_ in ranges:
                if counts_sessions(question):
                    self._prepare_sessions(range_, scope_of)
                if counts_newcomers(question):
                    self._prepare_newcomers(range_, scope_of)
        except BaseException:
            self.close()
            raise

    def _prepare_sessions(self, range_: Range, scope_of: Callable[[Range], PersonScope]) -> None:
        """Make the tables that sessions need; not those that the questions of a group share."""
        scope = self._scopes[range_]
        if scope.begun is None:
            begun = begun_before(self._events, self._question, range_, scope, scope_of)
            scope = self._scopes[range_] = scope._replace(begun=begun)
            self._tables += [begun] if begun else []
        columns = columns_of_origins(dimensions_of(self._question))
        if columns and scope.origins is None:
            origins = make_origins(self._events, self._question, range_, scope, columns)
            self._scopes[range_] = scope._replace(origins=origins)
            self._tables.append(origins.table)

    def _prepare_newcomers(self, range_: Range, scope_of: Callable[[Range], PersonScope]) -> None:
        """Make the table that tells new visitors from the others; as above."""
        scope = self._scopes[range_]
        if scope.firsts is None:
            firsts = first_pageviews(self._events, self._question, range_, scope, scope_of)
            self._scopes[range_] = scope._replace(firsts=firsts)
            self._tables.append(firsts)

    def close(self) -> None:
        drop(self._events, self._tables)

    def report(self, wanted: Wanted) -> Report:
        question, other = self._question, self._question.comparison
        begins = question.begins(question.range)
        series, row_count = self._series(wanted)
        if len(begins) * len(series) > MAX_POINTS:
            raise TooManyPoints(count=len(begins) * len(series), limit=MAX_POINTS)
        now = self._counted(question.range, begins, [*series]) if question.step else {0: series}
        others = question.begins(other) if other else []
        then = self._counted(other, others, [*series]) if other else {}
        rows = [
            ReportRow(
                begin if question.step else None,
                dict(zip(question.dimensions, values, strict=True)),
                self._figures(now.get(place, {}).get(values), question.range),
                # A bucket that the other range does not have is not one without pageviews: February has no 31st.
                self._figures(then.get(place, {}).get(values), other) if other and place < len(others) else None,
            )
            for place, begin in self._in_order(begins)
            for values in series
        ]
        return Report(
            rows,
            self._totals(question.range, now) if wanted.totals else None,
            self._totals(other, then) if wanted.comparison_totals and other else None,
            row_count * len(begins),
        )

    def _series(self, wanted: Wanted) -> tuple[Series, int]:
        """One page of counts by the dimensions other than time, and how many rows there are."""
        question = self._question
        if self._asked_already is not None:
            return self._asked_already, 0
        if not question.dimensions:
            return ({(): Counts()} if question.step else self._counted(question.range)[0]), 1
        asked = Rows(
            dimensions=question.dimensions, limit=question.limit, offset=question.offset, with_count=wanted.row_count
        )
        found = self._ask(question.range, asked)
        series = {row.values: row.counts for row in found}
        if not wanted.row_count:
            return series, 0
        return series, found[0].total if found else self._row_count()

    def _row_count(self) -> int:
        """How many rows there are, where the page is empty."""
        question = self._question
        first = self._ask(question.range, Rows(dimensions=question.dimensions, limit=1, with_count=True))
        return first[0].total if first else 0

    def _counted(
        self, range_: Range, begins: Sequence[int] = (), series: Sequence[_Values] = ((),)
    ) -> dict[int, dict[_Values, Counts]]:
        """The counts of each bucket, by its place, for these values."""
        question = self._question
        if not series:
            return {}
        rows = Rows(
            begins if question.step else None,
            question.dimensions if series != [()] else (),
            only=series if question.dimensions else None,
        )
        places = {begin: place for place, begin in enumerate(begins)}
        counted: dict[int, dict[_Values, Counts]] = {}
        for row in self._ask(range_, rows):
            counted.setdefault(places.get(row.begin, 0), {})[row.values] = row.counts
        return counted

    def _totals(self, range_: Range, rows: Mapping[int, Mapping[_Values, Counts]]) -> Figures:
        if is_one_row(self._question):
            return self._figures(rows[0][()], range_)
        (row,) = self._ask(range_, Rows())
        return self._figures(row.counts, range_)

    def _ask(self, range_: Range, rows: Rows) -> list["_Counted"]:
        statement = counts(self._question, range_, rows, self._scopes[range_])
        answers = self._events.ask(statement.text, **statement.parameters)
        timed, width = rows.begins is not None, (rows.begins is not None) + len(rows.dimensions)
        return [
            _Counted(
                row[0] if timed else 0,
                tuple(row[timed:width]),
                Counts(**dict(zip(statement.counts, row[width:], strict=False))),
                row[-1] if rows.with_count else 0,
            )
            for row in answers
        ]

    def _figures(self, counted: Counts | None, range_: Range) -> Figures:
        question = self._question
        until_now = question.now_since < range_.end
        return Figures.of(counted or Counts(), question.metrics, exact=self._scopes[range_].exact, until_now=until_now)

    def _in_order(self, begins: Sequence[int]) -> Sequence[tuple[int, int]]:
        """The buckets, each with its place."""
        places = list(enumerate(begins))
        descending = any(order.dimension == self._question.step and order.descending for order in self._question.order)
        return places[::-1] if descending else places
