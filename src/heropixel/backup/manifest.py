"""The manifest of a backup: its moment, the version that took it, and each file with its checksum.

It is written last, so a folder without one is no backup, or one that was interrupted.
"""

import hashlib
import os
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import msgspec

from heropixel.troubles import BackupDamaged, NotABackup

NAME = "backup.json"
DIRECTORY, JOURNAL, EVENTS, KEY = "directory.sqlite3", "journal.sqlite3", "events", "directory.key"


class CopiedFile(msgspec.Struct, frozen=True):
    """A file of a backup, by its path below the backup's folder."""

    path: str
    size: int  # bytes
    sha256: str  # empty: it is the original file itself, by another name


class Manifest(msgspec.Struct, frozen=True):
    """What a backup consists of."""

    moment: int  # Unix milliseconds: the backup has everything that was accepted before
    version: str  # of heropixel
    needs_key: bool  # its directory was made with a key that is not in it
    files: list[CopiedFile]
    links: dict[str, str]  # symbolic links of the event engine, with their targets below the same folder

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


def write_manifest(folder: Path, moment: int, *, needs_key: bool, sums: bool = True) -> Manifest:
    """Describe the files that stand in a folder. It is on the disk when this returns.

    Without `sums` the files of the event store have no checksums: they are links, and reading them would take long.

    Raises:
        OSError: a file cannot be read, or the manifest not written.
    """
    files, links = [], {}
    for path in sorted(_inside(folder)):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            links[name] = str(path.readlink())
        else:
            summed = sums or not name.startswith(f"{EVENTS}/")
            files.append(CopiedFile(name, path.stat().st_size, checksum(path) if summed else ""))
    manifest = Manifest(moment, version("heropixel"), needs_key, files, links)
    fresh = folder / f"{NAME}.part"
    with fresh.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest)))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / NAME)
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup.

    Raises:
        NotABackup: there is none.
        BackupDamaged: it cannot be read.
    """
    try:
        manifest = msgspec.json.decode((folder / NAME).read_bytes(), type=Manifest)
    except (FileNotFoundError, NotADirectoryError):
        raise NotABackup(folder=folder) from None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BackupDamaged(folder=folder, what=f"{NAME} cannot be read ({error})") from None
    for name in (*(file.path for file in manifest.files), *manifest.links):
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise BackupDamaged(folder=folder, what=f"{NAME} names a file outside of the backup")
    return manifest


def checksum(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _inside(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_symlink() or path.is_file())
