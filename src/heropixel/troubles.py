"""Every trouble: what an operator has to mend before a command can go on, and how, once.

A `Trouble` is for the user of the command line: its docstring says what is wrong and what to do next.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from heropixel.errors import Explained, StoreUnavailable


class Trouble(Explained):
    """Something the operator has to mend before the command can go on; `exit_code` is the command's."""

    exit_code: ClassVar[int] = 1


class FolderInUse(Trouble):
    """Another process ({process}) has the folder {folder} open. Stop it, or start with another --data."""

    exit_code = 3


class FolderMissing(Trouble):
    """There is no folder {folder}. Is --data right? `heropixel apps create` and `heropixel serve` make one."""

    exit_code = 2


class FolderNotWritable(Trouble):
    """Cannot write to {folder} ({why}). Give this user write permission, or choose another --data."""

    exit_code = 4


class FolderFromNewerVersion(Trouble):
    """{store} in {where} was made by a newer version of heropixel. Install that version or a later one."""

    exit_code = 5


class FolderFromNewerEngine(FolderFromNewerVersion):
    """The event store in {where} was made by another version of the event engine ({made_by}; this one is {ours}), which
    may keep pageviews in ways that this one damages. Nothing was touched. Start it with the version of heropixel that
    made it, or export its pageviews with that (`heropixel pageviews export`) and import them into a new folder here."""


class FolderOfEarlierVersion(Trouble):
    """The folder {folder} was made by an earlier version, and another process ({process}) has it open. If that is a
    server of the earlier version, restart it with this version. If it is upgrading the folder, wait until it is
    ready."""

    exit_code = 3


class WayBackImpossible(Trouble):
    """Version {version} has to upgrade the folder {folder}, and the copy to go back to cannot be made: {why}. Nothing
    was changed. Make room; or take a backup with the earlier version, and set HEROPIXEL_WAY_BACK_DAYS=0."""

    exit_code = 4


class RestoreUnfinished(Trouble):
    """The folder {folder} is not whole: `heropixel restore` was interrupted. People who were erased after the backup
    may still be in it. Run the same `heropixel restore` again: it begins anew."""

    exit_code = 10


class WorldHasMoved(Trouble):
    """The world of {folder} has moved to {directory} and {events}. Set HEROPIXEL_DIRECTORY_URL, HEROPIXEL_JOURNAL_URL,
    HEROPIXEL_EVENTS_URL and HEROPIXEL_KEY, and start without --data. To go back, as long as nothing was recorded there:
    stop the nodes, and remove {note}."""

    exit_code = 13


class MoveImpossible(Trouble):
    """The world was not moved: {why}."""

    exit_code = 13


class MoveBrokenOff(Trouble):
    """The move was broken off: {why}. The world goes on in its folder. The same command begins again."""

    exit_code = 13


class MoveDoubtful(Trouble):
    """Whether the world of {folder} has moved is not known ({why}). It is served on neither side. Once the database can
    be reached, run the same `heropixel move` again: it says that the world has moved, or moves it."""

    exit_code = 13


class MoveUnfinished(Trouble):
    """A world is being moved into {where}, and not all of it is there. Run the same `heropixel move` again until it is
    done; or drop the database, if the world is to stay in its folder."""

    exit_code = 13


class PortUnusable(Trouble):
    """Cannot listen on {host}:{port} ({why}). Choose another --port, or stop the program that has it."""

    exit_code = 3


class UnknownStore(Trouble):
    """This version cannot open {url} as the {role}. Use one of: {known}."""

    exit_code = 2


class StoreUnreachable(Trouble):
    """{where} cannot be reached ({why}). Start it, or correct its URL."""

    exit_code = 8


class NotDurable(Trouble):
    """{where} cannot keep what is answered to callers. {why} Or accept by the URL that only one disk has it:
    durability=single. See docs/scale.md."""

    exit_code = 2


class EventsUrlUnusable(Trouble):
    """The URL of the event store, {url}, cannot be used: {why}. See docs/scale.md."""

    exit_code = 2


class SettingUnusable(Trouble):
    """{setting} cannot be used: {why}. See docs/settings.md."""

    exit_code = 2


class PlacesUnusable(Trouble):
    """{path} cannot be read as a file of places ({why}). HEROPIXEL_PLACES must name one in MaxMind's format (.mmdb),
    see docs/enrichment.md; without the setting no places are looked up."""

    exit_code = 2


class KeyUnusable(Trouble):
    """{path} does not hold a key, which is 64 to 128 hexadecimal digits. Restore the right one from your backup:
    without it no user can be found."""

    exit_code = 6


