"""Reports on an event loop: they are run in groups, fail one by one, and have a time limit."""

import asyncio
import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from heropixel.errors import EventStoreUnavailable, ReportsBusy, ReportTooSlow
from heropixel.events import Bounds, Events, EventsThread
from heropixel.reports import reporting as reporting_module
from heropixel.reports.ask import EVERYTHING, Report
from heropixel.reports.ask import ask as ask_for_report
from heropixel.reports.filters import ConditionInput, FilterInput
from heropixel.reports.people import PersonScopes
from heropixel.reports.question import Question, ReportInput
from heropixel.reports.ranges import RangeInput
from heropixel.reports.reporting import Reporting
from tests.reports.plain import PIXEL

DAY = 86_400_000
START = 1_790_000_000_000 // DAY * DAY
BOUNDS = Bounds(20, 1 << 30, 1 << 28)
NEVER = "2026-01-01"


def no_traits(_app: int, _name: str) -> list[bytes]:
    return []


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    url = f"chdb://{tmp_path_factory.mktemp('reporting') / 'events'}"
    events = Events(url)
    rows = [
        {
            "app": 1,
            "pixel_id": 1,
            "timestamp": str(START + hour * 3_600_000),
            "received": str(START),
            "journal_position": hour,
            "event_id": f"{hour}",
            "visitor_id": f"v{hour % 5}",
            "user_id": 7 if hour % 10 == 3 else 0,
            "resolution": "FOUND" if hour % 10 == 3 else "NOT_KNOWN",
            "domain": "example.com",
            "path": f"/{hour % 3}",
        }
        for hour in range(240)
    ]
    events.insert("\n".join(map(json.dumps, rows)).encode(), "reporting")
    yield url
    events.close()


@pytest.fixture
def reporting(url: str) -> Iterator[Reporting]:
    thread = EventsThread(lambda: Events(url, BOUNDS))
    yield Reporting(thread, lambda _app: {}, no_traits, BOUNDS.seconds, lambda: START)
    thread.close()


def question(day: int, **more: Any) -> Question:
    """About the pageviews of a day and what came before."""
    range_ = RangeInput(from_=START, to=START + (day + 1) * DAY)
    given = ReportInput(pixel_ids=[1], range=range_, **({"metrics": ["PAGEVIEWS", "VISITORS", "SESSIONS"]} | more))
    return Question.parse(given, {1: PIXEL}, {}, START)


async def ask(reporting: Reporting, asked: Question) -> Report:
    return await reporting.report(1, asked, EVERYTHING)


async def test_questions_that_are_asked_together_are_answered_as_if_each_were_alone(reporting: Reporting) -> None:
    questions = [question(day, dimensions=by) for day in (*range(9), 0, 3) for by in (["PAGE"], ["DAY"])]
    questions += [question(day, dimensions=["EXIT_PAGE"]) for day in (0, 3, 0)]
    questions += [question(4, dimensions=[by], metrics=["VISITORS"]) for by in ("PAGE", "CHANNEL", "USER", "PIXEL")]
    entered = FilterInput(on=ConditionInput("ENTRY_PAGE", is_=["/1"]))  # which the others do not ask for
    questions += [question(day, dimensions=["PAGE"], filter=entered) for day in (1, 3, 5)]
    alone = [await ask(reporting, each) for each in questions]
    together = await asyncio.gather(*(ask(reporting, each) for each in questions))
    assert together == alone
    assert len({str(report.totals) for report in alone}) == 12, "of nine ranges, and with the filter"


async def test_all_that_is_asked_in_one_document_is_asked_until_the_same_moment(url: str) -> None:
    moments = count(START)
    thread = EventsThread(lambda: Events(url, BOUNDS))
    reporting = Reporting(thread, lambda _app: {}, no_traits, BOUNDS.seconds, lambda: next(moments))

    async def field() -> int:
        return reporting.now()

    for moment in (START, START + 1):
        assert await asyncio.gather(*(field() for _ in range(9))) == [moment] * 9
    thread.close()


async def test_a_question_that_fails_spoils_no_other(reporting: Reporting, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = question(2)

    def ask_or_fail(events: Events, scopes: Any, asked: Question, *rest: Any) -> Report:
        if asked is broken:
            events.ask("SELECT nonsense")
        return ask_for_report(events, scopes, asked, *rest)

    monkeypatch.setattr("heropixel.reports.shared_reading.ask", ask_or_fail)
    asked = [ask(reporting, each) for each in (question(1), broken, question(3))]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [isinstance(answer, Report) for answer in answers] == [True, False, True]


async def test_more_reports_than_can_wait_are_refused_at_once(
    reporting: Reporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting_module, "MAX_WAITING", 3)
    answers = await asyncio.gather(*(ask(reporting, question(day)) for day in range(5)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [Report, Report, Report, ReportsBusy, ReportsBusy]
    assert (await ask(reporting, question(1))).rows, "there is room again"


async def test_a_report_that_takes_too_much_is_refused_and_says_what_to_ask_instead(url: str) -> None:
    thread = EventsThread(lambda: Events(url, Bounds(20, 1, 1)))
    try:
        with pytest.raises(ReportTooSlow, match="20 s, or more memory than allowed: ask for a shorter range"):
            await ask(
                Reporting(thread, lambda _app: {}, no_traits, 20, lambda: START), question(5, dimensions=["PAGE"])
            )
    finally:
        thread.close()


async def test_reports_are_answered_again_once_the_event_store_is_back(url: str) -> None:
    away = True

    def open_events() -> Events:
        return Events("clickhouse://127.0.0.1:9" if away else url, BOUNDS)

    thread = EventsThread(open_events)
    reporting = Reporting(thread, lambda _app: {}, no_traits, BOUNDS.seconds, lambda: START)
    try:
        answers = await asyncio.gather(*(ask(reporting, question(day)) for day in range(3)), return_exceptions=True)
        assert [type(answer) for answer in answers] == [EventStoreUnavailable] * 3
        away = False
        assert (await ask(reporting, question(1))).rows
    finally:
        thread.close()


def test_a_scope_that_is_in_use_outlives_others_and_its_time(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heropixel.reports.people._SCOPE_SECONDS", 0.0)
    events, people = Events(url), PersonScopes(lambda _app: {8: 7}, no_traits)
    scopes = [people.scope(events, 1, [1], question(day).range) for day in (*range(9), 0, 1)]
    for scope in scopes:
        assert events.ask(f"SELECT count() FROM {scope.table}") == [(2,)], "one was linked, one merged"
    people.sweep()
    events.close()
