"""One end of calls: objects whose methods other processes call."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import msgspec
import structlog

from heropixel.channels.calls import (
    CALLS,
    ENCODER,
    GREETING,
    NOTHING,
    AnswerSent,
    CallSent,
    Failure,
    Method,
    failure_of,
    methods_of,
)
from heropixel.channels.frames import MOST, FrameLine
from heropixel.channels.wire_values import encode

log = structlog.get_logger()


class Served(NamedTuple):
    """A Protocol, and the object whose methods are called."""

    protocol: Callable[..., object]
    implementation: object


@asynccontextmanager
async def serving(listening: socket.socket, *served: Served) -> AsyncIterator[None]:
    """Answer the calls of all who connect to a listening socket. On exit, what is being answered is cancelled."""
    ends = _Ends(served)
    # Not `create_unix_server`: later versions of Python remove the file of the socket when it closes.
    server = await asyncio.get_running_loop().create_server(ends.end, sock=listening)
    try:
        yield
    finally:
        server.close()
        ends.close()


class _Ends:
    """All connections, and what is being answered on each."""

    def __init__(self, served: tuple[Served, ...]) -> None:
        self._methods: dict[str, tuple[Method, Callable[..., Coroutine[Any, Any, object]]]] = {
            method.name: (method, getattr(of.implementation, method.name.rpartition(".")[2]))
            for of in served
            for method in methods_of(of.protocol)
        }
        self._tasks: dict[FrameLine, dict[int, asyncio.Task[None]]] = {}

    def end(self) -> FrameLine:
        """The end of a new connection."""
        frames = FrameLine(self._take, self._lost, lambda made: made.send(GREETING))
        self._tasks[frames] = {}
        return frames

    def close(self) -> None:
        """End all connections."""
        for frames in [*self._tasks]:
            frames.close()
            self._lost(frames)

    def _take(self, frames: FrameLine, message: bytes) -> None:
        call = CALLS.decode(message)
        tasks = self._tasks.get(frames, {})
        if not call.method:
            if call.number in tasks:
                tasks[call.number].cancel()
            return
        # The frames that arrive together are all taken before the first task begins: what groups calls gets them all.
        task = asyncio.get_running_loop().create_task(self._answer(frames, call))
        tasks[call.number] = task
        task.add_done_callback(lambda _: tasks.pop(call.number, None))

    def _lost(self, frames: FrameLine) -> None:
        for task in self._tasks.pop(frames, {}).values():
            task.cancel()

    async def _answer(self, frames: FrameLine, call: CallSent) -> None:
        failure: Failure | bool = True
        result = NOTHING
        try:
            method, function = self._methods[call.method]
            given = await method.call(function, method.takes.decode(call.arguments))
            result, failure = msgspec.Raw(_short(encode(given))), False
        except Exception as error:
            failure = failure_of(error) or True
            if failure is True:
                log.exception("a call of another process failed", call=call.method)
        finally:  # also where it is cancelled: if its caller did not ask for that, it must not wait without end
            frames.send(ENCODER.encode(AnswerSent(call.number, failure, result)))


def _short(result: bytes) -> bytes:
    if len(result) > MOST - 100:  # a longer frame would end the connection
        raise ValueError(f"the result has {len(result)} bytes, which is too many")
    return result
