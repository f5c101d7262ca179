"""Moves the world of a folder into a cluster, beside the server of the folder, or without one."""

import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec
import psycopg

from heropixel import folder
from heropixel.clock import clock
from heropixel.directory import open_directory
from heropixel.errors import EventsUnavailable, StoreUnavailable
from heropixel.events import Events
from heropixel.folder import MovedTo
from heropixel.moving.changes import count_of, opened, unwatch, watch
from heropixel.moving.changing_over import ChangeOver, Folder
from heropixel.moving.directory_copy import copy_all, copy_changes, keys_of_tables, rows_in
from heropixel.moving.events_copy import copy_events, pageviews_in
from heropixel.moving.journal_copy import RECEIPTS, JournalCopy
from heropixel.moving.target import Target, begin, check, connected, is_done, opened_events
from heropixel.operating.line import OperatorsLine, line_to_holder
from heropixel.operating.moving import CHANGE_OVER, FREEZE, HOLD, NOT_UNDER_WAY, ChangeAsked, MovableFiles
from heropixel.processes.command import Here
from heropixel.processes.current_directory import to_stderr
from heropixel.processes.index import index_of
from heropixel.processes.steps import files_to_move
from heropixel.processes.upgrading import upgrade
from heropixel.settings import Settings
from heropixel.troubles import MoveBrokenOff, ServerUnreachable

_LITTLE = 2_000  # changes and entries that are left for the moment in which pageviews wait
_ROUNDS = 50
_FREEZE_SECONDS = 300.0
_CHANGE_SECONDS = 120.0
_LOOK_SECONDS = 3.0


class MoveSteps(Protocol):
    """What a person is told meanwhile."""

    def step(self, sentence: str) -> None:
        """A step is done."""

    def progress(self, what: str, done: int, total: int) -> None:
        """So much of a step is done."""


class WorldMoved(NamedTuple):
    """What was moved, and how long it took."""

    rows: int  # of the directory
    receipts: int
    pageviews: int
    note: MovedTo
    is_served: bool  # the server of the folder goes on with the cluster's stores


class _Side(Protocol):
    """Who holds the folder meanwhile."""

    def frozen(self) -> Path:
        """The folder of the event store as of now. From now on nothing is loaded, and nothing erased there."""

    def change_over(self) -> MovedTo:
        """Change over."""


class Move:
    """A move of the world of a folder to a target."""

    def __init__(self, settings: Settings, target: Target, told: MoveSteps) -> None:
        """Raises MoveImpossible: the stores are not in files."""
        files = files_to_move(settings)
        self._settings = settings
        self._files = files
        self._target = target
        self._told = told
        self._world = _world_of(files.data)
        self._attempt = secrets.token_hex(8)
        self._key = ""

    def check(self) -> None:
        """Check both sides.

        Raises:
            Trouble: the world cannot move.
        """
        note = folder.moved_to(self._files.data)
        if note is not None:
            if note.directory != self._target.shown[0] or is_done(self._target, self._world):
                folder.check_whole(self._files.data)  # which says where it is
            folder.unnote_moved(self._files.data)  # it was broken off at the last moment
        self._key = _key_of(self._settings)
        check(self._target, self._world)

    def run(self) -> WorldMoved:
        """Move it.

        Raises:
            MoveBrokenOff: it goes on in its folder. Call it again.
        """
        try:
            with line_to_holder(self._files.data) as line, ExitStack() as stack:
                side = stack.enter_context(self._beside(line) if line else self._alone())
                return self._moved(side, is_served=line is not None)
        except (EventsUnavailable, StoreUnavailable, ServerUnreachable, psycopg.Error, sqlite3.Error) as error:
            raise MoveBrokenOff(why=" ".join(str(error).split())[:500]) from error

    def _moved(self, side: _Side, *, is_served: bool) -> WorldMoved:
        files, told = self._files, self._told
        with ExitStack() as stack:
            directory = stack.enter_context(closing(opened(files.directory)))
            journal = stack.enter_context(closing(opened(files.journal)))
            begin(self._target, self._world, self._attempt)
            connection = stack.enter_context(connected(self._target))
            began = time.monotonic()
            watch(directory, keys_of_tables())
            watch(journal, RECEIPTS)
            total = rows_in(directory)
            rows = copy_all(directory, connection, lambda done: told.progress("Copying the directory", done, total))
            told.step(f"Copied the directory: {rows:,} rows in {time.monotonic() - began:,.1f} s.")
            began = time.monotonic()
            events = side.frozen()
            pageviews = self._copy_events(events)
            told.step(f"Copied the event store: {pageviews:,} pageviews in {time.monotonic() - began:,.1f} s.")
            began = time.monotonic()
            copy = JournalCopy.begun(journal, connection)
            receipts = copy.copy_receipts()
            for _ in range(_ROUNDS):
                left = copy_changes(directory, connection) + copy.copy_changes()
                if left <= _LITTLE and count_of(directory) + count_of(journal) <= _LITTLE:
                    break
            told.step(f"Caught up: {receipts:,} receipts and what came meanwhile in {time.monotonic() - began:,.1f} s.")
        note = side.change_over()
        return WorldMoved(rows, receipts, pageviews, note, is_served)

    def _copy_events(self, folder_of_events: Path) -> int:
        with closing(Events(f"chdb://{folder_of_events}")) as source, closing(opened_events(self._target)) as target:
            total = pageviews_in(source)
            told = self._told.progress
            return copy_events(source, target, self._attempt, lambda done: told("Copying pageviews", done, total))

    @contextmanager
    def _alone(self) -> Iterator[_Side]:
        """This process holds the folder."""
        with folder.held(self._files.data, "heropixel move"):
            folder.check_stores(self._files.data, self._settings.stores_in_folder())
            upgrade(self._settings, to_stderr)
            Here(self._settings).finish_all()
            try:
                yield _Alone(self._files, self._target, self._world, self._attempt)
            finally:
                for file in (self._files.directory, self._files.journal):
                    unwatch(file)

    @contextmanager
    def _beside(self, line: OperatorsLine) -> Iterator[_Side]:
        """A server holds it, and lets it move for as long as this process is connected."""
        held = line.lines("GET", f"{HOLD}?attempt={self._attempt}", _FREEZE_SECONDS)
        with closing(held):  # type: ignore[type-var]  # a generator
            next(held)
            yield _Beside(self._key, line, self._files, self._target, self._world, self._attempt)
            for file in (self._files.directory, self._files.journal):  # if it is gone back to, it is as it was
                unwatch(file)


