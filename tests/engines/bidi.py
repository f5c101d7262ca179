"""A connection of the WebDriver BiDi protocol (https://w3c.github.io/webdriver-bidi/)."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

Message = dict[str, Any]

ANSWERS_WITHIN = 60  # seconds, on a machine that has much else to do


class CommandError(Exception):
    """The browser has refused a command."""


class Connection:
    """Sends commands, and hears of events."""

    def __init__(self, socket: ClientConnection, hear: Callable[[Message], None]) -> None:
        self._socket = socket
        self._hear = hear
        self._numbers = itertools.count(1)
        self._asked: dict[int, asyncio.Future[Message]] = {}

    async def ask(self, method: str, **params: object) -> Message:
        """Send a command; the result.

        Raises:
            CommandError: the browser has refused it.
        """
        number = next(self._numbers)
        self._asked[number] = asyncio.get_running_loop().create_future()
        await self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        answer = await asyncio.wait_for(self._asked[number], ANSWERS_WITHIN)
        if answer["type"] == "error":
            raise CommandError(f"{method}: {answer['error']}: {answer['message']}")
        result: Message = answer["result"]
        return result

    async def read(self) -> None:
        """Read until the browser closes the connection."""
        with suppress(ConnectionClosed):  # a browser that ends takes no leave
            async for text in self._socket:
                message: Message = json.loads(text)
                if message["type"] == "event":
                    self._hear(message)
                elif not (asked := self._asked.pop(message["id"])).done():  # else nobody waits for it any more
                    asked.set_result(message)


@asynccontextmanager
async def connected(url: str, hear: Callable[[Message], None]) -> AsyncIterator[Connection]:
    """A connection with a session."""
    async with connect(url, max_size=None) as socket:
        connection = Connection(socket, hear)
        reading = asyncio.create_task(connection.read())
        try:
            await connection.ask("session.new", capabilities={})
            yield connection
        finally:
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading
