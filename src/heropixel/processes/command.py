"""The process of a command: the server that holds the folder does the work, or the command itself if none runs."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from heropixel import folder
from heropixel.backup.taking import BackupTaken, copy, free_space_for, moment_of
from heropixel.clock import clock
from heropixel.cluster.nodes import new_node
from heropixel.cluster.upkeep_lock import held_for_upkeep
from heropixel.directory import Directory, open_directory
from heropixel.directory.erasures import Erasure, find_erasure, waiting_erasures
from heropixel.directory.merges import survivors
from heropixel.directory.registry import Registry, read_pixels
from heropixel.directory.trait_values import trait_values
from heropixel.directory.unlinks import Unlink, find_unlink, waiting_unlinks
from heropixel.events import Events
from heropixel.events.evidence import VisitorLink, links_of
from heropixel.events.first_sources import FirstSource, first_sources
from heropixel.events.people import Persons
from heropixel.events.person_rows import all_rows_of
from heropixel.identity.claim import apply_claims
from heropixel.journal import open_journal
from heropixel.operating.by_server import ByServer
from heropixel.operating.line import line_to_holder
from heropixel.operating.operations import OperatorActions
from heropixel.processes.current_directory import to_stderr
from heropixel.processes.event_store import events_of
from heropixel.processes.sockets import opened_sockets
from heropixel.processes.steps import (
    backlog_of,
    linking_of,
    opened_asking,
    opened_loader,
    opened_recorder,
    opened_stores,
    originals_of,
    past_recorder,
    places_of,
    room_of,
    watched,
)
from heropixel.processes.upgrading import upgrade
from heropixel.processes.writer import on_thread, write
from heropixel.recording.as_of import loaded_until
from heropixel.recording.loader import Loader
from heropixel.recording.past import Record, record_by_pixel
from heropixel.reports.ask import EVERYTHING, Report, ask
from heropixel.reports.asked import operators_question
from heropixel.reports.exporting import ExportInput, ExportQuestion
from heropixel.reports.people import PersonScopes
from heropixel.reports.question import ReportInput
from heropixel.settings import Settings
from heropixel.upkeep.erasing import erase
from heropixel.upkeep.reprocessing import Count, reprocess_all
from heropixel.upkeep.unlinking import apply_unlinks


@contextmanager
def operations(settings: Settings, command: str) -> Iterator[OperatorActions]:
    """The operations of the command, by the server that holds the folder. If none does, this process holds it.

    Where all stores are on servers there is no folder, and this process does them.

    Raises:
        FolderInUse: another command holds the folder.
        FolderNotWritable: this user may not write there.
    """
    if not settings.keeps_files:  # nodes may run anywhere, and all stores serve many
        yield Here(settings)
        return
    with line_to_holder(settings.data) as line:
        if line:
            yield ByServer(line, settings.report_seconds)
        else:
            with folder.held(settings.data, f"heropixel {command}"):
                folder.check_stores(settings.data, settings.stores_in_folder())
                upgrade(settings, to_stderr)
                yield Here(settings)


class Here:
    """Operations in this process, which holds the folder; see `OperatorActions`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def export(self, given: ExportInput) -> Iterator[dict[str, Any]]:
        """See `OperatorActions.export`."""
        with self._drained() as (directory, events):
            question = ExportQuestion.parse(given, read_pixels(directory.connection), clock())
            yield from question.rows(events, survivors(directory.connection))

    def rows_of(self, app: int, users: Sequence[int]) -> Iterator[dict[str, Any]]:
        """See `OperatorActions.rows_of`."""
        with self._drained() as (_, events):
            yield from all_rows_of(events, app, users)

    def links_of(self, app: int, users: Sequence[int]) -> list[VisitorLink]:
        """See `OperatorActions.links_of`."""
        with self._drained() as (_, events):
            return links_of(events, app, users)

    def report(self, given: ReportInput) -> Report:
        """See `OperatorActions.report`."""
        with self._drained() as (directory, events):
            app, question = operators_question(given, read_pixels(directory.connection), clock())
            known = directory.connection
            people = PersonScopes(partial(survivors, known), partial(trait_values, known))
            scope_of = partial(people.scope, events, app, question.pixels, traits=question.traits)
            as_of = loaded_until(self._settings.url_of_journal(), clock)  # other nodes may have something to load
            return msgspec.structs.replace(ask(events, scope_of, question, EVERYTHING), as_of=as_of)

    def first_sources(self, app: int, persons: Persons) -> dict[int, FirstSource]:
        """See `OperatorActions.first_sources`."""
        with self._drained() as (_, events):
            return first_sources(events, app, persons)

    def reprocess(self, progress: Callable[[Count], None], *, everything: bool) -> Count:
        """See `OperatorActions.reprocess`."""
        with self._drained() as (directory, events), held_for_upkeep(self._settings.url_of_directory()):
            return reprocess_all(events, progress, Registry(directory).owns, everything=everything)

    @asynccontextmanager
    async def recording(self) -> AsyncIterator[Record]:
        """See `OperatorActions.recording`."""
        settings = self._settings
        async with AsyncExitStack() as stack:
            stores = await stack.enter_async_context(opened_stores(settings))
            sockets = stack.enter_context(opened_sockets())
            room = await stack.enter_async_context(watched(room_of(settings)))
            node = new_node()
            stack.enter_context(on_thread(partial(write, settings, node, sockets.to_writer)))
            loader = await stack.enter_async_context(opened_loader(settings, stores, node))
            recorder = await stack.enter_async_context(opened_recorder(settings, stores.registry, sockets.writer))
            with opened_asking(settings) as asking:
                backlog = backlog_of(recorder, loader)
                past = past_recorder(stores, recorder, backlog, asking, places_of(settings), room)
                await past.catch_up()
                yield partial(record_by_pixel, past.record)

    def finish_all(self) -> None:
        """Load what waits in the journal, and do the erasures that wait."""
        with self._drained():
            pass

    def backup(self, target: Path, *, with_key: bool) -> BackupTaken:
        """See `OperatorActions.backup`."""
        originals = originals_of(self._settings, with_key=with_key)
        free_space_for(originals, target)
        with self._drained() as (_, events), moment_of(originals, events, clock) as moment:
            return copy(moment, originals, target)

    def finish(self, directory: Directory, erasure: Erasure) -> Erasure:
        """See `OperatorActions.finish`."""
        self.finish_all()
        return find_erasure(directory.connection, erasure.app, erasure.id)

    def follow(self, directory: Directory, unlink: Unlink) -> Unlink:
        """See `OperatorActions.follow`."""
        self.finish_all()
        return find_unlink(directory.connection, unlink.app, unlink.id) or unlink

    @contextmanager
    def _drained(self) -> Iterator[tuple[Directory, Events]]:
        """The directory and the event store, after waiting pageviews are loaded and waiting erasures are done."""
        with (
            closing(open_journal(self._settings.url_of_journal(), new_node())) as loading,
            closing(open_directory(self._settings.url_of_directory())) as directory,
            closing(
                Loader(
                    loading,
                    linking_of(self._settings, directory),
                    events_of(self._settings),
                    clock,
                    Registry(directory).owns,
                )
            ) as loader,
        ):
            with held_for_upkeep(self._settings.url_of_directory()):
                erasures = waiting_erasures(directory.connection)
                unlinks = waiting_unlinks(directory.connection)
                apply_claims(directory, clock(), self._settings.max_browsers)
                loader.load_all()
                apply_unlinks(directory, loader.connect(), unlinks)
                erase(directory, loader.connect(), erasures, clock)
            yield directory, loader.connect()
