"""Sends each pageview to subscribers once it is on the disk.

No request waits for a subscriber, and no subscriber for another. Recorded pageviews are queued, and sent after the
answers in short slices of the event loop's time, no faster than the writers of all subscribers get on. Pageviews that
cannot be sent in time end their subscriptions with the reason, so that nothing piles up.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from copy import copy
from typing import Protocol

import structlog

from heropixel import metrics
from heropixel.columns import Row
from heropixel.concurrency.pace import Pace
from heropixel.enrichment import Owns, enrich, owns_nothing
from heropixel.errors import InternalError, LiveInterrupted, Refusal, TooManyToTell
from heropixel.identity.resolve import Resolution

log = structlog.get_logger()

MAX_WAITING = 10_000  # pageviews in the queue, some 10 MB
SLICE = 0.002  # seconds of sending between two turns of the event loop, each of which answers all pending requests
_AT_ONCE = 50  # subscribers that are told a pageview before the time is looked at, 50 microseconds
CHECK_SECONDS = 0.5  # a secret may expire
CHECK_AT_ONCE = 500  # channels, a millisecond

Payload = Callable[[Row], str | None]


class Listener(Protocol):
    """A subscriber. Neither method blocks or raises."""

    def hear(self, payload: str) -> None:
        """Take a pageview. A subscriber that cannot take it unsubscribes."""

    def end(self, refusal: Refusal) -> None:
        """The subscription ends, for this reason."""


class LiveChannel:
    """The channel of subscribers with the same question: a payload is made once for all of them."""

    def __init__(self, app: int, pixels: frozenset[int] | None, payload: Payload, check: Callable[[], None]) -> None:
        self.app = app
        self.pixels = pixels  # None: all of the app
        self.payload = payload  # of an enriched row; None where the channel does not want it
        self.check = check  # raises the refusal once its subscribers may not receive any more
        self.listeners: set[Listener] = set()

    def hears(self, row: Row) -> bool:
        """Whether the channel may want the pageview."""
        return row.app == self.app and (self.pixels is None or row.pixel_id in self.pixels)


class Live:
    """The channels and their subscribers. Lives on one event loop."""

    def __init__(self, revision: Callable[[], object], owns: Owns = owns_nothing) -> None:
        """`revision` returns a different object after apps or pixels have changed. `owns` knows their domains."""
        self._revision = revision
        self._owns = owns
        self.on_change: Callable[[], None] = lambda: None  # what is wanted has changed
        self._checked = revision()
        self._channels: dict[Hashable, LiveChannel] = {}
        self._of_pixels: dict[int, set[LiveChannel]] = {}
        self._of_apps: dict[int, set[LiveChannel]] = {}
        self._waiting: deque[tuple[Row, Resolution]] = deque()
        self._steps: Iterator[None] | None = None  # of the first that waits, once it is begun
        self._telling = False
        self.pace = Pace()  # of the writers

    def join(self, key: Hashable, make: Callable[[], LiveChannel], listener: Listener) -> Callable[[], None]:
        """Subscribe a listener to the channel of this key, made if there is none. Returns a function to unsubscribe."""
        channel = self._channels.get(key)
        if channel is None:
            channel = self._channels[key] = make()
            for index, number in self._places(channel):
                index.setdefault(number, set()).add(channel)
            self.on_change()
        channel.listeners.add(listener)
        metrics.live_subscribers.inc()
        return lambda: self._leave(key, channel, listener)

    def _leave(self, key: Hashable, channel: LiveChannel, listener: Listener) -> None:
        if listener not in channel.listeners:
            return
        channel.listeners.discard(listener)
        metrics.live_subscribers.dec()
        if not channel.listeners and self._channels.get(key) is channel:
            del self._channels[key]
            for index, number in self._places(channel):
                index[number].discard(channel)
                if not index[number]:
                    del index[number]
            self.on_change()

    def _places(self, channel: LiveChannel) -> list[tuple[dict[int, set[LiveChannel]], int]]:
        """The indexes that hold the channel, and the key in each."""
        if channel.pixels is None:
            return [(self._of_apps, channel.app)]
        return [(self._of_pixels, pixel) for pixel in channel.pixels]

    @property
    def wanted(self) -> tuple[frozenset[int], frozenset[int]]:
        """The apps and the pixels that have subscribers."""
        return frozenset(self._of_apps), frozenset(self._of_pixels)

    def interrupt(self) -> None:
        """End all subscriptions: pageviews were recorded that nobody was told."""
        for channel in [*self._channels.values()]:
            _end(channel, LiveInterrupted())

    def tell(self, recorded: Iterable[tuple[Row, Resolution]]) -> None:
        """Queue pageviews that have just become durable."""
        for row, resolution in recorded:
            if row.pixel_id in self._of_pixels or row.app in self._of_apps:
                if len(self._waiting) < MAX_WAITING:
                    self._waiting.append((row, resolution))
                else:
                    self._give_up(row)
        if self._waiting and not self._telling:
            self._telling = True
            asyncio.get_running_loop().call_soon(self._tell_some)

    def _give_up(self, row: Row) -> None:
        for channel in self._hearing(row):
            metrics.live_dropped.inc(len(channel.listeners))
            _end(channel, TooManyToTell())

    def _hearing(self, row: Row) -> Collection[LiveChannel]:
        of_pixel, of_app = self._of_pixels.get(row.pixel_id, ()), self._of_apps.get(row.app, ())
        return [channel for channel in (*of_pixel, *of_app) if channel.hears(row)]

    def _tell_some(self) -> None:
        loop = asyncio.get_running_loop()
        if self._revision() is not self._checked:
            self.check()
        if not self.pace.is_behind:
            self._go_on(loop.time() + SLICE)
        self._telling = bool(self._waiting)
        if self._telling:
            loop.call_soon(self._tell_some)

    def _go_on(self, until: float) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            if self._steps is None:
                self._steps = self._tell(*self._waiting[0])
            for _ in self._steps:
                if loop.time() >= until:
                    return
            self._steps = None
            self._waiting.popleft()
            if loop.time() >= until:
                return

    def _tell(self, row: Row, resolution: Resolution) -> Iterator[None]:
        """Tell a pageview to all who want it, in small steps: there may be thousands."""
        channels = self._hearing(row)
        if not channels:  # all have unsubscribed in the meantime
            return
        try:
            enriched = _enriched(row, resolution, self._owns)
        except Exception:
            log.exception("a pageview cannot be sent live")  # the loader says more of rows that cannot be enriched
            return
        for channel in channels:
            yield from _tell(channel, enriched)
            yield

    def check(self) -> None:
        """End the channels that their subscribers may no longer receive."""
        self._checked = self._revision()
        for channel in [*self._channels.values()]:
            _check(channel)

    async def keep_checking(self) -> None:
        """Check for ever, also while nothing is recorded."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            for number, channel in enumerate([*self._channels.values()], 1):
                _check(channel)
                if number % CHECK_AT_ONCE == 0:
                    await asyncio.sleep(0)


def _check(channel: LiveChannel) -> None:
    try:
        channel.check()
    except Refusal as refusal:
        _end(channel, refusal)


def _enriched(row: Row, resolution: Resolution, owns: Owns) -> Row:
    """The row as the loader will make it, under the surviving user."""
    enriched = enrich(copy(row), owns)
    if resolution.user is not None:
        enriched.user_id = resolution.user.id
    return enriched


def _tell(channel: LiveChannel, enriched: Row) -> Iterator[None]:
    try:
        payload = channel.payload(enriched)
    except Exception:
        error_id = secrets.token_hex(8)
        log.exception("a subscription failed", id=error_id)
        _end(channel, InternalError(id=error_id))
        return
    if payload is not None:
        # A copy: a subscriber that cannot take it unsubscribes.
        for number, listener in enumerate([*channel.listeners], 1):
            if listener in channel.listeners:  # it may have unsubscribed between two steps
                listener.hear(payload)
            if number % _AT_ONCE == 0:
                yield


def _end(channel: LiveChannel, refusal: Refusal) -> None:
    for listener in [*channel.listeners]:
        listener.end(refusal)
