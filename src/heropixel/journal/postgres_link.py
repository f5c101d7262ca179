"""Connections of the journal to PostgreSQL: one of its own, or the directory's, on which a group is one transaction."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, Final, LiteralString, Protocol, cast

import psycopg
import sqlalchemy

from heropixel.postgres import Address, connect, is_lost

AnyConnection = psycopg.Connection[Any]


class GroupConnection(Protocol):
    """A connection that is opened again after it was lost, and its transactions."""

    @property
    def revision(self) -> LiteralString:
        """An expression of SQL: the revision of apps and pixels, if the directory is there."""

    @property
    def connection(self) -> AnyConnection:
        """The connection, open and in autocommit mode.

        Raises:
            psycopg.OperationalError, sqlalchemy.exc.DBAPIError: the server cannot be reached.
        """

    def group(self) -> AbstractContextManager[object]:
        """One transaction: committed on exit, and rolled back if the block raises."""

    def close(self) -> None:
        """Close the connection, if it is the journal's own."""


class OwnConnection:
    """A connection that nothing else uses."""

    revision: Final = "0"

    def __init__(self, address: Address) -> None:
        self._address = address
        self._connection: AnyConnection | None = None

    @property
    def connection(self) -> AnyConnection:
        """See `GroupConnection.connection`."""
        if self._connection is not None and is_lost(self._connection):
            self.close()
        if self._connection is None:
            self._connection = connect(self._address, "journal")
        return self._connection

    @contextmanager
    def group(self) -> Iterator[None]:
        """See `GroupConnection.group`."""
        connection = self.connection
        connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            with suppress(psycopg.Error):  # the connection may be what has failed
                connection.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """See `GroupConnection.close`."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Groups(Protocol):
    """The directory, as the journal sees it."""

    @property
    def connection(self) -> sqlalchemy.Connection:
        """The connection, opened again if it was lost."""

    def group(self) -> AbstractContextManager[object]:
        """One transaction on it."""


class DirectorysConnection:
    """The directory's connection: users are found, learned and linked in the transaction of their pageviews."""

    revision: Final = "(SELECT revision FROM state)"

    def __init__(self, directory: Groups) -> None:
        self._directory = directory

    @property
    def connection(self) -> AnyConnection:
        """See `GroupConnection.connection`."""
        return cast("AnyConnection", self._directory.connection.connection.dbapi_connection)

    def group(self) -> AbstractContextManager[object]:
        """See `GroupConnection.group`."""
        return self._directory.group()

    def close(self) -> None:
        """See `GroupConnection.close`. The directory closes it."""


def sqlstate_of(error: BaseException) -> str | None:
    """What PostgreSQL calls an error, also where another one was made of it; None if it is not the server's."""
    reason: BaseException | None = error
    while reason is not None and not isinstance(reason, psycopg.Error):
        reason = reason.__cause__
    return reason.sqlstate if reason is not None else None
