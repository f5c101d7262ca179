"""Erase from the event store whom the directory has forgotten, and what belonged to pixels that are deleted."""

from collections.abc import Callable

from heropixel.directory import Directory
from heropixel.directory.erasures import Erasure, finish_erasure, waiting_erasures
from heropixel.events import Events


def erase_waiting(directory: Directory, events: Events, clock: Callable[[], int]) -> None:
    """Erase whatever waits for it. Call it when everything that was accepted before it began to wait is loaded.

    Raises:
        EventsUnavailable, sqlalchemy.exc.DBAPIError: what is not erased still waits.
    """
    for erasure in waiting_erasures(directory.connection):
        pageviews = _erase(erasure, events)
        with directory.writing() as connection:
            finish_erasure(connection, erasure, pageviews, clock())
        directory.scrub()


def _erase(erasure: Erasure, events: Events) -> int:
    pageviews = events.erase_users(erasure.app, erasure.users) if erasure.users else 0
    return pageviews + (events.erase_pixel(erasure.pixel) if erasure.pixel else 0)
