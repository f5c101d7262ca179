"""Counting without a cookie: a visitor is a hash whose salt changes daily. A visit in progress keeps its hash."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping
from typing import Final

import structlog

from heropixel.browser.salts import Salts
from heropixel.browser.seen_lately import SeenLately
from heropixel.errors import EventStoreUnavailable, JournalUnavailable
from heropixel.events.asking import Asking
from heropixel.events.sessions import PAUSE
from heropixel.recording.backlog import Backlog
from heropixel.values import DAILY

log = structlog.get_logger()

MOST_SEEN: Final = 100_000  # hashes that are read at a start
_SWEEP_SECONDS: Final = 60.0  # in which everybody is looked at once


class DailyHashes:
    """Hashes of pixel, address and user agent, keyed with the salt of the day.

    A visit in progress at midnight keeps its hash until a pause ends the session, or until that salt is destroyed,
    whichever process of the server it comes to. To know which visits are in progress, each hash is remembered for as
    long as such a pause.
    """

    def __init__(self, salts: Salts, clock: Callable[[], int], seen: SeenLately) -> None:
        self._salts = salts
        self._clock = clock
        self._seen = seen

    def visitor_of(self, pixel: int, address: str, user_agent: str) -> str:
        """The visitor id of the sender of a pageview, who is seen now."""
        now = self._clock()
        # The length marks where the address ends, so that two visitors never give the same bytes.
        who = f"{pixel}:{len(address)}:{address}{user_agent}".encode(errors="surrogatepass")
        visitor = _hash(self._salts.today(), who)
        if not self._is_under_way(visitor, now):
            visitor = self._going_on(who, now) or visitor
        self._seen.see(visitor, now)
        return DAILY + visitor.hex()

    def remember(self, seen: Mapping[str, int]) -> None:
        """Take in visitors seen before a restart: their ids, each with the time they were last seen, oldest first."""
        for visitor_id, at in seen.items():
            visitor = _hash_in(visitor_id)
            if visitor is not None and at > self._seen.at(visitor):
                self._seen.see(visitor, at)

    async def keep_forgetting(self) -> None:
        """Forget who was not seen lately, without end, a little at a time."""
        parts = 60
        while True:
            await asyncio.sleep(_SWEEP_SECONDS / parts)
            self._seen.forget_old(self._seen.buckets // parts + 1)

    def _going_on(self, who: bytes, now: int) -> bytes | None:
        """The hash of yesterday, if a visit with it is in progress."""
        salt = self._salts.yesterday()
        if salt is None:
            return None
        visitor = _hash(salt, who)
        return visitor if self._is_under_way(visitor, now) else None

    def _is_under_way(self, visitor: bytes, now: int) -> bool:
        return abs(now - self._seen.at(visitor)) < PAUSE  # the clock may have been put back


def _hash(salt: bytes, who: bytes) -> bytes:
    return hashlib.blake2b(who, key=salt, digest_size=16).digest()


def _hash_in(visitor_id: str) -> bytes | None:
    """The hash in an id of `visitor_of`; None for an id that a client has sent."""
    try:
        visitor = bytes.fromhex(visitor_id.removeprefix(DAILY))
    except ValueError:
        return None
    return visitor if DAILY + visitor.hex() == visitor_id and len(visitor) == 16 else None


async def remember_visits(
    hashes: DailyHashes, asking: Asking, backlog: Backlog, clock: Callable[[], int], patience: float = 0.0
) -> None:
    """Continue visits that were in progress before a restart: those of the event store, then those of the journal.

    The parts of a server start together, so either may not be there for some seconds: for so many it is tried again.
    Without one of the two, a visit that lasts over the next midnight is counted as two.
    """
    until = time.monotonic() + patience
    while True:
        try:
            hashes.remember(await asking.last_seen(clock() - PAUSE, MOST_SEEN))
            await backlog.drain()
            hashes.remember(await asking.last_seen(clock() - PAUSE, MOST_SEEN))
        except (EventStoreUnavailable, JournalUnavailable):
            if time.monotonic() < until:
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            log.warning("visits from before the start could not be read: their visitors may be counted twice")
        return


_RETRY_SECONDS = 0.5
