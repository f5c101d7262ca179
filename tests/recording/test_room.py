"""Pageviews are refused before the disk is full, and the log warns days ahead."""

import multiprocessing
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from heropixel.errors import DiskAlmostFull
from heropixel.recording.room import DAY, HOUR, NOTED_EVERY, Filling, Room

GB = 1_000_000_000


class Disk:
    """A disk that a test fills."""

    def __init__(self) -> None:
        self.free = 10 * GB

    def __call__(self, _folder: Path) -> int:
        return self.free


def refuses(room: Room) -> bool:
    try:
        room.check()
    except DiskAlmostFull:
        return True
    return False


@pytest.mark.process
def test_a_process_refuses_pageviews_by_what_another_has_seen() -> None:
    disk = Disk()
    room = Room([Path("/")], GB, disk)
    disk.free = GB - 1
    looking = multiprocessing.get_context("fork").Process(target=room.look)
    looking.start()
    looking.join()
    assert refuses(room)
    assert room.why_not() == "less than 1000000000 bytes are free on the disk"


def test_pageviews_are_accepted_again_with_a_little_more_room_than_they_were_refused_with() -> None:
    disk = Disk()
    room = Room([Path("/")], GB, disk)
    refused = []
    with capture_logs() as logs:
        for disk.free in (2 * GB, GB, GB - 1, GB, round(1.04 * GB), round(1.06 * GB), GB):
            room.look()
            refused.append(refuses(room))
    assert refused == [False, False, True, True, True, False, False]
    assert [line["log_level"] for line in logs] == ["error", "info"]


def test_the_fullest_disk_counts() -> None:
    free = {Path("/data"): 10 * GB, Path("/journal"): GB - 1}
    room = Room([*free], GB, free.__getitem__)
    assert room.look() == GB - 1
    assert refuses(room)


def test_with_0_no_pageview_is_refused() -> None:
    room = Room([Path("/")], 0, lambda _: 0)
    room.look()
    assert not refuses(room)


class Filled:
    """A disk that has filled for some hours, and the warnings of that."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.free = 100.0 * GB
        warned_at = memoryview(bytearray(8)).cast("d")
        self.fillings = [Filling(GB, warned_at, lambda: self.now) for _ in range(2)]  # of two processes
        self.filling = self.fillings[0]
        self.warned: list[float] = []

    def go_on(self, hours: float, bytes_a_day: float) -> None:
        """Look once a minute."""
        with capture_logs() as logs:
            for _ in range(round(hours * 60)):
                for filling in self.fillings:
                    filling.note(round(self.free))
                self.now += 60
                self.free -= bytes_a_day / 24 / 60
        self.warned += [line["days"] for line in logs]


def test_the_log_warns_when_less_than_seven_days_are_left_at_the_rate_of_the_last_24_hours() -> None:
    disk = Filled()
    disk.go_on(48, 10 * GB)
    assert not disk.warned, "eight days are left"
    disk.go_on(24, 10 * GB)
    assert disk.warned == [pytest.approx(7, abs=0.1)]


def test_it_warns_at_most_once_a_day_however_many_processes_look_and_not_before_it_has_learned_for_six_hours() -> None:
    disk = Filled()
    disk.go_on(5.9, 40 * GB)
    assert not disk.warned
    disk.go_on(42, 40 * GB)
    assert len(disk.warned) == 2
    assert disk.warned[1] < disk.warned[0]


def test_a_disk_that_does_not_fill_gives_no_warning() -> None:
    disk = Filled()
    disk.go_on(30, 0)
    disk.go_on(30, -GB)
    assert not disk.warned
    assert disk.filling.days_left() is None


def test_what_is_noted_has_a_bound() -> None:
    filled = Filled()
    filled.go_on(200, GB)
    began = filled.filling._noted[0][0]
    assert filled.now - began <= DAY + HOUR
    assert len(filled.filling._noted) <= DAY / NOTED_EVERY + 1
