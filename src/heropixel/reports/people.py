"""The persons of pageviews are not all recorded with them: stitched history and merged users change them later.

A pageview has an `actor`: its user, or else a hash of its visitor. An anonymous pageview of a linked visitor belongs to
the first linked user. A merged user is replaced by the surviving user. Both rules together are a table of actors and
persons. It is made for a range, is only as large as what happened in it, and is cached for a moment.
"""

import time
from array import array
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Any, Final, Generic, NamedTuple, TypeVar

from heropixel.events import Events
from heropixel.events.actors import is_visitor
from heropixel.events.lookups import JSON_LINES, ROW_BINARY, LookupTable
from heropixel.events.stitching import ANONYMOUS_ACTOR, NOT_KNOWN, owners_among
from heropixel.reports.origins import Origins
from heropixel.reports.ranges import Range

EXACT_PAGEVIEWS = 3_000_000  # up to this many pageviews or visitors, visitor counts are exact: a bound on memory
EXACT_VISITORS = 500_000

_SCOPE_SECONDS = 2.0  # the event store is that far behind anyway; and a dashboard sends nine questions at once
_MERGED_SECONDS = 10.0  # merges are rare, and reading 15,000 merged users takes a tenth of a small report
_KEPT = 4  # scopes, and apps, in the cache
_HOUR = 3_600_000

T = TypeVar("T")


class Visits(NamedTuple):
    """A table of the visits of a range, or of a longer one; see shared_reading.py."""

    table: str
    columns: frozenset[str]


class PersonScope(NamedTuple):
    """What a query of a range needs to know of its persons."""

    table: LookupTable | None  # of actors who are other persons; None where there are none
    exact: bool  # whether visitor counts are exact
    pageviews: int  # how many there are, with those of the days before and after
    seen: str | None = None  # a table of these pageviews; see shared_reading.py
    begun: LookupTable | None = None  # persons whose series of pageviews began earlier, or empty; see long_series.py
    traits: Mapping[str, LookupTable] = MappingProxyType({})  # by name, the table of its values by user
    firsts: LookupTable | None = None  # a table of the first pageviews of visitors; see first_pageviews.py
    origins: Origins | None = None  # where visits came from, if the question asks for it
    visits: Visits | None = None
    placed: Visits | None = None  # a table of its pageviews with the columns of their visits


class _Size(NamedTuple):
    """How much there is to count; see the fields of `PersonScope`."""

    pageviews: int
    exact: bool


class _Merged(NamedTuple):
    """The merged users of an app: pairs of a user and the surviving user, as RowBinary; and the same as a table."""

    pairs: bytes
    table: LookupTable | None  # None where there are none


class _Kept(Generic[T]):
    """A cache for a short time. Only `sweep` drops outdated values, since they may be in use."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._made: OrderedDict[Hashable, tuple[float, T]] = OrderedDict()
        self._stale: list[T] = []

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of a key, made if it is missing or outdated."""
        if key in self._made:
            made_at, kept = self._made[key]
            if time.monotonic() < made_at + self._seconds:
                return kept
            self._stale.append(self._made.pop(key)[1])
        made_at, made = time.monotonic(), make()
        self._made[key] = made_at, made
        return made

    def sweep(self) -> list[T]:
        """Keep the last few values only. Returns the values that were dropped."""
        while len(self._made) > _KEPT:
            self._stale.append(self._made.popitem(last=False)[1][1])
        swept, self._stale = self._stale, []
        return swept


