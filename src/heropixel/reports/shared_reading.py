"""Questions of the same moment share a reading: the pageviews of their range are read once for all of them.

A dashboard sends nine questions at once. Each would read the same times and find the same persons. For a range of
2,500,000 pageviews that takes 2.9 s of processor time one by one. It takes 1.9 s with the columns that they use kept in
memory, which is 30 bytes a pageview for a second. Questions that differ by their dimension alone are a family, counted
in one pass: of 50,000 pageviews in 16 ms instead of 46, and of 15,000,000, which are not kept, in 3.9 s instead of 5.5.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Final, NamedTuple

import msgspec

from heropixel.errors import EventsTooSlow
from heropixel.events import Events
from heropixel.events.lookups import LookupTable
from heropixel.events.sessions import LONGEST
from heropixel.reports.ask import (
    Report,
    Series,
    Wanted,
    ask,
    counts_newcomers,
    counts_sessions,
    dimensions_of,
    looks,
    looks_at_visits,
    places_pageviews,
)
from heropixel.reports.dimensions import OF_PAGEVIEW, OF_SESSION, PAGES, PIXEL
from heropixel.reports.figures import NEEDS, OF_PAGEVIEWS, Counts
from heropixel.reports.first_pageviews import first_pageviews
from heropixel.reports.long_series import begun_before
from heropixel.reports.origins import origin_in_sql
from heropixel.reports.people import EXACT_PAGEVIEWS, PersonScope, PersonScopes
from heropixel.reports.question import Question, Traffic
from heropixel.reports.ranges import Range
from heropixel.reports.source_sql import bound_in_source, pageviews_in_sql
from heropixel.reports.sql import counts_by_each, needs_inside, which
from heropixel.reports.visit_tables import columns_of_origins, drop, make_origins, make_placed, make_visits

WORTH_IT = 3  # reads of a range: fewer cost less than the table
VISITS_WORTH_IT = 2  # the same of its visits
# Of so few pageviews a table of the visits is worth it for a single read. Planning a statement takes time for each name
# in it, and the more the more lies below that name: one that cuts visits takes 40 ms before it reads anything, and 100
# where it counts them as well.
FEW = 500_000
# So many pageviews for each read of them are placed in their visits in one pass for all: it takes 1 us for each.
PLACED_AT_A_READ = 30_000
# Pageviews of a range and of the one before it that are read as one, by half the statements. Each statement then passes
# over the pageviews of both, which costs more where they are more.
AS_ONE = 500_000
ROOM = 2 * EXACT_PAGEVIEWS  # pageviews that are kept for a group: those of a range and of the one it is compared with


class Asked(NamedTuple):
    """A question of an app, and the parts of its answer that the caller wants."""

    app: int
    question: Question
    wanted: Wanted

    @property
    def looks(self) -> int:
        """How often it reads each of its ranges."""
        return looks(self.question, self.wanted)

    def family(self) -> tuple[int, Question] | None:
        """Its family: questions that are counted in one pass, each by its own dimension. None: it has no family."""
        question, wanted = self.question, self.wanted
        looked_at = dimensions_of(question)
        of_pageviews = all(name in OF_PAGEVIEWS for metric in question.metrics for name in NEEDS[metric])
        by_one = len(question.dimensions) == 1 and not question.step and not question.offset
        ordered_by_it = any(order.dimension for order in question.order)
        if by_one and of_pageviews and not looked_at & {*OF_SESSION} and not ordered_by_it and not wanted.row_count:
            return self.app, msgspec.structs.replace(question, dimensions=(), comparison=None)
        return None

    def readings(self) -> list["Reading"]:
        """The readings it needs: of its range, and of the compared range."""
        question = self.question
        ranges = [question.range, *([question.comparison] if question.comparison else [])]
        return [Reading(self.app, question.pixels, question.traffic, range_) for range_ in ranges]


class Reading(NamedTuple):
    """A reading that several questions may share."""

    app: int
    pixels: tuple[int, ...]
    traffic: tuple[Traffic, ...]
    range: Range

    def with_neighbour(self, other: "Reading") -> "Reading | None":
        """One reading of both ranges; None where they are so far apart that it would read more than the two."""
        (_, end), (start, _) = sorted([self.range, other.range])
        if start - end > LONGEST:
            return None
        longer = Range(min(self.range.start, other.range.start), max(self.range.end, other.range.end))
        return self._replace(range=longer)


@dataclass
class _Use:
    """How often something is read, and which columns."""

    looks: int = 0
    looks_at_visits: int = 0
    columns: set[str] = field(default_factory=set)
    dimensions: set[str] = field(default_factory=set)  # of sessions
    visit_dimensions: set[str] = field(default_factory=set)  # those of questions that look at visits alone
    places: int = 0  # how often it reads pageviews with their visits
    inside: bool = False  # see `needs_inside`
    scope: PersonScope | None = None

    def add(self, asked: Asked, range_: Range) -> None:
        """Add what a question reads of a range."""
        of_sessions = dimensions_of(asked.question) & {*OF_SESSION}
        looks_at = looks_at_visits(asked.question, asked.wanted)
        self.looks += asked.looks
        self.looks_at_visits += looks_at
        self.places += places_pageviews(asked.question, asked.wanted)
        self.columns |= columns_of(asked.question)
        self.dimensions |= of_sessions
        self.inside |= bool(of_sessions) and needs_inside(asked.question, range_)
        if looks_at:
            self.visit_dimensions |= of_sessions

    def merge(self, other: "_Use") -> None:
        """Add what another use reads."""
        self.looks += other.looks
        self.looks_at_visits += other.looks_at_visits
        self.places += other.places
        self.columns |= other.columns
        self.dimensions |= other.dimensions
        self.visit_dimensions |= other.visit_dimensions
        self.inside |= other.inside

    @property
    def kept(self) -> list[str]:
        """The columns of a table of its pageviews, besides times and persons."""
        return sorted(self.columns | ({"origin"} if self.origins else set()))

    @property
    def origins(self) -> tuple[str, ...]:
        """The columns of the origins of visits."""
        return columns_of_origins(self.dimensions)


class SharedReading:
    """Gives the questions of a group the scopes of their ranges. A context manager: its tables last as long."""

    def __init__(self, events: Events, people: PersonScopes, group: Sequence[Asked]) -> None:
        self._events = events
        self._people = people
        self._uses: defaultdict[Reading, _Use] = defaultdict(_Use)
        self._joint: dict[Reading, Reading] = {}  # a range and the one before it: read as one
        self._found: dict[Reading, PersonScope] = {}
        self._left = ROOM
        self._tables: list[str] = []
        self._families: defaultdict[tuple[int, Question], list[str]] = defaultdict(list)
        self._counted: dict[tuple[int, Question], dict[str, Series]] = {}
        for asked in group:
            family = asked.family()
            if family and asked.question.dimensions[0] not in self._families[family]:
                self._families[family] += asked.question.dimensions
            readings = asked.readings()
            for reading in readings:
                self._uses[reading].add(asked, reading.range)
            self._join(*readings)
        self._merge_uses()

    def __enter__(self) -> "SharedReading":
        return self

    def _join(self, reading: Reading, other: Reading | None = None) -> None:
        """Note that the range of a question and the compared range are read as one, if that is no longer than both."""
        joint = reading.with_neighbour(other) if other else None
        if joint and other and not {reading, other} & {*self._joint}:
            self._joint |= {reading: joint, other: joint}

    def _merge_uses(self) -> None:
        """What is read as one is used as its parts are. What a question asks for as a whole is none of this."""
        self._joint = {part: joint for part, joint in self._joint.items() if joint not in self._uses}
        for part, joint in self._joint.items():
            self._uses[joint].merge(self._uses[part])

    def __exit__(self, *_: object) -> None:
        drop(self._events, self._tables)

    def answer(self, asked: Asked) -> Report:
        """The report of a question of the group.

        Raises:
            TooManyPoints: the report would have more rows than are allowed.
            EventsUnavailable: the event store cannot be read.
        """
        app, question, wanted = asked
        scope_of = partial(self._scope_of, app, question)
        return ask(self._events, scope_of, question, wanted, self._series(asked, scope_of))

    def _series(self, asked: Asked, scope_of: Callable[[Range], PersonScope]) -> Series | None:
        """The rows of a question, if its family was counted in one pass."""
        family = asked.family()
        if family is None or len(self._families[family]) == 1:
            return None
        if family not in self._counted:
            try:
                self._counted[family] = self._count_family(family, scope_of)
            except EventsTooSlow:  # each question by itself may succeed
                self._counted[family] = {}
        return self._counted[family].get(asked.question.dimensions[0])

    def _count_family(
        self, family: tuple[int, Question], scope_of: Callable[[Range], PersonScope]
    ) -> dict[str, Series]:
        """The rows of all questions of a family, by their dimensions."""
        dimensions, question = self._families[family], family[1]
        statement = counts_by_each(question, question.range, dimensions, scope_of(question.range))
        series: dict[str, Series] = {dimension: {} for dimension in dimensions}
        places = {which(place, len(dimensions)): place for place in range(len(dimensions))}
        for number, *row in self._events.ask(statement.text, **statement.parameters):
            place = places[number]
            counted = zip(statement.counts, row[len(dimensions) :], strict=True)
            series[dimensions[place]][(row[place],)] = Counts(**dict(counted))
        return series

    def _scope_of(self, app: int, question: Question, range_: Range) -> PersonScope:
        reading = Reading(app, question.pixels, question.traffic, range_)
        scope = self._visiting(reading, question) if counts_sessions(question) else self._scope(reading)
        if question.traits:  # not kept with the scope: other questions of this reading have no use for them
            scope = scope._replace(traits=self._people.traits(self._events, app, question.traits))
        if counts_newcomers(question):  # not kept with the scope: the table depends on the step of time
            by = app, question.pixels, question.traffic, range_, bool(question.step)
            firsts = self._people.firsts(by, lambda: self._firsts(reading, question, scope))
            return scope._replace(firsts=firsts)
        return scope

    def _visiting(self, reading: Reading, question: Question) -> PersonScope:
        """The scope of a reading with what questions about visits need."""
        joint, is_joint = self._joint.get(reading), reading in self._joint.values()
        scope = self._joint_scope(reading) if is_joint else self._scope(reading)
        if scope.begun is None:
            if joint and self._joint_scope(joint).seen:
                whole = self._visiting(joint, question)
                scope = scope._replace(origins=whole.origins, visits=whole.visits, placed=whole.placed)
            key = reading.app, question.pixels, question.traffic, reading.range.start
            begun = self._people.begun(key, lambda: self._begun(reading, question, scope))
            scope = self._uses[reading].scope = self._with_visits(reading, question, scope._replace(begun=begun))
        return scope

    def _with_visits(self, reading: Reading, question: Question, scope: PersonScope) -> PersonScope:
        """With the tables of visits that the questions of the group share, as far as it has none yet."""
        use = self._uses[reading]
        with suppress(EventsTooSlow):  # each question by itself may succeed
            if use.origins and not scope.origins:
                origins = make_origins(self._events, question, reading.range, scope, use.origins)
                self._tables.append(origins.table)
                scope = scope._replace(origins=origins)
            # How many pageviews of a visit are in a range is known only where that range is read by itself.
            is_for_parts = use.inside and reading in self._joint.values()
            places = self._places(use, scope)
            if (places or self._are_visits_worth_it(use, scope)) and not scope.visits and not is_for_parts:
                dimensions = use.dimensions if places else use.visit_dimensions
                visits = make_visits(self._events, question, reading.range, scope, dimensions, inside=use.inside)
                self._tables.append(visits.table)
                scope = scope._replace(visits=visits)
            if places and scope.visits and not scope.placed:
                placed = make_placed(self._events, question, reading.range, scope, scope.visits, use.kept)
                self._tables.append(placed.table)
                scope = scope._replace(placed=placed)
        return scope

    def _are_visits_worth_it(self, use: _Use, scope: PersonScope) -> bool:
        """Whether enough questions look at the visits alone."""
        if scope.pageviews <= FEW and self._events.keeps_tables:
            return use.looks_at_visits > 0
        return bool(scope.seen) and use.looks_at_visits >= VISITS_WORTH_IT

    def _places(self, use: _Use, scope: PersonScope) -> bool:
        """Whether enough questions read each pageview with its visit."""
        most = min(FEW, use.places * PLACED_AT_A_READ)
        return bool(scope.seen) and scope.pageviews < most and self._events.keeps_tables

    def _firsts(self, reading: Reading, question: Question, scope: PersonScope) -> LookupTable:
        def scope_of(wider: Range) -> PersonScope:
            return self._scope(reading._replace(range=wider))

        return first_pageviews(self._events, question, reading.range, scope, scope_of)

    def _begun(self, reading: Reading, question: Question, scope: PersonScope) -> LookupTable:
        def scope_of(earlier: Range) -> PersonScope:
            return self._scope(reading._replace(range=earlier))

        return begun_before(self._events, question, reading.range, scope, scope_of)

    def _scope(self, reading: Reading) -> PersonScope:
        """The scope of a range, with a table of its pageviews if enough questions read it."""
        use, joint = self._uses[reading], self._joint.get(reading)
        if use.scope is None:
            scope = self._persons(reading, joint)
            seen = self._joint_scope(joint).seen if joint else None
            use.scope = scope._replace(seen=seen or self._read(reading, scope, use))
        return use.scope

    def _joint_scope(self, joint: Reading) -> PersonScope:
        """The scope of two ranges that are read as one, with a table of their pageviews if these are few."""
        use = self._uses[joint]
        if use.scope is None:
            parts = [self._persons(part, joint) for part, whole in self._joint.items() if whole == joint]
            pageviews = sum(part.pageviews for part in parts)
            scope = parts[0]._replace(pageviews=pageviews)
            use.scope = scope._replace(seen=self._read(joint, scope, use) if pageviews <= AS_ONE else None)
        return use.scope

    def _persons(self, reading: Reading, joint: Reading | None) -> PersonScope:
        """The scope of a range without tables of pageviews. Its persons are looked up with those of the joint range."""
        if reading not in self._found:
            within = joint.range if joint else None
            self._found[reading] = self._people.scope(
                self._events, reading.app, reading.pixels, reading.range, within=within
            )
        return self._found[reading]

    def _read(self, reading: Reading, scope: PersonScope, use: _Use) -> str | None:
        """A table of the pageviews of a range; None where it is not worth it, takes too much, or could not be kept."""
        worth_it = use.looks >= WORTH_IT or scope.pageviews < use.places * PLACED_AT_A_READ
        if not worth_it or scope.pageviews > self._left or not self._events.keeps_tables:
            return None
        self._left -= scope.pageviews
        table = f"seen_{next(_NUMBERS)}"
        self._tables.append(table)
        columns = {column: column for column in sorted(use.columns)}
        if use.origins:
            columns["origin"] = origin_in_sql(use.origins)
        pageviews = pageviews_in_sql(scope, columns, around=LONGEST)
        bound = bound_in_source(reading, reading.range)
        try:
            self._events.prepare(f"CREATE TEMPORARY TABLE {table} ENGINE = Memory AS {pageviews}", **bound)
        except EventsTooSlow:
            return None  # each question by itself may succeed
        return table


_NUMBERS: Final = count(1)  # a temporary table belongs to a connection, and there may be several groups


def columns_of(question: Question) -> set[str]:
    """The columns of pageviews that a question uses, besides times and persons."""
    looked_at = dimensions_of(question)
    columns = {OF_PAGEVIEW[dimension] for dimension in looked_at if dimension in OF_PAGEVIEW}
    columns |= {*columns_of_origins(looked_at)}
    if PIXEL in looked_at:
        columns.add("pixel_id")
    needed = {name for metric in question.metrics for name in NEEDS[metric]}
    if "new_users" in needed:
        columns.add("resolution")
    if looked_at & {*PAGES}:
        columns.add("path")
    if looked_at & {*OF_SESSION} or (looked_at and "sessions" in needed):
        columns.add("journal_position")
    return columns
