"""The directory for an event loop: what is asked of it runs on a thread of its own, one call after the other."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from heropixel.directory import Directory
from heropixel.errors import DirectoryUnavailable

log = structlog.get_logger()

T = TypeVar("T")


class DirectoryThread:
    """One connection and the thread that uses it."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="directory")

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
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except DBAPIError as error:
            # The driver's sentence; the whole text might hold what was to be written.
            log.error("the directory failed", error=str(error.orig))  # noqa: TRY400 - see above
            raise DirectoryUnavailable from error

    def close(self) -> None:
        """Finish what was asked, and close the connection."""
        self._thread.submit(self._directory.close).result()
        self._thread.shutdown()
