"""Pageviews beyond the retention are dropped by partition, and no others, for any state of the clock."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog.testing

from heropixel import metrics
from heropixel.directory import Directory
from heropixel.directory.apps import app_number, create_app
from heropixel.directory.pixels import create_pixel, delete_pixel
from heropixel.directory.retentions import read_retentions, set_retention
from heropixel.events import DATABASE, Events
from heropixel.events.erasing import drop_month
from heropixel.journal import open_journal
from heropixel.recording.loader import Loader
from heropixel.upkeep import retention as module
from heropixel.upkeep.retention import CATCHING_UP, LOOK_SECONDS, BelievedClock, Retention
from heropixel.upkeep.upkeep import Upkeep
from tests.recording.no_links import NO_LINKS

pytestmark = pytest.mark.usefixtures("empty_events")

DAY = 86_400_000
HOUR = DAY // 24


def instant(text: str) -> int:
    """A time in UTC as Unix milliseconds."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


NOW = instant("2026-03-15T12:00")


class Clocks:
    """The two clocks of a machine, which a test moves."""

    def __init__(self) -> None:
        self.now = NOW
        self.seconds = 1_000.0

    def clock(self) -> int:
        return self.now

    def monotonic(self) -> float:
        return self.seconds

    def pass_by(self, seconds: float) -> None:
        self.now += round(seconds * 1000)
        self.seconds += seconds


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def directory(fresh_directory: Directory) -> Directory:
    with fresh_directory.writing() as connection:
        app = app_number(connection, create_app(connection, "Test", now=1).app_id)
        for name in ("One", "Two"):
            create_pixel(connection, app, name, [], now=1)
    return fresh_directory


def retain(directory: Directory, pixel: int, days: int | None) -> None:
    with directory.writing() as connection:
        set_retention(connection, pixel, days)


def insert(events: Events, pixel: int, *timestamps: str, received: int = NOW) -> None:
    rows = [
        json.dumps(
            {
                "app": 1,
                "pixel_id": pixel,
                "timestamp": str(instant(timestamp)),
                "received": str(received),
                "event_id": f"{pixel}-{timestamp}",
                "resolution": "NOT_KNOWN",
                "domain": "example.com",
                "journal_position": at,
            }
        )
        for at, timestamp in enumerate(timestamps)
    ]
    events.insert("\n".join(rows).encode(), f"{pixel}{timestamps}{received}")


def months(events: Events, pixel: int) -> list[int]:
    question = f"SELECT toYYYYMM(timestamp) FROM {DATABASE}.pageviews WHERE pixel_id = {{pixel:Int32}} ORDER BY 1"
    return [row[0] for row in events.ask(question, pixel=pixel)]


@pytest.fixture
def upkeep(directory: Directory, events: Events, clocks: Clocks, tmp_path: Path) -> Iterator[Upkeep]:
    appender, loading = (
        open_journal(f"sqlite:///{tmp_path / 'journal.sqlite3'}"),
        open_journal(f"sqlite:///{tmp_path / 'journal.sqlite3'}"),
    )
    loader = Loader(loading, NO_LINKS, lambda: events, clocks.clock)
    another = directory.another()
    upkeep = Upkeep(another, lambda: Events(events.url), None, None, loader, clocks.clock)  # type: ignore[arg-type]  # only erasing needs them
    upkeep._retention = Retention(another, clocks.clock, clocks.monotonic)
    yield upkeep
    upkeep.close()
    appender.close()
    loading.close()


async def test_older_pageviews_are_dropped_logged_and_counted(
    directory: Directory, events: Events, upkeep: Upkeep, clocks: Clocks
) -> None:
    insert(events, 1, "2025-11-30T23:59:59", "2025-12-01", "2025-12-15T12:00", "2026-01-01", "2026-03-15")
    insert(events, 2, "2025-12-05")
    retain(directory, 1, 90)  # since 2025-12-15T12:00
    before = metrics.expired._value.get()
    with structlog.testing.capture_logs() as said:
        for _ in range(3):
            await upkeep.work()
    assert months(events, 1) == [202512, 202512, 202601, 202603], "of December some is younger, so all of it is there"
    clocks.pass_by(17 * DAY / 1000)
    insert(events, 1, "2026-04-01", received=clocks.now)
    retain(directory, 1, 89)
    upkeep._retention._now = BelievedClock(clocks.clock, clocks.monotonic)
    with structlog.testing.capture_logs() as said_later:
        for _ in range(3):
            await upkeep.work()
            clocks.pass_by(1)
    assert (months(events, 1), months(events, 2)) == ([202601, 202603, 202604], [202512])
    assert [(line["pixel"], line["month"], line["pageviews"]) for line in said + said_later] == [
        (1, "202511", 1),
        (1, "202512", 2),
    ]
    assert metrics.expired._value.get() - before == 3


