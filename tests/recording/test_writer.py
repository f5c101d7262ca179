"""What holds over all doors of a writer: one order, each event id once, and everything handed over."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from heropixel.processes.steps import running
from heropixel.recording.recorder import Recorder
from tests.recording.doors import Doors, Everything


async def test_the_same_event_id_at_two_doors_at_once_is_recorded_once(doors: Doors) -> None:
    answers = await asyncio.gather(
        *(door.record([doors.pageview(event_id=f"e-{number}")]) for number in range(50) for door in doors.doors)
    )
    assert sum(answer.repeated for (answer,) in answers) == 50
    assert doors.loading.length() == 50


async def test_the_end_is_behind_all_that_every_door_accepted_before(doors: Doors) -> None:
    one, other = doors.doors
    await asyncio.gather(*(door.remembers([]) for door in doors.doors))  # both are connected
    recording = [asyncio.ensure_future(other.record([doors.pageview()])) for _ in range(100)]
    await asyncio.sleep(0)  # accepted, and not sent
    ((journal, begun),) = doors.loading.end().items()
    assert (await one.accepted())[journal] >= begun + 100
    assert doors.refreshed == 2, "a door hands over by the newest state of the directory"
    await asyncio.gather(*recording)


async def test_a_door_that_dies_holds_up_no_hand_over(doors: Doors) -> None:
    one, _ = doors.doors

    async def never() -> None:
        await asyncio.Event().wait()

    async with running(_other_door(doors, never)):
        await until(lambda: len(doors.writer._doors) == 3)
        asking = asyncio.ensure_future(one.accepted())
        await asyncio.sleep(0.05)
        assert not asking.done()
    assert await asking == doors.loading.end()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 - another thread does it, which has no event
            await asyncio.sleep(0.01)


async def _other_door(doors: Doors, refresh: Callable[[], Any]) -> None:
    await Recorder(doors.doors[0]._path, refresh=refresh).keep_connected()


async def test_a_subscriber_at_one_door_hears_of_every_door_in_order_and_once(doors: Doors) -> None:
    live = Everything()
    listening = Recorder(doors.doors[0]._path, live=live)
    async with running(listening.keep_connected()):
        await listening.remembers([])  # the writer knows of it
        names = [f"e-{number}" for number in range(30)]
        for number, name in enumerate(names):
            await [*doors.doors, listening][number % 3].record([doors.pageview(event_id=name)])
            await doors.doors[0].record([doors.pageview(event_id=name)])  # again, at another door
        await until(lambda: len(live.heard) == 30)
    assert live.heard == names


async def test_a_pageview_that_cannot_be_told_holds_up_nothing(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    listening = Recorder(doors.doors[0]._path, live=Everything())

    def fails(*_: object) -> None:
        raise ValueError("a fault")

    async with running(listening.keep_connected()):
        await listening.remembers([])
        monkeypatch.setattr(doors.writer, "_with_users", fails)
        calls = [doors.doors[number % 2].record([doors.pageview()]) for number in range(20)]
        async with asyncio.timeout(30):
            await asyncio.gather(
                *calls, *(doors.doors[0].record([doors.pageview() for _ in range(1100)]) for _ in range(3))
            )
