"""Every figure of a report equals the count in plain Python."""

from itertools import pairwise
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from heropixel.errors import EventsTooSlow
from heropixel.events import Bounds, Events
from heropixel.reports import people as people_module
from heropixel.reports.dimensions import OF_PAGEVIEW, OF_SESSION
from heropixel.reports.figures import Counts, VisitorFigure, field_of
from heropixel.reports.filters import ConditionInput, FilterInput
from heropixel.reports.question import Metric, ReportOrder
from heropixel.reports.ranges import ComparisonInput, RangeInput
from tests.reports.plain import PAUSE, Plain, Seen, World
from tests.reports.stored import (
    AUTUMN,
    COLUMN_OF,
    DIMENSIONS,
    HOSTS,
    HOUR,
    METRICS,
    OF_VISITS,
    PAGES,
    StoredWorld,
    figures,
)

# --- one world, every dimension and metric ---


@pytest.fixture(scope="module")
def stored(events: Events) -> StoredWorld:
    """Some hundred pageviews of four days, of all kinds of persons."""
    chance = Random(4)
    visitors = ["", *(f"v{number}" for number in range(12)), *(f"daily:{number}" for number in range(4))]
    values = {name: ["", "x", "y", f"{name} z"] for name in COLUMN_OF if name != "BOT"} | {"PAGE": PAGES}
    values |= {"CHANNEL": ["DIRECT", "INTERNAL", "x"], "REFERRER": [*HOSTS, "x"], "HOSTNAME": [*HOSTS, "x"]}
    pageviews = []
    for _ in range(400):
        visitor, user = chance.choice(visitors), chance.choice([0, 0, 0, 1, 2, 3, 4])
        pageviews.append(
            Seen(
                pixel=chance.choice([1, 1, 2]),
                at=AUTUMN + chance.randrange(-30, 60) * HOUR + chance.choice([0, 1, 600_000, PAUSE - 1]),
                visitor=visitor,
                user=user,
                resolution=chance.choice(["FOUND", "CREATED"]) if user else chance.choice(["NOT_KNOWN", "SUPPRESSED"]),
                bot=chance.choice(["", "", "", "BOT", "AI_AGENT"]),
                texts={name: chance.choice(some) for name, some in values.items()},
            )
        )
    return StoredWorld(events, World(pageviews, {4: 1}, {1: "pro", 2: "free"}))


def whole(stored: StoredWorld, *dimensions: str, **more: Any) -> Plain:
    start = AUTUMN - 24 * HOUR
    zone = ZoneInfo("Europe/Zurich")
    return Plain(stored.world, [1], start, start + 96 * HOUR, zone, dimensions)._replace(**more)


@pytest.mark.parametrize("dimension", [name for name in DIMENSIONS if name != "MINUTE"])
def test_every_metric_by_every_dimension_is_what_plain_python_counts(stored: StoredWorld, dimension: str) -> None:
    report = stored.check(whole(stored, dimension))
    assert report.rows


@pytest.mark.parametrize("dimension", OF_SESSION)
def test_what_visits_alone_can_answer_is_what_plain_python_counts(stored: StoredWorld, dimension: str) -> None:
    assert stored.check(whole(stored, dimension), OF_VISITS).rows


def test_every_metric_by_minute_is_what_plain_python_counts(stored: StoredWorld) -> None:
    report = stored.check(whole(stored, "MINUTE", start=AUTUMN - HOUR, end=AUTUMN + 3 * HOUR))
    assert len(report.rows) == 4 * 60


@pytest.mark.parametrize("dimension", [*OF_PAGEVIEW, *OF_SESSION])
def test_every_dimension_can_be_filtered_by(stored: StoredWorld, dimension: str) -> None:
    value = {"PAGE": "/tea", "ENTRY_PAGE": "/tea", "EXIT_PAGE": "/", "BOT": "BOT"}.get(dimension, "x")
    tree = FilterInput(on=ConditionInput(dimension, is_=[value]))
    report = stored.check(whole(stored, "DAY", filter=tree, traffic=["", "BOT", "AI_AGENT"]))
    assert report.totals
    assert report.totals.pageviews


@pytest.mark.parametrize("traffic", [["BOT"], ["AI_AGENT"], ["", "AI_AGENT"]])
def test_bots_are_counted_where_they_are_asked_for(stored: StoredWorld, traffic: list[str]) -> None:
    stored.check(whole(stored, "BOT", traffic=traffic))


def test_several_dimensions_and_pixels_at_once(stored: StoredWorld) -> None:
    stored.check(whole(stored, "COUNTRY", "DAY", "EXIT_PAGE", "PIXEL", pixels=[1, 2]))


