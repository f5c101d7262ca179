"""Single pageviews that match a filter, for lists and exports: a name in a filter means what it means in reports.

Where a visit came from, and its entry and exit page, are known only with the whole visit. So the pageviews of the range
and of 24 hours around it are put into visits first, as for a report with the same pixels and kinds of traffic.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

from heropixel.events import Events
from heropixel.events.sessions import LONGEST
from heropixel.reports.dimensions import OF_SESSION, TRAIT, USER, name_in_sql
from heropixel.reports.filter_sql import FilterSql
from heropixel.reports.filters import Filter, conditions, traits_of
from heropixel.reports.long_series import begun_before
from heropixel.reports.origins import origin_in_sql
from heropixel.reports.people import PersonScope, PersonScopes
from heropixel.reports.ranges import Range
from heropixel.reports.session_sql import columns_of_sessions, pageviews_with_sessions
from heropixel.reports.source_sql import AsksOfPixels, bound_in_source, pageviews_in_sql
from heropixel.reports.visit_tables import Chosen, columns_of_origins, drop, make_origins

_UNSTITCHED = PersonScope(None, exact=True, pageviews=0)  # persons as they were recorded, for those who need none


class AsksForPageviews(AsksOfPixels, Protocol):
    """A question for the single pageviews of a range that match a filter."""

    @property
    def range(self) -> Range:
        """The range."""

    @property
    def filter(self) -> Filter:
        """The filter."""


class Matching(NamedTuple):
    """The query for matching pageviews, and its bound values."""

    text: str  # its columns are `pixel_id`, `at`, `journal_position` and `person`
    bound: dict[str, Any]


@contextmanager
def matching_pageviews(
    events: Events, people: PersonScopes, app: int, question: AsksForPageviews, *, persons: bool = False
) -> Iterator[Matching]:
    """The query for the pageviews that match. It may be run inside of the context only.

    Without `persons`, the column `person` may hold who was recorded, before stitching and merges.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    dimensions = {condition.dimension for condition in conditions(question.filter)}
    traits = traits_of(question.filter)
    if dimensions & {*OF_SESSION}:
        with scope_of_visits(events, people, app, question, question.range, dimensions, traits=traits) as scope:
            yield _in_visits(question, scope)
    elif persons or dimensions & {USER, TRAIT}:
        yield _alone(question, people.scope(events, app, question.pixels, question.range, traits))
    else:
        yield _alone(question, _UNSTITCHED)


@contextmanager
def scope_of_visits(
    events: Events,
    people: PersonScopes,
    app: int,
    of: AsksOfPixels,
    range_: Range,
    dimensions: Iterable[str],
    *,
    traits: Iterable[str] = (),
    only: Chosen | None = None,
) -> Iterator[PersonScope]:
    """The scope of a range with what these dimensions of visits need, in tables that last as long as the context.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """

    def scope_of(wider: Range) -> PersonScope:
        return people.scope(events, app, of.pixels, wider)

    scope = people.scope(events, app, of.pixels, range_, traits)
    key = app, of.pixels, of.traffic, range_.start
    scope = scope._replace(begun=people.begun(key, lambda: begun_before(events, of, range_, scope, scope_of)))
    columns = columns_of_origins({*dimensions})
    if not columns:
        yield scope
        return
    origins = make_origins(events, of, range_, scope, columns, only)
    try:
        yield scope._replace(origins=origins)
    finally:
        drop(events, [origins.table])


def in_visits(filter_: FilterSql, dimensions: Iterable[str], scope: PersonScope, where: str = "true") -> str:
    """Pageviews of a range and around it, with these dimensions of visits and the conditions of a filter."""
    asked = {*dimensions}
    names = [name_in_sql(dimension) for dimension in OF_SESSION if dimension in asked]
    columns = {"pixel_id": "pixel_id", "journal_position": "journal_position", **filter_.columns()}
    kept = [*columns]
    columns |= {name: name for name in sorted(columns_of_sessions(names))}
    if scope.origins:
        columns["origin"] = origin_in_sql(scope.origins.columns)
    source = pageviews_in_sql(scope, columns, around=LONGEST, where=where)
    return pageviews_with_sessions(source, names, kept, scope)


def _in_visits(question: AsksForPageviews, scope: PersonScope) -> Matching:
    filter_ = FilterSql(question.filter, scope.traits)
    text = f"""
        SELECT pixel_id, at, journal_position, person FROM ({in_visits(filter_, filter_.of_sessions, scope)})
        WHERE at >= {{start:Int64}} AND at < {{end:Int64}} AND {filter_.where_in_sessions()}
    """  # noqa: S608 - names are ours, and values are bound
    return Matching(text, bound_in_source(question, question.range) | filter_.parameters)


def _alone(question: AsksForPageviews, scope: PersonScope) -> Matching:
    filter_ = FilterSql(question.filter, scope.traits)
    own = {"pixel_id": "pixel_id", "journal_position": "journal_position"}
    text = pageviews_in_sql(scope, own, where=filter_.where())
    return Matching(
        f"SELECT pixel_id, at, journal_position, person FROM ({text})",  # noqa: S608 - as above
        bound_in_source(question, question.range) | filter_.parameters,
    )
