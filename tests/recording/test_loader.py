"""Each pageview is loaded exactly once, whatever happens between journal and event store."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
import structlog.testing

from heropixel.columns import Row
from heropixel.enrichment import RULES, steps
from heropixel.enrichment.bots import Detected, detect
from heropixel.errors import EventsUnavailable
from heropixel.events import DATABASE, Events
from heropixel.events.pageviews import export
from heropixel.journal import Journal
from heropixel.recording import loader as module
from heropixel.recording.loader import LONG_PAUSE, NICE, PAUSE, Loader, load
from heropixel.recording.rows import rows_of
from tests.recording.no_links import NO_LINKS

pytestmark = pytest.mark.usefixtures("empty_events")

NOW = 1_800_000_000_000
ROW = (
    b'{"app":1,"pixel_id":1,"timestamp":"1800000000000","received":"1800000000000","event_id":"e-%d",'
    b'"resolution":"FOUND","domain":"example.com"}\n'
)


def append(journal: Journal, *numbers: int) -> None:
    journal.append(b"".join(ROW % number for number in numbers), {}, NOW)


def loaded(events: Events) -> list[str]:
    return sorted(row["eventId"] for row in export(events, {}))


def loader_of(journal: Journal, open_events: Callable[[], Events]) -> Loader:
    return Loader(journal, NO_LINKS, open_events, lambda: NOW)


def test_what_is_in_the_journal_is_loaded_and_released(events: Events, journals: tuple[Journal, Journal]) -> None:
    appender, loading = journals
    append(appender, 1, 2)
    append(appender, 3)
    loader_of(loading, lambda: events).load_all()
    assert loaded(events) == ["e-1", "e-2", "e-3"]
    assert loading.length() == 0


def test_a_loader_that_dies_before_it_releases_loads_nothing_twice(
    events: Events, journals: tuple[Journal, Journal]
) -> None:
    appender, loading = journals
    append(appender, 1, 2)
    batch = loading.take(1000)
    assert batch is not None
    load(batch, [*rows_of(batch, NO_LINKS)], events)  # and dies
    append(appender, 3)
    loader_of(loading, lambda: events).load_all()
    assert loaded(events) == ["e-1", "e-2", "e-3"]


def test_a_loader_that_dies_before_it_inserts_loses_nothing(events: Events, journals: tuple[Journal, Journal]) -> None:
    appender, loading = journals
    append(appender, 1, 2)
    assert loading.take(1000) is not None  # and dies
    append(appender, 3)
    loader_of(loading, lambda: events).load_all()
    assert loaded(events) == ["e-1", "e-2", "e-3"]


def test_an_engine_that_remembers_the_token_but_lost_rows_is_given_them_again(
    events: Events, journals: tuple[Journal, Journal]
) -> None:
    appender, loading = journals
    append(appender, 1, 2, 3)
    batch = loading.take(1000)
    assert batch is not None
    load(batch, [*rows_of(batch, NO_LINKS)], events)
    # As after a kill between the log of tokens and the part: the token is known, the rows are gone.
    events._client.command(f"DELETE FROM {DATABASE}.pageviews WHERE event_id != 'e-2'")
    loader_of(loading, lambda: events).load_all()
    assert loaded(events) == ["e-1", "e-2", "e-3"]


def test_an_engine_that_has_the_rows_but_lost_their_links_gets_them_again(
    events: Events, journals: tuple[Journal, Journal]
) -> None:
    appender, loading = journals
    appender.append((ROW % 1)[:-2] + b',"user_id":7,"visitor_id":"v"}\n', {}, NOW)
    batch = loading.take(1000)
    assert batch is not None
    load(batch, [*rows_of(batch, NO_LINKS)], events)
    # As after a kill between the part and its materialized view: the rows are there, the link is not.
    events._client.command(f"TRUNCATE TABLE {DATABASE}.links")
    loader_of(loading, lambda: events).load_all()
    linked = f"SELECT DISTINCT visitor_id, user_id FROM {DATABASE}.links"
    assert [tuple(row) for row in events.ask(linked)] == [("v", 7)]
    events._client.command(f"TRUNCATE TABLE {DATABASE}.links")
    events.link(batch.last + 1, batch.last + 9)
    assert events.ask(linked) == []
    events.link(batch.first, batch.last)
    assert [tuple(row) for row in events.ask(linked)] == [("v", 7)]


class Away:
    """Stands before the event store, and is away for the first few calls."""

    def __init__(self, events: Events, times: int) -> None:
        self.events = events
        self.times = times
        self.calls = 0

    def open(self) -> Events:
        self.calls += 1
        if self.calls <= self.times:
            raise EventsUnavailable("connection refused")
        return self.events


async def test_a_failing_event_store_is_tried_again_with_growing_pauses_and_logged_once(
    events: Events, journals: tuple[Journal, Journal], monkeypatch: pytest.MonkeyPatch
) -> None:
    appender, loading = journals
    append(appender, 1)
    pauses: list[float] = []
    away = Away(events, times=8)
    loader = loader_of(loading, away.open)

    async def noted(seconds: float) -> None:
        pauses.append(seconds)
        if loading.length() == 0:
            loader.stop()
        await asyncio.sleep(0)

    monkeypatch.setattr(loader, "_pause", noted)
    with structlog.testing.capture_logs() as said:
        await loader.run()
    failed = pauses[:8]
    assert failed == [1, 2, 4, 8, 16, 32, 60, 60]
    assert [entry["log_level"] for entry in said] == ["warning", "info"]
    assert loaded(events) == ["e-1"]


async def test_a_loader_that_is_stopped_loads_what_is_left(events: Events, journals: tuple[Journal, Journal]) -> None:
    appender, loading = journals
    loader = loader_of(loading, lambda: events)
    running = asyncio.create_task(loader.run())
    await asyncio.sleep(0.2)
    append(appender, 1)
    loader.stop()
    await asyncio.wait_for(running, 20)
    assert loaded(events) == ["e-1"]


async def test_a_loader_that_is_stopped_while_the_store_is_unreachable_keeps_the_backlog(
    events: Events, journals: tuple[Journal, Journal]
) -> None:
    appender, loading = journals
    append(appender, 1)
    loader = loader_of(loading, Away(events, times=10**6).open)
    running = asyncio.create_task(loader.run())
    await asyncio.sleep(0.2)
    loader.stop()
    await asyncio.wait_for(running, 20)
    assert loading.length() == 1


async def test_reaching_a_position_returns_when_everything_below_it_is_there(
    events: Events, journals: tuple[Journal, Journal]
) -> None:
    appender, loading = journals
    loader = loader_of(loading, lambda: events)
    running = asyncio.create_task(loader.run())
    for number in range(5):
        append(appender, number)
        await asyncio.wait_for(loader.reach(appender.end()), 20)
        assert len(loaded(events)) == number + 1
    loader.stop()
    await asyncio.wait_for(running, 20)


def test_large_backlogs_go_in_bounded_batches(
    events: Events, journals: tuple[Journal, Journal], monkeypatch: pytest.MonkeyPatch
) -> None:
    appender, loading = journals
    monkeypatch.setattr(module, "MAX_BATCH", 10)
    for group in range(5):
        append(appender, *range(group * 10, group * 10 + 10))
    sizes: list[Any] = []
    loader = loader_of(loading, lambda: events)
    while size := loader.load_batch():
        sizes.append(size)
    assert sizes == [10] * 5
    assert len(loaded(events)) == 50


async def test_a_loader_waits_longer_for_more_pageviews_while_many_come(
    events: Events, journals: tuple[Journal, Journal], monkeypatch: pytest.MonkeyPatch
) -> None:
    appender, loading = journals
    monkeypatch.setattr(module, "MANY", 2)
    loader = loader_of(loading, lambda: events)
    pauses: list[float] = []

    async def noted(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            loader.stop()
        await asyncio.sleep(0)

    monkeypatch.setattr(loader, "_pause", noted)
    append(appender, 1, 2)
    await loader.run()
    assert pauses == [LONG_PAUSE, PAUSE]


@pytest.mark.parametrize(("bound", "number"), [("MAX_BATCH", 2), ("MAX_BYTES", 200)])
async def test_a_loader_makes_no_pause_after_a_batch_as_large_as_it_may_be(
    events: Events, journals: tuple[Journal, Journal], monkeypatch: pytest.MonkeyPatch, bound: str, number: int
) -> None:
    appender, loading = journals
    monkeypatch.setattr(module, bound, number)
    loader = loader_of(loading, lambda: events)
    left: list[int] = []

    async def noted(_seconds: float) -> None:
        left.append(loading.length())
        if len(left) == 1:
            append(appender, 3, 4)
            append(appender, 5, 6)
        else:
            loader.stop()
        await asyncio.sleep(0)

    monkeypatch.setattr(loader, "_pause", noted)
    append(appender, 1)
    take = loading.take
    monkeypatch.setattr(loading, "take", lambda _limit: take(2))
    await loader.run()
    assert left == [0, 0]


async def test_a_loader_that_is_held_with_more_to_load_rests_and_can_be_stopped(
    events: Events, journals: tuple[Journal, Journal], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_BATCH", 1)
    appender, loading = journals
    for number in range(3):
        append(appender, number)
    loader = loader_of(loading, lambda: events)
    async with loader.held(lambda _: None):
        left = loading.length()
        loader.stop()
        await asyncio.wait_for(loader.run(), 30)
        assert loading.length() == left > 0


@pytest.mark.skipif(sys.platform != "linux", reason="only there has a thread a priority of its own")
async def test_loading_gives_way_to_answering(events: Events, journals: tuple[Journal, Journal]) -> None:
    priorities: list[int] = []

    def open_events() -> Events:
        priorities.append(priority())
        return events

    def priority() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before = priority()
    await loader_of(journals[1], open_events).open()
    assert priorities == [NICE]
    assert priority() == before, "of this thread"


# --- enrichment ---


def told(events: Events, *columns: str) -> list[tuple[Any, ...]]:
    return [
        tuple(row) for row in events.ask(f"SELECT {', '.join(columns)} FROM {DATABASE}.pageviews ORDER BY event_id")
    ]


def test_a_row_is_loaded_with_what_the_rules_make_of_it(events: Events, journals: tuple[Journal, Journal]) -> None:
    appender, loading = journals
    more = b',"url":"https://www.example.com/tea?utm_source=fb","user_agent":"curl/8.5.0"}\n'
    appender.append((ROW % 1)[:-2] + more + ROW % 2, {}, NOW)
    loader_of(loading, lambda: events).load_all()
    assert told(events, "hostname", "path", "utm_source", "source", "channel", "bot", "bot_reasons", "rules") == [
        ("www.example.com", "/tea", "fb", "Facebook", "ORGANIC_SOCIAL", "BOT", ["LISTED"], RULES),
        ("example.com", "", "", "", "DIRECT", "", ["EMPTY_AGENT"], RULES),
    ]


SECOND_AS_IT_IS = [("e-1", "DIRECT", RULES), ("e-2", "", ""), ("e-3", "DIRECT", RULES)]


def test_a_row_that_the_rules_fail_at_is_loaded_without_them_and_stops_no_other(
    events: Events, journals: tuple[Journal, Journal], monkeypatch: pytest.MonkeyPatch
) -> None:
    appender, loading = journals

    def fail_at_some(user_agent: str, *others: Any) -> Detected:
        if user_agent == "anna@example.com":
            raise ValueError(user_agent)
        return detect(user_agent, *others)

    monkeypatch.setattr(steps, "detect", fail_at_some)
    appender.append(ROW % 1 + (ROW % 2)[:-2] + b',"user_agent":"anna@example.com"}\n' + ROW % 3, {}, NOW)
    with structlog.testing.capture_logs() as said:
        loader_of(loading, lambda: events).load_all()
    assert told(events, "event_id", "channel", "rules") == SECOND_AS_IT_IS
    assert len(said) == 1
    assert "anna" not in str(said)


def test_an_entry_that_cannot_be_read_is_loaded_as_it_is_and_stops_no_other(
    events: Events, journals: tuple[Journal, Journal]
) -> None:
    appender, loading = journals
    appender.append(ROW % 1 + (ROW % 2)[:-2] + b',"browser":null}\n' + ROW % 3, {}, NOW)
    with structlog.testing.capture_logs() as said:
        loader_of(loading, lambda: events).load_all()
    assert told(events, "event_id", "channel", "rules") == SECOND_AS_IT_IS
    assert len(said) == 1
    assert "cannot be read" in said[0]["event"]


def test_every_row_of_a_batch_is_the_same_when_the_batch_is_repeated(journals: tuple[Journal, Journal]) -> None:
    appender, loading = journals
    append(appender, 1)
    batch = loading.take(1000)
    assert batch is not None
    first, second = ([*rows_of(batch, NO_LINKS)] for _ in range(2))
    assert first == second


def test_a_row_has_a_field_for_every_column_of_the_event_store(events: Events) -> None:
    columns = [name for (name, *_) in events.ask(f"SELECT name FROM system.columns WHERE {OF_PAGEVIEWS}")]
    assert set(Row.__struct_fields__) == set(columns)


OF_PAGEVIEWS = f"database = '{DATABASE}' AND table = 'pageviews' AND default_kind != 'MATERIALIZED'"
