"""The directory for an event loop: what is asked of it runs on a thread of its own, one call after the other."""

from collections.abc import Callable
from typing import TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from heropixel.concurrency.own_thread import OwnThread
from heropixel.directory import Directory
from heropixel.errors import DirectoryUnavailable
from heropixel.outages import loggable

log = structlog.get_logger()

T = TypeVar("T")


class DirectoryThread:
    """One connection and the thread that uses it."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._thread = OwnThread("directory")

    async def read(self, ask: Callable[[Connection], T]) -> T:
        """What it answers.

        Raises:
            DirectoryUnavailable: the directory cannot be read now.
        """
        return await self._run(lambda: ask(self._directory.connection))

    async def write(self, change: Callable[[Connection], T]) -> T:
        """What it answers, in one transaction; on the disk when it returns, and nothing of it where it raises.

        Raises:
            DirectoryUnavailable: the directory cannot be written now.
        """

        def changing() -> T:
            with self._directory.writing() as connection:
                return change(connection)

        return await self._run(changing)

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return await self._thread.run(work)
        except DBAPIError as error:
            log.error("the directory failed", error=loggable(error))  # noqa: TRY400 - a traceback has the whole text
            raise DirectoryUnavailable from error

    def close(self) -> None:
        """Finish what was asked, and close the connection."""
        self._thread.close(self._directory.close)
