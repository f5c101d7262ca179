"""Retention: this decides which months of which pixels are due to be dropped, and when to check."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import structlog

from heropixel import metrics
from heropixel.directory import Directory
from heropixel.directory.retentions import read_retentions
from heropixel.directory.revision import read_revision
from heropixel.events import Events
from heropixel.events.erasing import delete_from_month, drop_month, newest_receipt, outdated_months

log = structlog.get_logger()

LOOK_SECONDS = 3600  # a month becomes due once a day at most; an hour is what the documentation promises
CATCHING_UP = 24  # times as fast as time passes: a month without a server is caught up in a day and a bit

_DAY = 86_400_000  # milliseconds


class Outdated(NamedTuple):
    """A month, and the pixels that keep its pageviews no longer."""

    month: str  # the id of the partition
    pixels: Sequence[int]

    def drop(self, events: Events) -> dict[int, int] | None:
        """See `drop_month`."""
        return drop_month(events, self.month, self.pixels)

    def delete(self, events: Events) -> dict[int, int]:
        """See `delete_from_month`."""
        return delete_from_month(events, self.month, self.pixels)


class Retention:
    """Finds what is to be dropped next: after a start, once an hour, and after every change of a retention."""

    def __init__(
        self, directory: Directory, clock: Callable[[], int], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._directory = directory
        self._monotonic = monotonic
        self._now = BelievedClock(clock, monotonic)
        self._revision = -1
        self._began = 0.0
        self._look_at = 0.0

    def is_due(self) -> bool:
        """Whether to check now. This method is called once a second, and reads one number."""
        return self._monotonic() >= self._look_at or read_revision(self._directory.connection) != self._revision

    def oldest(self, events: Events) -> Outdated | None:
        """The oldest month that has something to drop; None: nothing before the next check.

        Raises:
            EventsUnavailable, sqlalchemy.exc.DBAPIError: a store cannot be read.
        """
        connection = self._directory.connection
        self._began, self._look_at = self._monotonic(), 0.0  # due until it is done
        self._revision = read_revision(connection)
        # Read again for each month: where a retention was removed meanwhile, nothing more is dropped.
        retentions = read_retentions(connection)
        if retentions:
            now = self._now.read(events)
            keep_since = {pixel: now - days * _DAY for pixel, days in retentions.items()}
            for month, pixels in outdated_months(events, keep_since).items():
                return Outdated(month, pixels)
        self._look_at = self._monotonic() + LOOK_SECONDS
        return None

    def dropped(self, outdated: Outdated, pageviews: Mapping[int, int]) -> None:
        """Note what was dropped of the oldest month, and rest as long as it took: requests share the machine."""
        for pixel, count in pageviews.items():
            log.info("pageviews were dropped by retention", pixel=pixel, month=outdated.month, pageviews=count)
        metrics.expired.inc(sum(pageviews.values()))
        self._look_at = 2 * self._monotonic() - self._began


class BelievedClock:
    """The time, but never far ahead of the evidence: a clock that jumps ahead would drop everything.

    The evidence has two parts. One is the latest pageview that had been received at the first check after a start.
    The other is the time since then by the monotonic clock, which does not jump. It counts many times, so that a server
    that stood still, or had no visitors, catches up with a correct clock; a clock that is wrong by years is noticed
    before. Pageviews that a wrong clock received are evidence after the next start: this is a guard and no proof.
    """

    def __init__(self, clock: Callable[[], int], monotonic: Callable[[], float]) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._received: int | None = None
        self._furthest = 0
        self._read_at = 0.0

    def read(self, events: Events) -> int:
        """The time in Unix milliseconds for retention.

        Raises:
            EventsUnavailable: the event store cannot be read.
        """
        now, at = self._clock(), self._monotonic()
        if self._received is None:
            self._received = newest_receipt(events)
            if self._received is None:
                return now  # without pageviews nothing is dropped
            self._furthest, self._read_at = self._received, at
        passed = min(at - self._read_at, LOOK_SECONDS)  # after any pause without a call, it jumps by a day at most
        believed = min(now, self._furthest + int(passed * 1000 * CATCHING_UP))
        # Not less than the evidence: a machine may start with its clock in 1970, and correct it later.
        self._furthest, self._read_at = max(believed, self._received), at
        return believed
