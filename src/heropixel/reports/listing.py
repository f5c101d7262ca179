"""Single pageviews of pixels that match a filter are listed, newest first."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from heropixel.events import DATABASE, Events
from heropixel.events.pageviews import ListPlace, pageviews_at
from heropixel.reports.dimensions import IS_USER
from heropixel.reports.filters import Filter
from heropixel.reports.matching import matching_pageviews
from heropixel.reports.people import PersonScope, PersonScopes, person_in_sql
from heropixel.reports.question import Traffic
from heropixel.reports.ranges import Range


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
    events: Events, people: PersonScopes, app: int, question: ListQuestion, after: ListPlace | None, limit: int
) -> list[ListedPageview]:
    """One page of pageviews beyond a place, each under its current user.

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
    users = _users_of(events, people, app, question.pixels, [ListPlace(at, position) for _, at, position in rows])
    return [
        ListedPageview(ListPlace(at, position), found[position] | {"userId": users.get(position)})
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


def _users_of(
    events: Events, people: PersonScopes, app: int, pixels: Sequence[int], places: Sequence[ListPlace]
) -> dict[int, str | None]:
    """The users of pageviews, by their journal positions, from the scope of the time of these pageviews only."""
    if not places:
        return {}
    range_ = Range(places[-1].timestamp, places[0].timestamp + 1)
    source = _source(people.scope(events, app, pixels, range_))
    rows = events.ask(
        f"SELECT journal_position, if({IS_USER}, person, 0) FROM ({source})"  # noqa: S608 - see list_pageviews
        " WHERE journal_position IN {positions:Array(UInt64)}",
        **_of_range(pixels, range_),
        positions=[place.position for place in places],
    )
    return {position: str(user) if user else None for position, user in rows}


def _of_range(pixels: Sequence[int], range_: Range) -> dict[str, Any]:
    return {"pixels": list(pixels), "start": range_.start, "end": range_.end}


def _source(scope: PersonScope) -> str:
    """Pageviews of a range, each with its person."""
    return f"""
        SELECT journal_position, {person_in_sql(scope)} AS person
        FROM {DATABASE}.pageviews
        WHERE pixel_id IN {{pixels:Array(Int32)}}
            AND timestamp >= fromUnixTimestamp64Milli({{start:Int64}}, 'UTC')
            AND timestamp < fromUnixTimestamp64Milli({{end:Int64}}, 'UTC')
    """  # noqa: S608 - names are ours, and values are bound
