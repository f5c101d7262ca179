"""A writer on real stores, on a thread of its own, and a recorder that hands pageviews to it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from heropixel.identity.resolve import Resolver
from heropixel.journal import Journal
from heropixel.processes.sockets import opened_sockets
from heropixel.processes.steps import running
from heropixel.processes.writer import on_thread
from heropixel.recording.live import Live
from heropixel.recording.recorder import Recorder
from heropixel.recording.writer import Writer


@asynccontextmanager
async def recording(
    resolver: Resolver, journal: Journal, clock: Callable[[], int], max_waiting: int = 10_000, live: Live | None = None
) -> AsyncIterator[Recorder]:
    """A recorder whose writer uses these stores. On exit, everything is answered."""

    async def serve(stopping: asyncio.Event) -> None:
        await Writer(resolver, journal, clock).serve(sockets.to_writer, stopping)

    with opened_sockets() as sockets, on_thread(serve):
        recorder = Recorder(sockets.writer, max_waiting, live)
        with running(recorder.keep_connected()):
            yield recorder
            await recorder.drain()
