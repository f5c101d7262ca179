"""The composition root: the parts of a server, in the order of a pageview's way, and the HTTP server before them."""

import asyncio
import secrets
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
import uvicorn

from heropixel import folder
from heropixel.api.open_connections import OpenConnections
from heropixel.processes.doors import opened_parts, served
from heropixel.processes.sockets import opened_sockets
from heropixel.processes.upgrading import upgrade
from heropixel.settings import Settings
from heropixel.troubles import PortUnusable
from heropixel.wire.access_log import logged
from heropixel.wire.frames import FairWebSocket
from heropixel.wire.limited import HttpLimits, limited_http
from heropixel.wire.security import EVERYWHERE

log = structlog.get_logger()


async def serve(settings: Settings, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT, then finish the accepted work. `ready` gets the URL to connect to.

    Raises:
        Trouble: it cannot start; the message says what to do.
    """
    with folder.held(settings.data, "heropixel serve") as announce:
        listening = _listen(settings)
        token = secrets.token_urlsafe(32)
        announce(_url_of(listening), token)
        folder.check_stores(settings.data, settings.stores_in_folder())
        upgrade(settings, log.warning)
        with opened_sockets() as sockets:
            async with opened_parts(settings, sockets) as parts, served(settings, parts, token) as doors:
                folder.check_stores(settings.data, settings.stores_in_folder())  # notes those that were made just now
                server = uvicorn.Server(
                    _uvicorn(logged(doors.application) if settings.access_log else doors.application, settings)
                )
                _stop_on_signals(server, doors.connections)
                started = asyncio.create_task(_tell_when_started(server, lambda: ready(_url_of(listening))))
                await server.serve(sockets=[listening])
                started.cancel()


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        raise PortUnusable(host=settings.host, port=settings.port, why=error.strerror or error) from None
    return listening


def _url_of(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared with, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _uvicorn(app: Callable[..., Any], settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="none",  # the event loop runs already
        http=limited_http(
            HttpLimits(settings.max_header_bytes, settings.max_headers, settings.head_seconds, settings.body_seconds)
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


def _stop_on_signals(server: uvicorn.Server, connections: OpenConnections) -> None:
    """Our own signal handlers, so that a stopped server exits with 0: uvicorn's raise the signal again at the end."""

    @contextmanager
    def no_capture() -> Iterator[None]:
        yield

    stopping: list[asyncio.Task[None]] = []

    async def stop() -> None:
        await connections.stop()  # first: uvicorn would close them without our close reason
        server.should_exit = True

    server.capture_signals = no_capture  # type: ignore[method-assign]  # the documented seam is a subclass of one method
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, lambda: stopping.append(loop.create_task(stop())))


async def _tell_when_started(server: uvicorn.Server, ready: Callable[[], None]) -> None:
    while not server.started:  # noqa: ASYNC110 - uvicorn has a flag, no event
        await asyncio.sleep(0.01)
    ready()
