"""The directory in a PostgreSQL database, which all nodes of a cluster share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from heropixel.cluster.durability import why_commits_wait
from heropixel.directory import LARGE_CACHE, MOST_BETWEEN_STATEMENTS, Directory
from heropixel.directory.schema import is_current, migrate_shared
from heropixel.postgres import Address, Lock, address_of, connect, is_lost
from heropixel.troubles import SettingUnusable

# READ COMMITTED, whatever the database's default is: who writes holds the one write lock, so what it reads stays true.
# No statement timeout: COMMIT waits for the standbys, and a cancelled one has an unknown outcome. A node that stands
# still within a transaction, or is cut off, loses it and its lock soon: the others wait for it. All in one message to
# the server, and without any state of the session, so that a pooler may stand between.
_BEGIN = (
    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL statement_timeout = 0;"
    " SET LOCAL lock_timeout = {wait}; SET LOCAL idle_in_transaction_session_timeout = 5000"
)
_LOCK = f"SELECT pg_advisory_xact_lock({Lock.WRITE_DIRECTORY:d})"
# COMMIT waits for standbys only where something was written. Whoever is told that nothing was to be changed has to rely
# on it, too: after a power cut, what is there may be on this disk alone. So each transaction writes an empty message to
# the log, which nobody reads. A group of pageviews has locked its row, which is written.
_WAITS = "SELECT pg_logical_emit_message(true, 'heropixel', '')"


def open_postgres(url: str) -> "PostgresDirectory":
    """Open the directory in a database, which exists; make or migrate its tables.

    Raises:
        FolderFromNewerVersion: a later version of heropixel has written to it.
        UnknownStore: the URL cannot be read.
        SettingUnusable: the database cannot be used as it was made.
        sqlalchemy.exc.DBAPIError: the database cannot be reached.
    """
    address = address_of(url)
    engine = _engine(address)
    with engine.connect() as connection:
        _check_encoding(connection, address.shown)
        migrate_shared(connection, where=address.shown)
    return PostgresDirectory(engine)


def current_postgres(url: str) -> "PostgresDirectory | None":
    """See `open_current`."""
    address = address_of(url)
    engine = _engine(address)
    with engine.connect() as connection:
        _check_encoding(connection, address.shown)
        if not is_current(connection, address.shown):
            return None
    return PostgresDirectory(engine)


def _engine(address: Address) -> Engine:
    # NullPool and hidden parameters: as in sqlite.py. Nobody here has a use for hstore, which costs a query.
    return create_engine(
        "postgresql+psycopg://",
        creator=lambda: connect(address, "directory"),
        poolclass=NullPool,
        hide_parameters=True,
        use_native_hstore=False,
    )


def _check_encoding(connection: Connection, shown: str) -> None:
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        why = f"its encoding is {encoding}. Create a database with ENCODING 'UTF8' TEMPLATE template0"
        raise SettingUnusable(setting=f"The database {shown}", why=why)


class PostgresDirectory(Directory):
    """A connection to the database. One that was lost is opened again at the next use."""

    rows_at_once = MOST_BETWEEN_STATEMENTS  # larger chunks are no faster

    def __init__(self, engine: Engine, wait_seconds: float = 30) -> None:
        self._engine = engine
        self._begin = _BEGIN.format(wait=max(1, round(wait_seconds * 1000)))  # 0 would be for ever
        self._connection: Connection | None = None
        self._in_transaction = False
        self._in_group = False

    @property
    def connection(self) -> Connection:
        """The connection, opened on first use, and again if it was lost. Within a transaction it is never another."""
        if self._connection is not None:
            if self._in_transaction:
                return self._connection
            if not self._connection.invalidated and not is_lost(_raw(self._connection)):
                return self._connection
            self._drop()
        self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        return self._connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that holds the advisory lock of the directory; in `group`, the rest of the group's.

        It fails at once while standbys are away that COMMIT would wait for. The journal looks before each group.
        """
        if self._in_group:
            connection = self.connection
            connection.exec_driver_sql(_LOCK)
            yield connection
            return
        _look_for_standbys(_raw(self.connection))
        with self._transaction(f"{self._begin}; {_LOCK}; {_WAITS}") as connection:
            yield connection

    @contextmanager
    def group(self) -> Iterator[Connection]:
        """One transaction for a group of pageviews. It takes the lock when a user is to be learned or linked."""
        with self._transaction(self._begin) as connection:
            self._in_group = True
            try:
                yield connection
            finally:
                self._in_group = False

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        connection = self.connection
        self._in_transaction = True
        try:
            connection.exec_driver_sql(begin)
            yield connection
            connection.exec_driver_sql("COMMIT")
        except BaseException as error:
            self._roll_back(connection)
            if _is_of_a_standby(error):  # another server is the primary now: the next use looks for it
                self._drop()
            raise
        finally:
            self._in_transaction = False

    def _roll_back(self, connection: Connection) -> None:
        if connection.invalidated:  # it was lost: the server has rolled back
            return
        try:
            connection.exec_driver_sql("ROLLBACK")
        except DBAPIError:  # the first error says why
            self._drop()

    def scrub(self) -> None:
        """Nothing. PostgreSQL cannot be told to overwrite: the bytes of deleted rows stay in its files until it uses
        the room again, and no query reads them.
        """

    def another(
        self,
        wait_seconds: float = 30,
        cache: int = LARGE_CACHE,  # noqa: ARG002 - for SQLite
        *,
        mapped: bool = False,  # noqa: ARG002 - as above
    ) -> "PostgresDirectory":
        """Another connection to the same database."""
        return PostgresDirectory(self._engine, wait_seconds)

    def close(self) -> None:
        """Close this connection."""
        if self._connection is not None and (self._connection.invalidated or is_lost(_raw(self._connection))):
            self._drop()
        elif self._connection is not None:
            self._connection.close()
            self._connection = None

    def _drop(self) -> None:
        """Forget a connection that was lost, without a word to the server."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


def _look_for_standbys(raw: Any) -> None:  # noqa: ANN401 - psycopg's connection, whose type is loaded late
    """Fail at once where COMMIT would wait for standbys that are away. What asks this connection waits behind it."""
    import psycopg  # noqa: PLC0415 - it is there: somebody has connected

    try:
        why = why_commits_wait(raw)
    except psycopg.Error as error:
        raise OperationalError("looking for standbys", None, error) from error
    if why:
        raise OperationalError("looking for standbys", None, psycopg.OperationalError(why))


def _is_of_a_standby(error: BaseException) -> bool:
    # It refuses to begin a transaction that writes (feature_not_supported), or a change (read_only_sql_transaction).
    return getattr(getattr(error, "orig", None), "sqlstate", None) in ("0A000", "25006")


def _raw(connection: Connection) -> Any:  # noqa: ANN401 - psycopg's connection, whose type is loaded late
    return connection.connection.dbapi_connection
