"""Ranges of local time: names, instants, comparisons, buckets."""

import re
from bisect import bisect_right
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heropixel.calendars import Calendar, Weekday, zone_of
from heropixel.errors import InvalidRange, InvalidTimezone, TooManyPoints
from heropixel.reports.buckets import MAX_POINTS, buckets
from heropixel.reports.ranges import ComparisonInput, Range, RangeInput, last, parse_comparison, parse_range
from tests.reports.plain import bucket

HOUR = 3_600_000
ZURICH = ZoneInfo("Europe/Zurich")
CALENDAR = Calendar(ZURICH)
ZONES = [
    "UTC",
    "Europe/Zurich",
    "America/New_York",
    "Asia/Kathmandu",
    "America/Havana",
    "Africa/Cairo",
    "Asia/Beirut",
    "Australia/Lord_Howe",
]


def instant(text: str, zone: ZoneInfo = ZURICH) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


def shown(range_: Range, zone: ZoneInfo = ZURICH) -> tuple[str, str]:
    start, end = (datetime.fromtimestamp(at / 1000, zone).strftime("%Y-%m-%d %H:%M") for at in range_)
    return start, end


NOW = instant("2026-11-18 12:06")  # a Wednesday


@pytest.mark.parametrize(
    ("name", "range_", "previous", "year"),
    [
        ("TODAY", "11-18 00:00 11-18 12:06", "2026-11-17 00:00 2026-11-17 12:06", "11-18 00:00 11-18 12:06"),
        ("YESTERDAY", "11-17 00:00 11-18 00:00", "2026-11-16 00:00 2026-11-17 00:00", "11-17 00:00 11-18 00:00"),
        ("LAST_5_MINUTES", "11-18 12:01 11-18 12:06", "2026-11-18 11:56 2026-11-18 12:01", "11-18 12:01 11-18 12:06"),
        ("LAST_24_HOURS", "11-17 12:06 11-18 12:06", "2026-11-16 12:06 2026-11-17 12:06", "11-17 12:06 11-18 12:06"),
        ("LAST_7_DAYS", "11-12 00:00 11-18 12:06", "2026-11-05 00:00 2026-11-11 12:06", "11-12 00:00 11-18 12:06"),
        ("LAST_28_DAYS", "10-22 00:00 11-18 12:06", "2026-09-24 00:00 2026-10-21 12:06", "10-22 00:00 11-18 12:06"),
        ("LAST_30_DAYS", "10-20 00:00 11-18 12:06", "2026-09-20 00:00 2026-10-19 12:06", "10-20 00:00 11-18 12:06"),
        ("LAST_90_DAYS", "08-21 00:00 11-18 12:06", "2026-05-23 00:00 2026-08-20 12:06", "08-21 00:00 11-18 12:06"),
        ("THIS_WEEK", "11-16 00:00 11-18 12:06", "2026-11-09 00:00 2026-11-11 12:06", "11-16 00:00 11-18 12:06"),
        ("LAST_WEEK", "11-09 00:00 11-16 00:00", "2026-11-02 00:00 2026-11-09 00:00", "11-09 00:00 11-16 00:00"),
        ("THIS_MONTH", "11-01 00:00 11-18 12:06", "2026-10-01 00:00 2026-10-18 12:06", "11-01 00:00 11-18 12:06"),
        ("LAST_MONTH", "10-01 00:00 11-01 00:00", "2026-09-01 00:00 2026-10-01 00:00", "10-01 00:00 11-01 00:00"),
        ("THIS_YEAR", "01-01 00:00 11-18 12:06", "2025-01-01 00:00 2025-11-18 12:06", "01-01 00:00 11-18 12:06"),
    ],
)
def test_a_range_by_name_and_what_it_is_compared_with(name: str, range_: str, previous: str, year: str) -> None:
    asked = RangeInput(name=name)
    assert " ".join(shown(parse_range(asked, CALENDAR, NOW))).replace("2026-", "") == range_
    before = parse_comparison(ComparisonInput(name="PREVIOUS_PERIOD"), asked, CALENDAR, NOW)
    assert " ".join(shown(before)) == previous
    last_year = parse_comparison(ComparisonInput(name="PREVIOUS_YEAR"), asked, CALENDAR, NOW)
    assert " ".join(shown(last_year)).replace("2025-", "") == year


