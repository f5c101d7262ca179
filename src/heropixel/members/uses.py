"""When sessions, keys and shares were last used: noted in memory at each request, and written now and then."""

import asyncio
import contextlib
from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, delete, update

from heropixel.directory.member_tables import api_keys, sessions
from heropixel.directory.share_tables import shares
from heropixel.directory.thread import DirectoryThread
from heropixel.errors import DirectoryUnavailable
from heropixel.members.roster import IDLE_MILLISECONDS

EVERY_SECONDS = 60.0


class LastUses:
    """When each session, key and share was last used, by digest, in Unix milliseconds."""

    def __init__(self) -> None:
        self._noted: dict[bytes, int] = {}
        self._unwritten: dict[bytes, int] = {}

    def note(self, sha256: bytes, now: int) -> None:
        """Note a use."""
        self._noted[sha256] = self._unwritten[sha256] = now

    def of(self, sha256: bytes, stored: int | None) -> int | None:
        """The last use, if the stored one may be older."""
        return self._noted.get(sha256, stored)

    def take(self) -> Mapping[bytes, int]:
        """What is not written yet; it counts as written now."""
        taken, self._unwritten = self._unwritten, {}
        return taken

    def restore(self, taken: Mapping[bytes, int]) -> None:
        """What could not be written is not written."""
        self._unwritten = {**taken, **self._unwritten}

    async def keep_writing(self, directory: DirectoryThread, every: float = EVERY_SECONDS) -> None:
        """Write for ever."""
        while True:
            await asyncio.sleep(every)
            with contextlib.suppress(DirectoryUnavailable):  # which is logged; it is tried again
                await self.write(directory)

    async def write(self, directory: DirectoryThread) -> None:
        """Write what is not written yet.

        Raises:
            DirectoryUnavailable: the directory cannot be written now.
        """
        taken = self.take()
        if not taken:
            return
        try:
            await directory.write(lambda connection: write_uses(connection, taken))
        except DirectoryUnavailable:
            self.restore(taken)
            raise


def write_uses(connection: Connection, uses: Mapping[bytes, int]) -> None:
    """Write last uses, and delete the sessions that have been idle for too long. No process needs to be told."""
    rows = [{"digest": sha256, "at": at} for sha256, at in uses.items()]
    for table in (sessions, api_keys, shares):
        connection.execute(
            update(table).where(table.c.sha256 == bindparam("digest")).values(used_at=bindparam("at")), rows
        )
    connection.execute(delete(sessions).where(sessions.c.used_at < max(uses.values()) - IDLE_MILLISECONDS))
