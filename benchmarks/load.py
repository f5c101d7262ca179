"""The load: many keep-alive connections. Each sends its next request when the last one is answered.

It runs in a process of its own, on the same machine as the server. So it does little for a request: the bytes are
prebuilt, and there is no HTTP library.
"""

import argparse
import asyncio
import re
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import cycle
from typing import cast

import msgspec
import uvloop

FOUND, NOT_FOUND = "User Found", "User Not Found"
WARM_UP = 1.0  # seconds under load before anything is counted


class Outcome(msgspec.Struct, frozen=True):
    """The outcome of a load: all answers by their message. The other figures leave the warm-up out."""

    answers: dict[str, int]
    requests: int
    seconds: float
    p50: float  # milliseconds
    p99: float
    ended: float  # when the last answer came, by time.monotonic(), which all processes share
    spent: float  # seconds of processor time that the load itself took

    @property
    def requests_a_second(self) -> float:
        return self.requests / self.seconds

    @property
    def recorded(self) -> int:
        """How many answers say that the pageview is recorded."""
        return self.answers.get(FOUND, 0) + self.answers.get(NOT_FOUND, 0)

    @property
    def errors(self) -> dict[str, int]:
        """All other answers to pageviews."""
        return {message: count for message, count in self.answers.items() if message not in (FOUND, NOT_FOUND)}


def drive(port: int, bodies: Iterable[bytes], *, connections: int, seconds: float, pause: float = 0) -> Outcome:
    """Send the bodies again and again from another process, for so many seconds after the warm-up.

    Each connection pauses so many seconds after an answer.
    """
    requests = [request(body) for body in bodies]
    return drive_requests(port, requests, connections=connections, seconds=seconds, pause=pause)


def drive_requests(
    port: int, requests: Sequence[bytes], *, connections: int, seconds: float, pause: float = 0
) -> Outcome:
    """The same with whole HTTP requests."""
    command = [sys.executable, "-m", "benchmarks.load", *map(str, (port, connections, seconds, pause))]
    given = msgspec.msgpack.encode(requests)
    ended = subprocess.run(command, input=given, stdout=subprocess.PIPE, timeout=seconds + 60, check=True)
    return msgspec.json.decode(ended.stdout, type=Outcome)


def main() -> None:
    """The other process: it reads requests as MessagePack, and writes the outcome as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("connections", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("pause", type=float)
    arguments = parser.parse_args()
    requests = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=list[bytes])
    load = Load(requests, arguments.seconds, arguments.pause)
    outcome = uvloop.run(load.run(arguments.port, arguments.connections))
    sys.stdout.buffer.write(msgspec.json.encode(outcome))


def request(body: bytes) -> bytes:
    """An HTTP request to the API."""
    head = (
        "POST /graphql HTTP/1.1\r\n"
        "Host: 127.0.0.1\r\n"
        "Accept: */*\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Load:
    """The requests that are left, and the answers so far."""

    def __init__(self, requests: list[bytes], seconds: float, pause: float) -> None:
        self.requests = cycle(requests)
        self.seconds = seconds
        self.pause = pause
        self.latencies: list[float] = []
        self.answers: defaultdict[bytes, int] = defaultdict(int)
        self.begin = self.end = 0.0
        self.open = 0
        self.finished = asyncio.Event()

    async def run(self, port: int, connections: int) -> Outcome:
        """Keep so many connections busy until the time is over and the last answer has come."""
        self.open = connections
        self.begin = time.perf_counter() + WARM_UP
        self.end = self.begin + self.seconds
        spent = time.process_time()
        loop = asyncio.get_running_loop()
        for _ in range(connections):
            await loop.create_connection(lambda: Connection(self), "127.0.0.1", port)
        await self.finished.wait()
        self.latencies.sort()
        return Outcome(
            {message.decode(): count for message, count in self.answers.items()},
            len(self.latencies),
            self.seconds,
            self._percentile(0.50),
            self._percentile(0.99),
            time.monotonic(),
            time.process_time() - spent,
        )

    def _percentile(self, share: float) -> float:
        return self.latencies[int(len(self.latencies) * share)] * 1000 if self.latencies else 0.0


_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_MESSAGE = re.compile(rb'"message": ?"([^"]*)"')


class Connection(asyncio.Protocol):
    """One client. It sends a request, waits for the whole answer, counts it, and sends the next."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.received = b""
        self.expected = 0  # bytes of the answer with its head; 0 until the head is complete

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.send()

    def send(self) -> None:
        self.sent = time.perf_counter()
        self.transport.write(next(self.load.requests))

    def data_received(self, data: bytes) -> None:
        self.received = received = self.received + data if self.received else data
        if not self.expected:
            head = received.find(b"\r\n\r\n")
            if head < 0:
                return
            length = _LENGTH.search(received, 0, head + 1)
            self.expected = head + 4 + int(length[1]) if length else head + 4
        if len(received) >= self.expected:
            self.answered(received)

    def answered(self, answer: bytes) -> None:
        load, now = self.load, time.perf_counter()
        self.received, self.expected = b"", 0
        # An answer without a message, such as the echo's, is counted by its status line.
        for message in _MESSAGE.findall(answer) or (answer[: answer.find(b"\r")],):
            load.answers[message] += 1
        if load.begin <= now < load.end:
            load.latencies.append(now - self.sent)
        if now < load.end:
            if load.pause:
                asyncio.get_running_loop().call_later(load.pause, self.send)
            else:
                self.send()
        else:
            self.transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        if time.perf_counter() < self.load.end:
            self.load.answers[b"connection closed by the server"] += 1
        self.load.open -= 1
        if not self.load.open:
            self.load.finished.set()


if __name__ == "__main__":
    main()
