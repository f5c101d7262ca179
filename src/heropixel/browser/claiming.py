"""Keeps what visitors say of who they are: those who come together share one transaction, as pageviews do."""

import asyncio

from heropixel.directory.claims import Claim, add_claims
from heropixel.directory.thread import DirectoryThread
from heropixel.errors import Overloaded

MAX_WAITING = 1_000  # whoever manages people waits behind as many, some 10 ms


class Claiming:
    """Lives on one event loop."""

    def __init__(self, directory: DirectoryThread) -> None:
        self._directory = directory
        self._waiting: list[tuple[Claim, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def keep(self, claim: Claim) -> None:
        """Keep a claim; it is on the disk when this returns.

        Raises:
            Overloaded: too many are waiting; at once, rather than waiting without end.
            DirectoryUnavailable: it could not be kept.
        """
        if len(self._waiting) >= MAX_WAITING:
            raise Overloaded
        kept = asyncio.get_running_loop().create_future()
        self._waiting.append((claim, kept))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        await kept

    async def _write(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting, []
                failure = await self._written([claim for claim, _ in group])
                for _, kept in group:
                    if kept.done():  # whoever sent it has gone; it is kept all the same
                        pass
                    elif failure:
                        kept.set_exception(failure)
                    else:
                        kept.set_result(None)
        finally:
            self._writing = None

    async def _written(self, claims: list[Claim]) -> Exception | None:
        try:
            await self._directory.write(lambda connection: add_claims(connection, claims))
        except Exception as error:  # every one of them is told
            return error
        return None
