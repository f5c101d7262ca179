"""The backlog: pageviews that are accepted and not in the event store yet. Callers wait for positions of the journal.

They are all that the two ends of the journal share, so they need not run in the same process.
"""

import asyncio
from collections.abc import Awaitable, Callable

from heropixel.errors import EventsUnavailable
from heropixel.journal import Positions


class Backlog:
    """Knows the positions up to which pageviews are accepted, and has them loaded."""

    def __init__(
        self, accepted: Callable[[], Awaitable[Positions]], reach: Callable[[Positions], Awaitable[None]]
    ) -> None:
        """`accepted` returns the positions below which all accepted entries are. `reach` waits for their loading."""
        self._accepted = accepted
        self._reach = reach

    async def drain(self, seconds: float | None = None) -> None:
        """Wait until everything that was accepted before this call is in the event store.

        Raises:
            EventsUnavailable: loading took longer than `seconds`.
            EventStoreUnavailable: the process that loads is not there.
            JournalUnavailable: the journal cannot be read.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._reach(await self._accepted())
        except TimeoutError:
            raise EventsUnavailable("the event store is not reachable, or has much to load") from None
