"""The writer's thread: whoever starts it does not wait for one that cannot begin, and hears why."""

import asyncio
import os
import socket
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from heropixel.errors import JournalUnavailable
from heropixel.processes import writer
from heropixel.processes.parent import Started
from heropixel.settings import Settings
from tests.world import copy_of_directory


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


def test_a_writer_that_fails_at_work_says_why_in_the_end(tmp_path: Path) -> None:
    copy_of_directory(tmp_path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "writer"))
        os.close(listening.detach())
        work = partial(writer.write, Settings(data=tmp_path), "node", listening)
        with pytest.raises(OSError), writer.on_thread(work):  # noqa: PT011 - whatever the system says
            pass
