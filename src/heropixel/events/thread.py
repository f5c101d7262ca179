"""The event store for an event loop: queries run on a thread of their own."""

from collections.abc import Callable
from typing import TypeVar

from heropixel.concurrency.own_thread import OwnThread
from heropixel.errors import EventsTooSlow, EventStoreUnavailable, EventsUnavailable
from heropixel.events.store import Events
from heropixel.outages import Outage

T = TypeVar("T")


class EventsThread:
    """A thread and a connection for one call after the other. It opens on first use, and again after an error."""

    def __init__(self, open_events: Callable[[], Events], begin: Callable[[], None] | None = None) -> None:
        """The thread calls `begin` first."""
        self._open_events = open_events
        self._events: Events | None = None
        self._thread = OwnThread("events", begin)
        self._outage = Outage("the event store can be read again")

    async def read(self, ask: Callable[[Events], T]) -> T:
        """Run a query and return its result.

        Raises:
            EventStoreUnavailable: the event store cannot be read now.
            EventsTooSlow: the query exceeds the bounds of the connection.
        """
        return await self._thread.run(self._ask, ask)

    def _ask(self, ask: Callable[[Events], T]) -> T:
        try:
            if self._events is None:
                self._events = self._open_events()
            answer = ask(self._events)
        except EventsTooSlow:
            raise
        except EventsUnavailable as error:
            self._outage.failed("the event store cannot be read", error)
            self._close()
            raise EventStoreUnavailable from error
        self._outage.worked()
        return answer

    def _close(self) -> None:
        if self._events is not None:
            self._events.close()
            self._events = None

    def close(self) -> None:
        """Finish the pending calls, and close the connection."""
        self._thread.close(self._close)
