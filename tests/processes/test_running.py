"""Background work ends with what it is for."""

import asyncio
from contextlib import suppress

import pytest

from heropixel.processes.steps import running


async def test_work_that_takes_its_cancellation_for_a_failure_ends_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("heropixel.processes.steps._CANCELLED_AGAIN", 0.01)
    failures = [OSError("the connection was lost")]

    async def work() -> None:
        while True:
            with suppress(OSError):
                try:
                    await asyncio.sleep(60)
                finally:
                    if failures:
                        raise failures.pop()

    async with asyncio.timeout(30):
        async with running(work()):
            await asyncio.sleep(0)
    assert not failures
