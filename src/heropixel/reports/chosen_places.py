"""The places of the pageviews that an export has chosen, gathered app by app, and then read in the order of an export.

The embedded engine keeps them in a temporary table, on the disk. A server's requests have no tables in common, so there
they are kept here: 24 bytes each.
"""

from array import array
from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import count
from typing import Final, Protocol

from heropixel.events import Events
from heropixel.reports.matching import Matching

_Place = Sequence[int]  # a pixel, a timestamp and a journal position

_PLACE: Final = "pixel_id, at, journal_position"
_AT_ONCE: Final = 50_000
_NUMBERS: Final = count(1)  # a temporary table belongs to a connection, and there may be several exports


class ChosenPlaces(Protocol):
    """The chosen places. What it raises is EventsUnavailable: the event store cannot be read."""

    def add(self, matching: Matching) -> None:
        """Add the places of one app."""

    def in_order(self) -> Iterator[_Place]:
        """All of them by pixel, time and position."""

    def close(self) -> None:
        """Forget them."""


def chosen_places(events: Events) -> ChosenPlaces:
    """None yet, kept where this event store can."""
    return _InTable(events) if events.keeps_tables else _InMemory(events)


class _InTable:
    def __init__(self, events: Events) -> None:
        self._events = events
        self._table = f"chosen_{next(_NUMBERS)}"
        columns = "pixel_id Int32, at Int64, journal_position UInt64"
        events.prepare(f"CREATE TEMPORARY TABLE {self._table} ({columns}) ENGINE = MergeTree ORDER BY ({_PLACE})")

    def add(self, matching: Matching) -> None:
        filling = f"INSERT INTO {self._table} SELECT {_PLACE} FROM ({matching.text})"  # noqa: S608 - names are ours
        self._events.prepare(filling, **matching.bound)

    def in_order(self) -> Iterator[_Place]:
        """Some thousands at a time: a stream would not see a temporary table."""
        place: _Place = (0, 0, 0)
        asking = (
            f"SELECT {_PLACE} FROM {self._table}"  # noqa: S608 - names are ours
            f" WHERE ({_PLACE}) > ({{pixel:Int32}}, {{at:Int64}}, {{position:UInt64}})"
            f" ORDER BY {_PLACE} LIMIT {_AT_ONCE}"
        )
        while rows := self._events.ask(asking, pixel=place[0], at=place[1], position=place[2]):
            yield from rows
            place = rows[-1]

    def close(self) -> None:
        self._events.prepare(f"DROP TABLE IF EXISTS {self._table}")


class _InMemory:
    def __init__(self, events: Events) -> None:
        self._events = events
        self._of_apps: list[array[int]] = []

    def add(self, matching: Matching) -> None:
        places = array("q")
        asking = f"SELECT {_PLACE} FROM ({matching.text}) ORDER BY {_PLACE}"  # noqa: S608 - names are ours
        for place in self._events.stream(asking, **matching.bound):
            places.extend(place)
        self._of_apps.append(places)

    def in_order(self) -> Iterator[_Place]:
        return merge(*map(_by_three, self._of_apps))

    def close(self) -> None:
        self._of_apps.clear()


def _by_three(numbers: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    one = iter(numbers)
    return zip(one, one, one, strict=True)
