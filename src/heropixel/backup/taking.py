"""Takes a backup: first the moment, then the copy.

The moment takes milliseconds. Nothing is loaded meanwhile, and neither directory nor journal is written, since their
write locks are held. The event engine freezes its files as hard links, and a read transaction freezes each SQLite file.
So everything may go on while they are copied.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from heropixel.backup.manifest import DIRECTORY, EVENTS, JOURNAL, KEY, write_manifest
from heropixel.events import Events
from heropixel.folder import sync
from heropixel.troubles import BackupImpossible

_LOCK_SECONDS = 20  # an import holds the directory for up to two
_PAGES = 1_000  # of 4 kB, copied at once: other threads run in between
FROZEN = "shadow"  # the engine's folder for what is frozen
_PREFIX = "backup_"  # letters, digits and _ are what the engine leaves as they are
SPARE = 64 << 20  # bytes that must stay free beside the copy


class Originals(NamedTuple):
    """Where the stores of a server are."""

    directory: Path
    journal: Path
    events: Path
    key: Path | None  # None: the key is not to be copied, or is a setting


class BackupTaken(msgspec.Struct, frozen=True):
    """What was copied."""

    moment: int  # Unix milliseconds: it has everything that was accepted before
    files: int
    size: int  # bytes
    needs_key: bool  # its directory was made with a key that was not copied


class Moment(NamedTuple):
    """All stores as they were at one moment."""

    at: int  # Unix milliseconds
    directory: sqlite3.Connection
    journal: sqlite3.Connection
    frozen: Path  # the engine's files, as hard links
    small: dict[str, bytes]  # the engine's files that are no rows, by their path below the event store


def free_space_for(originals: Originals, target: Path) -> None:
    """Check that a copy fits, before anything is done.

    Raises:
        BackupImpossible: the target is not there for this process, or its disk has too little room.
    """
    if not os.access(target, os.W_OK):
        raise BackupImpossible(why=f"this process cannot write to {target} (user {os.getuid()}; a service may hide it)")
    needed = size_of(originals.events) + size_of(originals.directory) + size_of(originals.journal)
    free = shutil.disk_usage(target).free
    if free < needed + SPARE:
        raise BackupImpossible(
            why=f"the stores take {needed >> 20} MB, and the disk of {target} has {free >> 20} MB left"
        )


def drop_leftovers(events: Path) -> None:
    """Remove the links that an interrupted backup left: they would keep what is erased later."""
    for path in (events / FROZEN).glob(f"{_PREFIX}*"):
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def moment_of(originals: Originals, events: Events, clock: Callable[[], int]) -> Iterator[Moment]:
    """Freeze the stores at one moment. Nothing may be loaded into the event store until it is entered.

    Raises:
        BackupImpossible: a store stayed locked for too long.
        EventsUnavailable: the event store cannot be frozen.
    """
    name = f"{_PREFIX}{os.getpid()}_{clock()}"
    frozen = originals.events / FROZEN / name
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, frozen, ignore_errors=True)
        directory, journal = (stack.enter_context(closing(opened(path))) for path in originals[:2])
        with locked(originals.directory), locked(originals.journal):
            at = clock()
            events.freeze(name)
            if not frozen.is_dir():  # there is always the table of migrations
                raise BackupImpossible(why=f"the event engine kept no files in {frozen}")
            small = {path: (originals.events / path).read_bytes() for path in small_files(originals.events)}
            for connection in (directory, journal):
                freeze(connection)
        yield Moment(at, directory, journal, frozen, small)


# Called again and again while a copy is made. What it raises ends that.
Check = Callable[[], object]


def to_the_end() -> None:
    """Nobody ends it before."""


def copy(moment: Moment, originals: Originals, target: Path, check: Check = to_the_end) -> BackupTaken:
    """Copy what was frozen into an empty folder. It is on the disk when this returns, and gone where it failed.

    Raises:
        BackupImpossible: the target cannot be written, or `check` has raised it.
    """
    try:
        return _copied(moment, originals, target, check)
    except BackupImpossible:
        _empty(target)
        raise
    except OSError as error:
        _empty(target)
        raise BackupImpossible(why=f"{target} cannot be written ({error.strerror or error})") from None


def _empty(target: Path) -> None:
    for path in target.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _copied(moment: Moment, originals: Originals, target: Path, check: Check) -> BackupTaken:
    copy_sqlite(moment.directory, target / DIRECTORY, check)
    copy_sqlite(moment.journal, target / JOURNAL, check)
    _copy_events(moment, originals.events, target / EVENTS, check)
    if originals.key is not None:
        copy_file(originals.key, target / KEY)
    ((key_check,),) = moment.directory.execute("SELECT key_check FROM state").fetchall()
    needs_key = key_check is not None and originals.key is None
    manifest = write_manifest(target, moment.at, needs_key=needs_key)
    sync_all(target)
    return BackupTaken(manifest.moment, len(manifest.files), manifest.size, manifest.needs_key)


def opened(path: Path) -> sqlite3.Connection:
    """A connection that waits for its locks."""
    # The copy is made on another thread than the moment.
    return sqlite3.connect(path, timeout=_LOCK_SECONDS, isolation_level=None, check_same_thread=False)


def freeze(connection: sqlite3.Connection) -> None:
    """Let a connection see no later change of its file."""
    connection.execute("BEGIN")
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let nobody write a SQLite file."""
    with closing(opened(path)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise BackupImpossible(why=f"{path.name} stayed locked for {_LOCK_SECONDS} seconds ({error})") from None
        yield
        connection.execute("ROLLBACK")


def small_files(events: Path) -> Iterator[str]:
    """The files that the engine needs beside rows: schema, formats, and the tokens of what was inserted.

    Not the finished and waiting changes of rows: what is still to be erased stands in the directory, and their text
    may name visitors.
    """
    for pattern in ("engine-version", "schema-version", "metadata/*.sql", "store/*/*/*.sql"):
        yield from (str(path.relative_to(events)) for path in events.glob(pattern))
    for pattern in ("store/*/*/format_version.txt", "store/*/*/deduplication_logs/*"):
        yield from (str(path.relative_to(events)) for path in events.glob(pattern))


def copy_sqlite(snapshot: sqlite3.Connection, target: Path, check: Check = to_the_end) -> None:
    """Copy a SQLite file as a connection sees it. The copy is on the disk when this returns."""
    with closing(sqlite3.connect(_made(target), isolation_level=None)) as copied:
        snapshot.backup(copied, pages=_PAGES, progress=lambda *_: check())
        copied.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with target.open("rb") as file:
        os.fsync(file.fileno())


def sync_all(folder: Path) -> None:
    """Sync a folder and all folders below it, so that the files in them survive a power cut."""
    for inner in (*(path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink()), folder):
        sync(inner)


def _copy_events(moment: Moment, events: Path, target: Path, check: Check) -> None:
    for name, content in moment.small.items():
        _write(target / name, content)
    for path in sorted(moment.frozen.rglob("*")):
        check()
        if path.is_file():
            copy_file(path, target / path.relative_to(moment.frozen))
    copy_links(events, target)


def copy_links(events: Path, target: Path) -> None:
    """Make the links again that lead the engine from names to rows."""
    for link in (*events.glob("metadata/*"), *events.glob("data/*/*")):
        if link.is_symlink():
            made = target / link.relative_to(events)
            made.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            made.symlink_to(link.readlink())


def copy_file(source: Path, target: Path) -> None:
    """Copy a file. The copy is on the disk when this returns."""
    with source.open("rb") as original, _made(target).open("wb") as copied:
        shutil.copyfileobj(original, copied, 1 << 20)
        copied.flush()
        os.fsync(copied.fileno())


def _write(target: Path, content: bytes) -> None:
    with _made(target).open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _made(target: Path) -> Path:
    """The path of a new file that only its owner may read."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    target.touch(mode=0o600)
    return target


def size_of(path: Path) -> int:
    """Bytes of a file, with its log, or of all files below a folder. The engine may remove some meanwhile."""
    if not path.is_dir():
        return sum(map(_bytes_of, (path, path.with_name(f"{path.name}-wal"))))
    return sum(
        _bytes_of(Path(folder, name))
        for folder, _, names in os.walk(path)  # which passes over a folder that is gone
        if Path(folder).relative_to(path).parts[:1] != (FROZEN,)
        for name in names
    )


def _bytes_of(path: Path) -> int:
    try:
        return path.lstat().st_size
    except FileNotFoundError:
        return 0
