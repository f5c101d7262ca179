"""The event store for an event loop: what is asked of it runs on a thread of its own."""

from collections.abc import Callable
from typing import TypeVar

import structlog

from heropixel.concurrency.own_thread import OwnThread
from heropixel.errors import EventsTooSlow, EventStoreUnavailable, EventsUnavailable
from heropixel.events.store import Events
from heropixel.outages import loggable

log = structlog.get_logger()

T = TypeVar("T")


class EventsThread:
    """A thread and a connection, one call after the other. Opened on first use, and anew after it failed."""

    def __init__(self, open_events: Callable[[], Events], begin: Callable[[], None] | None = None) -> None:
        """`begin` is what the thread does first."""
        self._open_events = open_events
        self._events: Events | None = None
        self._thread = OwnThread("events", begin)

    async def read(self, ask: Callable[[Events], T]) -> T:
        """What it answers.

        Raises:
            EventStoreUnavailable: the event store cannot be read now.
            EventsTooSlow: it takes more than the connection allows.
        """
        return await self._thread.run(self._ask, ask)

    def _ask(self, ask: Callable[[Events], T]) -> T:
        try:
            if self._events is None:
                self._events = self._open_events()
            return ask(self._events)
        except EventsTooSlow:
            raise
        except EventsUnavailable as error:
            log.warning("the event store cannot be read", error=loggable(error))
            self._close()
            raise EventStoreUnavailable from error

    def _close(self) -> None:
        if self._events is not None:
            self._events.close()
            self._events = None

    def close(self) -> None:
        """Finish what was asked, and close the connection."""
        self._thread.close(self._close)
