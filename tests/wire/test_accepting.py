"""Many connections that come together are accepted in few turns of the event loop."""

import asyncio
import socket

import uvicorn

from heropixel.concurrency.loops import run
from heropixel.wire.http_server import HttpServer

TOGETHER = 128


async def accepting() -> None:
    listening = socket.create_server(("127.0.0.1", 0), backlog=TOGETHER)
    server = HttpServer(uvicorn.Config(lambda: None, loop="none", lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve([listening]))
    async with asyncio.timeout(10):
        while not server.started:  # noqa: ASYNC110 - uvicorn has a flag, no event
            await asyncio.sleep(0.01)
    clients = [socket.create_connection(listening.getsockname()) for _ in range(TOGETHER)]
    for _ in range(8):  # of them some are other turns: those that make transports
        await asyncio.sleep(0)
    accepted = len(server.server_state.connections)
    for client in clients:
        client.close()
    server.should_exit = True
    await serving
    assert accepted == TOGETHER


def test_connections_that_come_together_are_accepted_in_a_few_turns() -> None:
    run(accepting())
