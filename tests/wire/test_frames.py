"""Frames of a WebSocket are parsed a few at a time, and a message has only so many."""

import asyncio
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from heropixel.wire.frames import AT_ONCE, MAX_FRAMES
from tests.wire.serving import Wire, serving, wire

HANDSHAKE = (
    b"GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
TEXT, CONTINUED, PING, CLOSE = 1, 0, 9, 8


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Accept a socket, and send back what comes; `bye` closes it."""
    assert scope["type"] == "websocket"
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        if message["text"] == "bye":
            await send({"type": "websocket.close", "code": 4000, "reason": "bye"})
            return
        await send({"type": "websocket.send", "text": message["text"]})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with serving(echo) as number:
        yield number


def frame(opcode: int, text: bytes = b"", *, last: bool = True) -> bytes:
    """A client's frame, masked with zeros."""
    return struct.pack("!BB4x", (0x80 if last else 0) | opcode, 0x80 | len(text)) + text


@asynccontextmanager
async def raw(port: int) -> AsyncIterator[Wire]:
    """A socket whose frames are written by hand."""
    async with wire(port) as client:
        client.send(HANDSHAKE)
        await client.reader.readuntil(b"\r\n\r\n")
        yield client


async def heard(client: Wire) -> tuple[int, bytes]:
    """The next frame of the server: its opcode and text."""
    async with asyncio.timeout(10):
        first, length = await client.reader.readexactly(2)
        if length == 126:
            (length,) = struct.unpack("!H", await client.reader.readexactly(2))
        return first & 15, await client.reader.readexactly(length)


async def longest_turn(work: Any) -> float:
    """The longest time that the event loop was away while `work` was done."""
    longest, done = 0.0, False

    async def watch() -> None:
        nonlocal longest
        before = time.thread_time()
        while not done:
            await asyncio.sleep(0)
            now = time.thread_time()
            longest, before = max(longest, now - before), now

    watching = asyncio.create_task(watch())
    await work
    done = True
    await watching
    return longest


async def test_a_message_of_too_many_frames_closes_its_socket(port: int) -> None:
    async with raw(port) as client:
        client.send(frame(TEXT, b"a", last=False) + frame(CONTINUED, b"a", last=False) * 100_000)
        opcode, text = await heard(client)
        assert (opcode, struct.unpack("!H", text[:2])) == (CLOSE, (1008,))
        assert text[2:].decode() == f"A message has more than {MAX_FRAMES} frames"


async def test_a_message_of_some_frames_is_put_together(port: int) -> None:
    async with raw(port) as client:
        for _ in range(2):
            parts = frame(CONTINUED, b"b", last=False) * (MAX_FRAMES - 2)
            client.send(frame(TEXT, b"a", last=False) + parts + frame(CONTINUED, b"c"))
            assert await heard(client) == (TEXT, b"a" + b"b" * (MAX_FRAMES - 2) + b"c")


@pytest.mark.parametrize("count", [1, AT_ONCE - 1, AT_ONCE, AT_ONCE + 1, 10 * AT_ONCE])
async def test_many_messages_and_pings_at_once_are_all_answered_in_order(port: int, count: int) -> None:
    async with raw(port) as client:
        client.send(b"".join(frame(PING, b"%d" % n) + frame(TEXT, b"%d" % n) for n in range(count)))
        answered = [await heard(client) for _ in range(2 * count)]
        assert [text for opcode, text in answered if opcode == TEXT] == [b"%d" % n for n in range(count)]
        assert [text for opcode, text in answered if opcode != TEXT] == [b"%d" % n for n in range(count)]


@pytest.mark.parametrize("kind", ["pings", "messages"])
async def test_a_flood_of_frames_leaves_the_event_loop_free(port: int, kind: str) -> None:
    one = frame(PING) if kind == "pings" else frame(TEXT, b"a")

    async def flood() -> None:
        async with raw(port) as client:
            client.send(one * 20_000)
            for _ in range(20_000):
                await client.reader.readexactly(2 if kind == "pings" else 3)

    assert await longest_turn(flood()) < 0.1  # at once they take over half a second


async def test_a_socket_that_is_closed_amid_a_flood_ends(port: int) -> None:
    async with raw(port) as client:
        client.send(frame(TEXT, b"bye") + frame(TEXT, b"a") * 500 + frame(CLOSE, struct.pack("!H", 1000)))
        assert (await heard(client))[0] == CLOSE
        assert await client.is_closed()


async def test_a_library_talks_as_before(port: int) -> None:
    async with connect(f"ws://127.0.0.1:{port}") as client:
        await _talk(client)


async def _talk(client: ClientConnection) -> None:
    for text in ("a", "é" * 100_000):
        await client.send(text)
        assert await client.recv() == text
    await client.send(["in ", "pieces"])
    assert await client.recv() == "in pieces"
    await client.send("bye")
    with pytest.raises(ConnectionClosed) as closed:
        await client.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4000
