"""The whole server in one process: the writer has a thread and a loop, and the engine's parts are called directly."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import NamedTuple

from heropixel.concurrency.loops import new_loop
from heropixel.processes.door import serve_http
from heropixel.processes.doors import Parts, SeenBySettings, opened_parts
from heropixel.processes.engine import Engine, opened_engine
from heropixel.processes.foundation import Foundation
from heropixel.processes.parent import Started
from heropixel.processes.steps import opened_live, opened_loader, opened_recorder, opened_stores
from heropixel.processes.stopping import asked_to_stop
from heropixel.processes.writer import on_thread, write


class Whole(NamedTuple):
    """The parts of the doors, and of the engine."""

    parts: Parts
    engine: Engine


@asynccontextmanager
async def opened_whole(foundation: Foundation) -> AsyncIterator[Whole]:
    """All parts of a folder that is held. On exit, the accepted work is finished.

    Raises:
        Trouble: a part cannot be opened.
    """
    settings, sockets, joint = foundation
    seen = SeenBySettings.parse(settings)
    async with AsyncExitStack() as stack:
        stores = await stack.enter_async_context(opened_stores(settings))
        stack.enter_context(on_thread(partial(write, settings, sockets.to_writer)))
        loader = await stack.enter_async_context(opened_loader(settings, stores))
        live = stack.enter_context(opened_live(stores))
        recorder = await stack.enter_async_context(
            opened_recorder(settings, stores.registry, sockets.writer, live, joint.waiting)
        )
        engine = await stack.enter_async_context(opened_engine(foundation, stores, loader, recorder))
        parts = await stack.enter_async_context(opened_parts(stores, recorder, live, engine.asked, seen, joint))
        yield Whole(parts, engine)


def run_whole(foundation: Foundation, listening: socket.socket, started: Started) -> None:
    """Be the whole server until a signal, then finish the accepted work."""

    async def run() -> None:
        async with opened_whole(foundation) as whole:
            await serve_http(
                foundation.settings, whole.parts, listening, started, asked_to_stop(signal.SIGTERM, signal.SIGINT)
            )

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(run())