class _Alone(NamedTuple):
    """See `_Side`."""

    files: MovableFiles
    target: Target
    world: str
    attempt: str

    def frozen(self) -> Path:
        """See `_Side.frozen`."""
        return self.files.events

    def change_over(self) -> MovedTo:
        """See `_Side.change_over`."""
        where = Folder(self.files.data, self.files.directory, self.files.journal)
        return ChangeOver(where, self.target, self.world, self.attempt, clock).work(clock())


class _Beside(NamedTuple):
    """See `_Side`."""

    key: str
    line: OperatorsLine
    files: MovableFiles
    target: Target
    world: str
    attempt: str

    def frozen(self) -> Path:
        """See `_Side.frozen`."""
        return Path(self.line.post(f"{FREEZE}?attempt={self.attempt}", b"", _FREEZE_SECONDS).decode())

    def change_over(self) -> MovedTo:
        """See `_Side.change_over`."""
        asked = ChangeAsked(*self.target, key=self.key, world=self.world, attempt=self.attempt)
        self.line.post(CHANGE_OVER, msgspec.json.encode(asked), _FREEZE_SECONDS)
        until = time.monotonic() + _CHANGE_SECONDS
        while time.monotonic() < until:
            note = folder.moved_to(self.files.data)
            if note is not None and is_done(self.target, self.world):
                return note
            if self._is_over(is_noted=note is not None):
                break
            time.sleep(0.1)
        raise MoveBrokenOff(why="the server could not change over; its log says why")

    def _is_over(self, *, is_noted: bool) -> bool:
        """Whether nobody changes over any more: the server has ended, or serves the folder as before."""
        if folder.holder_of(self.files.data) is None:
            return True
        if is_noted:
            return False
        try:
            return self.line.get(f"{CHANGE_OVER}?attempt={self.attempt}", _LOOK_SECONDS) == NOT_UNDER_WAY
        except (ServerUnreachable, StoreUnavailable):  # its engine ends, or starts
            return False


def _key_of(settings: Settings) -> str:
    """The key of the directory, in hexadecimal.

    Raises:
        KeyMissing: the server has it, and this command has not.
    """
    with closing(open_directory(settings.url_of_directory())) as directory:
        index_of(settings, directory)
    key = folder.key_of(settings.data, make_one=False)
    return settings.key or (key.hex() if key else "")


_WORLD = "moving.id"


def _world_of(data: Path) -> str:
    """A name for the world of a folder, by which the target knows it again."""
    path = data / _WORLD
    folder.make_once(path, secrets.token_hex(16).encode())
    return path.read_text()
