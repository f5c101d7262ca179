"""A request's head and body have limits of size and of time."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.wire.serving import LIMITS, serving, wire


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Read the whole body, answer its length."""
    assert scope["type"] == "http"
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body += message.get("body", b"")
        more = message.get("more_body", False)
    told = b"%d" % len(body)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(told))]})
    await send({"type": "http.response.body", "body": told})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with serving(echo) as number:
        yield number


GET = b"GET / HTTP/1.1\r\nhost: a\r\n"


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (GET, 200),
        (GET + b"x: 1\r\n" * (LIMITS.headers - 1), 200),
        (GET + b"x: 1\r\n" * LIMITS.headers, 431),
        (GET + b"x: 1\r\n" * 5_000, 431),
        (GET + b"x: " + b"y" * (LIMITS.header_bytes - 100) + b"\r\n", 200),
        (GET + b"x: " + b"y" * LIMITS.header_bytes + b"\r\n", 431),
        (GET + b"x: " + b"y" * 100_000 + b"\r\n", 431),
        (GET + b"x" * 100_000 + b": y\r\n", 431),
        (GET + (b"x: " + b"y" * 300 + b"\r\n") * 10, 431),
        (b"GET / HTTP/1.1\r\n", 400),
        (b"GET / HTTP/1.1\r\nx: y\r\n", 400),
        (b"GET / HTTP/1.0\r\n", 200),
        (GET + b"host: b\r\n", 400),
        (b"GET / HTTP/1.0\r\nhost: a\r\nhost: b\r\n", 400),
        (b"nonsense\r\n", 400),
    ],
    ids=lambda value: value if isinstance(value, int) else value[:40],
)
async def test_a_head_within_its_limits_is_answered_and_others_are_refused(port: int, head: bytes, status: int) -> None:
    async with wire(port) as client:
        client.send(head + b"\r\n")
        assert await client.status() == status
        assert status == 200 or await client.is_closed()


@pytest.mark.parametrize("end", [b"", b"x", b"x: y"], ids=["no name", "a name", "a value"])
async def test_a_head_without_an_end_is_refused_at_its_limit(port: int, end: bytes) -> None:
    async with wire(port) as client:
        client.send(GET + end + b"y" * 100_000)
        assert await client.status() == 431
        assert await client.is_closed()


SLOW = [
    (b"", 408, "nothing at all"),
    (b"GET", 408, "a method"),
    (b"\r\n", 408, "an empty line"),
    (GET, 408, "headers without an end"),
    (b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n", 408, "no body"),
    (b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nabc", 408, "half a body"),
    (b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab", 408, "half a chunk"),
    (GET + b"\r\n" + GET, 200, "a second request without an end"),
]


@pytest.mark.parametrize(("sent", "first", "what"), SLOW, ids=[what for *_, what in SLOW])
async def test_a_request_that_stays_incomplete_is_ended(port: int, sent: bytes, first: int, what: str) -> None:
    async with wire(port) as client:
        client.send(sent)
        assert await client.status() == first, what
        assert await client.is_closed()


async def test_a_request_that_trickles_in_is_ended_however_lively_it_is(port: int) -> None:
    for sent in (GET + b"x: ", b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 500\r\n\r\n"):
        async with wire(port) as client:
            client.send(sent)
            for _ in range(20):
                await asyncio.sleep(0.05)
                client.send(b"y")
            assert await client.status() == 408


async def test_a_connection_between_two_requests_is_not_ended(port: int) -> None:
    async with wire(port) as client:
        for _ in range(3):
            client.send(GET + b"\r\n")
            assert await client.status() == 200
            await asyncio.sleep(2 * LIMITS.head_seconds)


async def test_the_answer_arrives_though_more_is_sent_than_is_read(port: int) -> None:
    async with wire(port) as client:
        for _ in range(50):
            client.send(b"GET / HTTP/1.1\r\nhost: a\r\nx: " + b"y" * 100_000)
        assert await client.status() == 431


CHUNKED = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (CHUNKED + b"1\r\na\r\n" * 4_999 + b"0\r\n\r\n", 200),
        (CHUNKED + b"1\r\na\r\n" * 5_001, 400),
        (CHUNKED + b"1\r\na\r\n0\r\n" + b"a: b\r\n" * 50_000, 431),
    ],
    ids=["chunks", "too many chunks", "trailers"],
)
async def test_a_body_has_so_many_chunks_and_trailers(port: int, sent: bytes, status: int) -> None:
    async with wire(port) as client:
        client.send(sent)
        assert await client.status() == status


async def test_so_many_requests_may_wait_on_a_connection(port: int) -> None:
    async with wire(port) as client:
        client.send((GET + b"\r\n") * 100)
        assert [await client.status() for _ in range(100)] == [200] * 100
    async with wire(port) as client:
        client.send((GET + b"\r\n") * 10_000)
        assert await client.is_closed()


async def test_a_request_in_many_pieces_is_answered(port: int) -> None:
    async with wire(port) as client:
        for _ in range(2):
            for byte in b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc":
                client.send(bytes([byte]))
                await asyncio.sleep(0)
            assert await client.status() == 200