@pytest.mark.parametrize(
    ("asked", "previous"),
    [
        ({"name": "TODAY"}, "11-11 00:00 11-11 12:06"),
        ({"name": "LAST_24_HOURS"}, "11-10 12:06 11-11 12:06"),
        ({"name": "LAST_7_DAYS"}, "11-05 00:00 11-11 12:06"),
        ({"name": "LAST_30_DAYS"}, "09-15 00:00 10-14 12:06"),  # a Tuesday, as the 20th of October is
        ({"name": "LAST_90_DAYS"}, "05-22 00:00 08-19 12:06"),
        ({"name": "THIS_MONTH"}, "10-01 00:00 10-18 12:06"),
        ({"from_": "2026-10-05", "to": "2026-10-12"}, "09-21 00:00 09-29 00:00"),
        ({"from_": "2026-10-01", "to": "2026-10-31"}, "09-01 00:00 10-01 00:00"),
        ({"from_": "2026-10-05T10:00", "to": "2026-10-05T12:00"}, "09-28 10:00 09-28 12:00"),
        # The clocks go forward in between, and back: a week has 167 hours, or 169.
        ({"from_": "2026-03-28T10:00", "to": "2026-04-04T11:00"}, "03-14 10:00 03-21 11:00"),
        ({"from_": "2026-10-24T10:00", "to": "2026-10-31T10:00"}, "10-17 10:00 10-24 10:00"),
    ],
)
def test_days_are_compared_with_the_same_weekdays_of_whole_weeks_before(asked: dict[str, str], previous: str) -> None:
    given = RangeInput(**asked)
    range_ = parse_range(given, CALENDAR, NOW)
    before = parse_comparison(ComparisonInput(name="SAME_WEEKDAYS"), given, CALENDAR, NOW)
    assert " ".join(shown(before)).replace("2026-", "") == previous
    assert before.end <= range_.start


def test_the_compared_days_of_the_documentation_are_these() -> None:
    text = (Path(__file__).parents[2] / "docs/reports.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| .* \| (\d+) ?(\w*) to (\d+) (\w+) \|$", text, re.MULTILINE)
    assert [name for name, *_ in rows] == ["PREVIOUS_PERIOD", "SAME_WEEKDAYS", "PREVIOUS_YEAR"]
    now = int(datetime(2026, 11, 30, 12, tzinfo=ZURICH).timestamp() * 1000)
    for name, first, its_month, last_day, month in rows:
        before = parse_comparison(ComparisonInput(name=name), RangeInput(name="LAST_30_DAYS"), CALENDAR, now)
        start, end = (datetime.fromtimestamp(instant / 1000, ZURICH) for instant in before)
        assert f"{start:%-d %B} to {end:%-d %B}" == f"{first} {its_month or month} to {last_day} {month}"


@pytest.mark.parametrize(
    ("name", "range_", "previous"),
    [
        ("LAST_12_MONTHS", ("2025-12-01 00:00", "2026-11-18 12:06"), ("2024-12-01 00:00", "2025-11-18 12:06")),
        ("LAST_YEAR", ("2025-01-01 00:00", "2026-01-01 00:00"), ("2024-01-01 00:00", "2025-01-01 00:00")),
    ],
)
def test_ranges_of_years(name: str, range_: tuple[str, str], previous: tuple[str, str]) -> None:
    asked = RangeInput(name=name)
    assert shown(parse_range(asked, CALENDAR, NOW)) == range_
    assert shown(parse_comparison(ComparisonInput(name="PREVIOUS_PERIOD"), asked, CALENDAR, NOW)) == previous


