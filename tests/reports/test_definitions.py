"""Sessions, visitors and days are counted as the definitions say."""

from itertools import pairwise
from typing import Any

import pytest

from heropixel.errors import EventsTooSlow
from heropixel.events import Bounds, Events
from heropixel.reports import people as people_module
from heropixel.reports.figures import Counts, VisitorFigure
from heropixel.reports.filters import ConditionInput, FilterInput
from heropixel.reports.ranges import RangeInput
from tests.reports.plain import PAUSE, Seen, World
from tests.reports.stored import AUTUMN, HOUR, StoredWorld, figures

WEEK = RangeInput(from_=AUTUMN - 24 * HOUR, to=AUTUMN + 144 * HOUR)


def at(*gaps: int, **who: Any) -> list[Seen]:
    """Pageviews of one visitor, so many milliseconds apart."""
    instants = [AUTUMN]
    for gap in gaps:
        instants.append(instants[-1] + gap)
    return [Seen(1, instant, **({"visitor": "v1"} | who)) for instant in instants]


@pytest.mark.parametrize(
    ("gaps", "sessions"),
    [
        ([], 1),
        ([PAUSE - 1], 1),
        ([PAUSE], 2),
        ([60_000, PAUSE, 60_000], 2),
        ([PAUSE - 1] * 48, 1),  # a day but 48 ms
        ([PAUSE - 1] * 49, 2),  # beyond a day
        ([PAUSE - 1] * 100, 3),
    ],
)
def test_a_session_ends_after_30_minutes_without_a_pageview_or_after_24_hours(
    events: Events, gaps: list[int], sessions: int
) -> None:
    (row,) = StoredWorld(events, World(at(*gaps))).ask(range=WEEK).rows
    assert (row.figures.sessions, row.figures.pageviews) == (sessions, len(gaps) + 1)


def test_a_session_over_midnight_is_counted_once_on_the_day_it_began(events: Events) -> None:
    night = World([Seen(1, AUTUMN - 60_000, "v1"), Seen(1, AUTUMN + 60_000, "v1")])
    stored = StoredWorld(events, night)
    days = stored.ask(range=RangeInput(from_=AUTUMN - 24 * HOUR, to=AUTUMN + 24 * HOUR), dimensions=["DAY"]).rows
    assert [row.figures.sessions for row in days] == [1, 0]
    assert [row.figures.pageviews for row in days] == [1, 1]
    second = stored.ask(range=RangeInput(from_=AUTUMN, to=AUTUMN + 24 * HOUR)).rows[0].figures
    assert (second.sessions, second.pageviews, second.visitors and second.visitors.count) == (0, 1, 1)
    first = stored.ask(range=RangeInput(from_=AUTUMN - 24 * HOUR, to=AUTUMN)).rows[0].figures
    assert (first.sessions, first.bounce_rate, first.session_duration) == (1, 0.0, 120.0), "all of it, to its end"


def test_stitched_history_is_the_users(events: Events) -> None:
    world = World([*at(HOUR), Seen(1, AUTUMN + 2 * HOUR, "v1", user=1, resolution="FOUND"), Seen(1, AUTUMN, "v2")])
    visitors = StoredWorld(events, world).ask(range=WEEK).rows[0].figures.visitors
    assert visitors
    assert (visitors.count, visitors.identified_users, visitors.basis) == (2, 1, ["IDENTIFIED_USERS", "VISITOR_IDS"])


def test_a_suppressed_pageview_of_a_linked_visitor_is_not_the_users(events: Events) -> None:
    world = World([*at(resolution="SUPPRESSED"), Seen(1, AUTUMN, "v1", user=1, resolution="FOUND")])
    figures_ = StoredWorld(events, world).ask(range=WEEK).rows[0].figures
    assert (figures_.identified_visitors, figures_.visitors and figures_.visitors.count) == (1, 2)


