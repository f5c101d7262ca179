"""A writer that cannot begin, on a thread or in a process: whoever starts it waits for nothing, and hears why."""

import asyncio
import os
import socket
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from heropixel.processes import writer
from heropixel.processes.parent import Started
from heropixel.settings import Settings
from tests.launcher import run
from tests.world import copy_of_directory

SCRIPT = """
from functools import partial
from pathlib import Path
from heropixel.processes.foundation import founded
from heropixel.processes.parent import Parent, Part
from heropixel.processes.writer import run_writer
from heropixel.settings import Settings

with founded(Settings(data=Path.cwd())) as foundation:
    Parent([[Part("writer", partial(run_writer, foundation))]], lambda: None).run()
"""


class NoLoopError(Exception):
    """The loop cannot begin."""


def test_a_thread_whose_loop_cannot_begin_says_why_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(work: Any) -> None:
        work.close()
        raise NoLoopError("no loop")

    async def never(_: asyncio.Event, started: Started) -> None: ...

    monkeypatch.setattr(writer, "run", run)
    with pytest.raises(NoLoopError, match="no loop"), writer.on_thread(never):
        pytest.fail("it has begun")


@pytest.mark.parametrize("store", ["directory", "journal"])
def test_a_writer_whose_store_cannot_be_opened_says_why_at_once(tmp_path: Path, store: str) -> None:
    copy_of_directory(tmp_path)
    file = tmp_path / f"{store}.sqlite3"
    file.unlink(missing_ok=True)
    file.mkdir()
    entered = False
    with socket.socket(socket.AF_UNIX) as listening:
        work = partial(writer.write, Settings(data=tmp_path), "node", listening)
        with pytest.raises(Exception, match="unable to open database file"), writer.on_thread(work):
            entered = True  # what fails in here would give way to what the writer says in the end
    assert not entered


@pytest.mark.process
def test_a_server_whose_writer_cannot_open_the_journal_ends_and_says_why(tmp_path: Path) -> None:
    copy_of_directory(tmp_path)
    (tmp_path / "journal.sqlite3").mkdir()
    done = run(script=SCRIPT, folder=tmp_path)
    assert "The server cannot start: A store cannot be used now: unable to open database file." in done.stderr
    assert done.returncode == 1, "of this script: the command has that of the part"


def test_a_writer_that_fails_at_work_says_why_in_the_end(tmp_path: Path) -> None:
    copy_of_directory(tmp_path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "writer"))
        os.close(listening.detach())
        work = partial(writer.write, Settings(data=tmp_path), "node", listening)
        with pytest.raises(OSError), writer.on_thread(work):  # noqa: PT011 - whatever the system says
            pass
