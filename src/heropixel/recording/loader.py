"""Loads the journal into the event store in large batches, each pageview exactly once."""

import asyncio
import contextlib
import os
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from heropixel import metrics
from heropixel.concurrency.own_thread import OwnThread
from heropixel.enrichment import Owns, owns_nothing, prepare
from heropixel.errors import StoreUnavailable
from heropixel.events import Events
from heropixel.journal import MAX_BYTES, Batch, Journal, Positions, is_reached
from heropixel.outages import Outage
from heropixel.recording.blocks import block_of
from heropixel.recording.linking import Linking
from heropixel.recording.replacing import Overtaken, Replacing
from heropixel.recording.rows import rows_of

R = TypeVar("R")

# With 10,000 an entry costs the engine 1.6 times as much: it has more and smaller parts to merge.
MAX_BATCH = 30_000
PAUSE = 1.0  # seconds between batches while there is little to do: the event store works best with large parts
# While more than `MANY` come in a pause, the pause is longer: 16,000 at once cost the engine 6.7 µs each, 8,000 12 µs.
MANY, LONG_PAUSE = 5_000, 2.0
FIRST_RETRY, LAST_RETRY = 1.0, 60.0  # seconds
_OTHERS_SECONDS = 0.05  # between looks how far other nodes are
NICE = 10  # while the processor is short, answers go before loading


class Loader:
    """Loads until it is stopped. The event store may be slow, full, restarting or gone: the loader retries.

    Before a batch is loaded, pageviews of the browser endpoints are resolved and their visitors linked. So links wait
    while the event store is gone, and everything waits while the directory cannot be written.

    Exactly once: a batch is the same until it is released, and its token is made of its positions, so a repeated insert
    does nothing. A batch whose outcome is not known is compared with the stored rows, and what is missing is inserted.
    """

    def __init__(
        self,
        journal: Journal,
        linking: Linking,
        open_events: Callable[[], Events],
        clock: Callable[[], int],
        owns: Owns = owns_nothing,
    ) -> None:
        self._journal = journal
        self._linking = linking
        self._open_events = open_events
        self._clock = clock
        self._owns = owns
        self._events: Events | None = None
        self._wanted = asyncio.Event()
        self._loaded: Positions = {}  # in the journal: all below is in the event store
        self._behind = False  # the last batch was as large as it may be
        self._advanced = asyncio.Condition()
        self._stopping = False
        self._is_held = False
        self._outage = Outage("pageviews are loaded from the journal again")
        self._thread = OwnThread("loader", lower_priority)

    async def open(self) -> None:
        """`connect`, on the loader's own thread, and make the rules ready.

        Raises:
            EventsUnavailable, FolderFromNewerVersion: see `connect`.
        """
        await self._thread.run(prepare)
        await self._thread.run(self.connect)

    async def run(self) -> None:
        """Load until `stop` is called, then load once more what is left."""
        retry = FIRST_RETRY
        while True:
            last_round = self._stopping
            try:
                loaded = await self._thread.run(self.load_batch)
            except Exception as error:  # a dead loader reports nothing, and the journal grows
                self._report_failure(error)
                if last_round:
                    return
                await self._pause(retry)
                retry = min(retry * 2, LAST_RETRY)
                continue
            self._outage.worked()
            retry = FIRST_RETRY
            async with self._advanced:
                self._advanced.notify_all()
            if not self._behind:
                if last_round:
                    return
                await self._pause(PAUSE if loaded < MANY else LONG_PAUSE)

    def stop(self) -> None:
        """Make `run` load what is left and return. Entries that cannot be loaded stay in the journal."""
        self._stopping = True
        self._wanted.set()

    async def reach(self, positions: Positions) -> None:
        """Load up to positions of the journal; return when all entries below them are in the event store."""
        while not is_reached(positions, self._loaded):
            before = self._loaded
            async with self._advanced:
                self._wanted.set()
                await self._advanced.wait()
            if self._loaded == before:  # the rest is another node's to load
                await asyncio.sleep(_OTHERS_SECONDS)

    async def between_batches(self, work: Callable[[Events], R]) -> R:
        """Run work on the event store while nothing is loaded into it.

        Raises:
            EventsUnavailable: the event store is not reachable now.
        """
        return await self._thread.run(lambda: work(self.connect()))

    @contextlib.asynccontextmanager
    async def held(self, work: Callable[[Events], object]) -> AsyncIterator[None]:
        """Load nothing while it is entered. First, all that was taken is loaded, and work is run on the event store.

        Raises:
            EventsUnavailable: the event store is not reachable now. Loading goes on.
        """

        def begin() -> None:
            self.load_batch()  # it releases a batch of which it was not known whether it is there
            work(self.connect())
            self._is_held = True

        try:
            await self._thread.run(begin)
            yield
        finally:
            self._is_held = False

    async def _pause(self, seconds: float) -> None:
        if not self._stopping:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), seconds)
            self._wanted.clear()

    def load_batch(self) -> int:
        """Load one batch, and return how many pageviews it had.

        Raises:
            EventsUnavailable, JournalUnavailable, sqlalchemy.exc.DBAPIError: the next call retries the same batch.
        """
        if self._is_held:
            self._behind = False  # more may wait, and it has to wait: `run` pauses, and can end
            return 0
        events = self.connect()
        batch = self._journal.take(MAX_BATCH)
        if batch is not None:
            replacing = Replacing.of(batch, events)
            # What is missing of a repeated batch is inserted row by row.
            block = None if batch.repeated else block_of(batch, self._linking, self._owns, replacing)
            rows = [] if block else [*rows_of(batch, self._linking, self._owns, replacing)]
            replacing.remove(events)
            if block:
                events.insert(block, _token(batch))
            else:
                load(batch, rows, events)
            replacing.remove(events, batch.first)
            self._journal.release(batch, self._overtaken_by(replacing))
            metrics.loaded.inc(len(batch.payloads))
        self._behind = batch is not None and _is_full(batch)
        self._loaded = self._journal.loaded()
        self._remove_overtaken(events)
        self._journal.expire(self._clock())
        return len(batch.payloads) if batch else 0

    def _overtaken_by(self, replacing: Replacing) -> bytes:
        """What was not there to be replaced, for the journal to keep: another node may have accepted it."""
        if replacing.missing is None:
            return b""
        end = self._journal.end()
        return Overtaken(replacing.missing, end).kept() if len(end) > 1 else b""

    def _remove_overtaken(self, events: Events) -> None:
        for number, kept in self._journal.later().items():
            overtaken = Overtaken.of(kept)
            if is_reached(overtaken.until, self._loaded):
                overtaken.remove(events)
                self._journal.done(number)

    def connect(self) -> Events:
        """The event store, opened on first use.

        Raises:
            EventsUnavailable: the event store is not reachable now.
            FolderFromNewerVersion: it cannot be opened by this version.
        """
        if self._events is None:
            self._events = self._open_events()
        return self._events

    def close(self) -> None:
        """Close the event store, and end the thread."""
        self._thread.close(self._close)

    def _close(self) -> None:
        if self._events is not None:
            self._events.close()
            self._events = None

    def load_all(self) -> None:
        """Load all entries now. In a cluster, what a node has left is loaded once its lease has ended."""
        wanted = self._journal.end()
        while (loaded := self.load_batch()) or not is_reached(wanted, self._loaded):
            if not loaded:
                time.sleep(_OTHERS_SECONDS)

    def _report_failure(self, error: Exception) -> None:
        metrics.load_failures.inc()
        what = "the loader failed"
        if isinstance(error, StoreUnavailable):
            what = "the event store is not reachable"
        elif isinstance(error, DBAPIError):
            what = "the directory cannot be written"
        self._outage.failed(f"pageviews wait in the journal: {what}", error)


