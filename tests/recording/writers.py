"""A writer on real stores, on a thread of its own, and a recorder that hands pageviews to it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

from heropixel.identity.resolve import Resolver
from heropixel.journal import Journal
from heropixel.processes.parent import Started
from heropixel.processes.sockets import Sockets, opened_sockets
from heropixel.processes.steps import running
from heropixel.processes.writer import on_thread
from heropixel.recording.live import Live
from heropixel.recording.recorder import Recorder
from heropixel.recording.writer import Writer


@contextmanager
def serving(resolver: Resolver, journal: Journal, clock: Callable[[], int], sockets: Sockets) -> Iterator[Writer]:
    """A writer on a thread of its own."""
    writer = Writer(resolver, journal, clock)

    async def work(stopping: asyncio.Event, started: Started) -> None:
        started()
        await writer.serve(sockets.to_writer, stopping)

    with on_thread(work):
        yield writer


@asynccontextmanager
async def recording(
    resolver: Resolver, journal: Journal, clock: Callable[[], int], max_waiting: int = 10_000, live: Live | None = None
) -> AsyncIterator[Recorder]:
    """A recorder whose writer uses these stores. On exit, everything is answered."""
    with opened_sockets() as sockets, serving(resolver, journal, clock, sockets):
        recorder = Recorder(sockets.writer, max_waiting, live)
        async with running(recorder.keep_connected()):
            yield recorder
            await recorder.drain()
