"""Background work of a server: the event store is told what the directory has done; what has had its time goes."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import TypeVar

from heropixel.concurrency.own_thread import OwnThread
from heropixel.directory import Directory
from heropixel.directory.erasures import Erasure, waiting_erasures
from heropixel.directory.links import waiting_links
from heropixel.directory.registry import Registry
from heropixel.directory.suppressions import expired, remove_suppressions
from heropixel.events import Events
from heropixel.identity.claim import settle_claims
from heropixel.outages import Outage
from heropixel.recording.backlog import Backlog
from heropixel.recording.loader import Loader, give_way
from heropixel.upkeep.erasing import erase, tell_links
from heropixel.upkeep.retention import Retention

T = TypeVar("T")

LOOK_SECONDS = 1.0  # another process, such as a command, may have asked
LAST_RETRY = 60.0  # seconds

_WAITING = "erasures, retention or links could not be applied to the event store and wait in the directory"


class Upkeep:
    """Does what waits to be done, as soon as it is told of it, and looks for more once a second.

    The event store may be gone: what is to be done waits in the directory, and is tried again with growing pauses.
    """

    def __init__(
        self,
        directory: Directory,
        open_events: Callable[[], Events],
        registry: Registry,
        backlog: Backlog,
        loader: Loader,
        clock: Callable[[], int],
    ) -> None:
        self._directory = directory
        self._open_events = open_events
        self._events: Events | None = None
        self._registry = registry
        self._backlog = backlog
        self._loader = loader
        self._clock = clock
        self._retention = Retention(directory, clock)
        self._working = asyncio.Lock()
        self._wanted = asyncio.Event()
        self._done = asyncio.Condition()
        self._outage = Outage("waiting erasures, retention and links have been applied to the event store")
        self._rested_at = 0.0
        self._thread = OwnThread("upkeep", give_way)

    async def run(self) -> None:
        """Do it for ever."""
        pause = LOOK_SECONDS
        while True:
            try:
                await self.work()
            except Exception as error:  # work that has died says nothing, and people wait to be erased
                self._outage.failed(_WAITING, error)
                pause = min(pause * 2, LAST_RETRY)
            else:
                self._outage.worked()
                pause = LOOK_SECONDS
            async with self._done:
                self._done.notify_all()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), pause)
            self._wanted.clear()

    async def work(self) -> None:
        """Do what waits now.

        Raises:
            StoreUnavailable, sqlalchemy.exc.DBAPIError: some of it still waits.
        """
        async with self._working:
            await self._thread.run(self._lift_expired)
            # Before claims are settled: one that came before an erasure tells whose pageviews are to be erased with it.
            erasures = await self._thread.run(lambda: waiting_erasures(self._directory.connection))
            await self._thread.run(lambda: settle_claims(self._directory, self._clock()))
            links = await self._thread.run(lambda: bool(waiting_links(self._directory.connection, 1)))
            if links:
                await self._thread.run(self._tell_links)
            if erasures and time.monotonic() >= self._rested_at:
                # No pageview is taken on any more for a pixel that is gone; whoever was found before she was forgotten
                # is in the journal by then, and after that in the event store.
                await self._thread.run(self._directory.scrub)  # also where the event store is away
                await asyncio.to_thread(self._registry.refresh)
                await self._backlog.drain()
                began = time.monotonic()
                await self._thread.run(lambda: self._erase(erasures))
                # It rests as long as it worked: answers share the machine; what comes meanwhile is one piece of work.
                self._rested_at = 2 * time.monotonic() - began
            # Not in the same round: whoever waits for an erasure would wait for a month to be rewritten.
            elif await self._thread.run(self._retention.is_due):
                await self._expire()

    async def _expire(self) -> None:
        """Drop the oldest month that is to be dropped: one at a time, since people wait to be erased."""
        outdated = await self._thread.run(lambda: self._retention.oldest(self._connect()))
        if outdated:
            # What is loaded between looking who else is in a month and dropping it would be dropped with it.
            dropped = await self._loader.between_batches(outdated.drop)
            if dropped is None:
                dropped = await self._thread.run(lambda: outdated.delete(self._connect()))
            self._retention.dropped(outdated, dropped)

    async def alone(self, work: Callable[[Events], T]) -> T:
        """Have something done to the event store while nothing else is erased or rewritten there.

        Raises:
            EventsUnavailable: it cannot be reached.
        """
        async with self._working:
            return await self._thread.run(lambda: work(self._connect()))

    async def hurry(self, seconds: float) -> None:
        """Begin now, and wait so long at most until a round is over."""
        self._wanted.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._done:
                await self._done.wait()

    def close(self) -> None:
        """Finish what is under way, and let go of the stores."""
        self._thread.close(self._close)

    def _close(self) -> None:
        if self._events:
            self._events.close()
        self._directory.close()

    def _lift_expired(self) -> None:
        now = self._clock()
        if expired(self._directory.connection, now):
            with self._directory.writing() as connection:  # asked again: one may have been lengthened meanwhile
                remove_suppressions(connection, expired(connection, now))

    def _tell_links(self) -> None:
        tell_links(self._directory, self._connect())

    def _erase(self, erasures: list[Erasure]) -> None:
        erase(self._directory, self._connect(), erasures, self._clock)

    def _connect(self) -> Events:
        self._events = self._events or self._open_events()
        return self._events
