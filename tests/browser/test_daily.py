"""Counting without a cookie: the pageviews of a visit are joined, those of different days are not."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import msgspec
import pytest
import structlog

from heropixel.browser.daily import DailyHashes, remember_visits
from heropixel.browser.salt_files import SaltFiles
from heropixel.browser.salts import Salts
from heropixel.browser.seen_lately import SeenLately
from heropixel.errors import EventStoreUnavailable, JournalUnavailable
from heropixel.events import DATABASE, Events, EventsThread
from heropixel.events.asking import Asking, AskingHere
from heropixel.events.daily_visitors import last_seen
from heropixel.journal import Positions, open_journal
from heropixel.recording.backlog import Backlog
from heropixel.recording.loader import Loader
from heropixel.recording.pageview import Entry
from tests.browser.clock import Clock
from tests.event_stores import new_event_store
from tests.recording.no_links import NO_LINKS

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
ANNA = (1, "192.0.2.1", BROWSER)
BEN = (1, "2001:db8::7", BROWSER)


@pytest.fixture
def clock() -> Clock:
    return Clock("2026-11-26T12:00")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "journal"
    folder.mkdir()
    return folder


def hashes_of(folder: Path, clock: Clock, seen: SeenLately | None = None) -> DailyHashes:
    """As of a server that starts, or of another process of one."""
    return DailyHashes(Salts(SaltFiles(folder), clock, clock.elapsed), clock, seen or SeenLately(clock))


def test_a_visitor_is_the_same_all_day_and_another_tomorrow(folder: Path, clock: Clock) -> None:
    hashes = hashes_of(folder, clock)
    clock.go_to("2026-11-26T00:00")
    first = hashes.visitor_of(*ANNA)
    assert first.startswith("daily:")
    assert len(bytes.fromhex(first[6:])) == 16
    clock.go_to("2026-11-26T23:59:59")
    assert hashes.visitor_of(*ANNA) == first
    clock.go_to("2026-11-27T12:00")
    assert hashes.visitor_of(*ANNA) != first


def test_a_visitor_is_by_pixel_and_address_and_user_agent_and_no_two_of_them_run_together(
    folder: Path, clock: Clock
) -> None:
    visitors = [
        ANNA,
        BEN,
        (2, *ANNA[1:]),
        (1, "192.0.2.1", "curl/8"),
        (1, "192.0.2.1", ""),
        (1, "192.0.2.11", ""),
        (1, "192.0.2.1", "1"),
        (11, "92.0.2.1", ""),
        (1, "", "192.0.2.1"),
        (1, "", ""),
        (1, "1:", ""),
        (1, "1", ":"),
        (11, "", ""),
        (1, "", "\udcff"),  # what is no text is another visitor, and no error
        (1, "", "\x00"),
    ]
    hashes = hashes_of(folder, clock)
    assert len({hashes.visitor_of(*visitor) for visitor in visitors}) == len(visitors)


def test_no_stored_data_joins_the_hashes_of_two_days(folder: Path, clock: Clock) -> None:
    hashes = hashes_of(folder, clock)
    first = hashes.visitor_of(*ANNA)
    salt = (folder / "salt-2026-11-26").read_bytes()
    clock.wait(days=1)
    second = hashes.visitor_of(*ANNA)
    clock.go_to("2026-11-28T00:00")
    hashes._salts.destroy_old()
    third = hashes.visitor_of(*ANNA)
    assert len({first, second, third}) == 3
    for file in folder.iterdir():
        assert salt not in file.read_bytes()
    # Whoever has the folder, and the address and the user agent besides, makes none of the hashes of that day again.
    for left in folder.iterdir():
        for name in ("salt-2026-11-27", "salt-2026-11-28"):
            elsewhere = folder.parent / f"{left.name}-as-{name}"
            elsewhere.mkdir()
            (elsewhere / name).write_bytes(left.read_bytes())
            made = {hashes_of(elsewhere, clock).visitor_of(*ANNA)}
            clock.jump_to("2026-11-26T12:00")
            made.add(hashes_of(elsewhere, clock).visitor_of(*ANNA))
            clock.jump_to("2026-11-28T00:00")
            assert first not in made


def test_midnight_does_not_split_a_visit_and_neither_does_a_long_one_over_it(folder: Path, clock: Clock) -> None:
    hashes = hashes_of(folder, clock)
    clock.go_to("2026-11-26T23:50")
    first = hashes.visitor_of(*ANNA)
    for _ in range(20):
        clock.wait(minutes=29)
        assert hashes.visitor_of(*ANNA) == first
    clock.wait(minutes=30)
    second = hashes.visitor_of(*ANNA)
    assert second != first, "a visit of its own, with the salt of its day"
    clock.wait(minutes=29)
    assert hashes.visitor_of(*ANNA) == second


@pytest.mark.parametrize(
    ("last", "next_", "same"),
    [
        ("2026-11-26T23:59", "2026-11-27T00:28:59", True),
        ("2026-11-26T23:59", "2026-11-27T00:29", False),  # as reports have it: the pause ends the session
        ("2026-11-26T23:00", "2026-11-27T00:05", False),
        ("2026-11-26T12:00", "2026-11-26T18:00", True),  # not over midnight: the day is the same
    ],
)
def test_a_pause_over_midnight_ends_the_visit(folder: Path, clock: Clock, last: str, next_: str, same: bool) -> None:
    hashes = hashes_of(folder, clock)
    clock.go_to(last)
    first = hashes.visitor_of(*ANNA)
    clock.go_to(next_)
    assert (hashes.visitor_of(*ANNA) == first) is same


def test_a_visit_without_end_ends_when_its_salt_is_destroyed(folder: Path, clock: Clock) -> None:
    hashes = hashes_of(folder, clock)
    clock.go_to("2026-11-26T23:50")
    first = hashes.visitor_of(*ANNA)
    for _ in range(24 * 6):
        clock.wait(minutes=10)
        assert hashes.visitor_of(*ANNA) == first
    clock.go_to("2026-11-28T00:00")
    assert hashes.visitor_of(*ANNA) != first


def test_a_visitor_after_midnight_is_not_joined_to_one_before(folder: Path, clock: Clock) -> None:
    hashes = hashes_of(folder, clock)
    clock.go_to("2026-11-26T23:50")
    hashes.visitor_of(*ANNA)
    clock.go_to("2026-11-27T00:05")
    ben = hashes.visitor_of(*BEN)
    clock.go_to("2026-11-27T12:00")
    assert hashes.visitor_of(*BEN) == ben


def test_no_more_is_remembered_than_there_is_room_for_and_nothing_for_longer_than_a_pause(
    folder: Path, clock: Clock
) -> None:
    seen = SeenLately(clock, bits=3)
    hashes = hashes_of(folder, clock, seen)
    for number in range(250):
        hashes.visitor_of(1, f"192.0.2.{number}", BROWSER)
    assert 48 < len([*seen]) <= 64
    clock.wait(minutes=31)
    hashes.visitor_of(*ANNA)
    seen.forget_old(seen.buckets)
    assert [*seen] == [clock()]
    assert len([*filter(None, seen._table)]) == 2, "nobody's hash is left, but hers"


def test_a_visit_over_midnight_is_one_whichever_process_it_comes_to(folder: Path, clock: Clock) -> None:
    seen = SeenLately(clock)
    one, other = hashes_of(folder, clock, seen), hashes_of(folder, clock, seen)
    clock.go_to("2026-11-26T23:55")
    anna = one.visitor_of(*ANNA)
    clock.go_to("2026-11-27T00:05")
    assert other.visitor_of(*ANNA) == anna
    assert one.visitor_of(*ANNA) == anna
    assert other.visitor_of(*BEN) == one.visitor_of(*BEN)


@pytest.mark.parametrize("jump", ["2026-11-25T12:00", "2026-11-26T11:00", "2027-11-26T12:00", "1970-01-01T00:00"])
def test_a_clock_that_jumps_splits_a_visit_at_worst(folder: Path, clock: Clock, jump: str) -> None:
    hashes = hashes_of(folder, clock)
    first = hashes.visitor_of(*ANNA)
    for at in (jump, "2026-11-26T12:00", jump):
        clock.jump_to(at)
        hashes._salts.destroy_old()
        visitor = hashes.visitor_of(*ANNA)
        assert hashes.visitor_of(*ANNA) == visitor
    clock.jump_to("2026-11-26T12:00")
    assert (hashes.visitor_of(*ANNA) == first) is (jump == "2026-11-26T11:00")
    for _ in range(5):
        clock.wait(hours=1)
        hashes.visitor_of(*BEN)
    hashes._seen.forget_old(hashes._seen.buckets)
    assert len([*hashes._seen]) == 1


def test_in_a_folder_that_cannot_be_used_visitors_are_counted_all_the_same(tmp_path: Path, clock: Clock) -> None:
    hashes = hashes_of(tmp_path / "missing", clock)
    clock.go_to("2026-11-26T23:50")
    with structlog.testing.capture_logs():
        first = hashes.visitor_of(*ANNA)
        clock.go_to("2026-11-27T00:10")
        assert hashes.visitor_of(*ANNA) == first


# A restart: what was seen before is in the event store, or still in the journal.


@pytest.fixture(scope="module")
def open_events(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Events]]:
    url = new_event_store(tmp_path_factory.mktemp("daily"))
    events = Events(url)  # held, since an engine takes a second to start
    yield lambda: Events(url)
    events.close()


@pytest.fixture
def events(open_events: Callable[[], Events]) -> Iterator[Events]:
    events = open_events()
    events.change(f"TRUNCATE TABLE {DATABASE}.pageviews")
    yield events
    events.close()


@pytest.fixture
def asking(open_events: Callable[[], Events]) -> Iterator[Asking]:
    thread = EventsThread(open_events)
    yield AskingHere(thread)
    thread.close()


def row(visitor_id: str, at: int, pixel: int = 1) -> Entry:
    return Entry(1, pixel, str(at), str(at), f"beacon:{at}", "example.com", visitor_id=visitor_id)


def insert(events: Events, *rows: Entry) -> None:
    lines = [msgspec.json.encode(one) for one in rows]
    numbered = [json.dumps({**json.loads(line), "journal_position": at}) for at, line in enumerate(lines)]
    events.insert("\n".join(numbered).encode(), str(rows))


async def _nothing() -> Positions:
    return {}


async def _reached(_positions: Positions) -> None: ...


NOTHING_WAITS = Backlog(_nothing, _reached)


@pytest.mark.parametrize(
    ("stopped", "next_", "same"),
    [
        ("2026-11-26T23:55", "2026-11-27T00:10", True),
        ("2026-11-26T23:55", "2026-11-27T00:25", False),
        ("2026-11-27T00:20", "2026-11-27T00:45", True),  # it went on under the hash it had
        ("2026-11-26T12:00", "2026-11-26T12:10", True),
    ],
)
async def test_a_restart_does_not_split_a_visit(
    folder: Path, clock: Clock, events: Events, asking: Asking, stopped: str, next_: str, same: bool
) -> None:
    before = hashes_of(folder, clock)
    clock.jump_to(stopped)
    clock.wait(minutes=-25)
    seen = [row(before.visitor_of(*ANNA), clock())]
    clock.go_to(stopped)
    first = before.visitor_of(*ANNA)
    insert(events, *seen, row(first, clock()))
    clock.wait(minutes=1)
    after = hashes_of(folder, clock)
    await remember_visits(after, asking, NOTHING_WAITS, clock)
    clock.go_to(next_)
    assert (after.visitor_of(*ANNA) == first) is same


async def test_after_a_crash_visits_in_the_journal_go_on(
    folder: Path, clock: Clock, events: Events, asking: Asking, open_events: Callable[[], Events]
) -> None:
    clock.go_to("2026-11-26T23:50")
    before = hashes_of(folder, clock)
    first = before.visitor_of(*ANNA)
    appender, loading = (
        open_journal(f"sqlite:///{folder / 'journal.sqlite3'}"),
        open_journal(f"sqlite:///{folder / 'journal.sqlite3'}"),
    )
    appender.append(msgspec.json.encode(row(first, clock())) + b"\n", {}, clock())
    end = appender.end()
    appender.close()

    async def accepted() -> Positions:
        return end

    clock.go_to("2026-11-27T00:05")
    loader = Loader(loading, NO_LINKS, open_events, clock)
    after = hashes_of(folder, clock)
    running = asyncio.create_task(loader.run())
    await remember_visits(after, asking, Backlog(accepted, loader.reach), clock)
    loader.stop()
    await running
    loading.close()
    assert after.visitor_of(*ANNA) == first


async def test_without_the_event_store_visitors_are_counted_all_the_same(folder: Path, clock: Clock) -> None:
    asking = EventsThread(lambda: Events("clickhouse://127.0.0.1:9/away"))
    hashes = hashes_of(folder, clock)
    with structlog.testing.capture_logs() as said:
        await remember_visits(hashes, AskingHere(asking), NOTHING_WAITS, clock)
    asking.close()
    assert "visits from before the start could not be read: their visitors may be counted twice" in {
        line["event"] for line in said
    }
    assert hashes.visitor_of(*ANNA)


async def test_an_event_store_that_is_starting_is_waited_for(
    folder: Path, clock: Clock, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heropixel.browser.daily._RETRY_SECONDS", 0.01)
    there = asyncio.get_running_loop().time() + 0.1

    class Starting:
        async def last_seen(self, since: int, most: int) -> dict[str, int]:
            if asyncio.get_running_loop().time() < there:
                raise EventStoreUnavailable
            return await asking.last_seen(since, most)

    with structlog.testing.capture_logs() as said:
        starting = cast("Asking", Starting())  # of its methods only one is called
        await remember_visits(hashes_of(folder, clock), starting, NOTHING_WAITS, clock, patience=30)
    assert not said


async def test_without_the_journal_visitors_are_counted_all_the_same(
    folder: Path, clock: Clock, asking: Asking, events: Events
) -> None:
    async def accepted() -> Positions:
        raise JournalUnavailable("disk I/O error")

    hashes = hashes_of(folder, clock)
    with structlog.testing.capture_logs() as said:
        await remember_visits(hashes, asking, Backlog(accepted, _reached), clock)
    assert ["could not be read" in line["event"] for line in said] == [True]
    assert hashes.visitor_of(*ANNA)


async def test_a_newer_pageview_overrides_a_remembered_one(folder: Path, clock: Clock) -> None:
    seen = SeenLately(clock, bits=0)
    hashes = hashes_of(folder, clock, seen)
    earlier = clock()
    clock.wait(minutes=5)
    anna = hashes.visitor_of(*ANNA)
    others = {f"daily:{number + 1:016x}{0:016x}": earlier - number for number in reversed(range(12))}
    strange = {"hp1." + "0" * 32: earlier, "daily:": earlier, "daily:xyz": earlier, "daily:" + "A" * 32: earlier}
    hashes.remember({**others, **strange, anna: earlier})
    assert sorted(seen) == [*(earlier - number for number in reversed(range(7))), clock()]
    assert hashes.visitor_of(*ANNA) == anna


def test_the_event_store_gives_the_latest_pageview_of_each_hash_and_the_latest_hashes_of_many(
    events: Events, clock: Clock
) -> None:
    now = clock()
    one, two = "daily:" + "1" * 32, "daily:" + "2" * 32
    insert(
        events,
        row(one, now - 5_000),
        row(one, now - 1_000, pixel=2),
        row(two, now - 3_000),
        row("daily:" + "3" * 32, now - 60_000),
        row("hp1." + "0" * 32, now - 1_000),
        row("", now - 1_000),
    )
    assert list(last_seen(events, now - 30_000, 10).items()) == [(two, now - 3_000), (one, now - 1_000)]
    assert last_seen(events, now - 3_000, 10) == {one: now - 1_000, two: now - 3_000}
    assert last_seen(events, now - 30_000, 1) == {one: now - 1_000}
    assert last_seen(events, now, 10) == {}
