"""Changes of the directory reach the event store afterwards: links of visitors, erasures of people and pixels."""

from collections.abc import Callable, Iterator, MutableMapping, Sequence
from itertools import chain
from typing import Any

import msgspec

from heropixel.directory import Directory
from heropixel.directory.erasures import Erasure, finish_erasure
from heropixel.directory.links import Link, remove_links, waiting_links
from heropixel.events import Events
from heropixel.events.erasing import erase_pixel, erase_users
from heropixel.events.replicas import still_to_do

_LINKS_AT_ONCE = 1_000


def write_links(directory: Directory, events: Events) -> None:
    """Write links that no pageview shows to the event store. It is idempotent.

    Raises:
        EventsUnavailable, sqlalchemy.exc.DBAPIError: links that are not written still wait.
    """
    while waiting := waiting_links(directory.connection, _LINKS_AT_ONCE):
        events.add_links(_ENCODER.encode_lines([_row_of(link) for _, link in waiting]))
        with directory.writing() as connection:
            remove_links(connection, waiting[-1][0])


_ENCODER = msgspec.json.Encoder()


def _row_of(link: Link) -> dict[str, Any]:
    """A link as a row of the event store. The time has the same form as in a `Row`."""
    return {**link._asdict(), "linked_at": str(link.linked_at)}


def erase(
    directory: Directory,
    events: Events,
    erasures: Sequence[Erasure],
    clock: Callable[[], int],
    counted: MutableMapping[str, int] | None = None,
) -> str:
    """Run the waiting erasures. All that was accepted before they were read must be loaded by now.

    Returns what they still wait for: replicas of the event store. An erasure is done when it is done on all of them.
    `counted` keeps how many pageviews each had at first, from one call to the next.

    Raises:
        EventsUnavailable, sqlalchemy.exc.DBAPIError: what is not erased still waits.
    """
    write_links(directory, events)  # they lead to the anonymous pageviews of a person
    waits_for = ""
    counted = {} if counted is None else counted
    for done, pageviews in chain(_erase_people(erasures, events), _erase_pixels(erasures, events)):
        counted[done.id] = max(pageviews, counted.get(done.id, 0))
        waits_for = still_to_do(events)
        if not waits_for:
            with directory.writing() as connection:
                finish_erasure(connection, done, counted.pop(done.id), clock())
    directory.scrub()
    return waits_for


def _erase_people(erasures: Sequence[Erasure], events: Events) -> Iterator[tuple[Erasure, int]]:
    """Each erasure with its number of pageviews; all of an app at once."""
    of_app: dict[int, list[tuple[Erasure, list[int]]]] = {}
    for erasure in erasures:
        if erasure.users:
            of_app.setdefault(erasure.app, []).append((erasure, erasure.users))
    for app, people in of_app.items():
        counts = erase_users(events, app, [users for _, users in people])
        yield from zip((erasure for erasure, _ in people), counts, strict=True)


def _erase_pixels(erasures: Sequence[Erasure], events: Events) -> Iterator[tuple[Erasure, int]]:
    for erasure in erasures:
        if erasure.pixel:
            yield erasure, erase_pixel(events, erasure.pixel)
