"""The access log: a line for each HTTP request, with nothing personal in it.

A line has method, path, status and milliseconds. It has neither the query of the address, in which identifiers and
secrets may stand, nor the visitor's address.
"""

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import structlog

from heropixel.wire.asgi import Receive, Scope, Send

log = structlog.get_logger()

_MAX_PATH = 200  # characters
_NOT_ANSWERED = 0


def logged(application: Callable[[Scope, Receive, Send], Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """The application, with a line in the log for each of its HTTP requests."""

    async def logging(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        began, status = time.perf_counter(), _NOT_ANSWERED

        async def noting(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await application(scope, receive, noting)
        finally:
            milliseconds = round((time.perf_counter() - began) * 1000, 1)
            path = scope["path"][:_MAX_PATH]
            log.info("request", method=scope["method"], path=path, status=status, milliseconds=milliseconds)

    return logging
