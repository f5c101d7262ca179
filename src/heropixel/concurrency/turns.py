"""Turns at one thread: work that takes long is done one piece at a time, and nobody's many pieces make others wait."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from typing import TypeVar, TypeVarTuple

from heropixel.concurrency.own_thread import OwnThread

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

FIRST = object()  # the key of those who come before all others


class NoRoom(Exception):  # noqa: N818 - named as what is the case
    """As many wait for their turn as may."""


class Turns:
    """A thread, and those who wait for it. Keys take turns: however many wait under one, the next key is served next.

    Lives on one event loop.
    """

    def __init__(self, name: str, most: int) -> None:
        """At most so many may wait, `FIRST` not counted."""
        self._thread = OwnThread(name)
        self._most = most
        self._waiting: OrderedDict[Hashable, deque[asyncio.Future[None]]] = OrderedDict()
        self._count = 0
        self._taken = False

    @asynccontextmanager
    async def turn(self, key: Hashable) -> AsyncIterator[None]:
        """Wait for a turn, and hold it.

        Raises:
            NoRoom: too many wait already.
        """
        if self._taken:
            await self._wait(key)
        self._taken = True
        try:
            yield
        finally:
            self._next()

    def run(self, work: Callable[[*Ts], T], *args: *Ts) -> "asyncio.Future[T]":
        """Run `work` on the thread. Only who has the turn may call it."""
        return self._thread.run(work, *args)

    def close(self) -> None:
        """End the thread, after the work that it has begun."""
        self._thread.close()

    async def _wait(self, key: Hashable) -> None:
        if key is not FIRST and self._count >= self._most:
            raise NoRoom
        given = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, deque()).append(given)
        self._count += key is not FIRST
        try:
            await given
        except asyncio.CancelledError:
            if given.done() and not given.cancelled():  # it had just got the turn
                self._next()
            raise

    def _next(self) -> None:
        """Give the turn to the next who still waits."""
        while self._waiting:
            key = FIRST if FIRST in self._waiting else next(iter(self._waiting))
            queue = self._waiting.pop(key)
            given = queue.popleft()
            self._count -= key is not FIRST
            if queue:
                self._waiting[key] = queue  # at the end: others come before its next
            if not given.done():
                given.set_result(None)
                return
        self._taken = False
