"""Single pageviews of pixels that a filter lets through, newest first."""

from typing import Any, NamedTuple

import msgspec

from heropixel.events import DATABASE, Events
from heropixel.events.pageviews import pageviews_at
from heropixel.reports.dimensions import IS_USER
from heropixel.reports.filter_sql import FilterSql
from heropixel.reports.filters import Filter
from heropixel.reports.people import People, person_in_sql
from heropixel.reports.question import Traffic
from heropixel.reports.ranges import Range


class ListQuestion(msgspec.Struct, frozen=True):
    """Which pageviews are listed."""

    pixels: tuple[int, ...]
    range: Range
    filter: Filter
    traffic: tuple[Traffic, ...]


class Place(NamedTuple):
    """Where a pageview stands in a list: later ones first, of one instant the one recorded last."""

    timestamp: int  # Unix milliseconds
    position: int


class Listed(NamedTuple):
    """A pageview under the names of the API, and its place."""

    place: Place
    pageview: dict[str, Any]


def list_pageviews(
    events: Events,
    people: People,
    app: int,
    question: ListQuestion,
    after: Place | None,
    limit: int,
) -> list[Listed]:
    """So many pageviews beyond a place, each under the user whose it is by now.

    Raises:
        EventsUnavailable: it cannot be told.
    """
    before = after or _BEYOND_ALL
    where, bound = _asked(events, people, app, question)
    rows = events.ask(
        f"""
            SELECT pixel_id, at, journal_position, if({IS_USER}, person, 0) FROM ({where})
            WHERE (at, journal_position) < ({{before_at:Int64}}, {{before_position:UInt64}})
            ORDER BY at DESC, journal_position DESC LIMIT {{limit:UInt32}}
        """,  # noqa: S608 - names are ours, and values are bound
        **bound,
        before_at=before.timestamp,
        before_position=before.position,
        limit=limit,
    )
    found = pageviews_at(events, [(pixel, at, position) for pixel, at, position, _ in rows])
    return [
        Listed(Place(at, position), found[position] | {"userId": str(user) if user else None})
        for _, at, position, user in rows
        if position in found  # not what was erased between the two questions
    ]


def count_pageviews(events: Events, people: People, app: int, question: ListQuestion) -> int:
    """How many there are in all.

    Raises:
        EventsUnavailable: it cannot be told.
    """
    where, bound = _asked(events, people, app, question)
    ((count,),) = events.ask(f"SELECT count() FROM ({where})", **bound)  # noqa: S608 - see list_pageviews
    return int(count)


_BEYOND_ALL = Place(1 << 52, 0)


def _asked(events: Events, people: People, app: int, question: ListQuestion) -> tuple[str, dict[str, Any]]:
    """The pageviews that are asked for in SQL, and what is bound in it."""
    scope = people.scope(events, app, question.pixels, question.range)
    filter_ = FilterSql(question.filter)
    text = f"""
        SELECT pixel_id, toUnixTimestamp64Milli(pageviews.timestamp) AS at, journal_position,
            {person_in_sql(scope)} AS person
        FROM {DATABASE}.pageviews
        WHERE pixel_id IN {{pixels:Array(Int32)}} AND bot IN {{traffic:Array(String)}}
            AND timestamp >= fromUnixTimestamp64Milli({{start:Int64}}, 'UTC')
            AND timestamp < fromUnixTimestamp64Milli({{end:Int64}}, 'UTC')
            AND {filter_.where()}
    """  # noqa: S608 - names are ours, and values are bound
    bound = {
        "pixels": list(question.pixels),
        "traffic": [str(traffic) for traffic in question.traffic],
        "start": question.range.start,
        "end": question.range.end,
        **filter_.parameters,
    }
    return text, bound
