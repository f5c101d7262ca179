"""Every figure of a report on one world equals the count in plain Python."""

from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from heropixel.events import Events
from heropixel.reports.as_json import plain_row
from heropixel.reports.ask import Wanted
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

NO_TOTALS = Wanted(row_count=True)


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


@pytest.mark.parametrize("some", [DIMENSIONS[::2], DIMENSIONS[1::2]], ids=["one half", "the other"])
def test_every_metric_by_every_dimension_is_what_plain_python_counts(stored: StoredWorld, some: list[str]) -> None:
    plains = [whole(stored, dimension) for dimension in some if dimension != "MINUTE"]
    stored.check_all(plains, alone=NO_TOTALS)  # those are the same for all


def test_what_visits_alone_can_answer_is_what_plain_python_counts(stored: StoredWorld) -> None:
    stored.check_all([whole(stored, dimension) for dimension in OF_SESSION], OF_VISITS, alone=NO_TOTALS)


def test_every_metric_by_minute_is_what_plain_python_counts(stored: StoredWorld) -> None:
    report = stored.check(whole(stored, "MINUTE", start=AUTUMN - HOUR, end=AUTUMN + 3 * HOUR))
    assert len(report.rows) == 4 * 60


FILTERED = [*OF_PAGEVIEW, *OF_SESSION]


@pytest.mark.parametrize("some", [FILTERED[::2], FILTERED[1::2]], ids=["one half", "the other"])
def test_every_dimension_can_be_filtered_by(stored: StoredWorld, some: list[str]) -> None:
    values = {"PAGE": "/tea", "ENTRY_PAGE": "/tea", "EXIT_PAGE": "/", "BOT": "BOT"}
    trees = [FilterInput(on=ConditionInput(dimension, is_=[values.get(dimension, "x")])) for dimension in some]
    plains = [whole(stored, "DAY", filter=tree, traffic=["", "BOT", "AI_AGENT"]) for tree in trees]
    for plain in plains:
        assert plain._replace(dimensions=()).counts()[()].pageviews, plain.filter
    stored.check_all(plains)


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


def test_rows_can_be_ordered_by_every_metric(stored: StoredWorld) -> None:
    range_ = RangeInput(from_=AUTUMN - 24 * HOUR, to=AUTUMN + 48 * HOUR)
    orders = [ReportOrder(metric=metric, descending=descending) for metric in METRICS for descending in (True, False)]
    group = [stored.asked(NO_TOTALS, range=range_, dimensions=["CITY"], order_by=[order]) for order in orders]
    for order, asked, report in zip(orders, group, stored.together(group), strict=True):
        numbers = [number(getattr(row.figures, field_of(Metric(str(order.metric))))) for row in report.rows]
        assert numbers == sorted(numbers, reverse=order.descending), order
        assert stored.alone(asked).rows == report.rows, order


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


def test_a_bucket_that_the_compared_range_does_not_have_has_no_comparison(stored: StoredWorld) -> None:
    now, before = RangeInput(from_=AUTUMN, to=AUTUMN + 3 * HOUR), ComparisonInput(from_=AUTUMN - 2 * HOUR, to=AUTUMN)
    rows = stored.ask(range=now, compare=before, dimensions=["HOUR"], metrics=["PAGEVIEWS"]).rows
    assert [row.comparison is None for row in rows] == [False, False, True]
    assert [row.change is None for row in rows] == [False, False, True]
    alone = plain_row(rows[2], [Metric.PAGEVIEWS], compared=True)
    assert (alone["comparison"], alone["change"]) == (None, None)


def test_the_previous_period_of_two_instants_is_as_long_and_ends_where_they_begin(stored: StoredWorld) -> None:
    range_ = RangeInput(from_=AUTUMN + HOUR, to=AUTUMN + 20 * HOUR)
    report = stored.ask(range=range_, compare=ComparisonInput(name="PREVIOUS_PERIOD"))
    before = stored.ask(range=RangeInput(from_=AUTUMN - 18 * HOUR, to=AUTUMN + HOUR))
    assert report.comparison_totals == before.totals