def test_merged_users_are_one_visitor_and_two_again_afterwards(events: Events) -> None:
    pageviews = [Seen(1, AUTUMN, user=user, resolution="FOUND") for user in (1, 2)]
    assert StoredWorld(events, World(pageviews, {2: 1})).ask(range=WEEK).rows[0].figures.identified_visitors == 1
    assert StoredWorld(events, World(pageviews)).ask(range=WEEK).rows[0].figures.identified_visitors == 2


def test_a_visitor_without_consent_is_counted_each_day_and_the_figure_says_so(events: Events) -> None:
    world = World([Seen(1, AUTUMN, "daily:monday"), Seen(1, AUTUMN + 24 * HOUR, "daily:tuesday")])
    visitors = StoredWorld(events, world).ask(range=WEEK).rows[0].figures.visitors
    assert visitors == VisitorFigure(2, ["DAILY_HASHES"], 0, 0, 2, exact=True)


def test_a_pageview_without_a_person_counts_as_a_pageview_only(events: Events) -> None:
    (row,) = StoredWorld(events, World([Seen(1, AUTUMN, resolution="NO_IDENTIFIER")])).ask(range=WEEK).rows
    assert row.figures == figures(Counts(pageviews=1))


def test_a_filter_counts_the_sessions_that_saw_such_a_page_whole(events: Events) -> None:
    pages = ["/", "/tea", "/"]
    world = World([seen._replace(texts={"PAGE": page}) for seen, page in zip(at(60_000, 60_000), pages, strict=True)])
    only = FilterInput(on=ConditionInput("PAGE", is_=["/tea"]))
    found = StoredWorld(events, world).ask(range=WEEK, filter=only).rows[0].figures
    assert (found.pageviews, found.sessions, found.session_duration, found.pages_per_session) == (1, 1, 120.0, 3.0)


def test_a_day_with_25_hours_has_25_hours_and_a_day_without_pageviews_has_a_row(events: Events) -> None:
    stored = StoredWorld(events, World(at()))
    day = RangeInput(from_="2026-10-25", to="2026-10-25")
    hours = stored.ask(range=day, timezone="Europe/Zurich", dimensions=["HOUR"]).rows
    assert len(hours) == 25
    days = stored.ask(
        range=RangeInput(from_="2026-10-24", to="2026-10-27"), timezone="Europe/Zurich", dimensions=["DAY"]
    )
    assert [row.figures.pageviews for row in days.rows] == [0, 1, 0, 0]
    lengths = [(after.begin or 0) - (before.begin or 0) for before, after in pairwise(days.rows)]
    assert [length // HOUR for length in lengths] == [24, 25, 24]


def test_beyond_what_can_be_counted_visitors_are_estimated_within_one_percent_and_the_figure_says_so(
    events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_module, "EXACT_PAGEVIEWS", 1_000)
    monkeypatch.setattr(people_module, "EXACT_VISITORS", 100_000)
    for count_, exact in ((99_000, True), (150_000, False)):
        stored = StoredWorld(events, World([]))
        events.change(
            "INSERT INTO heropixel.pageviews"
            " (app, pixel_id, timestamp, received, journal_position, event_id, visitor_id, resolution, domain)"
            " SELECT {app:UInt32}, {pixel:Int32}, fromUnixTimestamp64Milli({at:Int64}, 'UTC'),"
            " now64(3), 1000000000 + number, '', toString(number), 'NOT_KNOWN', 'example.com'"
            " FROM numbers({count:UInt64})",
            app=stored.app,
            pixel=stored.pixel(1),
            at=AUTUMN,
            count=count_,
        )
        visitors = stored.ask(range=WEEK).rows[0].figures.visitors
        assert visitors
        assert visitors.exact is exact
        assert visitors.count == count_ if exact else abs(visitors.count - count_) < count_ / 100


def test_what_a_report_needs_beyond_its_bounds_is_refused(events: Events) -> None:
    for bounds in (Bounds(1, 1 << 30, 1 << 28), Bounds(60, 10_000_000, 1 << 40)):
        bounded = Events(events.url, bounds)
        with pytest.raises(EventsTooSlow):
            bounded.ask("SELECT uniqExact(cityHash64(number)) FROM numbers(100000000000)")
        bounded.close()
