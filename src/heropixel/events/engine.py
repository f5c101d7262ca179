"""Which version of the embedded engine a folder was last opened by: an older one must not touch it."""

import os
import secrets
from pathlib import Path

from heropixel.troubles import FolderFromNewerEngine

NOTE = "engine-version"
_ENGINES_OWN = "metadata"  # what every version of the engine makes in its folder first


def check_engine(folder: Path) -> None:
    """See to it that this engine may open a folder, and note its version there, before it opens it.

    An engine reads what older ones wrote. What a newer one wrote it may fail at, or take for something else: the order
    of columns in a file, a number for a time. The engine itself neither notes its version nor refuses. Patches keep the
    format, so the first two numbers of a version count.

    Raises:
        FolderFromNewerEngine: a newer engine has been at it; or one that left no note, as before there were notes.
        OSError: the note cannot be read or written.
    """
    ours, noted = _version(), _noted(folder)
    if noted is None and (folder / _ENGINES_OWN).exists():
        raise FolderFromNewerEngine(where=folder, made_by="it left no note of which", ours=ours)
    if noted is not None and _numbers(noted) > _numbers(ours):
        raise FolderFromNewerEngine(where=folder, made_by=noted, ours=ours)
    if noted != ours:
        _write(folder, ours)


def _version() -> str:
    import chdb  # noqa: PLC0415 - it loads the whole engine, which a server with a cluster does without

    return str(chdb.engine_version)


def _noted(folder: Path) -> str | None:
    try:
        return (folder / NOTE).read_text().strip()
    except FileNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split(".")[:2])


def _write(folder: Path, version: str) -> None:
    """Whole or not at all, and on the disk: a folder that has data and no note is refused."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = folder / f"{NOTE}.{secrets.token_hex(4)}"
    with fresh.open("w") as file:
        file.write(f"{version}\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / NOTE)
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