async def test_a_month_is_dropped_as_a_whole_only_while_nothing_is_loaded(
    directory: Directory, events: Events, upkeep: Upkeep, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert(events, 1, "2025-11-01", "2026-03-01")
    retain(directory, 1, 30)
    threads = []

    def drop(*arguments: object) -> dict[int, int] | None:
        threads.append(threading.current_thread().name)
        insert(events, 2, "2025-11-02")  # after it was looked for, and before it is dropped
        return drop_month(*arguments)  # type: ignore[arg-type]  # handed on as they come

    monkeypatch.setattr(module, "drop_month", drop)
    await upkeep.work()
    assert [name.rpartition("_")[0] for name in threads] == ["loader"]
    assert (months(events, 1), months(events, 2)) == ([202603], [202511])


async def test_where_the_retention_is_taken_away_nothing_more_is_dropped(
    directory: Directory, events: Events, upkeep: Upkeep, clocks: Clocks
) -> None:
    insert(events, 1, "2025-09-01", "2025-10-01", "2025-11-01")
    retain(directory, 1, 30)
    await upkeep.work()
    assert months(events, 1) == [202510, 202511], "the oldest first"
    retain(directory, 1, None)
    for _ in range(3):
        await upkeep.work()
        clocks.pass_by(LOOK_SECONDS)
    assert months(events, 1) == [202510, 202511]


def test_it_looks_at_the_start_once_an_hour_and_after_a_change(
    directory: Directory, events: Events, clocks: Clocks
) -> None:
    retention = Retention(directory, clocks.clock, clocks.monotonic)
    insert(events, 1, "2026-01-01")
    assert retention.is_due()
    assert retention.oldest(events) is None
    assert not retention.is_due()
    clocks.pass_by(LOOK_SECONDS - 1)
    assert not retention.is_due()
    clocks.pass_by(1)
    assert retention.is_due()
    assert retention.oldest(events) is None
    retain(directory, 1, 30)
    assert retention.is_due()
    assert retention.oldest(events) == ("202601", [1])
    clocks.pass_by(5)
    assert retention.is_due(), "until it is dropped"
    retention.dropped(module.Outdated("202601", [1]), {1: 1})
    assert not retention.is_due(), "it rests as long as it worked"
    clocks.pass_by(5)
    assert retention.is_due()


def test_the_retention_of_a_pixel_that_was_deleted_holds_on_for_the_pageviews_that_were_kept(
    directory: Directory, events: Events, clocks: Clocks
) -> None:
    insert(events, 1, "2026-01-01")
    for pixel, erase in ((1, False), (2, True)):
        retain(directory, pixel, 30)
        with directory.writing() as connection:
            delete_pixel(connection, pixel, erase=erase, origin="API", now=NOW)
    assert read_retentions(directory.connection) == {1: 30}
    assert Retention(directory, clocks.clock, clocks.monotonic).oldest(events) == ("202601", [1])


def test_a_clock_that_jumps_ahead_does_not_drop_what_is_young(
    directory: Directory, events: Events, clocks: Clocks
) -> None:
    insert(events, 1, "2025-06-01", "2026-03-15")
    retain(directory, 1, 365)
    clocks.now = instant("2036-01-01")
    retention = Retention(directory, clocks.clock, clocks.monotonic)
    assert retention.oldest(events) is None, "at the start"
    insert(events, 1, "2036-01-01", received=clocks.now)
    for _ in range(24):
        clocks.pass_by(LOOK_SECONDS)
        assert retention.oldest(events) is None, "and for a day, whatever was received meanwhile"


def test_the_clock_is_believed_by_a_day_an_hour_until_it_is_reached(events: Events, clocks: Clocks) -> None:
    insert(events, 1, "2026-03-05", received=NOW - 10 * DAY)
    believed = BelievedClock(clocks.clock, clocks.monotonic)
    assert believed.read(events) == NOW - 10 * DAY, "the latest evidence there is"
    clocks.pass_by(1800)
    assert believed.read(events) == NOW - 10 * DAY + HOUR // 2 * CATCHING_UP
    for _ in range(10):
        clocks.pass_by(3600)
        now = believed.read(events)
    assert now == clocks.now
    clocks.now += 3 * DAY  # a jump
    clocks.pass_by(60)
    assert believed.read(events) == now + HOUR // 60 * CATCHING_UP
    clocks.pass_by(100 * 24 * 3600)
    assert believed.read(events) <= now + DAY + HOUR, "for however long nobody asked"


def test_a_machine_that_starts_in_1970_is_believed_once_its_clock_is_right(events: Events, clocks: Clocks) -> None:
    insert(events, 1, "2026-03-15")
    clocks.now = 60_000
    believed = BelievedClock(clocks.clock, clocks.monotonic)
    assert believed.read(events) == 60_000
    clocks.now = NOW + HOUR
    clocks.seconds += 3600
    assert believed.read(events) == NOW + HOUR


def test_without_pageviews_the_clock_is_as_good_as_any(events: Events, clocks: Clocks) -> None:
    assert BelievedClock(clocks.clock, clocks.monotonic).read(events) == NOW