class KeyMissing(Trouble):
    """The directory was made with another key. Restore the right `directory.key` beside it, or set HEROPIXEL_KEY, for
    all nodes of a cluster to the same: without it no user can be found."""

    exit_code = 6


class KeyNotSet(Trouble):
    """HEROPIXEL_KEY is not set. All stores are on servers, so no file of this machine has the key of the identifiers.
    For a new cluster make one (`openssl rand -hex 32`), and set it for all nodes and commands. Keep a copy of it apart
    from the database: without it no user can be found."""

    exit_code = 6


class StoreMissing(Trouble):
    """{store} is missing: there is no {path}, though the folder {folder} had one. It was not replaced by an empty one.
    Restore the folder from a backup (`heropixel restore`). To go on without what was in it, move {note} away first."""

    exit_code = 10


class StoreDamaged(Trouble):
    """{path} is damaged ({why}). It was not changed. Keep a copy of the folder, and restore it from a backup
    (`heropixel restore`)."""

    exit_code = 10


class EventStoreDamaged(StoreDamaged):
    """The event store is damaged: the event engine could not read {parts}, and set it aside. Keep a copy of the folder,
    and restore it from a backup (`heropixel restore`). To go on without the pageviews in it, move it away."""


_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@contextmanager
def undamaged(path: str | None) -> Iterator[None]:
    """Turn what SQLite says of a damaged file into a trouble that names the file.

    Raises:
        StoreDamaged: the file is damaged.
    """
    try:
        yield
    except Exception as error:
        cause = getattr(error, "orig", error)  # SQLAlchemy keeps the driver's error in it
        if isinstance(cause, sqlite3.DatabaseError) and getattr(cause, "sqlite_errorcode", 0) & 0xFF in _DAMAGE:
            raise StoreDamaged(path=path, why=cause) from None
        raise


class NotConfirmed(Trouble):
    """{what} This cannot be undone, and here nobody can be asked: add --yes if it is meant. Nothing was changed."""

    exit_code = 2


class BackupImpossible(Trouble):
    """No backup was taken: {why}."""

    exit_code = 11


class NotABackup(Trouble):
    """{folder} is no backup, or one that was interrupted: there is no backup.json in it. `heropixel backup` takes
    one."""

    exit_code = 2


class BackupDamaged(Trouble):
    """The backup {folder} cannot be restored: {what}. Nothing was restored. Take another backup."""

    exit_code = 12


class KeyNotInBackup(Trouble):
    """The backup {backup} was taken without its key. Give the key with --key FILE, or set HEROPIXEL_KEY: nobody is
    found without it."""

    exit_code = 6


class FolderNotEmpty(Trouble):
    """{folder} is not empty, and nothing in it is replaced. Choose a folder that does not exist yet, or an empty
    one."""

    exit_code = 2


class StoreFailed(Trouble):
    """A store cannot be used now: {why}. Nothing was left half done; correct the cause and try again."""

    exit_code = 8


def failed_store(error: Exception) -> StoreFailed | None:
    """What to tell the operator of an error of a store; None: it is no store's."""
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - most commands do not fail, and `--help` needs no store

    if not isinstance(error, (DBAPIError, sqlite3.Error, StoreUnavailable, OSError)):
        return None
    return StoreFailed(why=getattr(error, "orig", None) or error)


class PartFailed(Trouble):
    """The server cannot start: {why}"""

    def __init__(self, exit_code: int, why: str) -> None:
        """`exit_code` is that of the part which failed."""
        super().__init__(why=why)
        self.exit_code = exit_code  # type: ignore[misc]  # of this one


class AppNotFound(Trouble):
    """There is no app {app}. See `heropixel apps list`."""

    exit_code = 7


class MemberMissing(Trouble):
    """There is no such member. See `heropixel members list`; `heropixel members invite` adds one."""

    exit_code = 7


class NotNamed(Trouble):
    """Which {what} is meant? Name one of {names}."""

    exit_code = 2


class NothingTaken(Trouble):
    """Not a single row of {path} was imported. Correct the rows by the reasons in {rejected}, and import the file
    again."""

    exit_code = 1


class NotVerified(Trouble):
    """At {url} {what}."""

    exit_code = 9


class PromiseBroken(Trouble):
    """A promise cannot be kept as things are: {checks}. The report says what to do."""

    exit_code = 1


class FileUnusable(Trouble):
    """{path}: {why}."""

    exit_code = 2


class ServerRefused(Trouble):
    """{why}."""

    exit_code = 2


class ServerUnreachable(Trouble):
    """The folder {folder} is open in {process}, which does not answer ({why}). Wait until it is ready, or stop it and
    try again."""

    exit_code = 3
