"""Past pageviews, from an import: they are checked and recorded like any other, each of them exactly once for ever."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum

import msgspec
from msgspec import structs

from heropixel.columns import LIMITS, GivenBy, given_by
from heropixel.directory.registry import Pixel, Registry
from heropixel.errors import (
    EventStoreUnavailable,
    EventsUnavailable,
    InvalidPhone,
    InvalidTimestamp,
    JournalUnavailable,
    Overloaded,
    PixelNotFound,
    PlaceholderIdentifier,
    Refusal,
    StorageUnavailable,
)
from heropixel.events.asking import Asking
from heropixel.recording.backlog import Backlog
from heropixel.recording.calls import ChangedMeanwhile
from heropixel.recording.leniency import FieldWarning, Treatment, is_storable, storable_text
from heropixel.recording.pageview import Pageview, PageviewEvent, Where
from heropixel.recording.recorder import Recorder
from heropixel.recording.room import Room
from heropixel.values import camel, snake, taken_without


class PastPageview(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A pageview as it was exported. Browser and device stand for the user agent, which was not stored."""

    event: PageviewEvent
    browser: str = ""
    browser_version: str = ""
    os: str = ""
    os_version: str = ""
    device: str = ""
    place_basis: str = ""


class PastResult(StrEnum):
    """The result for a past pageview."""

    RECORDED = "recorded"
    THERE = "there"  # it was recorded before
    REFUSED = "refused"


class PastOutcome(msgspec.Struct, frozen=True, array_like=True):
    """The result for a past pageview, with the reason if it was refused."""

    result: PastResult
    reason: str = ""
    remarks: tuple[str, ...] = ()  # what was changed, cut or left out of a pageview that was recorded


# Records a batch of past pageviews, and returns the result for each.
Record = Callable[[Sequence[PastPageview]], Awaitable[list[PastOutcome]]]


async def record_by_pixel(
    record: Callable[[int, Sequence[PastPageview]], Awaitable[list[PastOutcome]]], pageviews: Sequence[PastPageview]
) -> list[PastOutcome]:
    """Record pageviews of several pixels by a function for those of one. The results are in the order given."""
    places: dict[int, list[int]] = {}
    for place, pageview in enumerate(pageviews):
        places.setdefault(pageview.event.pixel_id, []).append(place)
    outcomes: dict[int, PastOutcome] = {}
    for pixel, of_pixel in places.items():
        results = await record(pixel, [pageviews[place] for place in of_pixel])
        outcomes |= dict(zip(of_pixel, results, strict=True))
    return [outcomes[place] for place in range(len(pageviews))]


SINCE = 631_152_000_000  # 1990-01-01: no website is older

_CATCH_UP_SECONDS = 60
_OVERLOAD_SECONDS = 0.05
_SHARE = 250  # pageviews of one write, for which others wait

_RECORDED, _THERE = PastOutcome(PastResult.RECORDED), PastOutcome(PastResult.THERE)
_NO_TIMESTAMP = PastOutcome(
    PastResult.REFUSED,
    "timestamp must be Unix seconds, Unix milliseconds or ISO 8601, from 1990 to 10 minutes from now",
)
_SEEN_WITH = [(name, camel(name), LIMITS[name]) for name in given_by(GivenBy.IMPORT)]
_NO_PIXEL = PastOutcome(PastResult.REFUSED, PixelNotFound().message)


