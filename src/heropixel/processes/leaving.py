"""How a door leaves without a request that is refused: the balancer notices, then nobody connects, then it stops."""

import asyncio
import contextlib
import socket
from typing import Final

from heropixel.recording.readiness import Readiness
from heropixel.wire.http_server import HttpServer

_LAST_SECONDS: Final = 1.0  # for requests on connections that are there when nobody can connect any more


async def leave(server: HttpServer, readiness: Readiness, listening: socket.socket, seconds: float) -> None:
    """Go on for so long while `/ready` says 503, and then as long as the last requests take to arrive."""
    readiness.leave()
    # A proxy that keeps connections to this server sends a request into one that has just been closed here, and does
    # not repeat a POST. So it is asked to close them itself.
    server.config.encoded_headers.append((b"connection", b"close"))
    await asyncio.sleep(seconds)
    await _stop_listening(server, listening)
    await asyncio.sleep(_LAST_SECONDS)


async def _stop_listening(server: HttpServer, listening: socket.socket) -> None:
    """Let nobody connect any more, in any process that has the socket open. Who has connected is served.

    Closing the socket would reset those who wait to be accepted, and only after the last process has closed it. A proxy
    sends a request to another server only if it could not connect.
    """
    loop = asyncio.get_running_loop()
    waiting = []
    listening.setblocking(False)
    with contextlib.suppress(OSError):  # BlockingIOError: nobody waits
        while True:
            waiting.append(listening.accept()[0])
    with contextlib.suppress(OSError):  # only Linux can
        listening.shutdown(socket.SHUT_RD)
    for one in server.servers:
        one.close()
    for connection in waiting:
        connection.setblocking(False)
        await loop.connect_accepted_socket(server.new_protocol, connection)
