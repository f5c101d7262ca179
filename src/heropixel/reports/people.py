"""Whose pageviews are which person's, where they do not say it themselves: stitched history, and merged users.

A pageview carries its `actor`: its user, or else a hash of its visitor. An anonymous one of a visitor who was linked is
the first linked user's, and a user who was merged into another is that other. Both together are a table of actors and
persons, made for a range and only as large as what happened in it, for the questions of a moment.
"""

import time
from array import array
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from itertools import chain, count
from typing import Any, Final, NamedTuple

from heropixel.events import DATABASE, Events
from heropixel.reports.ranges import Range

EXACT_PAGEVIEWS = 3_000_000  # up to so many, or so many visitors, each visitor is counted: a bound on memory
EXACT_VISITORS = 500_000

_FRESH_SECONDS = 2.0  # the event store is that far behind anyway; and a dashboard asks nine questions at once
_TABLES = 4
_HOUR = 3_600_000


class Scope(NamedTuple):
    """What is known of a range before it is asked about."""

    table: str | None  # of actors who are other persons; None where there are none
    exact: bool  # whether each visitor is counted
    pageviews: int  # how many there are, with those of the days before and after
    seen: str | None = None  # a table of them; see shared_reading.py


class People:
    """The scopes of the questions of a moment; for one thread and one connection at a time."""

    def __init__(self, merged_of: Callable[[int], Mapping[int, int]]) -> None:
        """`merged_of` says which users of an app were merged into which others."""
        self._merged_of = merged_of
        self._events: Events | None = None
        self._made: OrderedDict[tuple[Any, ...], tuple[float, Scope]] = OrderedDict()
        self._numbers = count(1)

    def scope(self, events: Events, app: int, pixels: Sequence[int], range_: Range) -> Scope:
        """The scope of pageviews of an app's pixels.

        Raises:
            EventsUnavailable: it cannot be told.
        """
        if events is not self._events:  # a new connection has none of the tables
            self._events = events
            self._made.clear()
        wide = Range(range_.start // _HOUR * _HOUR, -(-range_.end // _HOUR) * _HOUR)  # the same for a while
        key = (app, tuple(pixels), wide)
        made_at, scope = self._made.pop(key, (0.0, None))
        if scope is None or time.monotonic() > made_at + _FRESH_SECONDS:
            _drop(events, scope)
            made_at, scope = time.monotonic(), self._make(events, app, pixels, wide)
        self._made[key] = made_at, scope
        while len(self._made) > _TABLES:
            _, (_, old) = self._made.popitem(last=False)
            _drop(events, old)
        return scope

    def _make(self, events: Events, app: int, pixels: Sequence[int], range_: Range) -> Scope:
        bound = {"app": app, "pixels": list(pixels), "start": range_.start, "end": range_.end}
        table = f"people_{next(self._numbers)}"
        size = _fill(events, table, self._merged_of(app), bound)
        ((pageviews,),) = events.ask(_PAGEVIEWS, **bound)
        exact = pageviews <= EXACT_PAGEVIEWS or _visitors(events, bound) <= EXACT_VISITORS
        scope = Scope(table if size else None, exact, pageviews)
        if not size:
            events.change(f"DROP TABLE {table}")
        return scope


def _drop(events: Events, scope: Scope | None) -> None:
    if scope and scope.table:
        events.change(f"DROP TABLE {scope.table}")


def _fill(events: Events, table: str, merged: Mapping[int, int], bound: dict[str, Any]) -> int:
    """Make a table of who is another person; how many there are."""
    events.change(_CREATE.format(table=table))
    owner = "owner"
    if merged:  # also in a table of their own, since one cannot be read while it is filled
        owner = person_of(owner, owner, f"{table}_merged")
        events.change(_CREATE.format(table=f"{table}_merged"))
        pairs = array("Q", chain.from_iterable(merged.items())).tobytes()
        events.fill(table, pairs)
        events.fill(f"{table}_merged", pairs)
    events.change(_ADD_STITCHED.format(table=table, owner=owner, app="{app:UInt32}", of_range=_OF_RANGE), **bound)
    if merged:
        events.change(f"DROP TABLE {table}_merged")
    ((size,),) = events.ask(f"SELECT count() FROM {table}")  # noqa: S608 - a name of ours
    return int(size)


def _visitors(events: Events, bound: dict[str, Any]) -> int:
    """About how many visitors there are."""
    ((visitors,),) = events.ask(_VISITORS, **bound)
    return int(visitors)


def person_in_sql(scope: Scope) -> str:
    """Whose a pageview is, of its columns `actor` and `resolution`."""
    return person_of("actor", _KNOWN_AS, scope.table) if scope.table else "actor"


def person_of(actor: str, known_as: str, table: str) -> str:
    """The person of an actor, in SQL, by what the actor is known as in a table of `People`."""
    return f"if((joinGet('{table}', 'person', {known_as}) AS found) != 0, found, {actor})"


# What a pageview's actor is known as: only one that was resolved to nobody is stitched, not one of somebody suppressed.
_KNOWN_AS: Final = "if(actor < 0x8000000000000000 OR resolution = 'NOT_KNOWN', actor, 0)"

# A temporary table is this connection's alone, and goes with it.
_CREATE = "CREATE TEMPORARY TABLE {table} (actor UInt64, person UInt64) ENGINE = Join(ANY, LEFT, actor)"

_OF_RANGE = """
    pixel_id IN {pixels:Array(Int32)}
    AND timestamp >= fromUnixTimestamp64Milli({start:Int64} - 86400000, 'UTC')
    AND timestamp < fromUnixTimestamp64Milli({end:Int64} + 86400000, 'UTC')
"""

_ADD_STITCHED = f"""
    INSERT INTO {{table}} SELECT actor, {{owner}} FROM
    (
        SELECT actor, argMin(user_id, (linked_at, user_id)) AS owner
        FROM {DATABASE}.links
        WHERE app = {{app}} AND actor IN
        (
            SELECT actor FROM {DATABASE}.pageviews
            WHERE actor >= 0x8000000000000000 AND resolution = 'NOT_KNOWN' AND {{of_range}}
        )
        GROUP BY actor
    )
"""  # noqa: S608 - constants

_PAGEVIEWS = f"SELECT count() FROM {DATABASE}.pageviews WHERE {_OF_RANGE}"  # noqa: S608 - constants
_VISITORS = f"SELECT uniqCombined64(17)(actor) FROM {DATABASE}.pageviews WHERE {_OF_RANGE}"  # noqa: S608 - constants
