"""How each part of the product is opened and closed. A process opens its parts in the order given here.

They are closed in the opposite order, so that accepted pageviews finish their way: endpoints, recorder, loader, stores.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec
import structlog

from heropixel.backup.backups import Backups
from heropixel.backup.manifest import KEY
from heropixel.backup.taking import Originals, drop_leftovers
from heropixel.backup.way_back import drop_outdated, drop_unfinished
from heropixel.clock import clock
from heropixel.cluster.upkeep_lock import upkeep_lock
from heropixel.concurrency.joint_count import JointCount
from heropixel.directory import MEDIUM_CACHE, SMALL_CACHE, Directory, open_directory
from heropixel.directory.merges import survivors
from heropixel.directory.registry import Registry
from heropixel.directory.thread import DirectoryThread
from heropixel.directory.trait_values import trait_values
from heropixel.enrichment import NOWHERE, Places, whereabouts
from heropixel.errors import DirectoryUnavailable, EventsUnavailable
from heropixel.events import Bounds, EventsThread
from heropixel.events.asking import Asking, AskingHere
from heropixel.identity.identifiers import Index
from heropixel.journal import open_journal
from heropixel.members.passwords import Passwords
from heropixel.members.roster import Roster
from heropixel.members.uses import LastUses
from heropixel.operating.moving import MovableFiles
from heropixel.outages import Outage, loggable
from heropixel.postgres import is_postgres
from heropixel.processes.event_store import events_of
from heropixel.processes.index import index_of
from heropixel.recording.backlog import Backlog
from heropixel.recording.linking import Linking
from heropixel.recording.live import Live
from heropixel.recording.loader import Loader, lower_priority
from heropixel.recording.past import PastRecorder
from heropixel.recording.recorder import Recorder
from heropixel.recording.room import Room
from heropixel.reports.reporting import Reporting, ReportingHere
from heropixel.settings import Settings
from heropixel.troubles import BackupImpossible, MoveImpossible
from heropixel.upkeep.upkeep import Upkeep

log = structlog.get_logger()


class _Closes(Protocol):
    def close(self) -> object: ...


C = TypeVar("C", bound=_Closes)


class Stores(msgspec.Struct, frozen=True):
    """The directory, with the registry and the index in memory."""

    directory: Directory
    registry: Registry
    roster: Roster
    index: Index


@asynccontextmanager
async def opened_stores(settings: Settings) -> AsyncIterator[Stores]:
    """Open the directory, create or migrate it, and keep apps and pixels in memory.

    Raises:
        Trouble: a store, or the key of the directory, cannot be used.
    """
    async with AsyncExitStack() as stack:
        directory = stack.enter_context(closing(open_directory(settings.url_of_directory())))
        index = index_of(settings, directory)
        roster = Roster()
        registry = Registry(directory, roster)
        stack.callback(registry.close)
        await stack.enter_async_context(running(registry.keep_fresh()))
        yield Stores(directory, registry, roster, index)


def linking_of(settings: Settings, directory: Directory) -> Linking:
    """Links the browsers of pageviews to users, within the bound of the settings."""
    return Linking(directory, clock, most_browsers=settings.max_browsers)


@asynccontextmanager
async def opened_loader(settings: Settings, stores: Stores, node: str) -> AsyncIterator[Loader]:
    """Load the journal into the event store, and load the rest on exit."""
    with (
        closing(open_journal(settings.url_of_journal(), node)) as loading,
        closing(stores.directory.another(cache=MEDIUM_CACHE)) as directory,
        closing(
            Loader(loading, linking_of(settings, directory), events_of(settings), clock, stores.registry.owns)
        ) as loader,
    ):
        try:
            await loader.open()
        except EventsUnavailable as error:
            trouble = "starting without the event store: pageviews are accepted and loaded later"
            log.warning(trouble, error=loggable(error))
        work = asyncio.create_task(loader.run())
        try:
            yield loader
        finally:
            loader.stop()
            await work


@asynccontextmanager
async def opened_live(stores: Stores) -> AsyncIterator[Live]:
    """Send pageviews to subscribers as they are recorded."""
    live = Live(lambda: stores.registry.pixels, stores.registry.owns)
    async with running(live.keep_checking()):
        yield live


_ANSWER_WITHIN = 10.0  # seconds: standbys may be away for longer


@asynccontextmanager
async def opened_recorder(
    settings: Settings,
    registry: Registry,
    writer: Path,
    live: Live | None = None,
    waiting: JointCount | None = None,
) -> AsyncIterator[Recorder]:
    """Have pageviews recorded by the writer at this socket, and wait for the accepted ones on exit."""
    recorder = Recorder(
        writer,
        settings.max_waiting,
        live,
        lambda: asyncio.to_thread(registry.refresh),
        waiting,
        _ANSWER_WITHIN if is_postgres(settings.url_of_journal()) else None,
    )
    async with running(recorder.keep_connected()):
        try:
            yield recorder
        finally:
            await recorder.drain()


def room_of(settings: Settings) -> Room:
    """The room on the disks of the data folder and of the journal."""
    return Room({*settings.folders().values()}, settings.min_free_disk)


@asynccontextmanager
async def watched(room: Room) -> AsyncIterator[Room]:
    """Look how much room there is, for all processes that share it."""
    room.look()  # before the first pageview
    async with running(room.keep_looking()):
        yield room


@asynccontextmanager
async def opened_upkeep(settings: Settings, stores: Stores, backlog: Backlog, loader: Loader) -> AsyncIterator[Upkeep]:
    """Erase, expire and reprocess in the background."""
    directory = stores.directory.another(cache=SMALL_CACHE)
    upkeep = Upkeep(
        directory,
        events_of(settings),
        stores.registry,
        backlog,
        loader,
        clock,
        most_browsers=settings.max_browsers,
        lock=upkeep_lock(settings.url_of_directory()) if is_postgres(settings.url_of_directory()) else None,
    )
    with closing(upkeep):
        async with running(upkeep.run()):
            yield upkeep


@contextmanager
def opened_asking(settings: Settings) -> Iterator[Asking]:
    """Ask the event store about people and pageviews."""
    with closing(EventsThread(events_of(settings))) as thread:
        yield AskingHere(thread)


@contextmanager
def opened_reporting(settings: Settings, stores: Stores) -> Iterator[Reporting]:
    """Answer reports, with lower priority than all other queries of the event store."""
    bounds = Bounds(settings.report_seconds, settings.report_memory, settings.report_memory // 4)
    with (
        closing(stores.directory.another(cache=SMALL_CACHE)) as people,
        closing(EventsThread(events_of(settings, bounds), begin=lower_priority)) as thread,
    ):
        yield ReportingHere(
            thread,
            lambda app: survivors(people.connection, app),
            lambda app, name: trait_values(people.connection, app, name),
            settings.report_seconds,
        )


@contextmanager
def opened_directory_thread(stores: Stores, cache: int) -> Iterator[DirectoryThread]:
    """Read and change the directory from an event loop."""
    with closing(DirectoryThread(stores.directory.another(cache=cache))) as thread:
        yield thread


@contextmanager
def opened_passwords() -> Iterator[Passwords]:
    """Hash passwords, with lower priority than everything else."""
    with closing(Passwords(lower_priority)) as passwords:
        yield passwords


@asynccontextmanager
async def noted_uses(directory: DirectoryThread) -> AsyncIterator[LastUses]:
    """Note when sessions and keys were last used, and write the rest on exit."""
    uses = LastUses()
    async with running(uses.keep_writing(directory)):
        yield uses
    with contextlib.suppress(DirectoryUnavailable):  # which is logged
        await uses.write(directory)


def backlog_of(recorder: Recorder, loader: Loader) -> Backlog:
    """The pageviews that are accepted and not loaded yet."""
    return Backlog(recorder.accepted, loader.reach)


@asynccontextmanager
async def opened_backups(settings: Settings, loader: Loader) -> AsyncIterator[Backups]:
    """Take backups, remove what an interrupted one left, and remove the way back of an upgrade in time."""
    url = settings.url_of_events()
    if url.startswith("chdb:///"):
        drop_leftovers(_file_of(url))
    async with running(_drop_ways_back(settings)):
        yield Backups(lambda with_key: originals_of(settings, with_key=with_key), loader, clock)


_LOOK_SECONDS = 3600.0


async def _drop_ways_back(settings: Settings) -> None:
    outage = Outage("the copy from before an upgrade can be deleted again")
    while True:
        try:
            await asyncio.to_thread(drop_unfinished, settings.data)
            for path in await asyncio.to_thread(drop_outdated, settings.data, settings.way_back_days, clock()):
                log.info("the copy from before an upgrade was deleted", folder=str(path))
        except OSError as error:
            outage.failed("the copy from before an upgrade cannot be deleted, and keeps people who were erased", error)
        else:
            outage.worked()
        await asyncio.sleep(_LOOK_SECONDS)


def originals_of(settings: Settings, *, with_key: bool) -> Originals:
    """Where the files of the stores are, for a backup.

    Raises:
        BackupImpossible: a store is not in files of this machine.
    """
    key = settings.data / KEY
    return Originals(
        directory=_file_of(settings.url_of_directory()),
        journal=_file_of(settings.url_of_journal()),
        events=_file_of(settings.url_of_events()),
        key=key if with_key and not settings.key and key.exists() else None,
    )


def movable_files(settings: Settings) -> MovableFiles | None:
    """The files of a world that may move into a cluster; None: a store is on a server."""
    urls = settings.url_of_directory(), settings.url_of_journal(), settings.url_of_events()
    if not all(url.startswith(("sqlite:///", "chdb:///")) for url in urls):
        return None
    return MovableFiles(settings.data.absolute(), *map(_file_of, urls))


def files_to_move(settings: Settings) -> MovableFiles:
    """The same.

    Raises:
        MoveImpossible: a store is on a server.
    """
    files = movable_files(settings)
    if files is None:
        raise MoveImpossible(why="its stores are on servers already")
    return files


_OWN_TOOLS = (
    "Use the tools of the databases: for PostgreSQL pg_basebackup, or pg_dump with --no-unlogged-table-data; for"
    " ClickHouse BACKUP"
)


def _file_of(url: str) -> Path:
    scheme, _, path = url.partition("://")
    if scheme not in ("sqlite", "chdb"):
        raise BackupImpossible(why=f"a store is at {scheme}://. {_OWN_TOOLS}")
    return Path(path.removeprefix("/") if scheme == "sqlite" else path)


def places_of(settings: Settings) -> Places | None:
    """The places of addresses, if the operator has set a file.

    Raises:
        PlacesUnusable: the file cannot be read.
    """
    return Places(settings.places) if settings.places else None


def past_recorder(
    stores: Stores, recorder: Recorder, backlog: Backlog, asking: Asking, places: Places | None, room: Room
) -> PastRecorder:
    """The recorder of past pageviews. No proxy gives a place for them."""
    return PastRecorder(stores.registry, recorder, backlog, asking, clock, whereabouts(places, NOWHERE), room)


@asynccontextmanager
async def running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run a task in the background. On exit it is cancelled, and has ended before what it uses is closed."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
