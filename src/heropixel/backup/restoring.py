"""Copies a backup into a new folder, each file checked, and puts the folder in place in one step."""

import hashlib
import os
import secrets
import shutil
from pathlib import Path

from heropixel.backup.manifest import NAME, CopiedFile, Manifest, read_manifest
from heropixel.folder import sync
from heropixel.troubles import BackupDamaged, FolderNotEmpty, FolderNotWritable

_CHUNK = 1 << 20  # bytes


def copy_back(backup: Path, target: Path) -> Manifest:
    """Copy a backup into a folder that does not exist or is empty. It is there whole, or not at all.

    Raises:
        NotABackup, BackupDamaged: it is none, or a file in it is not what was copied.
        FolderNotEmpty: there is something in the target.
        FolderNotWritable: the target cannot be written.
    """
    manifest = read_manifest(backup)
    target = target.absolute()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise FolderNotEmpty(folder=target)
    fresh = target.with_name(f"{target.name}.restoring-{secrets.token_hex(4)}")
    try:
        fresh.mkdir(mode=0o700, parents=True)
        _fill(fresh, backup, manifest)
        if target.exists():
            target.rmdir()
        fresh.rename(target)
        sync(target.parent)
    except OSError as error:
        raise FolderNotWritable(folder=target, why=error.strerror or error) from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return manifest


def _fill(fresh: Path, backup: Path, manifest: Manifest) -> None:
    for file in manifest.files:
        if file.path != NAME:
            _copy(backup, file, fresh / file.path)
    for name, to in manifest.links.items():
        (fresh / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        (fresh / name).symlink_to(to)
    for folder in (*(path for path in fresh.rglob("*") if path.is_dir() and not path.is_symlink()), fresh):
        sync(folder)


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
    if summed.hexdigest() != file.sha256:
        raise BackupDamaged(folder=backup, what=f"{file.path} is not what was copied into it")
