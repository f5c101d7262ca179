"""Salts are shared by processes, and destroyed everywhere after 48 hours."""

import asyncio
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import structlog

from heropixel.browser.salts import Salts
from heropixel.settings import Settings
from tests.browser.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock("2026-11-26T12:00")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "journal.sqlite3").write_bytes(b"not mine")
    return tmp_path


def salts_of(folder: Path, clock: Clock) -> Salts:
    return Salts(folder, clock, clock.elapsed)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("salt-"))


def is_anywhere(salt: bytes, folder: Path) -> bool:
    contents = [path.read_bytes() for path in folder.iterdir()]
    return any(salt in content or salt.hex().encode() in content.lower() for content in contents)


def test_a_salt_is_a_file_of_its_day_for_its_owner_alone_and_the_same_all_day(folder: Path, clock: Clock) -> None:
    salts = salts_of(folder, clock)
    assert salts.yesterday() is None
    assert names(folder) == [], "there is none before it is needed"
    first = salts.today()
    assert len(first) == 32
    assert names(folder) == ["salt-2026-11-26"]
    assert (folder / "salt-2026-11-26").stat().st_mode & 0o777 == 0o600
    clock.go_to("2026-11-26T23:59:59.999")
    assert salts.today() == first
    clock.go_to("2026-11-27T00:00")
    assert salts.today() != first
    assert salts.yesterday() == first
    assert names(folder) == ["salt-2026-11-26", "salt-2026-11-27"]


def test_a_restart_finds_the_salts_of_both_days(folder: Path, clock: Clock) -> None:
    before = salts_of(folder, clock)
    first = before.today()
    clock.wait(days=1)
    second = before.today()
    after = salts_of(folder, clock)
    assert (after.yesterday(), after.today()) == (first, second)


def test_a_salt_is_gone_from_files_and_memory_48_hours_after_its_day_began(folder: Path, clock: Clock) -> None:
    salts = salts_of(folder, clock)
    first = salts.today()
    inode = (folder / "salt-2026-11-26").open("rb")  # a reader that came before holds on to what was the file
    clock.go_to("2026-11-27T23:59:59")
    salts.destroy_old()
    assert salts.yesterday() == first
    assert is_anywhere(first, folder)
    clock.go_to("2026-11-28T00:00")
    salts.destroy_old()
    assert names(folder) == []
    assert not is_anywhere(first, folder)
    assert inode.read() not in (b"", first), "it was overwritten, not only removed"
    inode.close()
    assert first not in salts._held.values()
    assert salts.yesterday() is None
    assert (folder / "journal.sqlite3").read_bytes() == b"not mine"


def test_a_salt_is_destroyed_at_the_start_if_the_server_was_off_then(folder: Path, clock: Clock) -> None:
    first = salts_of(folder, clock).today()
    clock.wait(days=30)
    salts_of(folder, clock).destroy_old()
    assert names(folder) == []
    assert not is_anywhere(first, folder)


async def test_salts_are_destroyed_without_any_request(folder: Path, clock: Clock) -> None:
    salts = salts_of(folder, clock)
    salts.today()
    clock.go_to("2026-11-27T23:59:59.700")
    destroying = asyncio.create_task(salts.keep_destroying())
    await asyncio.sleep(0.1)
    assert names(folder) == ["salt-2026-11-26"]
    clock.go_to("2026-11-28T00:00")
    await asyncio.sleep(0.4)
    assert names(folder) == [], "not a minute later, but at midnight"
    destroying.cancel()
    with suppress(asyncio.CancelledError):
        await destroying


def test_what_a_process_leaves_that_dies_at_making_a_salt_is_destroyed_with_it(folder: Path, clock: Clock) -> None:
    salts = salts_of(folder, clock)
    salt = salts.today()
    (folder / "salt-2026-11-26.0a1b2c3d").hardlink_to(folder / "salt-2026-11-26")
    (folder / "salt-2026-11-25.ffff0000").write_bytes(b"x" * 7)
    (folder / "salt-2026-02-31").write_bytes(b"no day")
    (folder / "salt-cellar").write_bytes(b"not mine either")
    clock.go_to("2026-11-28T00:00")
    salts.destroy_old()
    assert names(folder) == ["salt-2026-02-31", "salt-cellar"]
    assert not is_anywhere(salt, folder)


def test_a_file_that_a_power_cut_has_left_empty_is_replaced(folder: Path, clock: Clock) -> None:
    (folder / "salt-2026-11-25").touch()
    (folder / "salt-2026-11-26").touch()
    salts = salts_of(folder, clock)
    assert salts.yesterday() is None
    assert (folder / "salt-2026-11-26").read_bytes() == b""
    assert salts.today() == (folder / "salt-2026-11-26").read_bytes()


PROCESS = """
import sys
from pathlib import Path
from heropixel.browser.salts import Salts
salts = Salts(Path(sys.argv[1]), lambda: 1_795_694_400_000)
print("ready", flush=True)
sys.stdin.readline()
print(salts.today().hex(), flush=True)
"""


