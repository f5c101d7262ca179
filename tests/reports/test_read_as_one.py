"""A range and the one before it are read as one where both are small, and the figures are the same."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from heropixel.events import Events
from heropixel.reports import shared_reading
from heropixel.reports.filters import ConditionInput, FilterInput
from heropixel.reports.ranges import ComparisonInput, RangeInput
from heropixel.reports.shared_reading import SharedReading
from tests.reports.plain import Plain, Seen, World
from tests.reports.stored import AUTUMN, HOUR, PEOPLE, StoredWorld

MINUTE = HOUR // 60
AT = AUTUMN - 9 * HOUR


def seen(minutes: int, page: str, channel: str = "DIRECT", **who: Any) -> Seen:
    return Seen(1, AT + minutes * MINUTE, texts={"PAGE": page, "CHANNEL": channel}, **who)


WORLD = World(
    [
        *(seen(minutes, "/far", visitor="long before") for minutes in (-370, -350)),
        seen(-200, "/tea", "EMAIL", visitor="before"),
        seen(-60, "/"),  # nobody's
        *(seen(minutes, page, visitor="over the edge") for minutes, page in ((-10, "/"), (5, "/tea"), (10, "/"))),
        seen(60, "/"),  # nobody's
        *(seen(minutes, "/tea", "EMAIL", user=1, resolution="FOUND") for minutes in (120, 125)),
        *(seen(minutes, "/", visitor="over the end") for minutes in (350, 370)),
    ]
)
ENTERED = FilterInput(on=ConditionInput("ENTRY_PAGE", is_=["/"]))
FEW: list[dict[str, Any]] = [
    {"dimensions": ["ENTRY_PAGE"], "metrics": ["VISITORS", "SESSIONS"]},
    {"dimensions": ["CHANNEL"], "metrics": ["VISITORS"]},
    {"metrics": ["VISITORS", "BOUNCE_RATE"], "filter": ENTERED},
]
# How many pageviews of a visit are in a range is asked too.
MORE = [*FEW, {"dimensions": ["EXIT_PAGE"], "metrics": ["PAGEVIEWS"]}, {"metrics": ["PAGEVIEWS"], "filter": ENTERED}]
RANGES = {
    "six hours, and those before": (AT, 360, "PREVIOUS_PERIOD"),
    "a day, and that before": (AT - 12 * HOUR, 24 * 60, "PREVIOUS_PERIOD"),
    "less than a visit": (AT, 8, "PREVIOUS_PERIOD"),
    "an empty one before": (AT, 360, "PREVIOUS_YEAR"),
}


@pytest.mark.parametrize("range_", RANGES)
def test_figures_are_the_same_whether_two_ranges_are_read_as_one_or_not(
    events: Events, range_: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = StoredWorld(events, WORLD)
    start, minutes, compare = RANGES[range_]
    end = start + minutes * MINUTE
    asked, other = RangeInput(from_=start, to=end), ComparisonInput(name=compare)
    group = [stored.asked(range=asked, compare=other, **question) for question in MORE]
    alone = [stored.alone(each) for each in group]
    for question, report in zip(MORE, alone, strict=True):
        plain = Plain(WORLD, [1], start, end, ZoneInfo("UTC"), question.get("dimensions", ()), question.get("filter"))
        stored.compare(report, plain, question["metrics"])

    pageviews = 2 * len(WORLD.pageviews)  # all of them are around both ranges
    for size in (len(FEW), len(MORE)):
        for most, tables in ((pageviews, 1), (pageviews - 1, 2)):
            monkeypatch.setattr(shared_reading, "AS_ONE", most)
            with SharedReading(events, PEOPLE[events], group[:size]) as reading:
                assert [reading.answer(each) for each in group[:size]] == alone[:size]
                kept = [table for table in reading._tables if table.startswith("seen")]
            assert len(kept) == (tables if compare == "PREVIOUS_PERIOD" else 2)
