"""The body of a request: read whole, never more of it in memory than is allowed."""

import asyncio
import contextlib
from collections.abc import Mapping

from heropixel.wire.asgi import Receive


class BodyRefused(Exception):  # noqa: N818 - named as what happens
    """The body is not taken."""


class BodyTooLarge(BodyRefused):
    """It is larger than is allowed; `unread` where part of it is still on its way."""

    def __init__(self, *, unread: bool) -> None:
        super().__init__()
        self.unread = unread


class BodyBroken(BodyRefused):
    """It breaks off: its sender has gone."""


async def read_body(headers: Mapping[bytes, bytes], receive: Receive, limit: int) -> bytes:
    """The whole body, of `limit` bytes at most.

    Raises:
        BodyTooLarge, BodyBroken: it is not taken.
    """
    length = headers.get(b"content-length", b"")
    if length.isdigit() and int(length) > limit:
        raise BodyTooLarge(unread=True)
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BodyBroken
        body += message.get("body", b"")
        if len(body) > limit:
            raise BodyTooLarge(unread=message.get("more_body", False))
    return body


_LINGER_SECONDS = 5  # as nginx does


async def discard(receive: Receive) -> None:
    """Take what is left of a body from the network and forget it, for a while.

    Closing on unread data resets the connection, and the answer is lost.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LINGER_SECONDS):
            while (await receive()).get("more_body"):
                pass
