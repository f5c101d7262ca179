"""Ranges of time: by name or by two instants, and their comparisons. Pure; instants are Unix milliseconds."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final, NamedTuple, Self
from zoneinfo import ZoneInfo

import msgspec

from heropixel.calendars import Calendar, Weekday
from heropixel.errors import InvalidRange
from heropixel.reports.wall_clock import first_of_month, first_of_week, instant_of, local_time, midnight, stamp
from heropixel.values import milliseconds

MAX_DAYS = 3_660
_YEARS = range(1990, 2200)  # the years of valid instants


class RangeInput(msgspec.Struct, frozen=True):
    """A range, or one to compare with, as the caller sends it."""

    name: str | None = None
    from_: str | int | float | None = None
    to: str | int | float | None = None


class ComparisonInput(RangeInput, frozen=True):
    """A range to compare with, as the caller sends it."""


class Range(NamedTuple):
    """From an instant on, and before another."""

    start: int
    end: int


def parse_range(given: RangeInput, calendar: Calendar, now: int) -> Range:
    """The checked range.

    Raises:
        InvalidRange: the range is invalid. The message says why, and how to correct it.
    """
    zone, week_starts_on = calendar
    if given.name is None:
        range_ = _between("range", given, zone)
        # A day that is not over ends now, as named ranges do: it is compared with an equal part of another day.
        is_day = bool(_Moment.read(given.to).length)
        return range_._replace(end=now) if is_day and range_.start < now < range_.end else range_
    _check_name_alone(given)
    start, end, step = NAMED[given.name]
    today = midnight(local_time(now, zone))
    if given.name in ("LAST_5_MINUTES", "LAST_24_HOURS"):
        return Range(now - step.milliseconds, now)
    begin = instant_of(start(today, week_starts_on), zone)
    return Range(begin, instant_of(end(today, week_starts_on), zone) if end else now)


def parse_open_range(given: RangeInput, calendar: Calendar, now: int) -> tuple[int | None, int | None]:
    """The ends of a range of any length. One that is not given is None: all times before, or after.

    Raises:
        InvalidRange: the range is invalid. The message says why, and how to correct it.
    """
    if given.name is not None:
        return parse_range(given, calendar, now)
    start = None if given.from_ in (None, "") else _ends("range.from", given.from_, calendar.zone).start
    end = None if given.to in (None, "") else _ends("range.to", given.to, calendar.zone).end
    if start is not None and end is not None and start >= end:
        raise InvalidRange(why="range.from must be before range.to")
    return start, end


def parse_comparison(given: ComparisonInput, asked: RangeInput, calendar: Calendar, now: int) -> Range:
    """The range to compare with the range of the question.

    Raises:
        InvalidRange: the range is invalid. The message says why, and how to correct it.
    """
    zone = calendar.zone
    if given.name is None:
        return _between("compare", given, zone)
    _check_name_alone(given)
    range_ = parse_range(asked, calendar, now)
    step = _step_of(asked, zone)
    if given.name == "SAME_WEEKDAYS" and not step.months:  # months stay months
        step = _weeks_before(range_, zone)
    back = _YEAR if given.name == "PREVIOUS_YEAR" else step
    return Range(back.before(range_.start, zone), back.before(range_.end, zone))


def _check_name_alone(given: RangeInput) -> None:
    if given.from_ is not None or given.to is not None:
        raise InvalidRange(why=f"give either its name, {given.name}, or from and to")


def last(text: str, calendar: Calendar, now: int) -> tuple[Range, Range]:
    """The last hours until now, or the last days, weeks or months with the current one: `24h`, `30d`, `8w`, `12mo`.

    The second range is the same time before.

    Raises:
        InvalidRange: the text is none of these.
    """
    found = _LAST.fullmatch(text.strip())
    if not found or not 1 <= (count := int(found[1])) <= _MOST[found[2]]:
        raise InvalidRange(why=f"{text[:20]} is not a time such as 24h, 30d, 8w or 12mo, of at most {MAX_DAYS} days")
    zone = calendar.zone
    today = midnight(local_time(now, zone))
    this_week = first_of_week(today, calendar.week_starts_on)
    start, step = {
        "h": (now - count * _HOUR, _Step(milliseconds=count * _HOUR)),
        "d": (instant_of(today - timedelta(days=count - 1), zone), _Step(days=count)),
        "w": (instant_of(this_week - timedelta(weeks=count - 1), zone), _Step(days=7 * count)),
        "mo": (instant_of(first_of_month(today, 1 - count), zone), _Step(months=count)),
    }[found[2]]
    return Range(start, now), Range(step.before(start, zone), step.before(now, zone))


_LAST = re.compile(r"(\d{1,5})(h|d|w|mo)")
_MOST: Final = {"h": MAX_DAYS * 24, "d": MAX_DAYS, "w": MAX_DAYS // 7, "mo": MAX_DAYS // 31}
_MINUTE, _HOUR = 60_000, 3_600_000


class _Step(NamedTuple):
    """How far back the compared range is: this many months, days and milliseconds of local time."""

    months: int = 0
    days: int = 0
    milliseconds: int = 0

    def before(self, instant: int, zone: ZoneInfo) -> int:
        local = local_time(instant, zone)
        if self.months:
            first, following = first_of_month(local, -self.months), first_of_month(local, 1 - self.months)
            # The 31st of March has no counterpart in February: it is compared with the end of that month.
            local = min(first + (local - first_of_month(local)), following)
        return instant_of(local - timedelta(days=self.days), zone) - self.milliseconds


_DAY = 86_400_000
_YEAR: Final = _Step(months=12)

# Beginning and end (None: now), from today's midnight and the first day of the week; and the step to the same time
# before.
_Point = Callable[[datetime, Weekday], datetime]
NAMED: Final[dict[str, tuple[_Point, _Point | None, _Step]]] = {
    "TODAY": (lambda today, _: today, None, _Step(days=1)),
    "YESTERDAY": (lambda today, _: today - timedelta(days=1), lambda today, _: today, _Step(days=1)),
    # Of now, see above.
    "LAST_5_MINUTES": (lambda today, _: today, None, _Step(milliseconds=5 * _MINUTE)),
    "LAST_24_HOURS": (lambda today, _: today, None, _Step(milliseconds=_DAY)),
    "LAST_7_DAYS": (lambda today, _: today - timedelta(days=6), None, _Step(days=7)),
    "LAST_28_DAYS": (lambda today, _: today - timedelta(days=27), None, _Step(days=28)),
    "LAST_30_DAYS": (lambda today, _: today - timedelta(days=29), None, _Step(days=30)),
    "LAST_90_DAYS": (lambda today, _: today - timedelta(days=89), None, _Step(days=90)),
    "THIS_WEEK": (first_of_week, None, _Step(days=7)),
    "LAST_WEEK": (lambda today, week: first_of_week(today, week) - timedelta(days=7), first_of_week, _Step(days=7)),
    "THIS_MONTH": (lambda today, _: first_of_month(today), None, _Step(months=1)),
    "LAST_MONTH": (lambda today, _: first_of_month(today, -1), lambda today, _: first_of_month(today), _Step(months=1)),
    "LAST_12_MONTHS": (lambda today, _: first_of_month(today, -11), None, _YEAR),
    "THIS_YEAR": (lambda today, _: first_of_month(today, 1 - today.month), None, _YEAR),
    "LAST_YEAR": (
        lambda today, _: first_of_month(today, -11 - today.month),
        lambda today, _: first_of_month(today, 1 - today.month),
        _YEAR,
    ),
}


def _step_of(asked: RangeInput, zone: ZoneInfo) -> _Step:
    if asked.name is not None:
        return NAMED[asked.name][2]
    range_ = _between("range", asked, zone)
    start, end = local_time(range_.start, zone), local_time(range_.end, zone)
    if start == midnight(start) and end == midnight(end):
        if start.day == end.day == 1:  # whole months are compared with as many before
            return _Step(months=(end.year - start.year) * 12 + end.month - start.month)
        return _Step(days=(end.date() - start.date()).days)
    return _Step(milliseconds=range_.end - range_.start)


def _weeks_before(range_: Range, zone: ZoneInfo) -> _Step:
    """The fewest whole weeks that leave no day in both ranges. Where clocks change, a week is longer or shorter."""
    whole = (range_.end - range_.start) // (7 * _DAY)
    steps = (_Step(days=7 * weeks) for weeks in count(max(1, whole)))
    return next(step for step in steps if step.before(range_.end, zone) <= range_.start)


def _between(what: str, given: RangeInput, zone: ZoneInfo) -> Range:
    if given.from_ in (None, "") or given.to in (None, ""):
        raise InvalidRange(why=f"{what} needs a name, or both from and to, so that it has a beginning and an end")
    start, _ = _ends(f"{what}.from", given.from_, zone)
    _, end = _ends(f"{what}.to", given.to, zone)
    if start >= end:
        raise InvalidRange(why=f"{what}.from must be before {what}.to")
    if end - start > MAX_DAYS * _DAY:
        raise InvalidRange(why=f"{what} is longer than {MAX_DAYS} days")
    return Range(start, end)


def _ends(field: str, given: str | float | None, zone: ZoneInfo) -> Range:
    """The range that an end names: a day with its beginning and its end, or an instant, which is both."""
    try:
        return _Moment.read(given).ends(zone)
    except (ValueError, OverflowError, OSError):
        raise InvalidRange(
            why=f"{field} must be Unix seconds or milliseconds, or an ISO 8601 day or time such as 2026-11-01,"
            f" from {_YEARS.start} to {_YEARS.stop - 1}"
        ) from None


class _Moment(NamedTuple):
    begin: datetime
    length: timedelta

    @classmethod
    def read(cls, given: str | float | None) -> Self:
        text = given.strip() if isinstance(given, str) else ""
        if text[:4].isdecimal() and text[4:5] == "-":
            return cls(datetime.fromisoformat(text), timedelta(days=len(text) == len("2026-11-01")))
        return cls(datetime.fromtimestamp(milliseconds(given or "") / 1000, UTC), timedelta())

    def ends(self, zone: ZoneInfo) -> Range:
        zone_of_it = self.begin.tzinfo or zone
        begin = self.begin.replace(tzinfo=None)
        if begin.year not in _YEARS:
            raise ValueError(begin.year)
        ends = (begin, begin + self.length)  # in local time: a day may have 23 hours
        return Range(*(stamp(end.replace(tzinfo=zone_of_it)) for end in ends))
