"""Room on the disk: pageviews are refused before it is full, so that erasing, reports and loading still work.

Some processes look, and say in the log days ahead when there will be no room. All others read what they have seen.
"""

import asyncio
import math
import mmap
import shutil
import time
from collections import deque
from collections.abc import Callable, Collection
from pathlib import Path

import structlog

from heropixel.errors import DiskAlmostFull

log = structlog.get_logger()

LOOK_SECONDS = 1.0
_MORE_AGAIN = 1.05  # pageviews are accepted again with so much more room: else they would be refused every other second


class Room:
    """The room on the disks of some folders. Processes that are forked after it was made share what is seen."""

    def __init__(
        self,
        folders: Collection[Path],
        least: int,
        free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
    ) -> None:
        """With less than `least` bytes on one of the disks, pageviews are refused. 0: they never are.

        A server that keeps nothing on this machine has no folders.
        """
        self._folders = folders
        self._least = least
        self._free = free
        self._shared = memoryview(mmap.mmap(-1, _NUMBERS * 8)).cast("d")
        self._shared[_DAYS_LEFT] = math.inf

    def check(self) -> None:
        """Refuse a pageview where there is no room.

        Raises:
            DiskAlmostFull: there is none.
        """
        if self._shared[_IS_SHORT]:
            raise DiskAlmostFull

    def why_not(self) -> str:
        """Why no pageview can be recorded; empty where one can."""
        return f"less than {self._least} bytes are free on the disk" if self._shared[_IS_SHORT] else ""

    def days_left(self) -> float | None:
        """The days until pageviews are refused, as `Filling` knows them; None where that is not known."""
        days = self._shared[_DAYS_LEFT]
        return days if math.isfinite(days) else None

    def look(self) -> int:
        """See how much is free on the fullest disk, and remember whether that is enough."""
        free = min((self._free(folder) for folder in self._folders), default=_NO_DISK)
        was_short = bool(self._shared[_IS_SHORT])
        is_short = free < self._least * (_MORE_AGAIN if was_short else 1)
        self._shared[_IS_SHORT] = is_short
        if is_short and not was_short:
            log.error("pageviews are refused: make room on the disk", free_bytes=free, min_free_disk=self._least)
        elif was_short and not is_short:
            log.info("the disk has room again, and pageviews are recorded", free_bytes=free)
        return free

    async def keep_looking(self) -> None:
        """Look without end, and warn when the disk fills. Several processes may: together they warn once a day."""
        filling = Filling(self._least, self._shared[_WARNED_AT:])
        while True:
            try:
                filling.note(await asyncio.to_thread(self.look))
                days = filling.days_left()
                self._shared[_DAYS_LEFT] = math.inf if days is None else days
            except OSError as error:
                log.warning("the room on the disk cannot be seen", error=error.strerror)
            await asyncio.sleep(LOOK_SECONDS)


_NO_DISK = 1 << 62  # bytes: nothing fills

_IS_SHORT, _WARNED_AT, _DAYS_LEFT = range(3)
_NUMBERS = 3

HOUR, DAY = 3_600.0, 86_400.0
NOTED_EVERY = 600.0  # seconds
LEARNED_AFTER = 6 * HOUR  # an import of an hour says nothing about a week
WARNED_BELOW = 7.0  # days


class Filling:
    """How fast the disk fills, from what was free in the last 24 hours. It is learned again after a restart."""

    def __init__(
        self, least: int, warned_at: "memoryview[float]", elapsed: Callable[[], float] = time.monotonic
    ) -> None:
        """`warned_at` is one number, in which processes share when it was warned last; 0: never."""
        self._least = least
        self._warned_at = warned_at
        self._elapsed = elapsed
        self._noted: deque[tuple[float, int]] = deque(maxlen=round(DAY / NOTED_EVERY) + 1)  # when, and bytes free

    def note(self, free: int) -> None:
        """Note what is free now. Warns, at most once a day, where there will soon be no room."""
        now = self._elapsed()
        if self._noted and now - self._noted[-1][0] < NOTED_EVERY:
            return
        self._noted.append((now, free))
        days, warned_at = self.days_left(), self._warned_at[0]
        if days is not None and days < WARNED_BELOW and (not warned_at or now - warned_at >= DAY):
            self._warned_at[0] = now
            log.warning(
                "the disk will soon have no room for pageviews: make it larger, or keep less",
                days=round(days, 1),
                free_bytes=free,
            )

    def days_left(self) -> float | None:
        """The days until pageviews are refused, at the rate of the last 24 hours; None where that is not known."""
        (began, then), (now, free) = self._noted[0], self._noted[-1]
        if now - began < LEARNED_AFTER or free >= then:
            return None
        seconds = max(0, free - self._least) * (now - began) / (then - free)
        return seconds / DAY
