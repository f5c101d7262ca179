"""The directory stores apps, pixels, domains and users. A URL opens it, and opening migrates it."""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager

from sqlalchemy import Connection

from heropixel.postgres import SCHEMES, without_secrets
from heropixel.troubles import UnknownStore

# How much of the file a connection to SQLite caches in memory at most, in bytes. The operating system caches the rest.
# A page from there costs a microsecond (one look-up in an index of 1,000,000 keys takes 11 with 4 MiB, 10 with all).
LARGE_CACHE = 48 << 20  # on the way of a pageview: the upper levels of the index of 100,000,000 identifiers
MEDIUM_CACHE = 24 << 20  # for many users at once: a thousand new ones touch 4,500 pages, which are written in one piece
SMALL_CACHE = 4 << 20  # for connections that read now and then

# People that are decided on between two statements of a transaction, at most. That takes some 50 ms. PostgreSQL ends a
# transaction after five seconds without a statement, and a machine may be busy (docs/decisions/0024).
MOST_BETWEEN_STATEMENTS = 1_000


class Directory(ABC):
    """A connection to the directory. One per thread that uses it: it is not shared.

    What `writing` has committed is on the disk before it returns.
    """

    # Rows of a file that are imported in one transaction. Pageviews that learn a user wait for it.
    rows_at_once: int

    @property
    @abstractmethod
    def connection(self) -> Connection:
        """The connection, opened on first use, in autocommit: reads hold no transaction open between statements."""

    @abstractmethod
    def writing(self) -> AbstractContextManager[Connection]:
        """One transaction that holds the write lock from its first statement on. What it reads stays true until then.

        Within `group` it is a part of the group's transaction, and commits nothing by itself.

        Raises:
            sqlalchemy.exc.OperationalError: the disk is full, or another process held the lock for too long.
        """

    @abstractmethod
    def group(self) -> AbstractContextManager[Connection]:
        """A group of pageviews, which is resolved and appended. On a database that is also the journal it is one
        transaction. SQLite does nothing: the directory's transaction is in `writing`, the journal's in `append`.
        """

    @abstractmethod
    def scrub(self) -> None:
        """Overwrite what was deleted, where it can still be read; as far as the database can, and readers allow it."""

    @abstractmethod
    def another(self, wait_seconds: float = 30, cache: int = LARGE_CACHE, *, mapped: bool = False) -> "Directory":
        """The same directory for another thread. It waits this long for the write lock before it fails.

        `cache` and `mapped` are for SQLite. `mapped`: it reads the file from the memory of the operating system,
        without copying.
        """

    @abstractmethod
    def close(self) -> None:
        """Close this connection."""


def open_directory(url: str) -> Directory:
    """Open the directory at a URL, such as `sqlite:////var/lib/heropixel/directory.sqlite3`; make or migrate it.

    Raises:
        UnknownStore: no such kind of directory.
        FolderFromNewerVersion: a later version of heropixel has written to it.
        StoreDamaged: the file is damaged.
        SettingUnusable: the database cannot be used as it was made.
        sqlalchemy.exc.DBAPIError: the database cannot be reached.
    """
    scheme = url.partition(":")[0]
    if scheme == "sqlite":
        from heropixel.directory.sqlite import open_sqlite  # noqa: PLC0415 - loaded when its URL is used

        return open_sqlite(url)
    if scheme in SCHEMES:
        from heropixel.directory.postgres import open_postgres  # noqa: PLC0415 - as above

        return open_postgres(url)
    known = "sqlite:////path, postgresql://user:password@host/db"
    raise UnknownStore(url=without_secrets(url), role="directory", known=known)


def open_current(url: str) -> Directory | None:
    """Open the directory if it is there and of this version; None if not. Nothing is made or migrated.

    Raises:
        UnknownStore, FolderFromNewerVersion, sqlalchemy.exc.DBAPIError: see `open_directory`.
    """
    if url.partition(":")[0] in SCHEMES:
        from heropixel.directory.postgres import current_postgres  # noqa: PLC0415 - as above

        return current_postgres(url)
    from heropixel.directory.sqlite import current_sqlite  # noqa: PLC0415 - as above

    return current_sqlite(url)
