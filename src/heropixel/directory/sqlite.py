"""The directory in a file of SQLite."""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from heropixel.directory import LARGE_CACHE, Directory
from heropixel.directory.schema import NEWEST, migrate, revision_of
from heropixel.troubles import undamaged

# SQLite maps no more. A mapped page is not copied from the operating system's cache: one look-up among 5,000,000 users
# takes 5.8 µs then, and 9.8 with LARGE_CACHE. Mapped pages count as memory of the process, so only one of a server's
# maps them. The system takes them back where memory is short.
_MOST_MAPPED = 0x7FFF0000  # bytes


def open_sqlite(url: str) -> "SqliteDirectory":
    """Open the directory in a file; make or migrate it.

    Raises:
        FolderFromNewerVersion: a later version of heropixel has written to it.
        StoreDamaged: the file is damaged.
    """
    parsed = make_url(url)
    engine = _engine(parsed)
    with undamaged(parsed.database):
        migrate(engine, where=parsed.database or url)
    return SqliteDirectory(engine)


def current_sqlite(url: str) -> "SqliteDirectory | None":
    """See `open_current`."""
    file = make_url(url).database
    return open_sqlite(url) if file and revision_of(Path(file)) == NEWEST else None


class SqliteDirectory(Directory):
    """A connection to the file."""

    # Up to two seconds. Smaller chunks write the same pages of the index again and again (benchmarks, imports).
    rows_at_once = 40_000

    def __init__(
        self, engine: Engine, wait_seconds: float = 30, cache: int = LARGE_CACHE, *, mapped: bool = False
    ) -> None:
        self._engine = engine
        self._wait_seconds = wait_seconds
        self._cache = cache
        self._mapped = mapped
        self._connection: Connection | None = None

    @property
    def connection(self) -> Connection:
        """The connection, opened on first use."""
        if self._connection is None:
            self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            self._connection.exec_driver_sql(f"PRAGMA busy_timeout = {self._wait_seconds * 1000:.0f}")
            self._connection.exec_driver_sql(f"PRAGMA cache_size = -{self._cache >> 10}")
            if self._mapped:
                self._connection.exec_driver_sql(f"PRAGMA mmap_size = {_MOST_MAPPED}").all()
        return self._connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that holds the write lock of the file."""
        connection = self.connection
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.exec_driver_sql("COMMIT")
        except BaseException:
            _roll_back(connection)
            raise

    def group(self) -> AbstractContextManager[Connection]:
        """Nothing: the directory and the journal are two files, and each has its own transaction."""
        return nullcontext(self.connection)

    def scrub(self) -> None:
        """Truncate the write-ahead log, where deleted data can still be read; as far as readers allow it now."""
        self.connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()

    def another(self, wait_seconds: float = 30, cache: int = LARGE_CACHE, *, mapped: bool = False) -> "SqliteDirectory":
        """The same file for another thread."""
        return SqliteDirectory(self._engine, wait_seconds, cache, mapped=mapped)

    def close(self) -> None:
        """Close this connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _roll_back(connection: Connection) -> None:
    # After a full disk SQLite has rolled back by itself. A second ROLLBACK would hide the reason.
    raw: Any = connection.connection.dbapi_connection
    if raw.in_transaction:
        connection.exec_driver_sql("ROLLBACK")


def _engine(url: URL) -> Engine:
    # NullPool: a Directory holds its one connection for as long as it lives, and closing it closes the file.
    # Parameters are hidden: they are personal data, and errors end up in logs.
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",  # a learned user must outlive a power cut, as the pageview does
            "foreign_keys = ON",
            "secure_delete = ON",  # deleted rows are personal data: their bytes are overwritten
            "temp_store = MEMORY",
            # 40 MB: a thousand new users touch 4,500 pages of the index. With the usual 1,000, each page would go to
            # the disk twice at once. With a larger number, the next writer waits for it (benchmarks, identify).
            "wal_autocheckpoint = 10000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    return engine
