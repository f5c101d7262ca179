"""The parent of a server: parts that die are started again, all end with it, and they are stopped in order."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import IO, NamedTuple, NoReturn

import pytest

from heropixel.processes.parent import Parent
from tests.launcher.launch import launch, run
from tests.launcher.process import Process

pytestmark = pytest.mark.process

# Each part says what happens to it, and its pid. Parts named `bad` cannot start, and those named `unopened` can open no
# store. Parts named `late` fail at work, with a file that has the number which the line to the parent had.
SCRIPT = """
import os, signal, sqlite3, sys, time, structlog
from heropixel.processes import parent
from heropixel.processes.parent import Parent, Part
from heropixel.processes.stopping import STOP
from heropixel.troubles import KeyMissing

structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
parent.FIRST_PAUSE = 0.01
def say(what, name):
    os.write(1, f"{what} {name} {os.getpid()}\\n".encode())

def part(name):
    def run(started):
        stopping = []
        signal.signal(STOP, lambda *_: stopping.append(1))
        if name == "bad":
            raise KeyMissing
        if name == "unopened":
            say("tries", name)
            raise sqlite3.OperationalError("unable to open database file")
        if name == "late":
            if os.path.exists("own"):
                say("again", name)
                time.sleep(60)
            started()
            for _ in range(30):
                os.open("own", os.O_CREAT | os.O_WRONLY)
            raise KeyMissing
        if name == "dying":
            if os.path.exists("begun"):
                say("dies", name)
                os._exit(3)
            open("begun", "w").close()
        say("starts", name)
        started()
        while not stopping:
            time.sleep(0.005)
        say("ends", name)
    return Part(name, run)

stages = [[part(name) for name in stage.split("+")] for stage in sys.argv[1:]]
Parent(stages, lambda: say("ready", "parent")).run()
say("ends", "parent")
"""


class Said(NamedTuple):
    """What a process said."""

    what: str
    name: str
    pid: int


class Family:
    """A parent and its parts."""

    def __init__(self, process: Process, lines: IO[str]) -> None:
        self.process = process
        self._lines = lines
        self.pids: dict[str, int] = {}

    def hear(self) -> Said:
        what, name, pid = self._lines.readline().split()
        said = Said(what, name, int(pid))
        if what == "starts":
            self.pids[name] = said.pid
        return said

    def hear_all(self, count: int) -> list[tuple[str, str]]:
        return [(said.what, said.name) for said in (self.hear() for _ in range(count))]


@contextmanager
def family(tmp_path: Path, *stages: str) -> Iterator[Family]:
    reading, writing = os.pipe()
    with os.fdopen(reading) as lines:
        with os.fdopen(writing, "wb") as out:
            process = launch(*stages, script=SCRIPT, folder=tmp_path, stdout=out)
        try:
            yield Family(process, lines)
        finally:
            process.kill()
            process.wait(60)


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_part_that_dies_is_started_again_and_the_others_go_on(tmp_path: Path) -> None:
    with family(tmp_path, "door+door", "writer") as parts:
        assert sorted(parts.hear_all(3)) == [("starts", "door"), ("starts", "door"), ("starts", "writer")]
        assert parts.hear().what == "ready"
        before = dict(parts.pids)
        for _ in range(3):
            os.kill(parts.pids["writer"], signal.SIGKILL)
            assert parts.hear_all(1) == [("starts", "writer")]
        assert parts.pids["writer"] != before["writer"]
        assert is_there(before["door"])


def test_parts_are_stopped_stage_by_stage(tmp_path: Path) -> None:
    with family(tmp_path, "door", "writer", "engine") as parts:
        parts.hear_all(4)
        parts.process.send_signal(signal.SIGTERM)
        assert parts.hear_all(4) == [("ends", name) for name in ("door", "writer", "engine", "parent")]
        assert parts.process.wait(60) == 0


def test_parts_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    with family(tmp_path, "door", "writer") as parts:
        parts.hear_all(3)
        parts.process.kill()
        parts.process.wait(60)
        until = time.monotonic() + 30
        while any(is_there(pid) for pid in parts.pids.values()) and time.monotonic() < until:
            time.sleep(0.01)
        assert not any(is_there(pid) for pid in parts.pids.values())


def test_a_part_that_cannot_start_stops_all_with_its_message_and_its_code(tmp_path: Path) -> None:
    done = run("door", "bad", script=SCRIPT, folder=tmp_path)
    assert "PartFailed" in done.stderr
    assert "The server cannot start: " in done.stderr
    assert "key" in done.stderr
    (started,) = [line.split() for line in done.stdout.splitlines()] or [["starts", "door", "0"]]
    assert not int(started[2]) or not is_there(int(started[2]))


def test_a_part_that_can_open_no_store_tries_some_times_then_stops_all_and_says_why(tmp_path: Path) -> None:
    done = run("unopened", script=SCRIPT, folder=tmp_path)
    why = "A store cannot be used now: unable to open database file."
    assert f"The server cannot start: {why}" in done.stderr
    assert done.stdout.count("tries") == 4
    assert "a part of the server has failed" not in done.stderr, "it is no fault that needs a traceback"


def test_a_part_that_fails_at_work_writes_into_no_file_of_its_own_what_the_parent_hears_no_more(tmp_path: Path) -> None:
    with family(tmp_path, "late") as parts:
        assert parts.hear_all(2) == [("ready", "parent"), ("again", "late")]
    assert (tmp_path / "own").read_bytes() == b""


def test_a_part_that_dies_as_it_starts_is_given_more_time_each_time(tmp_path: Path) -> None:
    with family(tmp_path, "dying") as parts:
        parts.hear_all(2)
        os.kill(parts.pids["dying"], signal.SIGKILL)
        times = []
        for _ in range(6):
            assert parts.hear().what == "dies"
            times.append(time.monotonic())
        for number, (earlier, later) in enumerate(pairwise(times)):
            assert later - earlier > 0.01 * 2**number - 0.005


def test_parts_go_on_where_those_that_were_asked_for_cannot_be_made() -> None:
    def cannot(_asked: bytes) -> NoReturn:
        raise OSError("No space left on device")

    asking, asked = socket.socketpair()
    with asking, asked:
        Parent([], lambda: None, asked, cannot)._take_over(b"a move")
        assert asking.recv(16, socket.MSG_DONTWAIT) == b"no"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_each_signal_that_stops_a_server_stops_it(tmp_path: Path, number: signal.Signals) -> None:
    with family(tmp_path, "door") as parts:
        parts.hear_all(2)
        parts.process.send_signal(number)
        assert parts.hear_all(2) == [("ends", "door"), ("ends", "parent")]
