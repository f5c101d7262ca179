"""The engine of a server: it alone has the event store open, and loads, changes and reads it for all other parts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import NamedTuple

from heropixel.backup.backups import Backups
from heropixel.channels.serving import Served, serving
from heropixel.clock import clock
from heropixel.concurrency.loops import run
from heropixel.directory import SMALL_CACHE
from heropixel.directory.thread import DirectoryThread
from heropixel.events.asking import Asking
from heropixel.operating.door import OperatorsDoor
from heropixel.operating.listening import listening_for_operators
from heropixel.operating.moving import Moving
from heropixel.processes.event_store import events_of
from heropixel.processes.foundation import Foundation
from heropixel.processes.parent import Started
from heropixel.processes.sockets import Sockets
from heropixel.processes.state import state_of
from heropixel.processes.steps import (
    Stores,
    backlog_of,
    movable_files,
    opened_asking,
    opened_backups,
    opened_directory_thread,
    opened_loader,
    opened_recorder,
    opened_reporting,
    opened_stores,
    opened_upkeep,
    past_recorder,
    places_of,
)
from heropixel.processes.stopping import asked_to_stop, leave_unanswered
from heropixel.processes.to_engine import ToEngine
from heropixel.recording.as_of import AsOf
from heropixel.recording.backlog import Backlog
from heropixel.recording.loader import Loader
from heropixel.recording.past import PastRecorder
from heropixel.recording.recorder import Recorder
from heropixel.reports.reporting import Reporting
from heropixel.upkeep.catching_up import CatchingUp, CatchingUpHere
from heropixel.upkeep.upkeep import Upkeep


class Engine(NamedTuple):
    """The parts of the engine."""

    directory: DirectoryThread
    backlog: Backlog
    upkeep: Upkeep
    backups: Backups
    moving: Moving
    asking: Asking
    reporting: Reporting
    past: PastRecorder
    catching_up: CatchingUp

    @property
    def asked(self) -> ToEngine:
        """What doors ask of it."""
        return ToEngine(self.asking, self.reporting, self.catching_up)


def run_engine(foundation: Foundation, started: Started) -> None:
    """Be the engine until it is asked to stop, then load the rest of the journal."""

    async def be() -> None:
        stopping = asked_to_stop(then=partial(leave_unanswered, "for loading or upkeep, which is done later"))
        await be_engine(foundation, stopping, started)

    run(be())


async def be_engine(foundation: Foundation, stopping: asyncio.Event, started: Started = lambda: None) -> None:
    """Be the engine until it is told to stop, then load the rest of the journal.

    Raises:
        Trouble: a part cannot be opened.
    """
    settings, sockets, joint = foundation
    async with (
        opened_stores(settings) as stores,
        opened_loader(settings, stores, joint.node) as loader,
        opened_recorder(settings, stores.registry, sockets.writer, waiting=joint.waiting) as recorder,
        opened_engine(foundation, stores, loader, recorder) as engine,
        served_to_doors(engine, sockets),
    ):
        started()
        await stopping.wait()


@asynccontextmanager
async def opened_engine(
    foundation: Foundation, stores: Stores, loader: Loader, recorder: Recorder
) -> AsyncIterator[Engine]:
    """The parts of the engine, and its endpoint for commands.

    The loader outlives the recorder, so that it loads what that accepts last.
    """
    settings = foundation.settings
    async with AsyncExitStack() as stack:
        backlog = backlog_of(recorder, loader)
        upkeep = await stack.enter_async_context(opened_upkeep(settings, stores, backlog, loader))
        asking = stack.enter_context(opened_asking(settings))
        engine = Engine(
            directory=stack.enter_context(opened_directory_thread(stores, SMALL_CACHE)),
            backlog=backlog,
            upkeep=upkeep,
            backups=await stack.enter_async_context(opened_backups(settings, loader)),
            moving=moving_of(foundation, loader, upkeep),
            asking=asking,
            reporting=stack.enter_context(opened_reporting(settings, stores)),
            past=past_recorder(stores, recorder, backlog, asking, places_of(settings), foundation.joint.room),
            catching_up=CatchingUpHere(loader, upkeep),
        )
        await stack.enter_async_context(served_to_operators(foundation, stores, engine))
        yield engine


def moving_of(foundation: Foundation, loader: Loader, upkeep: Upkeep) -> Moving:
    """Lets the world move, if it is in files, and if there is a parent that can start other parts."""
    parent = None if foundation.joint.is_alone else foundation.sockets.to_parent
    return Moving(loader, upkeep, movable_files(foundation.settings), parent)


@asynccontextmanager
async def served_to_doors(engine: Engine, sockets: Sockets) -> AsyncIterator[None]:
    """Answer what doors ask; see to_engine.py."""
    async with serving(
        sockets.to_engine,
        Served(Asking, engine.asking),
        Served(Reporting, engine.reporting),
        Served(CatchingUp, engine.catching_up),
    ):
        yield


@asynccontextmanager
async def served_to_operators(foundation: Foundation, stores: Stores, engine: Engine) -> AsyncIterator[None]:
    """Answer what commands ask."""
    settings = foundation.settings
    door = OperatorsDoor(
        registry=stores.registry,
        directory=engine.directory,
        backlog=engine.backlog,
        upkeep=engine.upkeep,
        reporting=engine.reporting,
        as_of=AsOf(settings.url_of_journal(), clock),
        past=engine.past,
        backups=engine.backups,
        moving=engine.moving,
        open_events=events_of(settings),
        state=partial(state_of, settings, foundation.joint.room),
    )
    async with listening_for_operators(door.application(), foundation.sockets.to_operators, settings.drain_seconds):
        yield