@pytest.mark.parametrize(
    ("start", "end", "range_", "previous"),
    [
        ("2026-10-01", "2026-10-31", "2026-10-01 00:00 2026-11-01 00:00", "2026-09-01 00:00 2026-10-01 00:00"),
        ("2026-03-01", "2026-04-30", "2026-03-01 00:00 2026-05-01 00:00", "2026-01-01 00:00 2026-03-01 00:00"),
        ("2026-10-25", "2026-10-25", "2026-10-25 00:00 2026-10-26 00:00", "2026-10-24 00:00 2026-10-25 00:00"),
        (
            "2026-10-05T10:00",
            "2026-10-05T12:00",
            "2026-10-05 10:00 2026-10-05 12:00",
            "2026-10-05 08:00 2026-10-05 10:00",
        ),
        ("2026-10-05T10:00Z", "2026-10-05 12:00+02:00", "2026-10-05 12:00 2026-10-05 12:00", ""),
        ("1796000400", 1796004000000, "2026-11-30 02:00 2026-11-30 03:00", "2026-11-30 01:00 2026-11-30 02:00"),
    ],
)
def test_a_range_by_two_instants(start: str, end: str | int, range_: str, previous: str) -> None:
    asked = RangeInput(from_=start, to=end)
    if not previous:
        with pytest.raises(InvalidRange, match=r"range\.from must be before range\.to"):
            parse_range(asked, CALENDAR, NOW)
        return
    assert " ".join(shown(parse_range(asked, CALENDAR, NOW))) == range_
    before = parse_comparison(ComparisonInput(name="PREVIOUS_PERIOD"), asked, CALENDAR, NOW)
    assert " ".join(shown(before)) == previous


def test_a_day_that_is_not_over_ends_now_and_is_compared_with_as_much_before() -> None:
    asked = RangeInput(from_="2026-11-01", to="2026-11-30")
    assert shown(parse_range(asked, CALENDAR, NOW)) == ("2026-11-01 00:00", "2026-11-18 12:06")
    before = parse_comparison(ComparisonInput(name="PREVIOUS_PERIOD"), asked, CALENDAR, NOW)
    assert shown(before) == ("2026-10-01 00:00", "2026-10-18 12:06")
    tomorrow = parse_range(RangeInput(from_="2026-11-19", to="2026-11-19"), CALENDAR, NOW)
    assert shown(tomorrow) == ("2026-11-19 00:00", "2026-11-20 00:00")


def test_the_end_of_a_long_month_is_compared_with_the_end_of_a_short_one() -> None:
    now = instant("2026-03-31 12:00")
    before = parse_comparison(ComparisonInput(name="PREVIOUS_PERIOD"), RangeInput(name="THIS_MONTH"), CALENDAR, now)
    assert shown(before) == ("2026-02-01 00:00", "2026-03-01 00:00")


@pytest.mark.parametrize(
    ("text", "range_", "before"),
    [
        ("24h", ("2026-11-17 12:06", "2026-11-18 12:06"), ("2026-11-16 12:06", "2026-11-17 12:06")),
        ("30d", ("2026-10-20 00:00", "2026-11-18 12:06"), ("2026-09-20 00:00", "2026-10-19 12:06")),
        ("2w", ("2026-11-09 00:00", "2026-11-18 12:06"), ("2026-10-26 00:00", "2026-11-04 12:06")),
        ("2mo", ("2026-10-01 00:00", "2026-11-18 12:06"), ("2026-08-01 00:00", "2026-09-18 12:06")),
    ],
)
def test_the_last_so_many(text: str, range_: tuple[str, str], before: tuple[str, str]) -> None:
    assert tuple(map(shown, last(text, CALENDAR, NOW))) == (range_, before)


@pytest.mark.parametrize("text", ["", "30", "0d", "30y", "-1d", "9999d", "1.5d"])
def test_the_last_so_many_of_nothing_is_refused(text: str) -> None:
    with pytest.raises(InvalidRange, match="24h, 30d, 8w or 12mo"):
        last(text, CALENDAR, NOW)


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "localtime", "../etc/passwd", "CET7", "europe/zurich "])
def test_a_time_zone_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(InvalidTimezone, match="IANA"):
        zone_of(name)


