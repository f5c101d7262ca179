"""Upkeep is done by one node at a time: a node holds a lock of the database as long as a round lasts."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, Protocol

from heropixel.errors import StoreUnavailable
from heropixel.postgres import Lock, address_of, connect, is_lost, is_postgres

if TYPE_CHECKING:
    import psycopg

AGAIN_SECONDS: Final = 0.2  # between two tries to take it


class UpkeepLock(Protocol):
    """An object is used by one thread at a time."""

    def take(self) -> bool:
        """Whether it is ours now. A node that dies, or loses its connection, holds it no longer.

        Raises:
            StoreUnavailable: the database cannot be asked.
        """

    def give_back(self) -> None:
        """Let another node have it."""

    def close(self) -> None:
        """Give it back for ever."""


def upkeep_lock(directory_url: str) -> UpkeepLock:
    """The lock of all nodes with this directory. A server that is alone always has it."""
    return _Shared(directory_url) if is_postgres(directory_url) else NoOtherNode()


@contextmanager
def held_for_upkeep(directory_url: str) -> Iterator[None]:
    """Wait for the lock, and hold it.

    Raises:
        StoreUnavailable: the database cannot be asked.
    """
    lock = upkeep_lock(directory_url)
    try:
        while not lock.take():
            time.sleep(AGAIN_SECONDS)
        yield
    finally:
        lock.close()


class NoOtherNode:
    """There is nobody to take turns with; see `UpkeepLock`."""

    def take(self) -> bool:
        """See `UpkeepLock.take`."""
        return True

    def give_back(self) -> None:
        """See `UpkeepLock.give_back`."""

    def close(self) -> None:
        """See `UpkeepLock.close`."""


class _Shared:
    """An advisory lock of a session. It has a connection of its own: what ends the session ends the lock."""

    def __init__(self, url: str) -> None:
        self._address = address_of(url)
        self._connection: psycopg.Connection[Any] | None = None

    def take(self) -> bool:
        """See `UpkeepLock.take`."""
        import psycopg  # noqa: PLC0415 - only where a URL asks for it

        try:
            if self._connection is not None and is_lost(self._connection):
                self.close()
            if self._connection is None:
                self._connection = connect(self._address, "directory")
            found = self._connection.execute("SELECT pg_try_advisory_lock(%s)", (Lock.UPKEEP.value,)).fetchone()
        except psycopg.Error as error:
            self.close()
            raise StoreUnavailable(" ".join(str(error).split())) from error
        return found == (True,)

    def give_back(self) -> None:
        """See `UpkeepLock.give_back`."""
        import psycopg  # noqa: PLC0415 - as above

        if self._connection is None:
            return
        try:
            self._connection.execute("SELECT pg_advisory_unlock(%s)", (Lock.UPKEEP.value,))
        except psycopg.Error:  # it ends with the connection
            self.close()

    def close(self) -> None:
        """See `UpkeepLock.close`."""
        if self._connection is not None:
            with suppress(Exception):  # it may be lost
                self._connection.close()
            self._connection = None
