"""Each folder notes the version of the embedded engine that last opened it: an older engine must not open it.

It also notes its schema. So whether it has to be migrated is known without the engine, before anything in it changes.
"""

import os
import secrets
from pathlib import Path

from heropixel.troubles import EventStoreDamaged, FolderFromNewerEngine

NOTE, SCHEMA_NOTE = "engine-version", "schema-version"
_ENGINES_OWN = "metadata"  # every version of the engine creates it first in its folder


def check_engine(folder: Path) -> None:
    """Check that this engine may open a folder, and note its version there, before it opens the folder.

    An engine reads what older ones wrote. It may fail at what a newer one wrote, or misread it: the order of columns in
    a file, a number for a time. The engine itself neither notes its version nor refuses. Patches keep the format, so
    the first two numbers of a version count.

    Raises:
        FolderFromNewerEngine: a newer engine has opened it; or one that left no note, as before there were notes.
        OSError: the note cannot be read or written.
    """
    ours, noted = engine_version(), engine_noted(folder)
    if noted is None and (folder / _ENGINES_OWN).exists():
        raise FolderFromNewerEngine(where=folder, made_by="it left no note of which", ours=ours)
    if noted is not None and numbers(noted) > numbers(ours):
        raise FolderFromNewerEngine(where=folder, made_by=noted, ours=ours)
    if noted != ours:
        _write(folder, NOTE, ours)


def note_schema(folder: Path, number: int) -> None:
    """Note that a folder is migrated up to this number.

    Raises:
        OSError: the note cannot be written.
    """
    if schema_noted(folder) != number:
        _write(folder, SCHEMA_NOTE, str(number))


def schema_noted(folder: Path) -> int | None:
    """The number up to which a folder is migrated; 0 where a version without this note made it; None: there is none.

    Raises:
        OSError: the note cannot be read.
    """
    noted = _read(folder / SCHEMA_NOTE)
    if noted is not None and noted.isdigit():
        return int(noted)
    return 0 if (folder / _ENGINES_OWN).exists() else None


def check_damage(folder: Path) -> None:
    """Check that the engine could read all rows when it opened a folder. It sets aside what it cannot, in silence.

    Raises:
        EventStoreDamaged: it has set something aside.
    """
    for path in folder.glob("store/*/*/detached/broken*"):
        raise EventStoreDamaged(parts=path)


def engine_version() -> str:
    """The version of this engine."""
    import chdb  # noqa: PLC0415 - it loads the whole engine, which a server with a cluster does not need

    return str(chdb.engine_version)


def engine_noted(folder: Path) -> str | None:
    """The version of the engine that opened a folder last; None where there is no note.

    Raises:
        OSError: the note cannot be read.
    """
    return _read(folder / NOTE)


def numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version that count."""
    return tuple(int(number) for number in version.split(".")[:2])


def _read(note: Path) -> str | None:
    try:
        return note.read_text().strip()
    except FileNotFoundError:
        return None


def _write(folder: Path, note: str, content: str) -> None:
    """The note is written whole or not at all, and on the disk: a folder with data and without a note is refused."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = folder / f"{note}.{secrets.token_hex(4)}"
    with fresh.open("w") as file:
        file.write(f"{content}\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / note)
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
