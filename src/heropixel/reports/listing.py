"""Single pageviews of pixels that match a filter are listed, newest first."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from heropixel.events import Events
from heropixel.events.pageviews import ListPlace, pageviews_at
from heropixel.events.visit_sources import VisitSource, visit_source
from heropixel.reports.dimensions import IS_USER, OF_ORIGIN, name_in_sql
from heropixel.reports.filter_sql import FilterSql
from heropixel.reports.filters import EVERYTHING, Filter
from heropixel.reports.matching import in_visits, matching_pageviews, scope_of_visits
from heropixel.reports.people import PersonScope, PersonScopes, person_in_sql
from heropixel.reports.question import Traffic
from heropixel.reports.ranges import Range
from heropixel.reports.source_sql import bound_in_source
from heropixel.reports.visit_tables import Chosen


class ListQuestion(msgspec.Struct, frozen=True):
    """The question which pageviews are listed."""

    pixels: tuple[int, ...]
    range: Range
    filter: Filter
    traffic: tuple[Traffic, ...]


class ListedPageview(NamedTuple):
    """A pageview under the names of the API, and its place."""

    place: ListPlace
    pageview: dict[str, Any]


def list_pageviews(
    events: Events,
    people: PersonScopes,
    app: int,
    question: ListQuestion,
    after: ListPlace | None,
    limit: int,
    *,
    with_visits: bool = False,
) -> list[ListedPageview]:
    """One page of pageviews beyond a place, each under its current user, and with the source of its visit if wanted.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    before = after or _BEYOND_ALL
    with matching_pageviews(events, people, app, question) as matching:
        rows = events.ask(
            f"""
                SELECT pixel_id, at, journal_position FROM ({matching.text})
                WHERE (at, journal_position) < ({{before_at:Int64}}, {{before_position:UInt64}})
                ORDER BY at DESC, journal_position DESC LIMIT {{limit:UInt32}}
            """,  # noqa: S608 - names are ours, and values are bound
            **matching.bound,
            before_at=before.timestamp,
            before_position=before.position,
            limit=limit,
        )
    found = pageviews_at(events, [(pixel, at, position) for pixel, at, position in rows])
    places = [ListPlace(at, position) for _, at, position in rows]
    persons = _persons_of(events, people, app, question.pixels, places)
    more: dict[int, dict[str, Any]] = {
        position: {"userId": str(person) if known else None} for position, (person, known) in persons.items()
    }
    if with_visits:
        for position, source in _sources_of(events, people, app, question, places, persons).items():
            more[position]["visitSource"] = source
    return [
        ListedPageview(ListPlace(at, position), found[position] | more.get(position, {"userId": None}))
        for _, at, position in rows
        if position in found  # left out if it was erased between the queries
    ]


def count_pageviews(events: Events, people: PersonScopes, app: int, question: ListQuestion) -> int:
    """How many pageviews match in all.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    with matching_pageviews(events, people, app, question) as matching:
        ((count,),) = events.ask(f"SELECT count() FROM ({matching.text})", **matching.bound)  # noqa: S608 - see list_pageviews
    return int(count)


_BEYOND_ALL = ListPlace(1 << 52, 0)


def _persons_of(
    events: Events, people: PersonScopes, app: int, pixels: Sequence[int], places: Sequence[ListPlace]
) -> dict[int, tuple[int, bool]]:
    """The persons of pageviews, by their journal positions, and whether each is a user.

    The scope is that of the time of these pageviews only.
    """
    if not places:
        return {}
    range_ = _around(places)
    source = _source(people.scope(events, app, pixels, range_))
    rows = events.ask(
        f"SELECT journal_position, person, {IS_USER} FROM ({source})"  # noqa: S608 - see list_pageviews
        " WHERE journal_position IN {positions:Array(UInt64)}",
        **_of_range(pixels, range_),
        positions=[place.position for place in places],
    )
    return {position: (person, bool(person and known)) for position, person, known in rows}


def _sources_of(
    events: Events,
    people: PersonScopes,
    app: int,
    question: ListQuestion,
    places: Sequence[ListPlace],
    persons: Mapping[int, tuple[int, bool]],
) -> dict[int, VisitSource]:
    """Where the visits of pageviews came from, by journal position: of what these persons did around that time."""
    if not persons:
        return {}
    bound = {"people": [*{person for person, _ in persons.values() if person}], "positions": [*persons]}
    only = Chosen("(person IN {people:Array(UInt64)} OR journal_position IN {positions:Array(UInt64)})", bound)
    range_ = _around(places)
    with scope_of_visits(events, people, app, question, range_, OF_ORIGIN, only=only) as scope:
        names = ", ".join(map(name_in_sql, OF_ORIGIN))
        rows = events.ask(
            f"SELECT journal_position, {names}"  # noqa: S608 - see list_pageviews
            f" FROM ({in_visits(_NO_FILTER, OF_ORIGIN, scope, only.where)})"
            " WHERE journal_position IN {positions:Array(UInt64)}",
            **bound_in_source(question, range_),
            **bound,
        )
    return {position: visit_source(dict(zip(OF_ORIGIN.values(), texts, strict=True))) for position, *texts in rows}


_NO_FILTER: Final = FilterSql(EVERYTHING)


def _around(places: Sequence[ListPlace]) -> Range:
    return Range(places[-1].timestamp, places[0].timestamp + 1)


def _of_range(pixels: Sequence[int], range_: Range) -> dict[str, Any]:
    return {"pixels": list(pixels), "start": range_.start, "end": range_.end}


def _source(scope: PersonScope) -> str:
    """Pageviews of a range, each with its person."""
    return f"""
        SELECT journal_position, {person_in_sql(scope)} AS person
        FROM pageviews
        WHERE pixel_id IN {{pixels:Array(Int32)}}
            AND timestamp >= fromUnixTimestamp64Milli({{start:Int64}}, 'UTC')
            AND timestamp < fromUnixTimestamp64Milli({{end:Int64}}, 'UTC')
    """  # noqa: S608 - names are ours, and values are bound