class PersonScopes:
    """A cache of the scopes of recent questions; for one thread and one connection at a time."""

    def __init__(
        self, merged_of: Callable[[int], Mapping[int, int]], trait_values: Callable[[int, str], Iterable[bytes]]
    ) -> None:
        """`merged_of` returns the merged users of an app with their surviving users.

        `trait_values` returns the values of a trait of an app's users; see directory/trait_values.py.
        """
        self._merged_of = merged_of
        self._trait_values = trait_values
        self._events: Events | None = None
        self._clear()

    def _clear(self) -> None:
        self._sizes = _Kept[_Size](_SCOPE_SECONDS)
        self._tables = _Kept[LookupTable | None](_SCOPE_SECONDS)
        self._merged = _Kept[_Merged](_MERGED_SECONDS)
        self._begun = _Kept[LookupTable](_SCOPE_SECONDS)
        self._firsts = _Kept[LookupTable](_SCOPE_SECONDS)
        self._traits = _Kept[LookupTable](_MERGED_SECONDS)

    def scope(
        self,
        events: Events,
        app: int,
        pixels: Sequence[int],
        range_: Range,
        traits: Iterable[str] = (),
        within: Range | None = None,
    ) -> PersonScope:
        """The scope of pageviews of an app's pixels, with the tables of these traits. It is valid until `sweep`.

        `within` is a longer range whose persons are looked up once for all scopes that are within it.

        Raises:
            EventsUnavailable: the event store cannot be read.
        """
        if events is not self._events:  # a new connection has none of the tables
            self._events = events
            self._clear()
        hours, wide = _in_hours(range_), _in_hours(within or range_)
        size = self._sizes.get((app, tuple(pixels), hours), lambda: _size(events, _bound(app, pixels, hours)))
        table = self._tables.get((app, tuple(pixels), wide), lambda: self._make(events, app, _bound(app, pixels, wide)))
        return PersonScope(table, size.exact, size.pageviews, traits=self.traits(events, app, traits))

    def traits(self, events: Events, app: int, names: Iterable[str]) -> dict[str, LookupTable]:
        """The tables of the values of traits, by name. They are valid until `sweep`.

        Raises:
            EventsUnavailable: the event store cannot be read.
        """
        return {name: self._trait(events, app, name) for name in names}

    def _trait(self, events: Events, app: int, name: str) -> LookupTable:
        return self._traits.get((app, name), lambda: self._read_trait(events, app, name))

    def _read_trait(self, events: Events, app: int, name: str) -> LookupTable:
        table = events.make_lookup("traits", {"person": "UInt64", "value": "String"})
        for lines in self._trait_values(app, name):
            events.load(table, lines, JSON_LINES)
        return table

    def begun(self, key: Hashable, make: Callable[[], LookupTable]) -> LookupTable:
        """The table of long series of a question, kept as long as a scope; see long_series.py."""
        return self._begun.get(key, make)

    def firsts(self, key: Hashable, make: Callable[[], LookupTable]) -> LookupTable:
        """The table of first pageviews of a question, kept as long as a scope; see first_pageviews.py."""
        return self._firsts.get(key, make)

    def sweep(self) -> None:
        """Drop the tables of outdated scopes: between two groups of questions, and not during a question.

        Raises:
            EventsUnavailable: some may be left until the connection is closed.
        """
        self._sizes.sweep()
        for persons in self._tables.sweep():
            self._drop(persons)
        for merged in self._merged.sweep():
            self._drop(merged.table)
        for table in (*self._begun.sweep(), *self._firsts.sweep(), *self._traits.sweep()):
            self._drop(table)

    def _make(self, events: Events, app: int, bound: dict[str, Any]) -> LookupTable | None:
        """The table of actors who are other persons; None where there are none."""
        merged = self._merged.get(app, lambda: self._read_merged(events, app))
        table = self._table(events, merged.pairs)
        # The result goes into a table of its own, not into the one that the query reads.
        owner = person_of("owner", "owner", merged.table) if merged.table else "owner"
        empty = True
        try:
            events.select_into(table, f"SELECT actor, {owner} AS person FROM ({_STITCHED})", **bound)  # noqa: S608 - names of ours
            empty = events.is_empty(table)
        finally:
            if empty:  # or the query took too much: without this the table would stay with the connection
                self._drop(table)
        return None if empty else table

    def _read_merged(self, events: Events, app: int) -> _Merged:
        pairs = array("Q", chain.from_iterable(self._merged_of(app).items())).tobytes()
        return _Merged(pairs, self._table(events, pairs) if pairs else None)

    def _table(self, events: Events, pairs: bytes) -> LookupTable:
        table = events.make_lookup("people", {"actor": "UInt64", "person": "UInt64"})
        if pairs:
            events.load(table, pairs, ROW_BINARY)
        return table

    def _drop(self, table: LookupTable | None) -> None:
        if table and self._events:
            self._events.drop(table)


def _in_hours(range_: Range) -> Range:
    """The range in whole hours: it is the same for a while."""
    return Range(range_.start // _HOUR * _HOUR, -(-range_.end // _HOUR) * _HOUR)


def _bound(app: int, pixels: Sequence[int], range_: Range) -> dict[str, Any]:
    return {"app": app, "pixels": list(pixels), "start": range_.start, "end": range_.end}


def _size(events: Events, bound: dict[str, Any]) -> _Size:
    ((pageviews,),) = events.ask(_PAGEVIEWS, **bound)
    return _Size(pageviews, pageviews <= EXACT_PAGEVIEWS or _visitors(events, bound) <= EXACT_VISITORS)


def _visitors(events: Events, bound: dict[str, Any]) -> int:
    """The approximate number of visitors."""
    ((visitors,),) = events.ask(_VISITORS, **bound)
    return int(visitors)


def person_in_sql(scope: PersonScope) -> str:
    """The person of a pageview, in SQL, from its columns `actor` and `resolution`."""
    return person_of("actor", _KNOWN_AS, scope.table) if scope.table else "actor"


def person_of(actor: str, known_as: str, table: LookupTable) -> str:
    """The person of an actor, in SQL; `known_as` is the key of the actor in a table of actors and persons."""
    return f"if(({table.get('person', known_as)} AS found) != 0, found, {actor})"


# The key of a pageview's actor in the table: pageviews that were not resolved are stitched, not suppressed ones.
_KNOWN_AS: Final = f"if(NOT {is_visitor('actor')} OR {NOT_KNOWN}, actor, 0)"

_OF_RANGE = """
    pixel_id IN {pixels:Array(Int32)}
    AND timestamp >= fromUnixTimestamp64Milli({start:Int64} - 86400000, 'UTC')
    AND timestamp < fromUnixTimestamp64Milli({end:Int64} + 86400000, 'UTC')
"""

# Of the range only: a join with all links took as long as the rest.
_STITCHED = owners_among(f"SELECT actor FROM pageviews WHERE {ANONYMOUS_ACTOR} AND {_OF_RANGE}", by="actor")  # noqa: S608 - constants

_PAGEVIEWS = f"SELECT count() FROM pageviews WHERE {_OF_RANGE}"  # noqa: S608 - constants
_VISITORS = f"SELECT uniqCombined64(17)(actor) FROM pageviews WHERE {_OF_RANGE}"  # noqa: S608 - constants
