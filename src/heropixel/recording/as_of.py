"""As of when figures are: the event store has every pageview that was accepted before that instant.

It is the time of the oldest pageview that waits in the journal, or now where none waits. In a cluster it is that of all
nodes together.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from typing import Final

import msgspec

from heropixel.errors import JournalUnavailable
from heropixel.journal import waiting_in

_KEPT_SECONDS: Final = 1.0  # what was loaded stays loaded: an earlier answer is true still


class _Received(msgspec.Struct):
    received: str  # Unix milliseconds


def received_of(entry: bytes) -> int:
    """When an entry of the journal was received, in Unix milliseconds.

    Raises:
        msgspec.MsgspecError, ValueError: the entry is damaged.
    """
    return int(msgspec.json.decode(entry, type=_Received).received)


def loaded_until(journal_url: str, clock: Callable[[], int]) -> int | None:
    """All that was accepted before this instant is loaded; None: the journal cannot be read now."""
    now = clock()  # before the look: what is appended during it was not accepted before it
    try:
        oldest = waiting_in(journal_url).oldest
        return now if oldest is None else min(now, received_of(oldest))
    except (JournalUnavailable, sqlite3.Error, msgspec.MsgspecError, ValueError):
        return None


class AsOf:
    """Tells it to an event loop, and looks once a second at most. Ask before the figures are counted, not after."""

    def __init__(self, journal_url: str, clock: Callable[[], int]) -> None:
        self._journal_url = journal_url
        self._clock = clock
        self._found: int | None = None
        self._looked_at = float("-inf")
        self._looking = asyncio.Lock()

    async def __call__(self) -> int | None:
        """See `loaded_until`."""
        async with self._looking:
            if time.monotonic() - self._looked_at >= _KEPT_SECONDS:
                began = time.monotonic()
                self._found = await asyncio.to_thread(loaded_until, self._journal_url, self._clock)
                self._looked_at = began
            return self._found
