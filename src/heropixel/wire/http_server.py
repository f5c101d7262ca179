"""uvicorn's server in a process that handles signals itself: uvicorn would raise them again at its end."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import uvicorn

# uvloop accepts one connection in a turn of the event loop, from each socket. Of 1,000 that came together the last one
# waited 1.7 seconds for its turn, while the first sent request after request.
ACCEPTED_IN_A_TURN: Final = 32


class HttpServer(uvicorn.Server):
    """It stops once `should_exit` is set, and the process exits with 0."""

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve these listening sockets until it stops."""
        copies = [one.dup() for one in sockets or () for _ in range(ACCEPTED_IN_A_TURN - 1)]
        await super().serve([*(sockets or ()), *copies])

    def new_protocol(self) -> asyncio.Protocol:
        """Serves a connection that was accepted elsewhere."""
        make: Any = self.config.http_protocol_class  # a class of ours, see limited.py
        protocol: asyncio.Protocol = make(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return protocol

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """See `uvicorn.Server`."""
        yield
