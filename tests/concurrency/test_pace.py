"""A pace for writers: so many messages in a turn of the event loop, in order, and nobody is forgotten."""

import asyncio
from contextlib import suppress

import pytest

from heropixel.concurrency.pace import Pace


async def turns_of(pace: Pace, writers: int, messages: int) -> list[list[int]]:
    """Which writers sent in each turn of the event loop."""
    turns: list[list[int]] = [[]]

    async def write(number: int) -> None:
        for _ in range(messages):
            await pace.turn()
            turns[-1].append(number)

    tasks = [asyncio.create_task(write(number)) for number in range(writers)]
    while not all(task.done() for task in tasks):
        await asyncio.sleep(0)
        turns.append([])
    return turns


@pytest.mark.parametrize(("writers", "messages"), [(1, 100), (100, 1), (20, 20)])
async def test_a_turn_has_so_many_messages_however_many_writers_there_are(writers: int, messages: int) -> None:
    turns = await turns_of(Pace(8), writers, messages)
    assert max(map(len, turns)) <= 2 * 8, "those that were allowed, and those that come anew"
    assert sum(map(len, turns)) == writers * messages


async def test_writers_take_turns() -> None:
    sent = [number for turn in await turns_of(Pace(4), 6, 3) for number in turn]
    assert sent == [0, 0, 0, 1] + [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 2, 3, 4, 5], "once there is something to wait for"


async def test_a_writer_that_is_cancelled_holds_nobody_up() -> None:
    pace = Pace(1)

    async def write() -> None:
        for _ in range(3):
            await pace.turn()

    tasks = [asyncio.create_task(write()) for _ in range(3)]
    await asyncio.sleep(0)
    assert pace.is_behind
    tasks[1].cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 5)
    assert not pace.is_behind


async def test_a_pace_that_nobody_uses_rests() -> None:
    pace = Pace(2)
    await pace.turn()
    for _ in range(5):
        await asyncio.sleep(0)
    assert not pace._scheduled
