"""The types of ASGI, the interface to the HTTP server, and what our server adds to the scope."""

import asyncio
import types
from collections.abc import Awaitable, Callable, Generator, Mapping, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def peer_of(scope: Scope) -> str:
    """The address at the other end of the connection; empty where there is none."""
    return str(scope["client"][0]) if scope.get("client") else ""


def headers_of(scope: Scope) -> Mapping[bytes, bytes]:
    """The headers of a request by name; of those that come several times the last."""
    return scope.get("heropixel.headers") or dict(scope["headers"])


@types.coroutine
def in_a_task() -> Generator[None, None, None]:
    """Go on in a task, before anything that needs one, such as `asyncio.timeout`. In a task it does nothing.

    Some requests are answered without a task (`wire/at_once.py`).
    """
    if asyncio.current_task() is None:
        yield


def cut(scope: Scope) -> None:
    """Cut a connection. Its client does not read, so a graceful close would never reach it."""
    abort = scope.get("heropixel.abort")
    if abort:
        abort()
