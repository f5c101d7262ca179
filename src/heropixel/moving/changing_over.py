"""The moment at which a world changes from its folder to a cluster.

Nobody writes the folder then: its write locks are held. The note in the folder is there before the cluster's stores are
complete. So whatever ends this, no two worlds go on: at worst none does, until the same command is run again.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import psycopg

from heropixel import folder
from heropixel.browser.salt_files import SaltFiles
from heropixel.browser.salt_table import SaltTable
from heropixel.browser.salts import DAY
from heropixel.cluster.unfinished import note_done
from heropixel.folder import MovedTo
from heropixel.moving.changes import opened
from heropixel.moving.directory_copy import apply_changes, copy_changes, go_on_numbering
from heropixel.moving.journal_copy import JournalCopy
from heropixel.moving.target import Target, connected, is_done
from heropixel.troubles import MoveBrokenOff, StoreUnreachable

_DOUBT_SECONDS: Final = 20.0


class Folder(NamedTuple):
    """The files of a world."""

    path: Path
    directory: Path
    journal: Path


class ChangeOver:
    """Connects at once, and changes over when it is told to."""

    def __init__(self, files: Folder, target: Target, world: str, attempt: str, clock: Callable[[], int]) -> None:
        """Raises StoreUnreachable: the target cannot be reached."""
        self._files = files
        self._target = target
        self._world = world
        self._attempt = attempt
        self._clock = clock
        self._connection = connected(target)

    def follow(self) -> None:
        """Copy what came meanwhile, so that little is left.

        Raises:
            psycopg.Error, sqlite3.Error: it cannot be copied.
        """
        with closing(opened(self._files.directory)) as directory, closing(opened(self._files.journal)) as journal:
            copy_changes(directory, self._connection)
            JournalCopy.continued(journal, self._connection).copy_changes()

    def work(self, began: int) -> MovedTo:
        """Bring the last changes, and note on both sides that the world is there.

        `began`: since when pageviews wait, in Unix milliseconds.

        Raises:
            MoveBrokenOff: it goes on in its folder.
            StoreUnreachable: whether it has moved is not known. The folder says that it has.
        """
        with self._connection, ExitStack() as stack:
            directory, journal = (stack.enter_context(_locked(file)) for file in self._files[1:])
            now = self._clock()
            share_salts(self._files, self._target, now)
            moved = MovedTo(*self._target.shown, at=now, waited=self._clock() - began)
            folder.note_moved(self._files.path, moved)
            try:
                self._complete(directory, journal)
            except Exception as error:
                if not self._is_done():
                    folder.unnote_moved(self._files.path)
                    raise MoveBrokenOff(why=" ".join(str(error).split())) from error
            return moved

    def _is_done(self) -> bool:
        """Whether it is committed, where the answer was lost. A database that starts again is waited for.

        Raises:
            StoreUnreachable: nobody can say.
        """
        until = time.monotonic() + _DOUBT_SECONDS
        while True:
            try:
                return is_done(self._target, self._world)
            except (StoreUnreachable, psycopg.Error):
                if time.monotonic() > until:
                    raise
                time.sleep(0.5)

    def _complete(self, directory: sqlite3.Connection, journal: sqlite3.Connection) -> None:
        copy = JournalCopy.continued(journal, self._connection)
        with self._connection.transaction():
            apply_changes(directory, self._connection)
            go_on_numbering(directory, self._connection)
            copy.apply_changes()
            copy.hand_over()
            if not note_done(self._connection, self._attempt, self._clock()):
                raise MoveBrokenOff(why="another attempt has begun")


def share_salts(files: Folder, target: Target, now: int) -> None:
    """Take along the salts of today and yesterday, so that no visitor counts twice."""
    here, there = SaltFiles(files.journal.parent), SaltTable(target.directory)
    for day in (now // DAY, now // DAY - 1):
        salt = here.find(day)
        if salt is not None:
            there.share(day, salt)


@contextmanager
def _locked(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(opened(file)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection
        connection.execute("ROLLBACK")
