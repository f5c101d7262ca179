"""Local time in time zones. Pure; instants are Unix milliseconds."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from heropixel.calendars import Weekday


def local_time(instant: int, zone: ZoneInfo) -> datetime:
    """The local time of an instant, to the microsecond and without a zone."""
    return datetime.fromtimestamp(instant / 1000, zone).replace(tzinfo=None)


def instant_of(local: datetime, zone: ZoneInfo) -> int:
    """The first instant that has this local time. If the clock skips it, the instant it would be without the skip."""
    return stamp(local.replace(tzinfo=zone))


def stamp(moment: datetime) -> int:
    """A moment of a zone, as an instant."""
    return round(moment.timestamp() * 1000)


def offset_at(instant: int, zone: ZoneInfo) -> int:
    """The offset of local time from UTC, in milliseconds."""
    offset = datetime.fromtimestamp(instant / 1000, zone).utcoffset() or timedelta()
    return int(offset.total_seconds() * 1000)


def midnight(local: datetime) -> datetime:
    """The beginning of its day."""
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def first_of_week(local: datetime, week_starts_on: Weekday) -> datetime:
    """The beginning of its week."""
    return midnight(local) - timedelta(days=(local.weekday() - _WEEKDAYS.index(week_starts_on)) % 7)


_WEEKDAYS = tuple(Weekday)


def first_of_month(local: datetime, months_later: int = 0) -> datetime:
    """The beginning of its month, or of one that is `months_later`."""
    month = local.year * 12 + local.month - 1 + months_later
    return midnight(local).replace(year=month // 12, month=month % 12 + 1, day=1)
