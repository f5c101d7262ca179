"""Upkeep applies links to the event store, also after failures."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import closing

import pytest
import structlog.testing

from heropixel.directory import Directory
from heropixel.directory.apps import app_number, create_app
from heropixel.directory.links import Link, add_links
from heropixel.directory.suppressions import NewSuppression, add_suppressions
from heropixel.errors import EventsUnavailable
from heropixel.events import DATABASE, Events
from heropixel.processes.steps import running
from heropixel.upkeep import erasing, upkeep
from heropixel.upkeep.erasing import write_links
from heropixel.upkeep.upkeep import Upkeep

AT = 1_800_000_000_123  # Unix milliseconds


@pytest.fixture
def directory(fresh_directory: Directory, events: Events) -> Directory:
    events._client.command(f"TRUNCATE TABLE {DATABASE}.links")
    return fresh_directory


def promise(directory: Directory, *visitors: str, at: int = AT) -> None:
    with directory.writing() as connection:
        add_links(connection, [Link(1, visitor, 7, at) for visitor in visitors])


def told(events: Events) -> list[tuple[object, ...]]:
    question = (
        "SELECT visitor_id, user_id, toUnixTimestamp64Milli(linked_at)"
        f" FROM {DATABASE}.links FINAL WHERE app = 1 ORDER BY 1"
    )
    return [tuple(row) for row in events.ask(question)]


def waiting(directory: Directory) -> int:
    return int(directory.connection.exec_driver_sql("SELECT count(*) FROM links").scalar_one())


def test_links_are_written_with_their_time_and_leave_the_queue(directory: Directory, events: Events) -> None:
    promise(directory, "a", 'b\n"é')
    write_links(directory, events)
    assert told(events) == [("a", 7, AT), ('b\n"é', 7, AT)]
    assert waiting(directory) == 0


def test_the_same_link_again_is_the_same_link_and_the_earlier_time_stays(directory: Directory, events: Events) -> None:
    for at in (AT + 5, AT, AT + 9):
        promise(directory, "a", at=at)
        write_links(directory, events)
    assert told(events) == [("a", 7, AT)]


def test_many_links_are_written_in_parts(directory: Directory, events: Events, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "_LINKS_AT_ONCE", 10)
    promise(directory, *[f"v-{number:02}" for number in range(25)])
    write_links(directory, events)
    assert (len(told(events)), waiting(directory)) == (25, 0)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - another connection does it, which has no event
            await asyncio.sleep(0.01)


async def test_links_wait_while_the_event_store_is_unreachable_which_is_logged_once(
    directory: Directory, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "LOOK_SECONDS", 0.01)
    promise(directory, "a")
    calls = 0

    def open_events() -> Events:
        nonlocal calls
        calls += 1
        if calls < 5:
            raise EventsUnavailable("connection refused")
        return Events(events.url)

    keeping = Upkeep(directory.another(), open_events, None, None, None, lambda: AT)  # type: ignore[arg-type]  # only erasing needs them
    with structlog.testing.capture_logs() as said:
        async with running(keeping.run()):
            await until(lambda: waiting(directory) == 0)
    keeping.close()
    assert calls == 5
    assert [entry["log_level"] for entry in said][:1] == ["warning"]
    assert len(said) <= 2, "once that it is away, once that it is back"
    assert told(events) == [("a", 7, AT)]


async def test_upkeep_that_is_stopped_while_it_works_logs_nothing_and_finishes_what_it_does(
    directory: Directory, events: Events
) -> None:
    promise(directory, "a")
    working, may_go_on = threading.Event(), threading.Event()

    def open_events() -> Events:
        working.set()
        may_go_on.wait(30)
        return Events(events.url)

    keeping = Upkeep(directory.another(), open_events, None, None, None, lambda: AT)  # type: ignore[arg-type]  # only erasing needs them
    with structlog.testing.capture_logs() as said:
        with closing(keeping):
            async with running(keeping.run()):
                await asyncio.to_thread(working.wait, 30)
                threading.Timer(0.1, may_go_on.set).start()
        for _ in range(10):  # what is left of the task runs now
            await asyncio.sleep(0)
    assert said == []
    assert told(events) == [("a", 7, AT)]


async def test_suppressions_that_have_ended_are_removed(directory: Directory, events: Events) -> None:
    with directory.writing() as connection:
        app = app_number(connection, create_app(connection, "Test", now=1).app_id)
        ends = (AT, AT + 1, None)
        new = [
            NewSuppression(app, "EMAIL", None, "", 1, expires_at=end, tombstone=False, keys=[bytes([at]) * 16])
            for at, end in enumerate(ends)
        ]
        add_suppressions(connection, new)
    keeping = Upkeep(directory.another(), lambda: Events(events.url), None, None, None, lambda: AT)  # type: ignore[arg-type]  # only erasing needs them
    await keeping.work()
    keeping.close()
    held = directory.connection.exec_driver_sql("SELECT expires_at FROM suppressions ORDER BY id").scalars()
    assert list(held) == [AT + 1, None]
