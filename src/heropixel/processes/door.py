"""A door as a part of the server: HTTP before all that it asks."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import uvicorn

from heropixel.concurrency.loops import run
from heropixel.processes.door_parts import Parts, opened_door
from heropixel.processes.endpoints import AT_ONCE, Endpoints, served
from heropixel.processes.foundation import Foundation
from heropixel.processes.gate import Gate, is_being_replaced
from heropixel.processes.leaving import leave
from heropixel.processes.parent import Started
from heropixel.processes.steps import running
from heropixel.processes.stopping import asked_to_stop, leave_unanswered
from heropixel.settings import Settings
from heropixel.wire.access_log import logged
from heropixel.wire.frames import FairWebSocket
from heropixel.wire.http_server import HttpServer
from heropixel.wire.limited import HttpLimits, limited_http
from heropixel.wire.security import EVERYWHERE


def run_door(foundation: Foundation, listening: socket.socket, started: Started, gate: Gate | None = None) -> None:
    """Serve HTTP until it is asked to stop, then finish the requests that are there.

    With a gate it says that it has started when it is prepared, and waits there before it serves.
    """
    run(serve_door(foundation, listening, started, gate))


async def serve_door(
    foundation: Foundation, listening: socket.socket, started: Started, gate: Gate | None = None
) -> None:
    """As `run_door`, on the event loop that runs."""
    async with opened_door(foundation) as parts:
        if gate is not None and not gate.is_open:
            started()
            await asyncio.to_thread(gate.pass_through)
            started = _said_already
        await serve_http(foundation.settings, parts, listening, started, asked_to_stop())
        leave_unanswered("for changes, which nobody was told are made")


async def serve_http(
    settings: Settings, parts: Parts, listening: socket.socket, started: Started, stopping: asyncio.Event
) -> None:
    """Serve HTTP before these parts until it is told to stop, then finish the requests that are there."""
    async with served(settings, parts) as doors:
        server = HttpServer(_uvicorn(logged(doors.application) if settings.access_log else doors.application, settings))
        async with (
            running(_stop(server, doors, listening, stopping, settings)),
            running(_tell_when_started(server, started)),
        ):
            await server.serve(sockets=[listening])


def _said_already() -> None:
    pass


def _uvicorn(app: Callable[..., Any], settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="none",  # the event loop runs already
        http=limited_http(
            HttpLimits(settings.max_header_bytes, settings.max_headers, settings.head_seconds, settings.body_seconds),
            AT_ONCE,
        ),
        ws=FairWebSocket,
        ws_max_size=settings.max_body,
        ws_ping_interval=_PING_SECONDS,
        ws_ping_timeout=_PING_SECONDS,
        ws_per_message_deflate=False,  # it takes 300 kB for each WebSocket
        lifespan="off",
        access_log=False,
        proxy_headers=False,  # heropixel.wire.proxies reads them
        log_config=None,
        server_header=False,
        headers=EVERYWHERE,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.drain_seconds,
    )


# Longer than proxies keep idle connections (nginx 60, Caddy 120). Otherwise a proxy sends a beacon into a connection
# that was just closed here, and it does not retry a POST.
_KEEP_ALIVE_SECONDS = 150
_PING_SECONDS = 20.0  # proxies close a connection that is silent for a minute; a ping also detects lost clients


async def _stop(
    server: HttpServer, doors: Endpoints, listening: socket.socket, stopping: asyncio.Event, settings: Settings
) -> None:
    await stopping.wait()
    if settings.leave_seconds and not is_being_replaced(settings.data):
        await leave(server, doors.readiness, listening, settings.leave_seconds)
    await doors.connections.stop()  # first: uvicorn would close them without our close reason
    server.should_exit = True


async def _tell_when_started(server: uvicorn.Server, started: Started) -> None:
    while not server.started:  # noqa: ASYNC110 - uvicorn has a flag, no event
        await asyncio.sleep(0.01)
    started()
