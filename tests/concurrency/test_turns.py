"""Turns at one thread: keys take turns, whoever is first comes first, and nobody blocks the others."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import pytest

from heropixel.concurrency.turns import FIRST, NoRoom, Turns


@pytest.fixture
def turns() -> Iterator[Turns]:
    made = Turns("test", most=5)
    yield made
    made.close()


class Row:
    """Calls that note in which order they were served."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.served: list[str] = []

    def call(self, key: object, name: str) -> "asyncio.Task[None]":
        return asyncio.create_task(self._serve(key, name))

    async def _serve(self, key: object, name: str) -> None:
        async with self.turns.turn(key):
            await self.turns.run(self.served.append, name)


async def test_keys_take_turns_however_many_calls_one_of_them_has(turns: Turns) -> None:
    row = Row(turns)
    calls = [row.call("flood", f"flood {number}") for number in range(4)]
    calls += [row.call("other", "other"), row.call(FIRST, "first")]
    await asyncio.gather(*calls)
    assert row.served == ["flood 0", "first", "flood 1", "other", "flood 2", "flood 3"]


async def test_a_call_beyond_the_limit_is_refused_and_the_first_never_is(turns: Turns) -> None:
    row = Row(turns)
    calls = [row.call("flood", str(number)) for number in range(8)] + [row.call(FIRST, "first") for _ in range(3)]
    ended = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(end) for end in ended if end is not None] == [NoRoom, NoRoom]
    await row.call("flood", "afterwards")
    assert row.served[-1] == "afterwards"


async def test_a_call_that_is_cancelled_keeps_nobody_waiting(turns: Turns) -> None:
    row = Row(turns)
    calls = [row.call("key", str(number)) for number in range(4)]
    await asyncio.sleep(0)
    calls[0].cancel()
    calls[2].cancel()
    for call in calls:
        with suppress(asyncio.CancelledError):
            await call
    assert row.served[-1] == "3"
    assert "2" not in row.served
