"""Upgrades a folder of an earlier version: makes the way back, then migrates all stores.

A process that is killed in between leaves a note, so the next start goes on. It makes no other way back then: that one
would be of a folder that is half migrated.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from heropixel import folder
from heropixel.backup.manifest import KEY
from heropixel.backup.way_back import StoreFiles, make_way_back
from heropixel.clock import clock
from heropixel.directory import open_directory
from heropixel.directory.schema import NEWEST, revision_of
from heropixel.errors import EventsUnavailable
from heropixel.events.engine import check_engine, engine_noted, engine_version, numbers, schema_noted
from heropixel.events.migrating import migrations
from heropixel.events.place import folder_of
from heropixel.folder import sync
from heropixel.journal import open_journal
from heropixel.journal.sqlite import SCHEMA_VERSION, version_of
from heropixel.processes.event_store import events_of
from heropixel.settings import Settings, sqlite_file
from heropixel.troubles import FolderFromNewerVersion, FolderInUse, FolderOfEarlierVersion

Say = Callable[[str], None]  # where the operator reads what is done

_NOTE = "upgrading.json"


class Schemas(msgspec.Struct, frozen=True):
    """How each store of a folder is kept; None where it is not there, or not in files of this machine."""

    directory: str | None
    journal: int | None
    events: int | None
    engine: tuple[int, ...] | None

    def behind(self, other: "Schemas") -> bool:
        """Whether a store that is there is older than the other's."""
        mine, others = msgspec.structs.astuple(self), msgspec.structs.astuple(other)
        return any(_is_older(a, b) for a, b in zip(mine, others, strict=True))


def _is_older(one: Any, other: Any) -> bool:  # noqa: ANN401 - two schemas of one store
    return one is not None and other is not None and bool(one < other)


def upgrade_unheld(settings: Settings, say: Say) -> None:
    """As `upgrade`, for a process that does not hold the folder.

    Raises:
        FolderOfEarlierVersion: another process holds it.
        WayBackImpossible: see `upgrade`.
    """
    try:
        with folder.held(settings.data, "heropixel, upgrading the folder"):
            upgrade(settings, say)
    except FolderInUse:
        raise FolderOfEarlierVersion(folder=settings.data, process=folder.holder_of(settings.data)) from None


def upgrade(settings: Settings, say: Say) -> None:
    """Upgrade the folder if an earlier version made it. This process holds the folder, and has no store open.

    Raises:
        WayBackImpossible: the way back cannot be made. Nothing is changed then.
    """
    files = files_of(settings)
    found, newest = schemas_in(files), newest_schemas(files)
    refuse_newer(files, found, newest)
    note = settings.data / _NOTE
    if not found.behind(newest):
        note.unlink(missing_ok=True)
        return
    if _goes_on(note, found):
        say("An upgrade of the folder was interrupted, and goes on.")
    elif settings.way_back_days:
        # Versions that left no note of their schema compare a checksum of each file when they restore.
        made = make_way_back(files, settings.data, version("heropixel"), clock, sums=not found.events)
        say(_how_to_go_back(settings, made))
        _write(note, newest)
    _migrate(settings, files)
    note.unlink(missing_ok=True)


def refuse_newer(files: StoreFiles, found: Schemas, newest: Schemas) -> None:
    """Refuse a folder of a newer version before anything in it changes.

    Raises:
        FolderFromNewerVersion: it is one, or its event store was opened by a newer engine.
    """
    if not newest.behind(found):
        return
    for store, at, ours, theirs in (
        ("The directory", files.directory, newest.directory, found.directory),
        ("The journal", files.journal, newest.journal, found.journal),
        ("The event store", files.events, newest.events, found.events),
    ):
        if at and _is_older(ours, theirs):
            raise FolderFromNewerVersion(store=store, where=at)
    if files.events:
        check_engine(files.events)


def files_of(settings: Settings) -> StoreFiles:
    """The stores of the settings that are files of this machine."""
    events = folder_of(settings.url_of_events())
    key = settings.data / KEY
    return StoreFiles(
        directory=sqlite_file(settings.url_of_directory()),
        journal=sqlite_file(settings.url_of_journal()),
        events=events if events and events.is_dir() else None,
        key=key if not settings.key and key.exists() else None,
    )


def schemas_in(files: StoreFiles) -> Schemas:
    """How they are kept now."""
    noted = engine_noted(files.events) if files.events else None
    return Schemas(
        directory=revision_of(files.directory) if files.directory else None,
        journal=version_of(files.journal) if files.journal else None,
        events=schema_noted(files.events) if files.events else None,
        engine=_engine_of(noted) if files.events else None,
    )


def _engine_of(noted: str | None) -> tuple[int, ...]:
    return numbers(noted) if noted else _UNKNOWN


_UNKNOWN = (1_000_000,)  # an engine that left no note is refused as a newer one


def newest_schemas(files: StoreFiles) -> Schemas:
    """How this version keeps them."""
    return Schemas(
        directory=NEWEST,
        journal=SCHEMA_VERSION,
        events=migrations()[-1][0],
        engine=numbers(engine_version()) if files.events else None,
    )


def _goes_on(note: Path, found: Schemas) -> bool:
    """Whether an upgrade was interrupted after the way back was made, and before all stores were migrated."""
    try:
        return found.behind(msgspec.json.decode(note.read_bytes(), type=Schemas))
    except (FileNotFoundError, msgspec.MsgspecError):
        return False


def _write(note: Path, to: Schemas) -> None:
    with open(os.open(note, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123 - no path
        file.write(msgspec.json.encode(to))
        file.flush()
        os.fsync(file.fileno())
    sync(note.parent)


def _migrate(settings: Settings, files: StoreFiles) -> None:
    if files.directory:
        open_directory(settings.url_of_directory()).close()
    if files.journal:
        open_journal(settings.url_of_journal()).close()
    if files.events:
        with suppress(EventsUnavailable):  # the loader tries it again and again
            events_of(settings)().close()


def _how_to_go_back(settings: Settings, made: Path) -> str:
    until = datetime.fromtimestamp(clock() / 1000, UTC) + timedelta(days=settings.way_back_days)
    data = settings.data.absolute()
    return (
        f"This version upgrades the folder {data}. The folder as it was is kept in {made.absolute()} until"
        f" {until:%Y-%m-%d}. To go back, install the earlier version again and run:"
        f" heropixel --data NEW restore {made.absolute()} --erased-in {data}"
    )
