"""Whether the response time of a beacon shows if its user is known.

New browsers send beacons, half of them with claims of known users, half of unknown ones, in turns on the same
connections. On one connection no beacon waits for another, so a difference is seen best. Several connections are like a
busy site.
"""

import asyncio
import time
from collections.abc import Iterator
from statistics import median
from typing import cast

import uvloop

from benchmarks.backlog import wait_until_loaded
from benchmarks.beacons import Browsers
from benchmarks.line import Line
from benchmarks.quiet import wait_until_quiet
from benchmarks.servers import HOST
from benchmarks.stage import Stage

CONNECTIONS = (1, 8)
AT_MOST = 2.0  # per cent
WARM_UP = 500  # of each kind, not counted


def measure(stage: Stage) -> Iterator[Line]:
    """The medians of both kinds, on one connection and on several."""
    server = stage.server
    for connections in CONNECTIONS:
        wait_until_loaded(server)
        wait_until_quiet()
        timed = Timed(stage, stage.scale.beacons + WARM_UP)
        uvloop.run(timed.run(server.port, connections))
        known, unknown = (median(seconds[WARM_UP:]) * 1e6 for seconds in (timed.known, timed.unknown))
        where = "one connection" if connections == 1 else f"{connections} connections"
        yield Line(
            f"known and unknown visitors, {where}: medians differ by",
            abs(known / unknown - 1) * 100,
            "%",
            "at most",
            AT_MOST,
            "<=",
            AT_MOST,
            "measured",
            note=f"medians of {stage.scale.beacons:,} each: known {known:,.1f} µs, unknown {unknown:,.1f} µs",
        )
        yield Line(
            "known and unknown visitors: wrong answers", timed.wrong, "", "answers", timed.answered, "<=", 0, "measured"
        )


class Timed:
    """Pairs of beacons, one of each kind, and their response times."""

    def __init__(self, stage: Stage, pairs: int) -> None:
        browsers, users = Browsers(stage.world, seed=21), stage.world.users
        chance = browsers.chance
        self.known: list[float] = []
        self.unknown: list[float] = []
        self.wrong = self.answered = 0
        self._pairs = iter(
            (
                browsers.collect(browsers.claims_of(chance.randrange(users))),
                browsers.collect(browsers.claims_of(users + chance.randrange(users))),
                chance.random() < 0.5,
            )
            for _ in range(pairs)
        )

    async def run(self, port: int, connections: int) -> None:
        """Send all pairs. A connection sends one beacon at a time."""
        loop = asyncio.get_running_loop()
        made = [await loop.create_connection(_Connection, HOST, port) for _ in range(connections)]
        await asyncio.gather(*(self._send_pairs(connection) for _, connection in made))
        for transport, _ in made:
            transport.close()

    async def _send_pairs(self, connection: "_Connection") -> None:
        for known, unknown, known_first in self._pairs:
            kinds = [(known, self.known), (unknown, self.unknown)]
            for request, seconds in kinds if known_first else reversed(kinds):
                answer, took = await connection.ask(request)
                seconds.append(took)
                self.answered += 1
                self.wrong += not answer.startswith(b"HTTP/1.1 204 ")


class _Connection(asyncio.Protocol):
    """The connection of one browser. An answer has no body: it is complete with its head."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._received = b""

    async def ask(self, request: bytes) -> tuple[bytes, float]:
        """The answer, and its response time in seconds."""
        self._answered: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._received = b""
        began = time.perf_counter()
        self._transport.write(request)
        ended = await self._answered
        return self._received, ended - began

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._received.endswith(b"\r\n\r\n"):
            self._answered.set_result(time.perf_counter())

    def connection_lost(self, _error: Exception | None) -> None:
        if not self._answered.done():
            self._answered.set_exception(ConnectionError("The server closed the connection."))
