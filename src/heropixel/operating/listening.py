"""The HTTP server of the operators' endpoint, on a socket of its own that only this user may connect to."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from heropixel.wire.asgi import Application
from heropixel.wire.http_server import HttpServer


@asynccontextmanager
async def listening_for_operators(
    application: Application, listening: socket.socket, drain_seconds: int
) -> AsyncIterator[None]:
    """Answer requests on a listening socket. On exit, requests may take so long to finish."""
    server = HttpServer(
        uvicorn.Config(
            application,
            loop="none",  # the event loop runs already
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=drain_seconds,
        )
    )
    answering = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await answering
