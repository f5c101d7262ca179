"""Reports, lists and exports by a server of which every request has a connection of its own; see speaking.py."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heropixel.events import Events
from heropixel.reports.exporting import ExportInput, ExportQuestion
from heropixel.reports.filters import ConditionInput, FilterInput
from heropixel.reports.ranges import RangeInput
from tests.clickhouse.server import ClickHouseServer
from tests.reports.plain import PIXEL, Seen, World
from tests.reports.stored import AUTUMN, HOUR, METRICS, StoredWorld
from tests.reports.test_any_world import comparisons, questions, worlds


@pytest.fixture(scope="module")
def events(clickhouse: ClickHouseServer) -> Iterator[Events]:
    with closing(Events(clickhouse.new_store())) as events:
        yield events


@settings(
    max_examples=3,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(st.data())
def test_any_report_and_list_is_answered_without_temporary_tables_or_sessions(
    events: Events, data: st.DataObject
) -> None:
    world = data.draw(worlds())
    stored, question = StoredWorld(events, world), data.draw(questions(world))
    stored.check(question, METRICS, compare=data.draw(comparisons(question)))
    stored.check_lists(question)


def test_what_was_found_out_first_is_sent_along_with_the_question(events: Events, clickhouse: ClickHouseServer) -> None:
    day = [Seen(1, AUTUMN + minute * 60_000, visitor="v1") for minute in range(0, 50 * 60, 20)]
    world = World([*day, Seen(1, AUTUMN + 50 * HOUR, visitor="v1", user=3, resolution="FOUND")], {3: 1}, {1: "pro"})
    stored = StoredWorld(events, world)
    clickhouse.asked()
    report = stored.alone(
        stored.asked(
            range=RangeInput(from_=AUTUMN + 48 * HOUR, to=AUTUMN + 72 * HOUR),
            dimensions=["TRAIT", "CHANNEL"],
            trait="plan",
        )
    )
    assert [row.values for row in report.rows] == [{"TRAIT": "pro", "CHANNEL": ""}]
    asked = clickhouse.asked()
    assert not [each for each in asked if "TEMPORARY" in each["statement"] or "session_id" in each["asked"]]
    kinds = {name.partition("_")[0] for each in asked for name in each["external"]}
    assert kinds == {"people", "traits", "series", "origins", "firsts"}


def test_an_export_by_a_filter_of_visits_is_whole_and_in_order(events: Events) -> None:
    pages = ["/", "/tea", "/"]
    seen = [
        Seen(1 + number % 2, AUTUMN + number * HOUR, visitor=f"v{number}", texts={"PAGE": pages[number % 3]})
        for number in range(12)
    ]
    stored = StoredWorld(events, World(seen, {}, {}))
    pixels = {stored.pixel(number): PIXEL for number in (1, 2)}
    given = ExportInput(pixel_ids=[*pixels], filter=FilterInput(on=ConditionInput("ENTRY_PAGE", is_=["/tea"])))
    rows = [*ExportQuestion.parse(given, pixels, AUTUMN).rows(events, {})]
    assert [row["path"] for row in rows] == ["/tea"] * 4
    assert rows == sorted(rows, key=lambda row: (row["pixelId"], row["timestamp"]))