@pytest.mark.parametrize(
    ("week_starts_on", "this_week", "last_week", "two_weeks"),
    [
        (Weekday.MONDAY, "11-16", "11-09", "11-09"),
        (Weekday.SUNDAY, "11-15", "11-08", "11-08"),
        (Weekday.SATURDAY, "11-14", "11-07", "11-07"),
        (Weekday.WEDNESDAY, "11-18", "11-11", "11-11"),
        (Weekday.THURSDAY, "11-12", "11-05", "11-05"),
    ],
)
def test_weeks_follow_their_first_day_in_buckets_and_in_ranges_by_name(
    week_starts_on: Weekday, this_week: str, last_week: str, two_weeks: str
) -> None:
    calendar = Calendar(ZURICH, week_starts_on)
    now = parse_range(RangeInput(name="THIS_WEEK"), calendar, NOW)
    assert shown(now) == (f"2026-{this_week} 00:00", "2026-11-18 12:06")
    before = parse_range(RangeInput(name="LAST_WEEK"), calendar, NOW)
    assert shown(before) == (f"2026-{last_week} 00:00", f"2026-{this_week} 00:00")
    assert shown(last("2w", calendar, NOW)[0]) == (f"2026-{two_weeks} 00:00", "2026-11-18 12:06")
    assert buckets("WEEK", Range(before.start + HOUR, NOW), calendar) == [before.start, now.start]


@given(
    st.sampled_from(["HOUR", "DAY", "WEEK", "MONTH"]),
    st.sampled_from(ZONES),
    st.integers(0, 365 * 24),
    st.integers(1, 80 * 24),
)
def test_buckets_follow_local_time(step: str, name: str, start: int, hours: int) -> None:
    zone, begin = ZoneInfo(name), instant("2026-01-01 00:00", ZoneInfo("UTC")) + start * HOUR
    range_ = Range(begin, begin + hours * HOUR)
    begins = buckets(step, range_, Calendar(zone))
    assert begins[0] <= range_.start < begins[1] if len(begins) > 1 else begins[0] <= range_.start
    assert begins[-1] < range_.end
    # Each quarter of an hour lies in the bucket that the clock says.
    said: dict[int, object] = {}
    for at in range(range_.start, range_.end, HOUR // 4):
        place = bisect_right(begins, at)
        assert said.setdefault(place, bucket(step, at, zone)) == bucket(step, at, zone)
    assert len(set(said.values())) == len(begins)


def test_half_an_hour_of_summer_time_shifts_the_hours() -> None:
    zone = ZoneInfo("Australia/Lord_Howe")
    day = parse_range(RangeInput(from_="2026-04-05", to="2026-04-05"), Calendar(zone), NOW)
    begins = buckets("HOUR", day, Calendar(zone))
    assert day.end - day.start == 24.5 * HOUR
    assert {after - before for before, after in pairwise(begins)} == {HOUR, HOUR // 2}
    assert buckets("DAY", day, Calendar(zone)) == [day.start]


def test_more_points_than_are_allowed_are_refused_with_how_many_are() -> None:
    start = instant("2026-01-01 00:00")
    assert len(buckets("MINUTE", Range(start, start + MAX_POINTS * 60_000), CALENDAR)) == MAX_POINTS
    for minutes in (MAX_POINTS + 1, 5_000_000):
        with pytest.raises(TooManyPoints, match=f"{minutes} points of time, 2000 are allowed"):
            buckets("MINUTE", Range(start, start + minutes * 60_000), CALENDAR)


def test_a_midnight_that_the_clock_skips_begins_the_day_all_the_same() -> None:
    zone = ZoneInfo("America/Havana")
    day = parse_range(RangeInput(from_="2026-03-08", to="2026-03-08"), Calendar(zone), NOW)
    assert day.end - day.start == 23 * HOUR
    assert datetime.fromtimestamp(day.start / 1000, zone).hour == 1
    assert datetime.fromtimestamp(day.start / 1000 - 1, zone).date() == date(2026, 3, 7)
