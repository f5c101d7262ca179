"""The whole server in one process: the writer has a thread and a loop, and the engine's parts are called directly."""

import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import NamedTuple

from heropixel.concurrency.loops import run
from heropixel.processes.door import serve_http
from heropixel.processes.door_parts import Parts, opened_parts, opened_recording
from heropixel.processes.engine import Engine, opened_engine
from heropixel.processes.foundation import Foundation
from heropixel.processes.parent import Started
from heropixel.processes.steps import opened_loader, opened_stores
from heropixel.processes.stopping import asked_to_stop, leave_unanswered
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
    async with opened_stores(settings) as stores:
        with on_thread(partial(write, settings, joint.node, sockets.to_writer)):
            async with (
                opened_loader(settings, stores, joint.node) as loader,
                opened_recording(foundation, stores) as recording,
                opened_engine(foundation, stores, loader, recording.recorder) as engine,
                opened_parts(foundation, stores, recording, engine.asked) as parts,
            ):
                yield Whole(parts, engine)


def run_whole(foundation: Foundation, listening: socket.socket, started: Started) -> None:
    """Be the whole server until a signal, then finish the accepted work."""

    async def be_all() -> None:
        async with opened_whole(foundation) as whole:
            stopping = asked_to_stop(signal.SIGTERM, signal.SIGINT)
            await serve_http(foundation.settings, whole.parts, listening, started, stopping)
            leave_unanswered("to write pageviews or changes, which nobody was told are there, or for loading or upkeep")

    run(be_all())
