"""Connections that the application can cut: a graceful close waits for the client to read, which may never happen."""

import asyncio
from typing import Any

from uvicorn.protocols.websockets.wsproto_impl import WSProtocol
from wsproto.events import Request

from heropixel.wire.idle import IdleHttp


class AbortableHttp(IdleHttp):
    """HTTP/1.1, with `heropixel.abort` in the scope of each request."""

    def on_message_begin(self) -> None:
        """Prepare the scope."""
        super().on_message_begin()
        scope: dict[str, Any] = self.scope  # type: ignore[assignment]  # uvicorn's type allows no extra key
        scope["heropixel.abort"] = self.transport.abort


class AbortableWebSocket(WSProtocol):
    """A WebSocket, with `heropixel.abort` in its scope."""

    transport: asyncio.Transport

    def handle_connect(self, event: Request) -> None:
        """Prepare the scope, and start the application with it."""
        super().handle_connect(event)
        scope: dict[str, Any] = self.scope  # type: ignore[assignment]  # as above
        scope["heropixel.abort"] = self.transport.abort
