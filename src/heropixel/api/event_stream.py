"""Subscriptions as server-sent events: GraphQL over SSE, each on a connection of its own.

https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from heropixel import metrics
from heropixel.api.live import Subscription, error_of
from heropixel.api.open_connections import LAST_MESSAGE_SECONDS, STOPPING_SECONDS, Outbox
from heropixel.concurrency.pace import Pace
from heropixel.errors import Refusal, TooSlow
from heropixel.unexpected import unexpected
from heropixel.wire.asgi import Receive, Scope, Send, cut
from heropixel.wire.security import NO_PAGE

KEEP_ALIVE_SECONDS = 15.0  # proxies close a connection that is silent for a minute

HEADERS: Sequence[tuple[bytes, bytes]] = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would buffer the events
    *NO_PAGE,
)
COMPLETE = b"event: complete\ndata:\n\n"


def event_of(body: Mapping[str, Any]) -> bytes:
    """A GraphQL response as a server-sent event."""
    return b"event: next\ndata: %b\n\n" % msgspec.json.encode(body)


class EventStream:
    """One subscription, sent to its subscriber."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, max_unread: int) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._max_unread = max_unread
        self._outbox: Outbox[str] = Outbox()
        # The last bytes to send, and the timeout for them; None if the client has gone.
        self._over: asyncio.Future[tuple[bytes, float] | None] = asyncio.get_running_loop().create_future()

    async def run(self, subscription: Subscription) -> None:
        """Send until either side ends it."""
        leave = subscription.join(self)
        tasks = [asyncio.create_task(work) for work in (self._write(subscription.pace), self._watch())]
        try:
            last = await self._over
        finally:
            leave()
            for task in tasks:
                task.cancel()
        if last is not None:
            await self._end(*last)

    def hear(self, payload: str) -> None:
        """See `Listener`."""
        if len(self._outbox) < self._max_unread:
            self._outbox.put(payload)
        elif not self._over.done():
            metrics.live_dropped.inc()
            self.end(TooSlow(count=self._max_unread))

    def end(self, refusal: Refusal) -> None:
        """See `Listener`."""
        self._finish((event_of({"errors": [error_of(refusal).formatted]}) + COMPLETE, LAST_MESSAGE_SECONDS))

    def go(self) -> None:
        """See `Connected`. No `complete` is sent: it would end the subscription, and clients should subscribe again."""
        self._finish((b"", STOPPING_SECONDS))

    def _finish(self, last: tuple[bytes, float] | None) -> None:
        if not self._over.done():
            self._over.set_result(last)

    async def _write(self, pace: Pace) -> None:
        try:
            await self._write_on(pace)
        except Exception:
            unexpected("an event stream failed")
            self._finish(None)

    async def _write_on(self, pace: Pace) -> None:
        await self._send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        chunk = b":\n\n"  # tells the client that it is connected
        while True:
            await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
            try:
                async with asyncio.timeout(KEEP_ALIVE_SECONDS):
                    chunk = b"event: next\ndata: %b\n\n" % (await self._outbox.take()).encode()
            except TimeoutError:
                chunk = b":\n\n"
            await pace.turn()

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._finish(None)

    async def _end(self, last: bytes, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._send({"type": "http.response.body", "body": last})
                return
        cut(self._scope)
