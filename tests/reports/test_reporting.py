"""Reports on an event loop: they are run in groups, fail one by one, and have a time limit."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from typing import Any

import pytest
import pytest_asyncio

from heropixel.errors import EventStoreUnavailable, ReportsBusy, ReportTooSlow
from heropixel.events import Bounds, Events, EventsThread
from heropixel.reports import reporting as reporting_module
from heropixel.reports.ask import EVERYTHING, Report
from heropixel.reports.ask import ask as ask_for_report
from heropixel.reports.filters import All, Condition, ConditionInput, Either, Filter, FilterInput, Not, Operator
from heropixel.reports.listing import ListQuestion
from heropixel.reports.people import PersonScopes
from heropixel.reports.question import Metric, Question, ReportInput, Traffic
from heropixel.reports.ranges import ComparisonInput, RangeInput
from heropixel.reports.reporting import Reporting, ReportingHere
from heropixel.reports.seen import EVER
from heropixel.reports.shared_reading import Asked, SharedReading
from tests.channels.ends import over_a_socket
from tests.event_stores import new_event_store
from tests.reports.plain import PIXEL

DAY = 86_400_000
START = 1_790_000_000_000 // DAY * DAY
BOUNDS = Bounds(20, 1 << 30, 1 << 28)
NEVER = "2026-01-01"


def no_traits(_app: int, _name: str) -> list[bytes]:
    return []


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    url = new_event_store(tmp_path_factory.mktemp("reporting"))
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


@asynccontextmanager
async def here(url: str) -> AsyncIterator[Reporting]:
    with closing(EventsThread(lambda: Events(url, BOUNDS))) as thread:
        yield ReportingHere(thread, lambda _app: {}, no_traits, BOUNDS.seconds)


@asynccontextmanager
async def there(url: str) -> AsyncIterator[Reporting]:
    async with here(url) as implementation, over_a_socket(Reporting, implementation) as reporting:
        yield reporting


@pytest_asyncio.fixture(params=[here, there])
async def reporting(request: pytest.FixtureRequest, url: str) -> AsyncIterator[Reporting]:
    async with request.param(url) as reporting:
        yield reporting


def question(day: int, **more: Any) -> Question:
    """About the pageviews of a day and what came before."""
    range_ = RangeInput(from_=START, to=START + (day + 1) * DAY)
    given = ReportInput(pixel_ids=[1], range=range_, **({"metrics": ["PAGEVIEWS", "VISITORS", "SESSIONS"]} | more))
    return Question.parse(given, {1: PIXEL}, {}, START)


async def ask(reporting: Reporting, asked: Question) -> Report:
    return await reporting.report(1, asked, EVERYTHING)


async def test_questions_that_are_asked_together_are_answered_as_if_each_were_alone(url: str) -> None:
    questions = [question(day, dimensions=by) for day in (*range(9), 0, 3) for by in (["PAGE"], ["DAY"])]
    questions += [question(day, dimensions=["EXIT_PAGE"]) for day in (0, 3, 0)]
    questions += [question(4, dimensions=[by], metrics=["VISITORS"]) for by in ("PAGE", "CHANNEL", "USER", "PIXEL")]
    entered = FilterInput(on=ConditionInput("ENTRY_PAGE", is_=["/1"]))  # which the others do not ask for
    questions += [question(day, dimensions=["PAGE"], filter=entered) for day in (1, 3, 5)]
    async with here(url) as implementation, over_a_socket(Reporting, implementation) as reporting:
        of_each = {each: await ask(reporting, each) for each in questions}
        alone = [of_each[each] for each in questions]
        for asked in (implementation, reporting):
            assert await asyncio.gather(*(ask(asked, each) for each in questions)) == alone
    assert len({str(report.totals) for report in alone}) == 12, "of nine ranges, and with the filter"


async def test_questions_of_one_moment_share_a_reading_from_another_process_too(
    reporting: Reporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups: list[int] = []

    def read(events: Events, people: PersonScopes, group: Sequence[Asked]) -> SharedReading:
        groups.append(len(group))
        return SharedReading(events, people, group)

    monkeypatch.setattr(reporting_module, "SharedReading", read)
    await ask(reporting, question(1))  # the connection is there
    await asyncio.gather(*(ask(reporting, question(2, dimensions=[by])) for by in ("PAGE", "CHANNEL", "USER", "DAY")))
    assert groups == [1, 4]


IS_PAGE_1 = Condition("PAGE", Operator.IS, ("/1",))
FILTERS: list[Filter] = [All(), IS_PAGE_1, All((Not(IS_PAGE_1),)), Either((IS_PAGE_1, Not(All((IS_PAGE_1,)))))]


async def test_lists_and_counts_are_the_same_from_another_process(url: str) -> None:
    async with here(url) as implementation, over_a_socket(Reporting, implementation) as reporting:
        for filter_ in FILTERS:
            asked = ListQuestion((1,), question(9).range, filter_, (Traffic.PEOPLE, Traffic.BOTS))
            count = await implementation.count(1, asked)
            assert count > 0
            assert await reporting.count(1, asked) == count
            listed = await implementation.pageviews(1, asked, None, 5, with_visits=True)
            assert await reporting.pageviews(1, asked, None, 5, with_visits=True) == listed
            beyond = await implementation.pageviews(1, asked, listed[-1].place, 5)
            assert await reporting.pageviews(1, asked, listed[-1].place, 5) == beyond
        seen = await implementation.seen_people(1, EVER, None, None)
        assert seen
        assert await reporting.seen_people(1, EVER, seen[0].place, 3) == seen[1:]
        assert await reporting.seen_people(1, EVER, None, None) == seen


async def test_every_kind_of_question_and_figure_arrives_from_another_process(url: str) -> None:
    compare = ComparisonInput(from_=START - DAY, to=START)
    every = question(
        3, metrics=[*Metric], dimensions=["PAGE", "DAY"], compare=compare, timezone="Europe/Zurich", limit=5
    )
    async with here(url) as implementation, over_a_socket(Reporting, implementation) as reporting:
        report = await ask(reporting, every)
        assert report == await ask(implementation, every)
        assert report.comparison_totals


async def test_a_question_that_fails_spoils_no_other(reporting: Reporting, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = question(2)

    def ask_or_fail(events: Events, scopes: Any, asked: Question, *rest: Any) -> Report:
        if asked == broken:
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
            await ask(ReportingHere(thread, lambda _app: {}, no_traits, 20), question(5, dimensions=["PAGE"]))
    finally:
        thread.close()


async def test_reports_are_answered_again_once_the_event_store_is_back(url: str) -> None:
    away = True

    def open_events() -> Events:
        return Events("clickhouse://127.0.0.1:9" if away else url, BOUNDS)

    thread = EventsThread(open_events)
    reporting = ReportingHere(thread, lambda _app: {}, no_traits, BOUNDS.seconds)
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
