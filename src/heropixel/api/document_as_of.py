"""As of when the figures of a GraphQL document are, without that the reports which ask for it come after the others.

To find it out takes a look into the journal, on a thread. A report that waited for it alone would reach the event store
after the other reports of its document, and would read by itself what these share (reports/shared_reading.py).
"""

import asyncio
from collections.abc import Awaitable, Callable


class DocumentAsOf:
    """Lets all reports that begin in one turn of the event loop go on together, if one of them has to wait for it."""

    def __init__(self, as_of: Callable[[], Awaitable[int | None]]) -> None:
        """`as_of`: see recording/as_of.py."""
        self._as_of = as_of
        self._turn: _Turn | None = None

    async def __call__(self, *, wanted: bool) -> int | None:
        """As of when they are, before they are counted. None: it is not known, or no report of this turn wants it."""
        if self._turn is None:
            self._turn = _Turn()
            asyncio.get_running_loop().call_soon(self._forget)
        turn = self._turn
        if wanted and turn.looking is None:
            turn.looking = asyncio.ensure_future(self._as_of())
        await asyncio.sleep(0)  # reports that begin later in this turn may want it
        return await asyncio.shield(turn.looking) if turn.looking else None

    def _forget(self) -> None:
        self._turn = None


class _Turn:
    """A turn of the event loop, and the look into the journal that one of its reports wanted."""

    def __init__(self) -> None:
        self.looking: asyncio.Future[int | None] | None = None
