"""Open connections: WebSockets and event streams, how many are allowed, and how they are asked to leave."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

from heropixel.errors import TooManyListeners

T = TypeVar("T")

GOING_SECONDS = 1.0  # for last answers, when the server stops
LAST_WORDS_SECONDS = 10.0  # for a slow reader to be told why it is dropped; after that it is cut


class Connected(Protocol):
    """A WebSocket or an event stream."""

    def go(self) -> None:
        """Say goodbye: the server stops."""


class OpenConnections:
    """The WebSockets and event streams that are open."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._connected: set[Connected] = set()
        self._stopping = False
        self._alone = asyncio.Event()

    @contextlib.contextmanager
    def admitted(self, connected: Connected) -> Iterator[None]:
        """Have one among them while it is connected.

        Raises:
            TooManyListeners: there is no room.
        """
        if len(self._connected) >= self._limit:
            raise TooManyListeners(limit=self._limit)
        self._connected.add(connected)
        if self._stopping:
            connected.go()
        try:
            yield
        finally:
            self._connected.discard(connected)
            if not self._connected:
                self._alone.set()

    async def stop(self) -> None:
        """Tell all to go, and wait a moment until they have."""
        self._stopping = True
        for connected in [*self._connected]:
            connected.go()
        if self._connected:
            self._alone.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._alone.wait(), 2 * GOING_SECONDS)


class Outbox(Generic[T]):
    """What waits for one reader, in order. Who puts never waits."""

    def __init__(self) -> None:
        self._items: deque[T] = deque()
        self._wanted: asyncio.Future[None] | None = None

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: T) -> None:
        """Let an item wait, or be taken at once."""
        self._items.append(item)
        if self._wanted is not None and not self._wanted.done():
            self._wanted.set_result(None)

    async def take(self) -> T:
        """The next item, once there is one; for one task at a time."""
        while not self._items:
            self._wanted = asyncio.get_running_loop().create_future()
            await self._wanted
        return self._items.popleft()
