"""Stores claims of pages that a visitor is a user. Claims that arrive together share one transaction."""

from collections.abc import Sequence

from heropixel.concurrency.next_group import Call, NextGroup
from heropixel.directory.claims import Claim, add_claims
from heropixel.directory.thread import DirectoryThread
from heropixel.errors import Overloaded

MAX_WAITING = 1_000  # requests that manage users wait behind at most so many, some 10 ms


class Claiming:
    """Lives on one event loop."""

    def __init__(self, directory: DirectoryThread) -> None:
        self._directory = directory
        self._next: NextGroup[Claim, None] = NextGroup(self._keep)

    async def keep(self, claim: Claim) -> None:
        """Store a claim. It is on the disk when this returns. It is stored even if the caller is cancelled meanwhile.

        Raises:
            Overloaded: too many are waiting. It is raised at once, instead of waiting without end.
            DirectoryUnavailable: the claim could not be stored.
        """
        if len(self._next) >= MAX_WAITING:
            raise Overloaded
        await self._next.ask(claim)

    async def _keep(self, group: Sequence[Call[Claim, None]]) -> None:
        claims = [call.question for call in group]
        await self._directory.write(lambda connection: add_claims(connection, claims))
        for call in group:
            call.settle(None)
