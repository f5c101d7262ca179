"""What was erased or suppressed after a backup, as a later state of the same stores shows.

A later state is another backup, or the folder that a server used until it was lost. An id of a user or a pixel is never
given twice, so whoever is in the backup and not in the later state has been erased in between.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from heropixel.backup.manifest import DIRECTORY, NAME, read_manifest
from heropixel.directory.suppressions import NewSuppression
from heropixel.directory.tables import APP_SHIFT
from heropixel.troubles import BackupDamaged, NotABackup


class UserGone(NamedTuple):
    """A user of an app who was erased."""

    app: int
    id: int


class PixelGone(NamedTuple):
    """A pixel of an app that was deleted."""

    app: int
    id: int


class Since(NamedTuple):
    """What happened after the moment of a backup."""

    users: list[UserGone]
    pixels: list[PixelGone]
    pixels_erased: bool  # the pageviews of these pixels were erased, too
    suppressions: list[NewSuppression]


def later_backups(backup: Path, moment: int) -> list[Path]:
    """The backups that stand beside one and were taken after it."""
    found = []
    for folder in sorted(backup.absolute().parent.iterdir()):
        try:
            if folder.is_dir() and folder != backup.absolute() and read_manifest(folder).moment > moment:
                found.append(folder)
        except (NotABackup, BackupDamaged, OSError):
            continue
    return found


def what_happened_since(moment: int, restored: Path, later: Path) -> Since | None:
    """Compare a restored folder with a later state; None where it is of other stores.

    Raises:
        sqlite3.DatabaseError: the later state cannot be read.
    """
    with closing(_opened(restored)) as old, closing(_opened(later)) as new:
        if _all(old, _KEY_CHECK) != _all(new, _KEY_CHECK):
            return None
        users, pixels = (sorted({*_all(old, what)} - {*_all(new, what)}) for what in (_USERS, _PIXELS))
        known = {key for (key,) in _all(old, "SELECT key FROM suppressed")}
        new_keys: dict[tuple[Any, ...], list[bytes]] = {}
        for *row, key in _all(new, _SUPPRESSIONS, moment):
            if key not in known:
                new_keys.setdefault(tuple(row), []).append(key)
        return Since(
            users=[UserGone(*row) for row in users],
            pixels=[PixelGone(*row) for row in pixels],
            pixels_erased=len(_all(new, _PIXEL_ERASURES, moment)) >= len(pixels),
            suppressions=[NewSuppression._make((*row[1:], keys)) for row, keys in new_keys.items()],
        )


def _opened(folder: Path) -> sqlite3.Connection:
    # A backup does not change, and reading must leave no files in it. A server's folder may have a log to be read.
    how = "immutable=1" if (folder / NAME).exists() else "mode=ro"
    return sqlite3.connect(f"file:{quote(str(folder / DIRECTORY))}?{how}", uri=True)


_KEY_CHECK = "SELECT key_check FROM state"
_USERS = f"SELECT id >> {APP_SHIFT}, id FROM users"  # noqa: S608 - a constant
_PIXELS = "SELECT app, id FROM pixels"
_PIXEL_ERASURES = """
    SELECT id FROM erasures
    WHERE requested_at > ? AND users IS NULL AND json_extract(counts, '$.users') IS NULL
    AND json_extract(counts, '$.suppressions') IS NULL
"""
_SUPPRESSIONS = (
    "SELECT s.id, s.app, s.kind, s.value, s.reason, s.created_at, s.expires_at, s.tombstone, k.key"
    " FROM suppressions s JOIN suppressed k ON k.suppression = s.id WHERE s.created_at > ?"
)


def _all(connection: sqlite3.Connection, question: str, *values: object) -> list[tuple[Any, ...]]:
    return connection.execute(question, values).fetchall()
