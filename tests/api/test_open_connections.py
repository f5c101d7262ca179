"""A client that reads nothing, not even why it is dropped, is disconnected."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from heropixel.api import event_stream
from heropixel.api.event_stream import EventStream
from heropixel.api.messages import Close
from heropixel.api.websocket import close_with
from heropixel.concurrency.pace import Pace
from heropixel.errors import PixelNotFound


class Deaf:
    """A connection whose client stops reading after so many messages."""

    def __init__(self, takes: int) -> None:
        self.takes = takes
        self.cut = False
        self.scope: dict[str, Any] = {"heropixel.abort": self._abort}

    def _abort(self) -> None:
        self.cut = True

    async def send(self, _message: MutableMapping[str, Any]) -> None:
        if not self.takes:
            await asyncio.Event().wait()
        self.takes -= 1

    async def receive(self) -> MutableMapping[str, Any]:
        await asyncio.Event().wait()
        return {}


class Nothing:
    """Something to listen to that never happens."""

    pace = Pace()

    def join(self, _listener: object) -> Any:
        return lambda: None


@pytest.mark.parametrize(("takes", "cut"), [(0, True), (1, False)])
async def test_a_socket_that_cannot_be_closed_is_cut(takes: int, cut: bool) -> None:
    deaf = Deaf(takes)
    await close_with(deaf.scope, deaf.send, Close(4413, "Too slow", seconds=0.01))
    assert deaf.cut is cut


@pytest.mark.parametrize(("takes", "cut"), [(1, True), (2, True), (3, False)])
async def test_a_stream_that_cannot_be_ended_is_cut(takes: int, cut: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "LAST_MESSAGE_SECONDS", 0.01)
    deaf = Deaf(takes)
    stream = EventStream(deaf.scope, deaf.receive, deaf.send, 10)
    running = asyncio.create_task(stream.run(Nothing()))  # type: ignore[arg-type]  # as much of a subscription as it takes
    await asyncio.sleep(0.01)
    stream.end(PixelNotFound())
    stream.hear("{}")  # too late
    await running
    assert deaf.cut is cut
