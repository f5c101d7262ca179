"""The backlog: what was accepted and is not in the event store yet. Waited for by positions of the journal.

A position is all that the two ends of the journal share, so they need not live in the same process.
"""

import asyncio
from collections.abc import Awaitable, Callable

from heropixel.errors import EventsUnavailable


class Backlog:
    """Knows how far pageviews were accepted, and has them loaded so far."""

    def __init__(self, accepted: Callable[[], Awaitable[int]], reach: Callable[[int], Awaitable[None]]) -> None:
        """`accepted` answers the position below which everything accepted lies; `reach` returns once that is loaded."""
        self._accepted = accepted
        self._reach = reach

    async def drain(self, seconds: float | None = None) -> None:
        """Wait until everything that was accepted before this call is in the event store.

        Raises:
            EventsUnavailable: the event store did not take it within so many seconds.
            JournalUnavailable: the journal cannot be read.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._reach(await self._accepted())
        except TimeoutError:
            raise EventsUnavailable("the event store is not reachable, or has much to load") from None
