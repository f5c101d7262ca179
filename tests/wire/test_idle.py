"""Connections without a request are closed after a while, and no others."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.wire.serving import serving, wire

IDLE = 0.4  # seconds until a connection is closed
GET = b"GET /%b HTTP/1.1\r\nhost: a\r\n\r\n"


async def answering(scope: Any, _receive: Any, send: Any) -> None:
    """Answer, on one path after longer than a connection may be idle."""
    if scope["path"] == "/slow":
        await asyncio.sleep(2 * IDLE)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with serving(answering, keep_alive=IDLE) as number:
        yield number


async def test_a_connection_is_closed_once_it_was_idle_for_so_long(port: int) -> None:
    loop = asyncio.get_running_loop()
    async with wire(port) as client:
        began = loop.time()
        while loop.time() < began + 2 * IDLE:  # in use, longer than it may be idle
            client.send(GET % b"")
            assert await client.status() == 200
            await asyncio.sleep(IDLE / 10)
        answered = loop.time()
        assert await client.is_closed()
        assert loop.time() - answered > 0.7 * IDLE


async def test_a_request_that_takes_longer_is_answered(port: int) -> None:
    async with wire(port) as client:
        client.send(GET % b"")
        assert await client.status() == 200
        client.send(GET % b"slow" + GET % b"slow")
        assert await client.status() == 200
        assert await client.status() == 200
        assert await client.is_closed()
