"""Salts are shared by processes and by nodes, and destroyed everywhere after 48 hours. One specification for both."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest
import structlog

from heropixel.browser.salt_files import SaltFiles
from heropixel.browser.salt_table import SaltTable
from heropixel.browser.salts import Salts, SaltStore
from tests.browser.clock import Clock
from tests.postgres.server import PostgresServer

DAY = 20_783  # 2026-11-26


class Place(NamedTuple):
    """Where the salts of a test lie."""

    where: str

    @property
    def is_table(self) -> bool:
        return self.where.startswith("postgresql:")

    def store(self) -> SaltStore:
        """As a process opens it."""
        return SaltTable(self.where) if self.is_table else SaltFiles(Path(self.where))

    def salts(self, clock: Clock) -> Salts:
        return Salts(self.store(), clock, clock.elapsed)

    def kept(self) -> dict[int, bytes | None]:
        store = self.store()
        return {day: store.find(day) for day in store.days()}


@pytest.fixture
def clock() -> Clock:
    return Clock("2026-11-26T12:00")


@pytest.fixture(scope="module")
def database(request: pytest.FixtureRequest) -> str:
    server: PostgresServer = request.getfixturevalue("postgres")
    server.run("CREATE DATABASE salts")
    return server.url("salts")


@pytest.fixture(params=["files", pytest.param("table", marks=pytest.mark.process)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "files":
        yield Place(str(tmp_path))
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    yield Place(request.getfixturevalue("database"))
    server.run("DROP TABLE IF EXISTS salts", "salts")


def test_a_salt_is_the_same_all_day_and_there_is_none_before_it_is_needed(place: Place, clock: Clock) -> None:
    salts = place.salts(clock)
    assert salts.yesterday() is None
    assert place.kept() == {}
    first = salts.today()
    assert len(first) == 32
    assert place.kept() == {DAY: first}
    clock.go_to("2026-11-26T23:59:59.999")
    assert salts.today() == first
    clock.go_to("2026-11-27T00:00")
    second = salts.today()
    assert second != first
    assert salts.yesterday() == first
    assert place.kept() == {DAY: first, DAY + 1: second}


def test_all_processes_have_the_salt_of_the_first(place: Place, clock: Clock) -> None:
    assert len({place.salts(clock).today() for _ in range(3)}) == 1


def test_a_restart_finds_the_salts_of_both_days(place: Place, clock: Clock) -> None:
    before = place.salts(clock)
    first = before.today()
    clock.wait(days=1)
    second = before.today()
    after = place.salts(clock)
    assert (after.yesterday(), after.today()) == (first, second)


def test_a_salt_is_gone_from_store_and_memory_48_hours_after_its_day_began(place: Place, clock: Clock) -> None:
    salts = place.salts(clock)
    first = salts.today()
    clock.go_to("2026-11-27T23:59:59")
    salts.destroy_old()
    assert salts.yesterday() == first
    assert place.kept() == {DAY: first}
    clock.go_to("2026-11-28T00:00")
    salts.destroy_old()
    assert place.kept() == {}
    assert first not in salts._held.values()
    assert salts.yesterday() is None


def test_a_salt_is_destroyed_at_the_start_if_the_server_was_off_then(place: Place, clock: Clock) -> None:
    place.salts(clock).today()
    clock.wait(days=30)
    place.salts(clock).destroy_old()
    assert place.kept() == {}


async def test_salts_are_destroyed_without_any_request(place: Place, clock: Clock) -> None:
    salts = place.salts(clock)
    salts.today()
    clock.go_to("2026-11-27T23:59:59.700")
    destroying = asyncio.create_task(salts.keep_destroying())
    await asyncio.sleep(0.1)
    assert [*place.kept()] == [DAY]
    clock.go_to("2026-11-28T00:00")
    async with asyncio.timeout(30):  # not a minute later, but at midnight
        while place.kept():  # noqa: ASYNC110 - another thread destroys them
            await asyncio.sleep(0.05)
    destroying.cancel()
    with suppress(asyncio.CancelledError):
        await destroying


def test_two_processes_may_destroy_at_the_same_time(
    place: Place, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, late = place.salts(clock), place.store()
    other = Salts(late, clock, clock.elapsed)
    assert one.today() == other.today()
    clock.wait(days=2)
    found = late.days()
    one.destroy_old()
    monkeypatch.setattr(late, "days", lambda: found)  # it had looked before the first was done
    other.destroy_old()
    assert place.kept() == {}
    assert other._held == {}


def test_of_two_nodes_whose_clocks_differ_by_minutes_neither_destroys_the_salt_of_the_other(
    place: Place, clock: Clock
) -> None:
    if not place.is_table:
        return  # processes of one machine have one clock
    clock.go_to("2026-11-26T23:56")
    ahead = Clock("2026-11-27T00:01")
    one, other = place.salts(clock), place.salts(ahead)
    of_one, of_other = one.today(), other.today()
    for node in (one, other, one):
        node.destroy_old()
    assert (one.today(), other.today()) == (of_one, of_other)
    clock.go_to("2026-11-27T00:00")
    assert (one.today(), one.yesterday()) == (other.today(), other.yesterday()) == (of_other, of_one)


@pytest.mark.parametrize(
    ("jump", "kept"),
    [
        ("2026-11-26T12:00:00.500", True),
        ("2026-11-26T00:00", True),
        ("2026-11-27T23:59", True),
        ("2026-11-28T00:00", False),
        ("2027-06-01T00:00", False),
        ("2026-11-25T23:49:59.999", False),  # its day is yet to come
        ("2026-11-25T00:00", False),
        ("1970-01-01T00:00", False),
        ("9999-12-31T12:00", False),
    ],
)
def test_a_clock_that_jumps_destroys_all_salts_but_those_of_its_today_and_yesterday(
    place: Place, clock: Clock, jump: str, kept: bool
) -> None:
    salts = place.salts(clock)
    first = salts.today()
    clock.jump_to(jump)
    salts.today()
    salts.yesterday()
    salts.destroy_old()
    assert (first in place.kept().values()) is kept
    assert (first in salts._held.values()) is kept
    clock.jump_to("2026-11-26T12:00")
    assert (salts.today() == first) is kept
    salts.destroy_old()
    assert {*place.kept()} <= {DAY - 1, DAY}, "nothing is left of the days in between"


def test_a_clock_that_is_put_back_again_and_again_keeps_no_salt_beyond_its_48_hours(place: Place, clock: Clock) -> None:
    clock.jump_to("2026-11-26T00:00")
    salts, beside = place.salts(clock), place.salts(clock)
    first = salts.today()
    assert beside.today() == first
    for _ in range(15):
        clock.wait(hours=3)
        salts.destroy_old()
        assert salts.today() == first
        clock.jump_to("2026-11-26T00:00")
    late = place.salts(clock)  # of a process that has not seen the clock jump
    assert late.today() == first
    clock.wait(hours=3)
    for each in (salts, beside, late):
        each.destroy_old()
    assert first not in place.kept().values()
    fresh = salts.today()
    assert fresh != first
    assert late.today() == beside.today() == fresh, "and they share another"


def test_whoever_was_alone_takes_the_salt_of_the_others_once_it_can(
    place: Place, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_day: int, _salt: bytes) -> bytes:
        raise OSError("no room")

    store = place.store()
    salts = Salts(store, clock, clock.elapsed)
    with structlog.testing.capture_logs(), monkeypatch.context() as broken:
        broken.setattr(store, "share", fail)
        alone = salts.today()
    shared = place.salts(clock).today()
    assert shared != alone
    salts.destroy_old()
    assert salts.today() == shared


@pytest.mark.parametrize("what", ["missing", "a file", "no database"])
def test_in_a_store_that_cannot_be_used_salts_live_and_end_in_memory(tmp_path: Path, clock: Clock, what: str) -> None:
    folder = tmp_path / "folder"
    if what == "a file":
        folder.touch()
    at = f"postgresql://who:secret@/db?host={tmp_path}" if what == "no database" else str(folder)
    salts = Place(at).salts(clock)
    with structlog.testing.capture_logs() as said:
        first = salts.today()
        for _ in range(3):
            salts.destroy_old()
        assert salts.today() == first
        clock.go_to("2026-11-27T00:00")
        assert salts.yesterday() == first
        assert salts.today() != first
        clock.go_to("2026-11-28T00:00")
        salts.destroy_old()
        assert salts.yesterday() != first
        assert first not in salts._held.values()
    events = [line["event"] for line in said]
    assert len(events) == len(set(events)), "each is said once"
    assert "salts cannot be written, and are kept in memory only" in events
    assert "secret" not in str(said)
    assert first.hex() not in str(said)
