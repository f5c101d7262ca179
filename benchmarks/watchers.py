"""The subscribers of `live`: WebSockets, and the few pageviews a second that they receive.

They run in a process of their own, on the same machine as the server, so they do little for a message. The same process
posts the pageviews and receives them, so that one clock measures the time between.
"""

import argparse
import asyncio
import base64
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from typing import cast

import msgspec
import uvloop

from benchmarks.servers import HOST
from benchmarks.world import DOMAIN

_SUBSCRIPTION = "subscription ($pixels: [Int!]) { pageviewRecorded(pixelIds: $pixels) { eventId url channel browser } }"
_PAGEVIEW = "mutation ($event: PageviewEventInput!) { pageview(event: $event) { code eventId } }"
_AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)
_POSTERS = 8  # connections; none waits for another


class Orders(msgspec.Struct, frozen=True):
    """What the subscribers are asked to do."""

    port: int
    app_id: str
    app_secret: str
    pixels: list[int]
    sockets: int
    a_second: float  # pageviews, on all pixels together


class Seen(msgspec.Struct, frozen=True):
    """The result."""

    posted: int
    told: int
    closed: int  # sockets that the server closed
    p50: float  # milliseconds from the answer to the message, for every message
    p99: float


class Watching:
    """The other process: it is started, and asked for its result later."""

    def __init__(self, orders: Orders) -> None:
        command = [sys.executable, "-m", "benchmarks.watchers"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(msgspec.json.encode(orders) + b"\n")
        self.process.stdin.flush()
        self.process.stdout.readline()  # all are subscribed

    def end(self) -> Seen:
        """End it. Returns its result."""
        out, _ = self.process.communicate(timeout=60)
        return msgspec.json.decode(out, type=Seen)


@contextmanager
def watching(orders: Orders) -> Iterator[Watching]:
    """The other process during a block. The block must end it."""
    watchers = Watching(orders)
    try:
        yield watchers
    finally:
        watchers.process.kill()


def main() -> None:
    """The entry point of the other process: it reads orders and writes the result."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    orders = msgspec.json.decode(sys.stdin.buffer.readline(), type=Orders)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(Watchers(orders).run())))


class Watchers:
    """All sockets, and the times of answers and messages."""

    def __init__(self, orders: Orders) -> None:
        self.orders = orders
        self.answered: dict[bytes, float] = {}
        self.seen: list[tuple[bytes, float]] = []
        self.subscribing = orders.sockets
        self.subscribed = asyncio.Event()
        self.closed = 0
        self.posted = 0

    async def run(self) -> Seen:
        loop = asyncio.get_running_loop()
        pixels = cycle(self.orders.pixels)
        for _ in range(self.orders.sockets):
            pixel = next(pixels)
            await loop.create_connection(lambda pixel=pixel: Watcher(self, pixel), HOST, self.orders.port)  # type: ignore[misc]  # the default binds it
        if self.subscribing:
            await self.subscribed.wait()
        sys.stdout.buffer.write(b"subscribed\n")
        sys.stdout.buffer.flush()
        posters = [asyncio.create_task(self._post(number)) for number in range(_POSTERS)]
        await loop.run_in_executor(None, sys.stdin.buffer.read)  # until the parent asks for the result
        for poster in posters:
            poster.cancel()
        await asyncio.sleep(0.5)  # for messages that are on their way
        # A pageview without an answer was being posted when the posters were stopped.
        told = sorted((at - self.answered[event_id]) * 1000 for event_id, at in self.seen if event_id in self.answered)
        p50, p99 = (told[int(len(told) * share)] if told else 0.0 for share in (0.50, 0.99))
        return Seen(self.posted, len(told), self.closed, p50, p99)

    def has_subscribed(self) -> None:
        self.subscribing -= 1
        if not self.subscribing:
            self.subscribed.set()

    async def _post(self, number: int) -> None:
        reader, writer = await asyncio.open_connection(HOST, self.orders.port)
        every = _POSTERS / self.orders.a_second
        due = time.monotonic() + every * number / _POSTERS
        for turn in cycle(range(number, number + len(self.orders.pixels) * _POSTERS, _POSTERS)):
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            due += every
            writer.write(self._request(self.orders.pixels[turn % len(self.orders.pixels)], turn))
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head)
            answer = await reader.readexactly(int(length[1])) if length else b""
            found = _EVENT_ID.search(answer)
            assert found, answer
            self.answered[found[1]] = time.monotonic()
            self.posted += 1

    def _request(self, pixel: int, turn: int) -> bytes:
        event = {"pixelId": pixel, "domain": DOMAIN, "url": f"https://{DOMAIN}/page/{turn}", "userAgent": _AGENT}
        body = msgspec.json.encode({"query": _PAGEVIEW, "variables": {"event": event}})
        head = f"POST /graphql HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {_basic(self.orders)}\r\n"
        return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


_EVENT_ID = re.compile(rb'"eventId":"([^"]+)"')


def _basic(orders: Orders) -> str:
    return "Basic " + base64.b64encode(f"{orders.app_id}:{orders.app_secret}".encode()).decode()


class Watcher(asyncio.Protocol):
    """One WebSocket, with the part of the protocol that a subscriber needs."""

    def __init__(self, watchers: Watchers, pixel: int) -> None:
        self.watchers = watchers
        self.pixel = pixel
        self.received = b""
        self.upgraded = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(
            f"GET /graphql HTTP/1.1\r\nHost: {HOST}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: graphql-transport-ws\r\n"
            f"Authorization: {_basic(self.watchers.orders)}\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        self.received += data
        if not self.upgraded:
            _, end, rest = self.received.partition(b"\r\n\r\n")
            if not end:
                return
            self.upgraded, self.received = True, rest
            self._say({"type": "connection_init"})
        while (frame := self._frame()) is not None:
            self._take(*frame)

    def _frame(self) -> tuple[int, bytes] | None:
        """The next whole frame: its kind and its content."""
        received = self.received
        if len(received) < 2:
            return None
        length, start = received[1] & 127, 2
        if length == 126:
            length, start = int.from_bytes(received[2:4], "big"), 4
        elif length == 127:
            length, start = int.from_bytes(received[2:10], "big"), 10
        if len(received) < start + length:
            return None
        self.received = received[start + length :]
        return received[0] & 15, received[start : start + length]

    def _take(self, kind: int, payload: bytes) -> None:
        found = _EVENT_ID.search(payload)
        if found:
            self.watchers.seen.append((found[1], time.monotonic()))
        elif kind == 9:  # ping
            self._send(10, payload)
        elif b"connection_ack" in payload:
            subscribe = {"query": _SUBSCRIPTION, "variables": {"pixels": [self.pixel]}}
            self._say({"type": "subscribe", "id": "1", "payload": subscribe})
            self._say({"type": "ping"})
        elif b"pong" in payload:
            self.watchers.has_subscribed()

    def _say(self, message: dict[str, object]) -> None:
        self._send(1, msgspec.json.encode(message))

    def _send(self, kind: int, payload: bytes) -> None:
        length = bytes([128 | len(payload)]) if len(payload) < 126 else bytes([254]) + len(payload).to_bytes(2, "big")
        self.transport.write(bytes([128 | kind]) + length + bytes(4) + payload)  # masked with zeros

    def connection_lost(self, _error: Exception | None) -> None:
        self.watchers.closed += 1


if __name__ == "__main__":
    main()
