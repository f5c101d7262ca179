"""A visitor who consents on a page has been on that page: its pageview from before becomes the visitor's.

The script sends the page again, with what consent allows. The loader gives the new row the time of the one that it
replaces, and removes that one. Only an anonymous pageview of the last 24 hours can be replaced, never one whose visitor
had refused, and only by its event id. The browser that made the id is the only one that knows it. Nothing of an earlier
page is joined. A pageview that arrives after the one that replaces it is not recorded (`recorder.py`).

In a cluster another node may have accepted the pageview that is replaced, and load it later. So a loader looks for what
it has not found once more, when the others have loaded what they had accepted. The journal keeps it until then: should
the loader die, another node looks.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from heropixel.events import Events
from heropixel.events.replaced import Anonymous, anonymous_among, remove_pageviews
from heropixel.journal import Batch, Positions
from heropixel.recording.pageview import Entry
from heropixel.values import DAILY

_DAY = 86_400_000  # milliseconds


class _Told(msgspec.Struct, frozen=True, gc=False):
    """What decides whether an entry replaces another, or is replaced."""

    pixel_id: int
    timestamp: str
    received: str
    event_id: str
    visitor_id: str = ""
    consent: str = "unknown"
    replaces: str = ""


class SoughtPageviews(NamedTuple):
    """Pageviews by pixel and event id, and the instants between which they were made, in Unix milliseconds."""

    named: frozenset[tuple[int, str]]
    earliest: int
    latest: int

    def among(self, events: Events) -> dict[tuple[int, str], Anonymous]:
        """Those that the event store has.

        Raises:
            EventsUnavailable: the event store cannot be read.
        """
        found = anonymous_among(events, self.named, self.earliest, self.latest)
        return {key: one for key, one in found if key in self.named}


class Overtaken(NamedTuple):
    """Pageviews that were not there when what replaces them was loaded. Another node may have accepted them."""

    sought: SoughtPageviews
    until: Positions  # they are in the journal below these, or never came

    @classmethod
    def of(cls, kept: bytes) -> "Overtaken":
        """As the journal has kept them."""
        return msgspec.msgpack.decode(kept, type=cls)

    def kept(self) -> bytes:
        """For the journal."""
        return msgspec.msgpack.encode(self)

    def remove(self, events: Events) -> None:
        """Remove those that have come. What replaces them keeps its own time.

        Raises:
            EventsUnavailable: some may be removed; the next call completes it.
        """
        if there := self.sought.among(events):
            remove_pageviews(events, {pixel for pixel, _ in there}, [*there.values()])


class Replacing(NamedTuple):
    """The pageviews that the entries of a batch replace, by pixel and event id."""

    found: dict[tuple[int, str], Anonymous]
    missing: SoughtPageviews | None = None

    @classmethod
    def of(cls, batch: Batch, events: Events) -> "Replacing":
        """Find them in the event store and in the batch itself.

        Raises:
            EventsUnavailable: the event store cannot be read.
        """
        replacing = [told for _, told in _read(batch, _MARK)]
        wanted = frozenset((told.pixel_id, told.replaces) for told in replacing)
        if not wanted:
            return NOTHING_REPLACED
        latest = max(int(told.received) for told in replacing)
        earliest = min(int(told.received) for told in replacing) - _DAY
        found = SoughtPageviews(wanted, earliest, latest).among(events)
        for position, told in _read(batch, b""):
            key = (told.pixel_id, told.event_id)
            if key in wanted and told.visitor_id.startswith(DAILY) and told.consent == "unknown":
                found[key] = Anonymous(int(told.timestamp), position)
        missing = wanted.difference(found)
        return cls(found, SoughtPageviews(missing, earliest, latest) if missing else None)

    def put_times(self, entries: Iterable[Entry]) -> None:
        """Give entries the times of the pageviews that they replace, where there are any."""
        for entry in entries:
            if entry.replaces:
                self._put_time(entry)

    def _put_time(self, entry: Entry) -> None:
        if replaced := self.found.get((entry.pixel_id, entry.replaces)):
            entry.timestamp = str(replaced.timestamp)
        entry.replaces = ""

    def remove(self, events: Events, first: int = 0) -> None:
        """Remove what is replaced and there, from a position of the journal on. It is idempotent.

        Before the rows of the batch are inserted, so that no report counts a page twice; and after it, since what is
        replaced may be in the same batch. A loader that dies in between leaves the later time to the new row.

        Raises:
            EventsUnavailable: some may be removed; the next call completes it.
        """
        there = {key: place for key, place in self.found.items() if place.position >= first}
        if there:
            remove_pageviews(events, {pixel for pixel, _ in there}, [*there.values()])


NOTHING_REPLACED = Replacing({})


_MARK = b'"replaces":"'  # within a text, the quotes would be escaped


def _read(batch: Batch, mark: bytes) -> Iterator[tuple[int, _Told]]:
    """The entries that contain a mark, with their positions. One that cannot be read replaces nothing."""
    for position, payload in enumerate(batch.payloads, batch.first):
        if mark in payload:
            try:
                yield position, _DECODER.decode(payload)
            except msgspec.MsgspecError:
                continue


_DECODER = msgspec.json.Decoder(_Told)
