"""The way back of an upgrade: the folder as it was, kept inside of it as a backup before a newer version changes it.

Nothing has the event store open then. Its rows are in files that the engine never changes, so hard links to them are a
copy that takes neither time nor room. The engine is not asked: a newer one might change the folder by opening it.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

from heropixel.backup.manifest import DIRECTORY, EVENTS, JOURNAL, KEY, read_manifest, write_manifest
from heropixel.backup.taking import (
    SPARE,
    copy_file,
    copy_links,
    copy_sqlite,
    freeze,
    locked,
    opened,
    size_of,
    small_files,
)
from heropixel.folder import UNFINISHED, WAY_BACK, sync, ways_back
from heropixel.troubles import BackupDamaged, BackupImpossible, NotABackup, WayBackImpossible

_NO_ROWS = ("tmp", "delete_tmp")  # what the engine has not finished, or was removing
_SUM = "checksums.txt"  # each set of rows has one
_DAY = 86_400_000  # milliseconds


class StoreFiles(NamedTuple):
    """The stores of a folder that are files of this machine, and there."""

    directory: Path | None
    journal: Path | None
    events: Path | None
    key: Path | None


def make_way_back(
    files: StoreFiles, folder: Path, version: str, clock: Callable[[], int], *, sums: bool = False
) -> Path:
    """Copy the stores into the folder `before-VERSION`, and remove the one of an earlier upgrade.

    It is there whole, or not at all. Nobody may have the event store open.

    Raises:
        WayBackImpossible: there is no room for it, or a store cannot be read.
    """
    made, fresh = folder / f"{WAY_BACK}{version}", folder / f"{WAY_BACK}{version}{UNFINISHED}"
    try:
        drop_unfinished(folder)
        _check_room(files, folder)
        fresh.mkdir(mode=0o700)
        _fill(files, fresh, clock, sums=sums)
        for earlier in ways_back(folder):
            shutil.rmtree(earlier)
        fresh.rename(made)
        sync(folder)
    except (OSError, sqlite3.Error, BackupImpossible) as error:
        shutil.rmtree(fresh, ignore_errors=True)
        why = error.details["why"] if isinstance(error, BackupImpossible) else getattr(error, "strerror", "") or error
        raise WayBackImpossible(folder=folder, version=version, why=why) from None
    return made


def drop_outdated(folder: Path, days: int, now: int) -> list[Path]:
    """Delete the way back that was made so many days ago: it keeps people who were erased since.

    Raises:
        OSError: it could not be deleted.
    """
    outdated = [path for path in ways_back(folder) if _made_at(path) < now - days * _DAY]
    for path in outdated:
        shutil.rmtree(path)
    return outdated


def drop_unfinished(folder: Path) -> None:
    """Delete what a process left that was killed while it made one.

    Raises:
        OSError: it could not be deleted.
    """
    for path in folder.glob(f"{WAY_BACK}*{UNFINISHED}"):
        shutil.rmtree(path)


def _made_at(folder: Path) -> int:
    """Unix milliseconds."""
    try:
        return read_manifest(folder).moment
    except (NotABackup, BackupDamaged):
        return int(folder.stat().st_mtime * 1000)


def _check_room(files: StoreFiles, folder: Path) -> None:
    copied = [path for path in (files.directory, files.journal) if path]
    if files.events and files.events.stat().st_dev != folder.stat().st_dev:  # links do not lead to another disk
        copied.append(files.events)
    needed, free = sum(map(size_of, copied)), shutil.disk_usage(folder).free
    if free < needed + SPARE:
        raise BackupImpossible(why=f"it takes {(needed + SPARE) >> 20} MB, and the disk has {free >> 20} MB left")


def _fill(files: StoreFiles, fresh: Path, clock: Callable[[], int], *, sums: bool) -> None:
    needs_key = False
    with ExitStack() as stack:
        originals = {DIRECTORY: files.directory, JOURNAL: files.journal}
        there = {name: path for name, path in originals.items() if path}
        snapshots = {name: stack.enter_context(closing(opened(path))) for name, path in there.items()}
        with ExitStack() as locks:
            for path in there.values():
                locks.enter_context(locked(path))  # commands of another process share the directory
            at = clock()
            for snapshot in snapshots.values():
                freeze(snapshot)
        for name, snapshot in snapshots.items():
            copy_sqlite(snapshot, fresh / name)
        if DIRECTORY in snapshots:
            ((key_check,),) = snapshots[DIRECTORY].execute("SELECT key_check FROM state").fetchall()
            needs_key = key_check is not None and files.key is None
    if files.events:
        _link_events(files.events, fresh / EVENTS)
    if files.key:
        copy_file(files.key, fresh / KEY)
    os.sync()  # once for all: there may be thousands of small files
    write_manifest(fresh, at, needs_key=needs_key, sums=sums)


def _link_events(events: Path, target: Path) -> None:
    for name in small_files(events):
        copy_file(events / name, target / name)
    for row_file in _row_files(events):
        _link(row_file, target / row_file.relative_to(events))
    copy_links(events, target)


def _row_files(events: Path) -> Iterator[Path]:
    for summed in sorted(events.glob(f"store/*/*/*/{_SUM}")):
        if not summed.parent.name.startswith(_NO_ROWS):
            yield from (path for path in sorted(summed.parent.rglob("*")) if path.is_file())


def _link(source: Path, target: Path) -> None:
    """Link a file of rows. Texts are copied: the engine may write the version of a table's columns again."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if source.suffix != ".txt":
        try:
            os.link(source, target)
        except OSError:  # another disk, or a file system without links
            pass
        else:
            return
    shutil.copyfile(source, target)
