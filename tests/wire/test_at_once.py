"""A request that is answered without a task gets, byte for byte, the answer that uvicorn would give."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any, NamedTuple

import pytest

from heropixel.wire import at_once
from heropixel.wire.access_log import logged
from heropixel.wire.asgi import headers_of, in_a_task
from heropixel.wire.bodies import discard
from tests.wire.serving import serving, wire

AT_ONCE = frozenset({(b"POST", b"/at-once"), (b"GET", b"/at-once")})


async def answering(scope: Any, receive: Any, send: Any) -> None:
    """Answer in the way that the query names."""
    query, body, message = scope["query_string"], b"", {"more_body": True}
    if query == b"unread":
        await discard(receive)
        message = {}
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
    task = (b"x-task", b"1" if asyncio.current_task() is not None else b"0")
    if query in BEFORE:
        await BEFORE[query](receive)
    elif query == b"silent":
        return
    status, headers = 200, [(b"content-length", b"%d" % len(body)), *MORE_HEADERS.get(query, ())]
    match query:
        case b"empty":
            status, headers, body = 204, [], b""
        case b"chunked":
            headers = []
        case b"short":
            headers = [(b"content-length", b"100")]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, task]})
    if query == b"parts":
        await send({"type": "http.response.body", "body": body[:1], "more_body": True})
        body = body[1:]
    await send({"type": "http.response.body", "body": body})


async def waits(_receive: Any) -> None:
    """Wait for a future, as for the disk."""
    waits_for = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(0.005, waits_for.set_result, None)
    await waits_for


async def needs_a_task(_receive: Any) -> None:
    """Do what only a task can do."""
    await in_a_task()
    async with asyncio.timeout(1):
        await asyncio.sleep(0)


async def raises(_receive: Any) -> None:
    """Fail."""
    raise ValueError


BEFORE = {b"waits": waits, b"task": needs_a_task, b"raises": raises}
MORE_HEADERS = {b"close": [(b"connection", b"close")], b"broken": [(b"x-broken", b"1\r\n2")]}


class Ports(NamedTuple):
    """The same application, at once and as uvicorn runs it."""

    at_once: int
    plain: int


@pytest.fixture
async def ports() -> AsyncIterator[Ports]:
    async with AsyncExitStack() as stack:
        yield Ports(
            await stack.enter_async_context(serving(answering, at_once=AT_ONCE)),
            await stack.enter_async_context(serving(answering)),
        )


async def told(port: int, *pieces: bytes) -> bytes:
    """All that the server sends until it closes the connection, without the date and what tells the ways apart."""
    async with wire(port) as client, asyncio.timeout(5):
        for piece in pieces:
            client.send(piece)
            await asyncio.sleep(0.01 if len(pieces) > 1 else 0)
        received = await client.reader.read()
    return re.sub(rb"date: [^\r]*\r\n|x-task: .\r\n", b"", received)


def request(query: bytes = b"", head: bytes = b"", body: bytes = b"some", version: bytes = b"1.1") -> bytes:
    length = b"content-length: %d\r\n" % len(body)
    return b"POST /at-once?%b HTTP/%b\r\nhost: a\r\n%b%b\r\n%b" % (query, version, length, head, body)


LAST = request(head=b"connection: close\r\n")
CHUNKED = b"POST /at-once HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n4\r\nsome\r\n0\r\n\r\n"
QUERIES = [
    *(b"", b"waits", b"task", b"raises", b"silent", b"unread", b"empty", b"chunked", b"close", b"broken", b"short"),
    b"parts",
]


CASES: list[tuple[bytes, ...]] = [
    *((request(query), LAST) for query in QUERIES),
    *((request(query, head=b"connection: close\r\n"),) for query in QUERIES),
    *((request(query) + request(b"waits") + request(query) + LAST,) for query in QUERIES),
    (request(b"waits"), request(), LAST),
    (request()[:-2], request()[-2:], LAST),
    (request()[:40], request()[40:], LAST),
    (CHUNKED[:-8], CHUNKED[-8:] + CHUNKED, LAST),
    (request(body=b"x" * 100_000), LAST),
    (request(body=b"x" * 100_000)[:90_000], request(body=b"x" * 100_000)[90_000:], LAST),
    (request(version=b"1.0"),),
    (request(head=b"expect: 100-continue\r\n"), LAST),
    (request(head=b"upgrade: h2c\r\nconnection: upgrade\r\n"), LAST),
    (request() + b"nonsense\r\n\r\n",),
    (request(head=b"host: b\r\n"),),
    (request(head=b"x: y\r\n" * 30),),
    (b"GET /at-once?%C3%A4=%41&b HTTP/1.1\r\nhost: a\r\n\r\n", LAST),
    (b"GET /at-once#part?waits HTTP/1.1\r\nhost: a\r\n\r\n", LAST),
    (b"HEAD /at-once HTTP/1.1\r\nhost: a\r\n\r\n", LAST),
    (b"GET http://a/at-once HTTP/1.1\r\nhost: a\r\n\r\n", LAST),
]


async def test_an_answer_without_a_task_is_the_same(ports: Ports) -> None:
    # Behind another request, plain ones are split and not parsed.
    for pieces in [*CASES, *((request(), *pieces) for pieces in CASES)]:
        answers = await told(ports.at_once, *pieces)
        assert answers == await told(ports.plain, *pieces), pieces
        assert answers.startswith(b"HTTP/1.1 ") or b"broken" in pieces[0], "uvicorn sends no broken answer"


async def test_a_request_in_one_piece_has_no_task_and_others_have_one(ports: Ports) -> None:
    async def had(port: int, *pieces: bytes) -> list[bytes]:
        async with wire(port) as client, asyncio.timeout(5):
            for piece in pieces:
                client.send(piece)
                await asyncio.sleep(0.05)  # until it is answered
            return re.findall(rb"x-task: (.)", await client.reader.read())

    assert await had(ports.at_once, request(), request(b"waits"), LAST) == [b"0", b"0", b"0"]
    assert await had(ports.at_once, LAST[:-1], LAST[-1:]) == [b"1"], "in two pieces"
    assert await had(ports.at_once, request() + LAST) == [b"0", b"1"], "behind another"
    assert await had(ports.plain, LAST) == [b"1"]


async def test_the_application_is_told_the_same_of_a_request_that_is_split() -> None:
    scopes: list[Any] = []

    async def noting(scope: Any, receive: Any, send: Any) -> None:
        scopes.append({name: value for name, value in scope.items() if not name.startswith("heropixel.")})
        assert headers_of(scope) == dict(scope["headers"])
        await answering(scope, receive, send)

    async with serving(noting, at_once=AT_ONCE) as port, wire(port) as client:
        for _ in range(2):
            client.send(request(b"a=%20b", head=b"X-A: b\r\n"))
            assert await client.status() == 200
            client.send(b"GET /at-once?a=%20b HTTP/1.1\r\nHost: a\r\n\r\n")
            assert await client.status() == 200
    assert scopes[:2] == scopes[2:]


async def test_a_client_that_has_gone_is_no_trouble(ports: Ports) -> None:
    async with wire(ports.at_once) as client:
        client.send(request(b"waits"))
    assert (await told(ports.at_once, LAST)).endswith(b"some")


async def test_a_server_that_stops_cancels_what_waits_for_too_long() -> None:
    ended = asyncio.Event()

    async def never(_scope: Any, _receive: Any, _send: Any) -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.set()

    async with serving(never, at_once=AT_ONCE) as port, wire(port) as client:
        client.send(request())
        await asyncio.sleep(0.05)
    async with asyncio.timeout(5):
        await ended.wait()


async def test_the_access_log_has_requests_without_a_task(capsys: pytest.CaptureFixture[str]) -> None:
    async with serving(logged(answering), at_once=AT_ONCE) as port:
        await told(port, LAST)
    assert "status=200" in capsys.readouterr().out


def test_the_head_of_an_answer_is_kept_unless_it_sets_a_cookie() -> None:
    answer = ((b"content-length", b"0"), (b"x-kept", b"1"))
    before = at_once._made_head.cache_info().currsize
    for _ in range(2):
        assert at_once._head_of(200, (*answer, (b"set-cookie", b"a=b")))[0].endswith(b"set-cookie: a=b\r\n\r\n")
    assert at_once._made_head.cache_info().currsize == before
    assert at_once._head_of(200, answer)[1] == 0
    assert at_once._made_head.cache_info().currsize == before + 1
