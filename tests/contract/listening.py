"""Clients of live pageviews: a WebSocket with its protocol, and server-sent events."""

import asyncio
import base64
import contextlib
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.world import Server

EVENTS = """
subscription Live($auth: AuthInput, $pixelIds: [Int!], $filter: FilterInput, $traffic: [Traffic!]! = [PEOPLE]) {
  pageviewRecorded(auth: $auth, pixelIds: $pixelIds, filter: $filter, traffic: $traffic) { eventId url }
}
"""
WHO = "{ app { code app { id } } }"
SECONDS = 30  # for what comes at once, on a machine that has much else to do
QUIET = 0.3  # seconds in which what should not come would have come


def metric(server: Server, name: str) -> float:
    lines = server.http.get("/metrics").text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(name))


async def nobody_listens(server: Server) -> None:
    until = time.monotonic() + SECONDS
    while metric(server, "heropixel_live_subscribers"):
        assert time.monotonic() < until
        await asyncio.sleep(0.02)


async def post(server: Server, **event: Any) -> str:
    """Post a pageview; its event id, once it is answered."""
    answer = await asyncio.to_thread(lambda: server.pageview(**event))
    assert answer["code"] == 200, answer
    event_id: str = answer["eventId"]
    return event_id


async def asked(server: Server, query: str, auth: object = None, **variables: Any) -> dict[str, Any]:
    """Ask something with the app's credentials, the data."""
    given = {"auth": auth or server.world.auth, **variables}
    body = await asyncio.to_thread(lambda: server.graphql(query, given))
    assert "errors" not in body, body
    data: dict[str, Any] = body["data"]
    return data


async def post_many(server: Server, ids: Sequence[str], **more: Any) -> None:
    """Post pageviews of these event ids in one request."""
    query = "mutation ($auth: AuthInput, $e: [PageviewEventInput!]!) { pageviews(auth: $auth, events: $e) { code } }"
    events = [{"pixelId": server.world.pixel, "domain": "example.com", "eventId": id_, **more} for id_ in ids]
    assert (await asked(server, query, e=events))["pageviews"]["code"] == 200


async def new_pixel(server: Server) -> int:
    query = (
        'mutation ($auth: AuthInput) { createPixel(auth: $auth, name: "x", domains: ["example.com"]) { pixel { id } } }'
    )
    number: int = (await asked(server, query))["createPixel"]["pixel"]["id"]
    return number


def basic(auth: dict[str, str]) -> str:
    return "Basic " + base64.b64encode(":".join(auth.values()).encode()).decode()


class Socket:
    """The client's end of a WebSocket, in the words of the protocol."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, *messages: dict[str, Any] | str | bytes) -> None:
        for message in messages:
            await self.connection.send(json.dumps(message) if isinstance(message, dict) else message)

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(SECONDS):
            message: dict[str, Any] = json.loads(await self.connection.recv())
        return message

    async def hears_nothing(self) -> bool:
        try:
            async with asyncio.timeout(QUIET):
                await self.connection.recv()
        except TimeoutError:
            return True
        return False

    async def init(self, payload: object = None) -> None:
        await self.send({"type": "connection_init", "payload": payload})
        assert await self.next() == {"type": "connection_ack"}

    async def subscribe(self, id_: str = "1", query: str = EVENTS, **variables: Any) -> None:
        """Subscribe, and wait until the server has."""
        await self.send(subscribing(id_, query, **variables), {"type": "ping"})
        assert await self.next() == {"type": "pong"}

    async def pageview(self) -> dict[str, Any]:
        message = await self.next()
        assert message["type"] == "next", message
        pageview: dict[str, Any] = message["payload"]["data"]["pageviewRecorded"]
        return pageview

    async def closed(self) -> tuple[int | None, str | None]:
        """The code and the reason of the close. Messages before it are skipped."""
        with contextlib.suppress(ConnectionClosed):
            async with asyncio.timeout(60):
                while True:
                    await self.connection.recv()
        return self.connection.close_code, self.connection.close_reason


def subscribing(id_: str, query: str = EVENTS, **variables: Any) -> dict[str, Any]:
    return {"type": "subscribe", "id": id_, "payload": {"query": query, "variables": variables}}


@asynccontextmanager
async def socket(
    server: Server, *, init: bool = True, protocol: str | None = "graphql-transport-ws", **more: Any
) -> AsyncIterator[Socket]:
    """A WebSocket, connected with the app's credentials if it is to be."""
    protocols = [Subprotocol(protocol)] if protocol else None
    async with connect(f"{server.url.replace('http', 'ws')}/graphql", subprotocols=protocols, **more) as connection:
        opened = Socket(connection)
        if init:
            await opened.init({"auth": server.world.auth})
        yield opened


class Stream:
    """The reader's end of server-sent events."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def next(self) -> tuple[str, Any]:
        """The next event: its name, and what it holds."""
        name = ""
        async with asyncio.timeout(SECONDS):
            async for line in self._lines:
                field, _, value = line.partition(":")
                if field == "event":
                    name = value.strip()
                elif field == "data":
                    return name, json.loads(value) if value else None
        return "end", None

    async def pageview(self) -> dict[str, Any]:
        name, body = await self.next()
        assert name == "next", (name, body)
        pageview: dict[str, Any] = body["data"]["pageviewRecorded"]
        return pageview


@asynccontextmanager
async def stream(
    server: Server, query: str = EVENTS, method: str = "POST", headers: dict[str, str] | None = None, **variables: Any
) -> AsyncIterator[Stream]:
    """Server-sent events, with the app's credentials by HTTP Basic."""
    sent = {"accept": "text/event-stream", "authorization": basic(server.world.auth), **(headers or {})}
    asked: dict[str, Any] = {"json": {"query": query, "variables": variables}}
    if method == "GET":
        asked = {"params": {"query": query, "variables": json.dumps(variables)}}
    async with (
        httpx.AsyncClient(base_url=server.url, timeout=30, verify=False) as client,
        client.stream(method, "/graphql", headers=sent, **asked) as response,
    ):
        yield Stream(response)


async def rest_of(sse: Stream) -> list[tuple[str, Any]]:
    """What is left of a stream."""
    events = []
    while (event := await sse.next())[0] != "end":
        events.append(event)
    return events
