"""The other end of calls: an object whose methods are done by another process."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import msgspec

from heropixel.channels.calls import ANSWERS, ENCODER, NOTHING, CallSent, Method, error_of, methods_of
from heropixel.channels.frames import FrameLine
from heropixel.channels.wire_values import encode

P = TypeVar("P")

_CONNECT_SECONDS: Final = 3.0  # a process that is started again is there by then, or the caller is told
_RETRY_SECONDS: Final = 0.05


def calling(protocol: Callable[..., P], line: "CallLine") -> P:
    """An object whose methods are those of a Protocol, done at the other end of a line.

    They raise what the other end raises: the refusals and unavailable stores of this package. They raise what the line
    says for every other failure, where the other end is not reachable, and where the connection is lost meanwhile.
    """
    methods = {method.name.rpartition(".")[2]: staticmethod(_sending(method, line)) for method in methods_of(protocol)}
    return cast("P", type(f"{protocol.__name__}There", (), methods)())


def _sending(method: Method, line: "CallLine") -> Callable[..., Any]:
    async def send(*args: object, **named: object) -> object:
        return method.gives.decode(await line.call(method.name, encode(method.in_order(args, named))))

    return send


class CallLine:
    """A connection for calls. It opens with the first call, and again with the next one after it was lost.

    Lives on one event loop.
    """

    def __init__(self, path: Path, unavailable: type[Exception], seconds: float | None = None) -> None:
        """`unavailable` is raised where there is no answer. A call waits so many `seconds` for a connection, else 3."""
        self._path = path
        self._unavailable = unavailable
        self._seconds = _CONNECT_SECONDS if seconds is None else seconds
        self._numbers = count(1)
        self._open: _Connection | None = None
        self._opening: asyncio.Task[_Connection | None] | None = None

    async def call(self, method: str, arguments: bytes) -> msgspec.Raw:
        """The result of a call. A caller that is cancelled cancels the call at the other end."""
        connection = await self._connected()
        if connection is None or not connection.is_open:
            raise self._unavailable
        number = next(self._numbers)
        connection.send_soon(CallSent(number, method, msgspec.Raw(arguments)))
        answer: asyncio.Future[msgspec.Raw] = asyncio.get_running_loop().create_future()
        connection.answers[number] = answer
        try:
            return await answer
        except asyncio.CancelledError:
            connection.send_soon(CallSent(number, "", NOTHING))
            raise
        finally:
            connection.answers.pop(number, None)

    def close(self) -> None:
        """End the connection. Calls that are being answered fail."""
        if self._opening is not None:
            self._opening.cancel()
        if self._open is not None:
            self._open.close()

    async def _connected(self) -> "_Connection | None":
        if self._open is not None and self._open.is_open:
            return self._open
        if self._opening is None or self._opening.done():
            self._opening = asyncio.create_task(self._connect())
        self._open = await asyncio.shield(self._opening)  # which others may be waiting for
        return self._open

    async def _connect(self) -> "_Connection | None":
        """A connection that was greeted, tried again and again for a moment; None where nobody takes it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._seconds):
                while True:
                    connection = _Connection(self._unavailable)
                    with suppress(OSError):
                        if await self._is_taken(connection):
                            return connection
                    await asyncio.sleep(_RETRY_SECONDS)
        return None

    async def _is_taken(self, connection: "_Connection") -> bool:
        taken = False
        try:
            await asyncio.get_running_loop().create_unix_connection(lambda: connection, str(self._path))
            taken = await connection.greeted
        finally:
            if not taken:
                connection.close()
        return taken


class _Connection(FrameLine):
    """A connection, and the calls that are being answered on it."""

    def __init__(self, unavailable: type[Exception]) -> None:
        super().__init__(self._take_answer, self._end)
        self._unavailable = unavailable
        self._outgoing: list[bytes] = []
        self._loop = asyncio.get_running_loop()
        self.greeted: asyncio.Future[bool] = self._loop.create_future()
        self.answers: dict[int, asyncio.Future[msgspec.Raw]] = {}

    def send_soon(self, call: CallSent) -> None:
        """Send with the other calls of this turn of the event loop, in one write: the other end takes them together."""
        if not self._outgoing:
            self._loop.call_soon(self._flush)
        self._outgoing.append(ENCODER.encode(call))

    def _flush(self) -> None:
        messages, self._outgoing = self._outgoing, []
        self.send_all(messages)

    def _take_answer(self, _frames: FrameLine, message: bytes) -> None:
        if not self.greeted.done():
            self.greeted.set_result(True)
            return
        answer = ANSWERS.decode(message)
        waiting = self.answers.get(answer.number)
        if waiting is None or waiting.done():  # the caller is gone
            return
        if answer.failure is False:
            waiting.set_result(answer.result)
        else:
            known = None if answer.failure is True else error_of(answer.failure)
            waiting.set_exception(known or self._unavailable())

    def _end(self, _frames: FrameLine) -> None:
        if not self.greeted.done():
            self.greeted.set_result(False)
        for waiting in self.answers.values():
            if not waiting.done():
                waiting.set_exception(self._unavailable())
