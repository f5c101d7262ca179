"""A small application behind the HTTP server as it is set up, in the process of the test."""

import asyncio
import socket
from collections.abc import AsyncIterator, Set
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from heropixel.wire.frames import FairWebSocket
from heropixel.wire.limited import HttpLimits, limited_http

LIMITS = HttpLimits(header_bytes=2_000, headers=20, head_seconds=0.3, body_seconds=0.3)


@asynccontextmanager
async def serving(
    application: Any,
    limits: HttpLimits = LIMITS,
    at_once: Set[tuple[bytes, bytes]] = frozenset(),
    keep_alive: float = 5,
) -> AsyncIterator[int]:
    """The port of a server for an application, which answers these methods and paths at once."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        application,
        loop="none",
        http=limited_http(limits, at_once),
        ws=FairWebSocket,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        timeout_keep_alive=keep_alive,  # type: ignore[arg-type]  # a part of a second is enough for a test
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    server.config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup([listening])
    try:
        yield listening.getsockname()[1]
    finally:
        await server.shutdown([listening])


class Wire:
    """A connection, byte by byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def status(self) -> int:
        """The status of the next response, whose body is read too."""
        async with asyncio.timeout(10):
            head = await self.reader.readuntil(b"\r\n\r\n")
            (length,) = (int(line[16:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length: "))
            await self.reader.readexactly(length)
        return int(head.split()[1])

    async def is_closed(self) -> bool:
        """Whether the server closes the connection soon."""
        try:
            async with asyncio.timeout(5):
                while await self.reader.read(1000):
                    pass
        except TimeoutError:
            return False
        except OSError:
            pass
        return True


@asynccontextmanager
async def wire(port: int) -> AsyncIterator[Wire]:
    """A connection to a server."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()
