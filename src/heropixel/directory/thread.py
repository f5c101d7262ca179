"""The directory for an event loop: calls run on a thread of their own, one after the other."""

from collections.abc import Callable
from typing import TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from heropixel.concurrency.own_thread import OwnThread
from heropixel.directory import Directory
from heropixel.errors import MAYBE_CHANGED, NOTHING_CHANGED, DirectoryUnavailable
from heropixel.outages import loggable

log = structlog.get_logger()

T = TypeVar("T")


class DirectoryThread:
    """One connection and the thread that uses it."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._thread = OwnThread("directory")

    async def read(self, ask: Callable[[Connection], T]) -> T:
        """Run a query and return its result.

        Raises:
            DirectoryUnavailable: the directory cannot be read now.
        """
        return await self._run(lambda: ask(self._directory.connection))

    async def write(self, change: Callable[[Connection], T]) -> T:
        """Run a change in one transaction and return its result. It is on the disk when this returns.

        If the change raises, the transaction is rolled back.

        Raises:
            DirectoryUnavailable: the directory cannot be written now. The message says if it may have been changed: its
                connection was lost in COMMIT.
        """

        is_ready = False

        def changing() -> T:
            nonlocal is_ready
            with self._directory.writing() as connection:
                answer = change(connection)
                is_ready = True
            return answer

        return await self._run(changing, maybe_committed=lambda: is_ready)

    async def _run(self, work: Callable[[], T], maybe_committed: Callable[[], bool] = lambda: False) -> T:
        try:
            return await self._thread.run(work)
        except DBAPIError as error:
            log.error("the directory failed", error=loggable(error))  # noqa: TRY400 - a traceback has the whole text
            is_unknown = error.connection_invalidated and maybe_committed()
            raise DirectoryUnavailable(so=MAYBE_CHANGED if is_unknown else NOTHING_CHANGED) from error

    def close(self) -> None:
        """Finish the pending calls, and close the connection."""
        self._thread.close(self._directory.close)
