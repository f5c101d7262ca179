"""The body of a request: it is read whole, and never more than the limit is in memory."""

import asyncio
import contextlib
from collections.abc import Mapping

from heropixel.wire.asgi import Receive, in_a_task


class BodyRefused(Exception):  # noqa: N818 - named as what happens
    """The body is not accepted."""


class BodyTooLarge(BodyRefused):
    """The body is larger than the limit. `unread`: part of it has not been read yet."""

    def __init__(self, *, unread: bool) -> None:
        super().__init__()
        self.unread = unread


class BodyBroken(BodyRefused):
    """The body is incomplete: the client disconnected."""


async def read_body(headers: Mapping[bytes, bytes], receive: Receive, limit: int) -> bytes:
    """The whole body, of `limit` bytes at most.

    Raises:
        BodyTooLarge, BodyBroken: the body is not accepted.
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
    """Read the rest of a body and drop it, for a limited time.

    Closing a connection with unread data resets it, and the answer is lost.
    """
    await in_a_task()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LINGER_SECONDS):
            while (await receive()).get("more_body"):
                pass
