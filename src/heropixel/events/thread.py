"""The event store for an event loop: what is asked of it runs on a thread of its own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import structlog

from heropixel.errors import EventsTooSlow, EventStoreUnavailable, EventsUnavailable
from heropixel.events.store import Events

log = structlog.get_logger()

T = TypeVar("T")


class EventsThread:
    """A thread and a connection, one call after the other. Opened on first use, and anew after it failed."""

    def __init__(self, open_events: Callable[[], Events], begin: Callable[[], None] | None = None) -> None:
        """`begin` is what the thread does first."""
        self._open_events = open_events
        self._events: Events | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="events", initializer=begin)

    async def read(self, ask: Callable[[Events], T]) -> T:
        """What it answers.

        Raises:
            EventStoreUnavailable: the event store cannot be read now.
            EventsTooSlow: it takes more than the connection allows.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._ask, ask)

    def _ask(self, ask: Callable[[Events], T]) -> T:
        try:
            if self._events is None:
                self._events = self._open_events()
            return ask(self._events)
        except EventsTooSlow:
            raise
        except EventsUnavailable as error:
            log.warning("the event store cannot be read", error=str(error)[:500])
            self._close()
            raise EventStoreUnavailable from error

    def _close(self) -> None:
        if self._events is not None:
            self._events.close()
            self._events = None

    def close(self) -> None:
        """Finish what was asked, and close the connection."""
        self._thread.submit(self._close).result()
        self._thread.shutdown()
