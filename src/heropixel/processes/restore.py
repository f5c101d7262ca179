"""Restores a backup: copies it back, and does again what was erased or suppressed after it was taken."""

from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from heropixel import folder
from heropixel.backup.manifest import DIRECTORY, KEY, Manifest, read_manifest
from heropixel.backup.restoring import copy_back, restored_into
from heropixel.backup.since import Since, later_backups, what_happened_since
from heropixel.clock import clock
from heropixel.directory import Directory, open_directory
from heropixel.directory.pixels import delete_pixel
from heropixel.directory.suppressions import add_suppressions
from heropixel.errors import UserNotFound
from heropixel.identity.forget import ErasureRequest, forget
from heropixel.identity.identifiers import Index
from heropixel.identity.person import UserSelector
from heropixel.members.sessions import end_every_session
from heropixel.processes.command import Here
from heropixel.processes.index import index_of
from heropixel.settings import Settings
from heropixel.troubles import FileUnusable, KeyNotInBackup


class Restored(NamedTuple):
    """What was restored, and what was done again."""

    manifest: Manifest
    later: list[Path]  # the later states that were looked at
    users: int  # erased again
    pixels: int  # deleted again
    suppressions: int  # made again


def restore(settings: Settings, backup: Path, key: Path | None, erased_in: Sequence[Path]) -> Restored:
    """Restore a backup into the data folder, which must be empty or missing.

    Args:
        settings: those of the new server.
        backup: the folder of the backup.
        key: the file of the key, for a backup without it.
        erased_in: later states of the same stores, beside the backups that stand next to this one.

    Raises:
        Trouble: it cannot be restored; the message says what to do.
    """
    manifest = read_manifest(backup)
    if manifest.needs_key and not (settings.key or key):
        raise KeyNotInBackup(backup=backup)
    for state in erased_in:
        if not (state / DIRECTORY).is_file():
            raise FileUnusable(path=state, why=f"there is no {DIRECTORY} in it")
    content = _content_of(key) if key is not None else None
    parent = backup.absolute().parent  # a way back is in the folder that was upgraded
    later = [*later_backups(backup, manifest.moment), *erased_in]
    if (parent / DIRECTORY).is_file() and parent not in [state.absolute() for state in later]:
        later.append(parent)
    with restored_into(settings.data.absolute()):
        copy_back(backup, manifest, settings.data)
        if content is not None:
            folder.make_once(settings.data / KEY, content)
        return _erased_again(settings, manifest, later)


def _erased_again(settings: Settings, manifest: Manifest, later: list[Path]) -> Restored:
    users = pixels = suppressions = 0
    with closing(open_directory(settings.url_of_directory())) as directory:
        index = index_of(settings, directory)
        with directory.writing() as connection:
            end_every_session(connection)
        for state in later:
            if since := what_happened_since(manifest.moment, settings.data, state):
                users += _erase(directory, index, since)
                pixels += _delete(directory, since)
                suppressions += _suppress(directory, since)
    Here(settings).finish_all()
    return Restored(manifest, later, users, pixels, suppressions)


def _content_of(key: Path) -> bytes:
    try:
        return key.read_bytes()
    except OSError as error:
        raise FileUnusable(path=key, why=error.strerror or error) from None


def _erase(directory: Directory, index: Index, since: Since) -> int:
    erased = 0
    for gone in since.users:
        request = ErasureRequest(
            gone.app, UserSelector(id=str(gone.id)), tombstone=False, origin="COMMAND", now=clock()
        )
        with suppress(UserNotFound), directory.writing() as connection:  # merged users go with whom they belong to
            forget(connection, index, request)
            erased += 1
    return erased


def _delete(directory: Directory, since: Since) -> int:
    for gone in since.pixels:
        with directory.writing() as connection:
            delete_pixel(connection, gone.id, erase=since.pixels_erased, origin="COMMAND", now=clock())
    return len(since.pixels)


def _suppress(directory: Directory, since: Since) -> int:
    with directory.writing() as connection:
        return len(add_suppressions(connection, since.suppressions))
