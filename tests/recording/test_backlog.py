"""Waiting for the backlog uses positions of the journal, and nothing else."""

import asyncio

import pytest

from heropixel.errors import EventsUnavailable
from heropixel.journal import Positions, is_reached
from heropixel.recording.backlog import Backlog


async def test_it_is_drained_once_everything_that_was_accepted_before_is_loaded() -> None:
    loaded, reached = 0, asyncio.Condition()

    async def accepted() -> Positions:
        return {0: 7}

    async def reach(positions: Positions) -> None:
        async with reached:
            await reached.wait_for(lambda: is_reached(positions, {0: loaded}))

    draining = asyncio.create_task(Backlog(accepted, reach).drain())
    for position in (3, 6, 7):
        await asyncio.sleep(0)
        assert not draining.done(), position
        async with reached:
            loaded = position
            reached.notify_all()
    await asyncio.wait_for(draining, 10)


async def test_a_backlog_that_is_not_drained_in_time_is_reported_as_a_busy_or_unreachable_event_store() -> None:
    async def accepted() -> Positions:
        return {0: 1}

    async def never(_positions: Positions) -> None:
        await asyncio.Event().wait()

    with pytest.raises(EventsUnavailable, match="not reachable, or has much to load"):
        await Backlog(accepted, never).drain(0.01)