class PastRecorder:
    """Records past pageviews that have event ids of their own. The same event id is recorded once, whenever it comes.

    The event store knows which ones it has. For pageviews that are not loaded yet, the receipts of the journal know it,
    for 24 hours. Older entries, after an outage of the event store for days, are loaded by `catch_up`: call it first.
    """

    def __init__(
        self,
        registry: Registry,
        recorder: Recorder,
        backlog: Backlog,
        asking: Asking,
        clock: Callable[[], int],
        where: Where | None = None,
        room: Room | None = None,
    ) -> None:
        self._registry = registry
        self._recorder = recorder
        self._room = room
        self._backlog = backlog
        self._asking = asking
        self._clock = clock
        self._where = where
        self._recording = asyncio.Lock()

    async def catch_up(self) -> None:
        """Load what was recorded before this call.

        Raises:
            EventsUnavailable: loading took longer than a minute.
        """
        await asyncio.to_thread(self._registry.refresh)  # the pixel may have been made a moment ago
        await self._backlog.drain(_CATCH_UP_SECONDS)

    async def record(self, pixel: int, pageviews: Sequence[PastPageview]) -> list[PastOutcome]:
        """Record the pageviews of a pixel that are valid and new, and return the result for each.

        Raises:
            EventsUnavailable, JournalUnavailable: none of them was recorded.
        """
        of = self._registry.pixels.get(pixel)
        if of is None:
            return [_NO_PIXEL] * len(pageviews)
        now = self._clock()
        # On a thread: checking a thousand of them on the event loop would block all requests.
        checked = await asyncio.to_thread(lambda: [_checked(pageview, of, now, self._where) for pageview in pageviews])
        first: dict[str, Pageview] = {}
        for pageview in checked:
            if isinstance(pageview, Pageview):
                first.setdefault(pageview.row.event_id, pageview)
        await self._record_new(pixel, first)
        return [_outcome(pageview, first) for pageview in checked]

    async def _record_new(self, pixel: int, pageviews: dict[str, Pageview]) -> None:
        """Record those that are new, and remove the others from `pageviews`."""
        if self._room is not None and (why := self._room.why_not()):
            raise JournalUnavailable(why)
        for event_id in await self._loaded(pixel, pageviews):
            del pageviews[event_id]
        try:
            async with self._recording:  # of two batches with the same event id, the second must find the first's
                remembered = await self._recorder.remembers([*pageviews.values()])
                for event_id, known in zip([*pageviews], remembered, strict=True):
                    if known:
                        del pageviews[event_id]
                await self._record_patiently([*pageviews.values()])
        except StorageUnavailable as error:
            raise JournalUnavailable(str(error.__cause__)) from error

    async def _loaded(self, pixel: int, pageviews: dict[str, Pageview]) -> list[str]:
        if not pageviews:
            return []
        instants = [int(pageview.row.timestamp) for pageview in pageviews.values()]
        try:
            return await self._asking.known_event_ids(pixel, [*pageviews], min(instants), max(instants))
        except EventStoreUnavailable as error:
            raise EventsUnavailable("the event store is not reachable") from error

    async def _record_patiently(self, pageviews: Sequence[Pageview]) -> None:
        """Record with a lower priority than pageviews of current visitors."""
        for start in range(0, len(pageviews), _SHARE):
            await self._record_share(pageviews[start : start + _SHARE])

    async def _record_share(self, pageviews: Sequence[Pageview]) -> None:
        while True:
            seen = self._registry.revision
            if any(pageview.row.pixel_id not in self._registry.pixels for pageview in pageviews):
                raise JournalUnavailable("the pixel was deleted meanwhile")
            try:
                await self._recorder.record(pageviews, live=False, seen=seen)  # subscribers get no past pageviews
            except Overloaded:
                await asyncio.sleep(_OVERLOAD_SECONDS)
            except ChangedMeanwhile:
                continue
            else:
                return


def _checked(past: PastPageview, pixel: Pixel, now: int, where: Where | None) -> Pageview | PastOutcome:
    if past.event.timestamp in (None, ""):
        return _NO_TIMESTAMP
    try:
        pageview = _parsed(past.event, pixel, now, where)
        row, warnings = pageview.row, [*pageview.warnings]
        row.imported = 1
        for name, field, limit in _SEEN_WITH:
            text = getattr(past, name)
            if len(text) > limit or not is_storable(text):
                text = storable_text(field, text, limit, warnings)
            if text:  # else what was found out here stays
                setattr(row, name, text)
    except InvalidTimestamp:
        return _NO_TIMESTAMP
    except Refusal as refusal:
        return PastOutcome(PastResult.REFUSED, refusal.message)
    return structs.replace(pageview, warnings=warnings) if warnings else pageview


def _parsed(event: PageviewEvent, pixel: Pixel, now: int, where: Where | None) -> Pageview:
    """The checked pageview. In a file a placeholder is no identifier, and no reason to lose the pageview.

    Nor is a telephone number that cannot be used.
    """
    try:
        return Pageview.parse(event, pixel, now, SINCE, where)
    except PlaceholderIdentifier as refusal:
        field = snake(str(refusal.details["field"]))
        if field == "event_id":  # by which it is recorded once
            raise
        why = f"{refusal.details['field']} holds a placeholder"  # which one is no matter: there may be thousands
    except InvalidPhone as refusal:
        field, why = "phone", refusal.message
    pageview = _parsed(structs.replace(event, **{field: None}), pixel, now, where)
    warning = FieldWarning(field, Treatment.DROPPED, taken_without(why))
    return structs.replace(pageview, warnings=[*pageview.warnings, warning])


def _outcome(checked: Pageview | PastOutcome, new: dict[str, Pageview]) -> PastOutcome:
    if isinstance(checked, PastOutcome):
        return checked
    if new.get(checked.row.event_id) is not checked:
        return _THERE
    if not checked.warnings:
        return _RECORDED
    return PastOutcome(PastResult.RECORDED, "", tuple(warning.message for warning in checked.warnings))
