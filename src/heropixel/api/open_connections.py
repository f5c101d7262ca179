"""Open connections: WebSockets and event streams, their limit, and how they are closed when the server stops."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

from heropixel.concurrency.joint_count import JointCount
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
    """The WebSockets and event streams that are open at this door.

    The limit is of the whole server: a door that has more than its share takes nothing from the others. Those without
    credentials have places of their own, a quarter as many, and each door its share of them. They take no place from
    anybody with credentials, and where they are too many, the oldest gives way to the newest, which another door could
    not see.
    """

    def __init__(self, limit: int, open_anywhere: JointCount | None = None, doors: int = 1) -> None:
        """`open_anywhere` counts those with credentials at all doors; left out where there is one."""
        self._limit = limit
        self._open_anywhere = open_anywhere or JointCount()
        self._most_strangers = max(1, limit // 4 // doors)
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
        if len(self._strangers) >= self._most_strangers:
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
        if self._open_anywhere.total() >= self._limit:
            raise TooManyListeners(limit=self._limit)
        if connected not in self._connected:
            self._connected.add(connected)
            self._open_anywhere.add(1)
        if self._stopping:
            connected.go()

    def _leave(self, connected: Connected) -> None:
        if connected in self._connected:
            self._connected.remove(connected)
            self._open_anywhere.add(-1)
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
