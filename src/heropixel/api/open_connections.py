"""Open connections: WebSockets and event streams, their limit, and how they are closed when the server stops."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

from heropixel.errors import TooManyListeners

T = TypeVar("T")

STOPPING_SECONDS = 1.0  # for last answers, when the server stops
LAST_MESSAGE_SECONDS = 10.0  # to send a slow subscriber the reason why it is dropped; after that the connection is cut


class Connected(Protocol):
    """A WebSocket or an event stream."""

    def go(self) -> None:
        """Close: the server stops."""


class Stranger(Connected, Protocol):
    """A connection that has shown no credentials yet."""

    def make_room(self) -> None:
        """Close: others need the place."""


class OpenConnections:
    """The WebSockets and event streams that are open.

    Those without credentials have places of their own, a quarter as many. They take no place from anybody with
    credentials, and where they are too many, the oldest gives way to the newest.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._connected: set[Connected] = set()
        self._strangers: dict[Stranger, None] = {}  # the oldest first
        self._stopping = False
        self._alone = asyncio.Event()

    @contextlib.contextmanager
    def admitted(self, connected: Connected) -> Iterator[None]:
        """Count a connection with credentials while it is open.

        Raises:
            TooManyListeners: the limit is reached.
        """
        self._admit(connected)
        try:
            yield
        finally:
            self._leave(connected)

    @contextlib.contextmanager
    def arrived(self, stranger: Stranger) -> Iterator[None]:
        """Count a connection while it is open, without credentials at first."""
        if len(self._strangers) >= max(1, self._limit // 4):
            oldest = next(iter(self._strangers))
            del self._strangers[oldest]
            oldest.make_room()
        self._strangers[stranger] = None
        if self._stopping:
            stranger.go()
        try:
            yield
        finally:
            self._leave(stranger)

    def known(self, stranger: Stranger) -> None:
        """A connection has shown credentials: from now on it counts among those.

        Raises:
            TooManyListeners: the limit is reached.
        """
        self._admit(stranger)
        self._strangers.pop(stranger, None)

    def _admit(self, connected: Connected) -> None:
        if len(self._connected) >= self._limit:
            raise TooManyListeners(limit=self._limit)
        self._connected.add(connected)
        if self._stopping:
            connected.go()

    def _leave(self, connected: Connected) -> None:
        self._connected.discard(connected)
        self._strangers.pop(connected, None)  # type: ignore[call-overload]  # what is no stranger is not among them
        if not (self._connected or self._strangers):
            self._alone.set()

    async def stop(self) -> None:
        """Ask all connections to close, and wait for them for a limited time."""
        self._stopping = True
        for connected in [*self._connected, *self._strangers]:
            connected.go()
        if self._connected or self._strangers:
            self._alone.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._alone.wait(), 2 * STOPPING_SECONDS)


class Outbox(Generic[T]):
    """A queue of items for one reader, in order. `put` never waits."""

    def __init__(self) -> None:
        self._items: deque[T] = deque()
        self._wanted: asyncio.Future[None] | None = None

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: T) -> None:
        """Add an item, and wake the reader if it waits."""
        self._items.append(item)
        if self._wanted is not None and not self._wanted.done():
            self._wanted.set_result(None)

    async def take(self) -> T:
        """The next item, as soon as there is one. Only one task at a time may call it."""
        while not self._items:
            self._wanted = asyncio.get_running_loop().create_future()
            await self._wanted
        return self._items.popleft()
