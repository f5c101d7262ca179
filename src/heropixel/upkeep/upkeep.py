"""Background work of a server: changes of the directory reach the event store, and outdated pageviews are dropped."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

import structlog

from heropixel.cluster.upkeep_lock import AGAIN_SECONDS, NoOtherNode, UpkeepLock
from heropixel.concurrency.own_thread import OwnThread
from heropixel.directory import Directory
from heropixel.directory.erasures import Erasure, waiting_erasures
from heropixel.directory.links import waiting_links
from heropixel.directory.registry import Registry
from heropixel.directory.suppressions import expired, remove_suppressions
from heropixel.directory.unlinks import Unlink, waiting_unlinks
from heropixel.events import Events
from heropixel.identity.browsers import UNBOUNDED
from heropixel.identity.claim import apply_claims
from heropixel.outages import Outage
from heropixel.recording.backlog import Backlog
from heropixel.recording.loader import Loader, lower_priority
from heropixel.upkeep.erasing import erase, write_links
from heropixel.upkeep.retention import Retention
from heropixel.upkeep.unlinking import apply_unlinks

log = structlog.get_logger()

T = TypeVar("T")

LOOK_SECONDS = 1.0  # another process, such as a command, may have queued work
LAST_RETRY = 60.0  # seconds

_WAITING = "erasures, retention or links could not be applied to the event store and wait in the directory"


class Upkeep:
    """Does queued work as soon as it is notified, and checks for more once a second.

    The event store may be gone. Queued work stays in the directory, and is retried with growing pauses.
    """

    def __init__(
        self,
        directory: Directory,
        open_events: Callable[[], Events],
        registry: Registry,
        backlog: Backlog,
        loader: Loader,
        clock: Callable[[], int],
        *,
        most_browsers: int = UNBOUNDED,
        lock: UpkeepLock | None = None,
    ) -> None:
        """`lock` is shared by the nodes of a cluster. Left out: this server is alone on its stores."""
        self._is_alone = lock is None
        self._lock = lock or NoOtherNode()
        self._directory = directory
        self._open_events = open_events
        self._events: Events | None = None
        self._registry = registry
        self._backlog = backlog
        self._loader = loader
        self._clock = clock
        self._most_browsers = most_browsers
        self._retention = Retention(directory, clock)
        self._working = asyncio.Lock()
        self._wanted = asyncio.Event()
        self._done = asyncio.Condition()
        self._outage = Outage("waiting erasures, retention and links have been applied to the event store")
        self._rested_at = 0.0
        self._erased: dict[str, int] = {}  # pageviews of erasures that wait for replicas
        self._waits_for = ""
        self._thread = OwnThread("upkeep", lower_priority)

    async def run(self) -> None:
        """Work for ever."""
        pause = LOOK_SECONDS
        while True:
            is_ours = True
            try:
                is_ours = await self.work()
            except Exception as error:  # dead work reports nothing, and erasures are waiting
                self._outage.failed(_WAITING, error)
                pause = min(pause * 2, LAST_RETRY)
            else:
                self._outage.worked()
                pause = LOOK_SECONDS if is_ours else AGAIN_SECONDS
            if is_ours:  # else somebody may wait for a round that follows that of another node
                async with self._done:
                    self._done.notify_all()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wanted.wait()
            self._wanted.clear()

    async def work(self) -> bool:
        """Do the queued work now. Returns False if another node is doing it.

        Raises:
            StoreUnavailable, sqlalchemy.exc.DBAPIError: some of it is still queued.
        """
        async with self._working:
            if not await self._thread.run(self._lock.take):
                return False
            try:
                await self._work()
            finally:
                await self._thread.run(self._lock.give_back)
        return True

    async def _work(self) -> None:
        await self._thread.run(self._lift_expired)
        # Before claims are resolved: the claims that came before an erasure show which pageviews to erase with it.
        erasures = await self._thread.run(lambda: waiting_erasures(self._directory.connection))
        unlinks = await self._thread.run(lambda: waiting_unlinks(self._directory.connection))
        await self._thread.run(lambda: apply_claims(self._directory, self._clock(), self._most_browsers))
        links = await self._thread.run(lambda: bool(waiting_links(self._directory.connection, 1)))
        if links:
            await self._thread.run(self._write_links)
        if (erasures or unlinks) and time.monotonic() >= self._rested_at:
            # A deleted pixel accepts no more pageviews. Pageviews of people who were found before their erasure are
            # in the journal by then, and after that in the event store.
            await self._thread.run(self._directory.scrub)  # also where the event store is not reachable
            await asyncio.to_thread(self._registry.refresh)
            await self._backlog.drain()
            began = time.monotonic()
            await self._thread.run(lambda: self._unlink(unlinks))
            if erasures:
                await self._thread.run(lambda: self._erase(erasures))
            # It rests as long as it worked: requests share the machine. Work that arrives meanwhile is one round.
            self._rested_at = 2 * time.monotonic() - began
        # Not in the same round: an erasure would wait for a month to be rewritten.
        elif await self._thread.run(self._retention.is_due):
            await self._expire()

    async def _expire(self) -> None:
        """Drop the oldest month that is due: one at a time, since erasures may be waiting."""
        outdated = await self._thread.run(lambda: self._retention.oldest(self._connect()))
        if outdated:
            # Pageviews loaded between checking the month for other pixels and dropping it would be dropped too. Other
            # nodes load whenever they want.
            dropped = await self._loader.between_batches(outdated.drop) if self._is_alone else None
            if dropped is None:
                dropped = await self._thread.run(lambda: outdated.delete(self._connect()))
            self._retention.dropped(outdated, dropped)

    async def exclusively(self, work: Callable[[Events], T]) -> T:
        """Run work on the event store while upkeep erases or rewrites nothing there.

        Raises:
            EventsUnavailable: the event store is not reachable.
        """
        async with self._working:
            while not await self._thread.run(self._lock.take):  # noqa: ASYNC110 - another node has it
                await asyncio.sleep(AGAIN_SECONDS)
            try:
                return await self._thread.run(lambda: work(self._connect()))
            finally:
                await self._thread.run(self._lock.give_back)

    @contextlib.asynccontextmanager
    async def resting(self) -> AsyncIterator[None]:
        """Change nothing in the event store while it is entered. What is asked for waits in the directory."""
        async with self._working:
            yield

    async def run_now(self, seconds: float) -> None:
        """Start a round now, and wait for its end, at most this long."""
        self._wanted.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._done:
                await self._done.wait()

    def close(self) -> None:
        """Finish the current work, and close the stores."""
        self._thread.close(self._close)

    def _close(self) -> None:
        self._lock.close()
        if self._events:
            self._events.close()
        self._directory.close()

    def _lift_expired(self) -> None:
        now = self._clock()
        if expired(self._directory.connection, now):
            with self._directory.writing() as connection:  # read again: one may have been lengthened meanwhile
                remove_suppressions(connection, expired(connection, now))

    def _write_links(self) -> None:
        write_links(self._directory, self._connect())

    def _erase(self, erasures: list[Erasure]) -> None:
        waits_for = erase(self._directory, self._connect(), erasures, self._clock, self._erased)
        if waits_for != self._waits_for:
            self._waits_for = waits_for
            if waits_for:
                log.warning("erasures are pending until all replicas of the event store have done them", why=waits_for)
            else:
                log.info("all replicas of the event store have done the erasures")

    def _unlink(self, unlinks: list[Unlink]) -> None:
        apply_unlinks(self._directory, self._connect(), unlinks)

    def _connect(self) -> Events:
        self._events = self._events or self._open_events()
        return self._events