def lower_priority() -> None:
    """Lower the priority of this thread below the others."""
    # On Linux a thread has its own priority. The threads that it starts, here the embedded engine's, inherit it.
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


def load(batch: Batch, rows: Sequence[bytes], events: Events) -> None:
    """Insert the rows of a batch, each exactly once however often this is called for it."""
    token = _token(batch)
    if not batch.repeated:
        events.insert(b"\n".join(rows), token)
        return
    # What is there is not inserted again: a store forgets tokens after a time. What is missing has the same token as
    # before, since the insert of which nobody knows the outcome may be running still.
    missing = _missing(batch, events)
    if missing:
        events.insert(_rows_at(missing, batch, rows), token)
        # An engine without replicas writes token and rows one after the other, and may have the token alone.
        left = () if events.place.has_replicas else _missing(batch, events)
        if left:
            events.insert(_rows_at(left, batch, rows), f"{token}/{left[0]}+{len(left)}")
    events.link(batch.first, batch.last)  # the engine writes rows first, then the links that follow from them


def _missing(batch: Batch, events: Events) -> Sequence[int]:
    there = events.positions(batch.first, batch.last)
    return [position for position in range(batch.first, batch.last + 1) if position not in there]


def _rows_at(positions: Sequence[int], batch: Batch, rows: Sequence[bytes]) -> bytes:
    return b"\n".join(rows[position - batch.first] for position in positions)


def _is_full(batch: Batch) -> bool:
    """Whether it is as large as it may be, so that more entries may wait."""
    count = len(batch.payloads)
    return count >= MAX_BATCH or sum(map(len, batch.payloads)) + count >= MAX_BYTES  # with their ends of line


def _token(batch: Batch) -> str:
    """The name of the batch: under one name, the event store inserts rows once."""
    return f"{batch.first}-{batch.last}"