@pytest.mark.process
def test_processes_that_start_together_share_one_salt(folder: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = {process.communicate(timeout=60)[0].strip() for process in processes}
    assert said == {(folder / "salt-2026-11-26").read_bytes().hex()}
    assert names(folder) == ["salt-2026-11-26"], "nothing else is left"


def test_two_processes_may_destroy_at_the_same_time(folder: Path, clock: Clock) -> None:
    one, other = salts_of(folder, clock), salts_of(folder, clock)
    assert one.today() == other.today()
    clock.wait(days=2)
    found = other._files()
    one.destroy_old()
    other._files = lambda: found  # type: ignore[method-assign]  # it had looked before the first was done
    other.destroy_old()
    assert names(folder) == []
    assert other._held == {}


@pytest.mark.parametrize(
    ("jump", "kept"),
    [
        ("2026-11-26T12:00:00.500", True),
        ("2026-11-26T00:00", True),
        ("2026-11-27T23:59", True),
        ("2026-11-28T00:00", False),
        ("2027-06-01T00:00", False),
        ("2026-11-25T23:59:59.999", False),  # its day is yet to come
        ("2026-11-25T00:00", False),
        ("1970-01-01T00:00", False),
        ("9999-12-31T12:00", False),
    ],
)
def test_a_clock_that_jumps_destroys_all_salts_but_those_of_its_today_and_yesterday(
    folder: Path, clock: Clock, jump: str, kept: bool
) -> None:
    salts = salts_of(folder, clock)
    first = salts.today()
    clock.jump_to(jump)
    salts.today()
    salts.yesterday()
    salts.destroy_old()
    assert is_anywhere(first, folder) is kept
    assert (first in salts._held.values()) is kept
    clock.jump_to("2026-11-26T12:00")
    assert (salts.today() == first) is kept
    salts.destroy_old()
    assert {*names(folder)} <= {"salt-2026-11-25", "salt-2026-11-26"}, "nothing is left of the days in between"


def test_a_clock_that_is_put_back_again_and_again_keeps_no_salt_beyond_its_48_hours(folder: Path, clock: Clock) -> None:
    clock.jump_to("2026-11-26T00:00")
    salts, beside = salts_of(folder, clock), salts_of(folder, clock)
    first = salts.today()
    assert beside.today() == first
    for _ in range(15):
        clock.wait(hours=3)
        salts.destroy_old()
        assert salts.today() == first
        clock.jump_to("2026-11-26T00:00")
    late = salts_of(folder, clock)  # of a process that has not seen the clock jump
    assert late.today() == first
    clock.wait(hours=3)
    for each in (salts, beside, late):
        each.destroy_old()
    assert not is_anywhere(first, folder)
    fresh = salts.today()
    assert fresh != first
    assert late.today() == beside.today() == fresh, "and they share another"


@contextmanager
def without_room() -> Iterator[None]:
    """As on a disk that is full: no file takes a byte more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_on_a_full_disk_the_salt_is_in_memory_alone_and_in_the_folder_when_there_is_room(
    folder: Path, clock: Clock
) -> None:
    salts = salts_of(folder, clock)
    with structlog.testing.capture_logs() as said:
        with without_room():
            alone = salts.today()
            salts.destroy_old()
            assert salts.today() == alone
            assert names(folder) == [], "nothing is left of the attempt"
        assert [line["event"] for line in said] == ["salts cannot be written, and are kept in memory only"]
        assert alone.hex() not in str(said)
        salts.destroy_old()
    assert salts.today() == alone == (folder / "salt-2026-11-26").read_bytes()
    assert salts_of(folder, clock).today() == alone


def test_whoever_was_alone_takes_the_salt_of_the_others_once_it_can(folder: Path, clock: Clock) -> None:
    salts = salts_of(folder, clock)
    with structlog.testing.capture_logs(), without_room():
        alone = salts.today()
    shared = salts_of(folder, clock).today()
    assert shared != alone
    salts.destroy_old()
    assert salts.today() == shared


@pytest.mark.parametrize("what", ["missing", "a file"])
def test_in_a_folder_that_cannot_be_used_salts_live_and_end_in_memory(tmp_path: Path, clock: Clock, what: str) -> None:
    folder = tmp_path / "folder"
    if what == "a file":
        folder.touch()
    salts = salts_of(folder, clock)
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


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"data": "/srv/shop"}, "/srv/shop"),
        ({"data": "shop"}, f"{Path.cwd()}/shop"),
        ({"journal_url": "sqlite:////var/lib/journal/j.sqlite3"}, "/var/lib/journal"),
        ({"journal_url": "sqlite:///j.sqlite3"}, str(Path.cwd())),
        ({"data": "/srv/shop", "journal_url": "jetstream://host/stream"}, "/srv/shop"),
    ],
)
def test_the_folder_of_the_salts_is_that_of_the_journal(settings: dict[str, str], expected: str) -> None:
    assert str(Settings.model_validate(settings).folder_of_journal()) == expected
