"""An import that was interrupted is completed by the next, and nothing is there twice."""

import json
import random
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.importing.exports import TEN, imported
from tests.launcher import Process, ended, launch
from tests.world import World, exported, running

MANY = 12_000  # rows, which take most of a second


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A file that takes a while, half of it with ids of its own."""
    file = tmp_path / "many.jsonl"
    with file.open("w") as out:
        for number in range(MANY):
            own = {"eventId": f"e-{number}"} if number % 2 else {}
            row = {**own, "timestamp": TEN + number // 5, "domain": "example.com", "visitorId": f"v-{number % 500}"}
            out.write(json.dumps(row) + "\n")
    return file


class Begun(NamedTuple):
    """An import under way."""

    process: Process
    log: Path

    def end(self) -> tuple[int, str]:
        """Wait until it has ended; its exit code, and what it printed."""
        return self.process.wait(60), self.log.read_text()


@contextmanager
def importing(world: World, file: Path) -> Iterator[Begun]:
    log = file.with_suffix(".log")
    with log.open("wb") as out:
        words = ("--data", str(world.folder), "pageviews", "import", str(file), "--pixel", "1")
        process = launch(*words, stdout=out, stderr=out)
    with ended(process):
        yield Begun(process, log)


def until_recorded(world: World, more: int) -> None:
    """Wait until the journal has given receipts for so many more."""
    journal = sqlite3.connect(f"file:{world.folder / 'journal.sqlite3'}?mode=ro", uri=True)
    before = None
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            ((receipts,),) = journal.execute("SELECT count(*) FROM receipts").fetchall()
        except sqlite3.OperationalError:  # it is just being made
            receipts = 0
        before = receipts if before is None else before
        if receipts >= before + more:
            journal.close()
            return
        time.sleep(0.005)
    raise AssertionError(f"{receipts - (before or 0)} of {more} were recorded in 60 s")


def check_complete(world: World, many: Path) -> None:
    done = imported(world, many)
    assert done["recorded"] + done["already_there"] == MANY
    assert done["already_there"] > 0, "something was recorded before it was interrupted"
    ids = [row["eventId"] for row in exported(world)]
    assert (len(ids), len(set(ids))) == (MANY, MANY)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["kill -9", "Ctrl-C"])
def test_an_import_that_is_interrupted_and_run_again_is_complete_and_has_nothing_twice(
    world: World, many: Path, number: signal.Signals
) -> None:
    with running(world) as server:  # makes the stores
        server.stop()
    for _ in range(3):
        with importing(world, many) as begun:
            until_recorded(world, random.randint(300, 1_500))
            begun.process.send_signal(number)
            code, said = begun.end()
        assert code != 0
        assert "Traceback" not in said
    check_complete(world, many)


def test_an_import_whose_server_is_killed_is_completed_by_another(world: World, many: Path) -> None:
    with running(world) as server, importing(world, many) as begun:
        until_recorded(world, 2_000)
        server.stop(signal.SIGKILL)
        code, said = begun.end()
    assert (code, "does not answer" in said) == (3, True)
    with running(world):
        check_complete(world, many)


def test_two_imports_of_one_file_at_the_same_time_record_it_once(world: World, many: Path) -> None:
    copy = many.with_name("copy.jsonl")
    copy.write_bytes(many.read_bytes())
    with running(world), importing(world, many) as one, importing(world, copy) as other:
        assert [begun.end()[0] for begun in (one, other)] == [0, 0]
        assert len(exported(world)) == MANY
