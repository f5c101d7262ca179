"""A count over processes."""

import asyncio
import multiprocessing
import os
import signal
from contextlib import ExitStack
from pathlib import Path

import pytest

from heropixel.api.open_connections import OpenConnections
from heropixel.concurrency.joint_count import JointCount
from heropixel.errors import Overloaded, TooManyListeners
from heropixel.recording.recorder import Recorder
from tests.recording.parsing import parse

DOORS = ("door-1", "door-2")


class Listening:
    """A connection that stays."""

    def go(self) -> None:
        """See `Connected`."""


async def test_pageviews_that_wait_at_other_doors_count_in_max_waiting(tmp_path: Path) -> None:
    count = JointCount(DOORS)
    count.begin("door-2")
    count.add(8)
    count.begin("door-1")
    recorder = Recorder(tmp_path / "writer", max_waiting=8, waiting=count)
    assert recorder.waiting() == 8
    with pytest.raises(Overloaded):
        await recorder.record([parse()])
    count.begin("door-2")  # that door has died
    count.begin("door-1")
    waiting = asyncio.ensure_future(recorder.record([parse()]))
    await asyncio.sleep(0)
    assert (count.total(), recorder.waiting()) == (1, 1)
    waiting.cancel()


@pytest.mark.process
def test_places_of_live_connections_are_of_the_whole_server_and_a_dead_door_gives_its_places_back() -> None:
    count = JointCount(DOORS)

    def take_three_and_die() -> None:
        count.begin("door-2")
        connections, stack = OpenConnections(4, count, 2), ExitStack()
        for _ in range(3):
            stack.enter_context(connections.admitted(Listening()))
        os.kill(os.getpid(), signal.SIGKILL)

    forked = multiprocessing.get_context("fork").Process(target=take_three_and_die)
    forked.start()
    forked.join()
    count.begin("door-1")
    here = OpenConnections(4, count, 2)
    with here.admitted(Listening()):
        assert count.total() == 4
        with pytest.raises(TooManyListeners), here.admitted(Listening()):
            pass
    with here.admitted(Listening()):
        assert count.total() == 4, "who left has given the place back"
    count.begin("door-2")  # what its next process does
    assert count.total() == 0
