"""The sample world is as long as what newcomers are told of it, and as what the dashboard shows them first."""

import inspect
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from heropixel.calendars import Calendar
from heropixel.cli.serve import serve
from heropixel.clock import clock
from heropixel.reports.ranges import ComparisonInput, RangeInput, parse_comparison
from heropixel.sample.pageviews import DAY

ROOT = Path(__file__).parents[2]
DAYS: int = inspect.signature(serve).parameters["sample_days"].default


def test_the_first_comparison_of_the_dashboard_has_pageviews_on_each_of_its_days() -> None:
    now = clock()
    before = parse_comparison(
        ComparisonInput(name="SAME_WEEKDAYS"), RangeInput(name="LAST_30_DAYS"), Calendar(ZoneInfo("UTC")), now
    )
    assert now - DAYS * DAY <= before.start


@pytest.mark.parametrize("page", ["README.md", "docs/glossary.md"])
def test_its_days_are_documented(page: str) -> None:
    assert f"with {DAYS} days of " in (ROOT / page).read_text()