def test_totals_are_of_all_rows_also_of_those_that_are_left_out(stored: StoredWorld) -> None:
    asked: dict[str, Any] = {"range": RangeInput(from_=AUTUMN, to=AUTUMN + 48 * HOUR), "dimensions": ["PAGE"]}
    cut, all_rows = stored.ask(**asked, limit=2), stored.ask(**asked)
    assert (len(cut.rows), cut.row_count, cut.totals) == (2, len(all_rows.rows), all_rows.totals)
    assert cut.rows == all_rows.rows[:2]
    assert stored.ask(**asked, limit=2, offset=2).rows == all_rows.rows[2:4]
    beyond = stored.ask(**asked, offset=100)
    assert (beyond.rows, beyond.row_count) == ([], len(all_rows.rows))


@pytest.mark.parametrize("metric", METRICS)
def test_rows_can_be_ordered_by_every_metric(stored: StoredWorld, metric: str) -> None:
    range_ = RangeInput(from_=AUTUMN - 24 * HOUR, to=AUTUMN + 48 * HOUR)
    for descending in (True, False):
        order = [ReportOrder(metric=metric, descending=descending)]
        rows = stored.ask(range=range_, dimensions=["CITY"], order_by=order).rows
        numbers = [number(getattr(row.figures, field_of(Metric(metric)))) for row in rows]
        assert numbers == sorted(numbers, reverse=descending)


def number(figure: Any) -> Any:
    """The sort key of rows. Without sessions there is no bounce rate, and it sorts below 0."""
    return figure.count if isinstance(figure, VisitorFigure) else -1 if figure is None else figure


def test_rows_can_be_ordered_by_a_dimension_and_time_backwards(stored: StoredWorld) -> None:
    range_ = RangeInput(from_=AUTUMN - 24 * HOUR, to=AUTUMN + 48 * HOUR)
    order = [ReportOrder(dimension="DAY"), ReportOrder(dimension="CITY", descending=False)]
    rows = stored.ask(range=range_, dimensions=["CITY", "DAY"], order_by=order).rows
    keys = [(-(row.begin or 0), row.values["CITY"]) for row in rows]
    assert keys == sorted(keys)


def test_a_time_series_by_another_dimension_has_as_many_series_as_asked_for_without_holes(
    stored: StoredWorld,
) -> None:
    range_ = RangeInput(from_=AUTUMN - 24 * HOUR, to=AUTUMN + 96 * HOUR)
    whole_range = stored.ask(range=range_, dimensions=["PAGE"], limit=2).rows
    rows = stored.ask(range=range_, dimensions=["DAY", "PAGE"], limit=2).rows
    assert len(rows) == 5 * 2
    assert {row.values["PAGE"] for row in rows} == {row.values["PAGE"] for row in whole_range}


def test_the_comparison_is_what_the_other_range_has(stored: StoredWorld) -> None:
    now = RangeInput(from_=AUTUMN, to=AUTUMN + 24 * HOUR)
    before = ComparisonInput(from_=AUTUMN - 24 * HOUR, to=AUTUMN)
    compared = stored.ask(range=now, compare=before, dimensions=["HOUR", "CHANNEL"])
    alone = stored.ask(range=RangeInput(from_=before.from_, to=before.to), dimensions=["HOUR", "CHANNEL"])
    other = {(row.begin, row.values["CHANNEL"]): row.figures for row in alone.rows}
    for row in compared.rows:
        assert row.begin is not None
        assert row.comparison == other.get((row.begin - 24 * HOUR, row.values["CHANNEL"]), figures(Counts()))
    assert compared.comparison_totals == alone.totals
    assert compared.totals != alone.totals


def test_the_previous_period_of_two_instants_is_as_long_and_ends_where_they_begin(stored: StoredWorld) -> None:
    range_ = RangeInput(from_=AUTUMN + HOUR, to=AUTUMN + 20 * HOUR)
    report = stored.ask(range=range_, compare=ComparisonInput(name="PREVIOUS_PERIOD"))
    before = stored.ask(range=RangeInput(from_=AUTUMN - 18 * HOUR, to=AUTUMN + HOUR))
    assert report.comparison_totals == before.totals


# --- what the definitions say ---


def at(*gaps: int, **who: Any) -> list[Seen]:
    """Pageviews of one visitor, so many milliseconds apart."""
    instants = [AUTUMN]
    for gap in gaps:
        instants.append(instants[-1] + gap)
    return [Seen(1, instant, **({"visitor": "v1"} | who)) for instant in instants]


WEEK = RangeInput(from_=AUTUMN - 24 * HOUR, to=AUTUMN + 144 * HOUR)


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
        bounded = Events(events._url, bounds)
        with pytest.raises(EventsTooSlow):
            bounded.ask("SELECT uniqExact(cityHash64(number)) FROM numbers(100000000000)")
        bounded.close()
