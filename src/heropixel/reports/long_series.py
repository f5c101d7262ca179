"""Series of pageviews that began before those of a report: their sessions are cut alike, whatever the range.

A report reads the pageviews of its range and of 24 hours around it. A series without a pause may have begun before. It
is cut every 24 hours from its first pageview, so that one has to be known. Few persons have such a series: kiosks,
monitors, and visitors who share a daily hash.
"""

from array import array
from collections.abc import Callable
from itertools import chain
from typing import Any, Final

from heropixel.events import Events
from heropixel.events.lookups import ROW_BINARY, LookupTable
from heropixel.events.sessions import LONGEST, PAUSE, last_series
from heropixel.reports.people import PersonScope, person_in_sql
from heropixel.reports.ranges import Range
from heropixel.reports.source_sql import AsksOfPixels

_FEWEST: Final = LONGEST // PAUSE  # pageviews of 24 hours without a pause


def begun_before(
    events: Events, question: AsksOfPixels, range_: Range, scope: PersonScope, scope_of: Callable[[Range], PersonScope]
) -> LookupTable:
    """A lookup of persons with the beginnings of their series; empty where there are none.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    read_from = range_.start - LONGEST
    candidates = [person for (person,) in events.ask(_unbroken(scope), **_bound(question, read_from, range_.start))]
    beginnings = _beginnings(events, question, read_from, candidates, scope_of) if candidates else {}
    if not beginnings:
        return LookupTable()
    table = events.make_lookup("series", {"person": "UInt64", "beginning": "Int64"})
    events.load(table, array("Q", chain.from_iterable(beginnings.items())).tobytes(), ROW_BINARY)
    return table


def _unbroken(scope: PersonScope) -> str:
    """The persons whose pageviews of the 24 hours before a range may be one series that has begun before them."""
    return f"""
        SELECT person FROM ({_source(scope)}) WHERE person != 0 GROUP BY person
        HAVING count() >= {_FEWEST} AND min(at) < {{first:Int64}} + {PAUSE} AND max(at) >= {{end:Int64}} - {PAUSE}
    """  # noqa: S608 - names are ours, and values are bound


def _beginnings(
    events: Events,
    question: AsksOfPixels,
    read_from: int,
    candidates: list[int],
    scope_of: Callable[[Range], PersonScope],
) -> dict[int, int]:
    """The beginning of each person's series that goes on at an instant: twice as far back until it is seen."""
    found: dict[int, int] = {}
    back = LONGEST
    while candidates and back < read_from:
        first, end = read_from - back, read_from + PAUSE
        source = f"SELECT at, person FROM ({_source(scope_of(Range(first, end)))})"  # noqa: S608 - names are ours
        source += " WHERE person IN {people:Array(UInt64)}"
        rows = events.ask(last_series(source), people=candidates, **_bound(question, first, end))
        found |= dict(map(tuple, rows))
        # Of a series that begins later than at the edge, the pause before it was seen.
        candidates = [person for person in candidates if found.get(person, end) < first + PAUSE]
        back *= 2
    return found


def _source(scope: PersonScope) -> str:
    if scope.seen:
        return f"SELECT at, person FROM {scope.seen} WHERE at >= {{first:Int64}} AND at < {{end:Int64}}"  # noqa: S608 - a name of ours
    return f"""
        SELECT toUnixTimestamp64Milli(pageviews.timestamp) AS at, {person_in_sql(scope)} AS person
        FROM pageviews
        WHERE pixel_id IN {{pixels:Array(Int32)}} AND bot IN {{traffic:Array(String)}}
            AND timestamp >= fromUnixTimestamp64Milli({{first:Int64}}, 'UTC')
            AND timestamp < fromUnixTimestamp64Milli({{end:Int64}}, 'UTC')
    """  # noqa: S608 - names are ours, and values are bound


def _bound(question: AsksOfPixels, first: int, end: int) -> dict[str, Any]:
    traffic = [str(traffic) for traffic in question.traffic]
    return {"pixels": list(question.pixels), "traffic": traffic, "first": first, "end": end}
