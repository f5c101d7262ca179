"""A range cut into minutes, hours, days, weeks or months of local time. Pure.

Days may have 23 or 25 hours. An hour that the clock shows twice is two hours, also where it shows only half of it again
(Lord Howe Island). All instants are Unix milliseconds.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final
from zoneinfo import ZoneInfo

from heropixel.calendars import Calendar
from heropixel.errors import TooManyPoints
from heropixel.reports.ranges import Range
from heropixel.reports.wall_clock import first_of_month, first_of_week, instant_of, local_time, midnight, offset_at

MAX_POINTS = 2_000

_MINUTE, _HOUR, _DAY = 60_000, 3_600_000, 86_400_000
_SHORTEST: Final = {"MINUTE": _MINUTE, "HOUR": _HOUR, "DAY": _DAY - _HOUR, "WEEK": 7 * _DAY - _HOUR, "MONTH": 28 * _DAY}


def buckets(step: str, range_: Range, calendar: Calendar) -> list[int]:
    """The beginning of each bucket. The first may begin before the range.

    Raises:
        TooManyPoints: there are more buckets than are allowed.
    """
    about = -(-(range_.end - range_.start) // _SHORTEST[step])
    if about > 2 * MAX_POINTS:  # without counting them one by one
        raise TooManyPoints(count=about, limit=MAX_POINTS)
    short = step in ("MINUTE", "HOUR")
    steps = _short(step, range_.start, calendar.zone) if short else _long(step, range_.start, calendar)
    begins = [*takewhile(lambda begin: begin < range_.end, steps)]
    if len(begins) > MAX_POINTS:
        raise TooManyPoints(count=len(begins), limit=MAX_POINTS)
    return begins


_FOLLOWING: Final[dict[str, Callable[[datetime], datetime]]] = {
    "DAY": lambda local: local + timedelta(days=1),
    "WEEK": lambda local: local + timedelta(days=7),
    "MONTH": lambda local: first_of_month(local, 1),
}


def _long(step: str, start: int, calendar: Calendar) -> Iterator[int]:
    local = _floor(step, local_time(start, calendar.zone), calendar)
    while True:
        yield instant_of(local, calendar.zone)
        local = _FOLLOWING[step](local)


def _floor(step: str, local: datetime, calendar: Calendar) -> datetime:
    match step:
        case "WEEK":
            return first_of_week(local, calendar.week_starts_on)
        case "MONTH":
            return first_of_month(local)
    return midnight(local)


def _short(step: str, start: int, zone: ZoneInfo) -> Iterator[int]:
    length = _SHORTEST[step]

    def floor(instant: int) -> int:
        offset = offset_at(instant, zone)
        begin = (instant + offset) // length * length - offset
        return begin if offset_at(begin, zone) == offset else _change_of_clock(begin, instant, zone)

    begin = floor(start)
    while True:
        yield begin
        following = floor(begin + length)
        # Where the clock changes by half an hour, a shorter bucket may be in between.
        while (between := floor(following - 1)) > begin:
            following = between
        begin = following


def _change_of_clock(before: int, after: int, zone: ZoneInfo) -> int:
    """The instant between two others at which the clock changes: a bucket begins there, in the middle of its hour."""
    offset = offset_at(after, zone)
    while after - before > 1:
        middle = (before + after) // 2
        if offset_at(middle, zone) == offset:
            after = middle
        else:
            before = middle
    return after
