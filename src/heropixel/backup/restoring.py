"""Copies a backup into a new folder, each file checked. Until all is done, a note says that the folder is not whole."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from heropixel.backup.manifest import NAME, CopiedFile, Manifest
from heropixel.backup.taking import sync_all
from heropixel.folder import LOCK, held, make_once, sync, unfinished_restore
from heropixel.troubles import BackupDamaged, FolderNotEmpty, FolderNotWritable

_CHUNK = 1 << 20  # bytes


@contextmanager
def restored_into(target: Path) -> Iterator[None]:
    """A folder to restore into. It does not exist, is empty, or holds what an interrupted restore left.

    Where the block fails, nothing is left of it. Where the process is killed, the note stays, and no other command uses
    the folder.

    Raises:
        FolderNotEmpty: there is something in the target.
        FolderNotWritable: the target cannot be written.
    """
    note = unfinished_restore(target)
    try:
        if target.exists() and not note.exists() and (not target.is_dir() or any(_content(target))):
            raise FolderNotEmpty(folder=target)
        done = False
        with held(target, "heropixel restore"):
            try:
                make_once(note, b"")
                _empty(target, but=note)
                target.chmod(0o700)
                yield
                note.unlink()
                sync(target)
                done = True
            finally:
                if not done:
                    shutil.rmtree(target, ignore_errors=True)
    except OSError as error:
        raise FolderNotWritable(folder=target, why=error.strerror or error) from None


def _empty(target: Path, but: Path) -> None:
    for path in _content(target):
        if path.is_dir():
            shutil.rmtree(path)
        elif path != but:
            path.unlink()


def _content(target: Path) -> list[Path]:
    return [path for path in target.iterdir() if path.name != LOCK]  # a restore that was killed at once leaves it


def copy_back(backup: Path, manifest: Manifest, target: Path) -> None:
    """Copy a backup into an empty folder.

    Raises:
        BackupDamaged: a file in it is not what was copied.
        OSError: the target cannot be written.
    """
    for file in manifest.files:
        if file.path != NAME:
            _copy(backup, file, target / file.path)
    for name, to in manifest.links.items():
        (target / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        (target / name).symlink_to(to)
    sync_all(target)


def _copy(backup: Path, file: CopiedFile, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    summed = hashlib.sha256()
    try:
        original = (backup / file.path).open("rb")
    except OSError as error:
        raise BackupDamaged(folder=backup, what=f"{file.path} cannot be read ({error.strerror})") from None
    with original, open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copied:  # noqa: PTH123 - no path
        while chunk := original.read(_CHUNK):
            summed.update(chunk)
            copied.write(chunk)
        copied.flush()
        os.fsync(copied.fileno())
    is_right = summed.hexdigest() == file.sha256 if file.sha256 else target.stat().st_size == file.size
    if not is_right:
        raise BackupDamaged(folder=backup, what=f"{file.path} is not what was copied into it")
