"""Few pageviews are placed in their visits once for all questions that need it, and the figures are the same."""

from typing import Any

import pytest

from heropixel.events import Events
from heropixel.reports import shared_reading
from heropixel.reports.ask import Wanted
from heropixel.reports.filters import ConditionInput, FilterInput
from heropixel.reports.ranges import ComparisonInput, RangeInput
from heropixel.reports.shared_reading import SharedReading
from tests.reports.stored import HOUR, PEOPLE, StoredWorld
from tests.reports.test_read_as_one import AT, ENTERED, WORLD

EMAIL = FilterInput(on=ConditionInput("CHANNEL", is_=["EMAIL"]))
MIXED = FilterInput(or_=[EMAIL, FilterInput(on=ConditionInput("PAGE", is_=["/"]))])
FIGURES = ["VISITORS", "PAGEVIEWS", "SESSIONS", "BOUNCE_RATE", "SESSION_DURATION"]
QUESTIONS: list[dict[str, Any]] = [
    {"dimensions": ["HOUR"], "metrics": FIGURES, "filter": MIXED},
    {"dimensions": ["PAGE"], "metrics": FIGURES, "filter": ENTERED},
    {"dimensions": ["CHANNEL"], "metrics": ["VISITORS", "PAGEVIEWS"], "filter": EMAIL},
    {"dimensions": ["PAGE", "CHANNEL"], "metrics": ["SESSIONS"]},
]


@pytest.mark.parametrize("hours", [6, 30])
@pytest.mark.parametrize("at_a_read", [0, shared_reading.PLACED_AT_A_READ])
def test_figures_are_the_same_whether_pageviews_are_placed_in_their_visits_once_or_for_each_question(
    events: Events, hours: int, at_a_read: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = StoredWorld(events, WORLD)
    asked = RangeInput(from_=AT, to=AT + hours * HOUR)
    before = ComparisonInput(name="PREVIOUS_PERIOD")
    group = [stored.asked(range=asked, compare=before, **question) for question in QUESTIONS]
    alone = [stored.alone(each) for each in group]
    monkeypatch.setattr(shared_reading, "PLACED_AT_A_READ", at_a_read)
    with SharedReading(events, PEOPLE[events], group) as reading:
        assert [reading.answer(each) for each in group] == alone
        placed = [table for table in reading._tables if table.startswith("placed")]
    assert len(placed) == (2 if at_a_read else 0)  # of each range: how many pageviews of a visit are in it is asked


def test_a_table_of_few_visits_is_made_for_a_single_question_too(
    events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = StoredWorld(events, WORLD)
    range_ = RangeInput(from_=AT, to=AT + 6 * HOUR)
    asked = stored.asked(Wanted(), range=range_, dimensions=["CHANNEL"], metrics=["VISITORS", "PAGEVIEWS"])
    alone = stored.alone(asked)
    for few, tables in ((shared_reading.FEW, 1), (0, 0)):
        monkeypatch.setattr(shared_reading, "FEW", few)
        with SharedReading(events, PEOPLE[events], [asked]) as reading:
            assert reading.answer(asked) == alone
            assert len([table for table in reading._tables if table.startswith("visits")]) == tables
