"""Keeps what visitors say of who they are: those who come together share one transaction, as pageviews do."""

from collections.abc import Sequence

from heropixel.concurrency.next_group import Call, NextGroup
from heropixel.directory.claims import Claim, add_claims
from heropixel.directory.thread import DirectoryThread
from heropixel.errors import Overloaded

MAX_WAITING = 1_000  # whoever manages people waits behind as many, some 10 ms


class Claiming:
    """Lives on one event loop."""

    def __init__(self, directory: DirectoryThread) -> None:
        self._directory = directory
        self._next: NextGroup[Claim, None] = NextGroup(self._keep)

    async def keep(self, claim: Claim) -> None:
        """Keep a claim; it is on the disk when this returns. If the caller has gone by then, it is kept all the same.

        Raises:
            Overloaded: too many are waiting; at once, rather than waiting without end.
            DirectoryUnavailable: it could not be kept.
        """
        if len(self._next) >= MAX_WAITING:
            raise Overloaded
        await self._next.ask(claim)

    async def _keep(self, group: Sequence[Call[Claim, None]]) -> None:
        claims = [call.question for call in group]
        await self._directory.write(lambda connection: add_claims(connection, claims))
        for call in group:
            call.settle(None)
