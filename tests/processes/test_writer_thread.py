"""The writer's thread: whoever starts it does not wait for a loop that never begins."""

import asyncio
from typing import Any

import pytest

from heropixel.processes import writer


class NoLoopError(Exception):
    """The loop cannot begin."""


def test_a_thread_whose_loop_cannot_begin_says_why_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(work: Any) -> None:
        work.close()
        raise NoLoopError("no loop")

    async def never(_: asyncio.Event) -> None: ...

    monkeypatch.setattr(writer, "run", run)
    with pytest.raises(NoLoopError, match="no loop"), writer.on_thread(never):
        pytest.fail("it has begun")
