"""How a pixel's days and weeks are cut: its time zone, and the first day of its weeks."""

from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from heropixel.errors import InvalidTimezone


class Weekday(StrEnum):
    """A day of the week, in the order of `datetime.weekday`."""

    MONDAY = "MONDAY"
    TUESDAY = "TUESDAY"
    WEDNESDAY = "WEDNESDAY"
    THURSDAY = "THURSDAY"
    FRIDAY = "FRIDAY"
    SATURDAY = "SATURDAY"
    SUNDAY = "SUNDAY"


class Calendar(NamedTuple):
    """A time zone, and the day on which weeks begin there."""

    zone: ZoneInfo
    week_starts_on: Weekday = Weekday.MONDAY


def zone_of(name: str) -> ZoneInfo:
    """The time zone with a name.

    Raises:
        InvalidTimezone: there is none.
    """
    if name not in _names():
        raise InvalidTimezone(timezone=name[:40] or "an empty text")
    return ZoneInfo(name)


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(available_timezones() - {"localtime", "posixrules", "Factory"})  # these are the machine's
