"""Limits of a request's head, and of the time that head and body may take: a slow client must not hold a connection.

uvicorn has none of them. A timer runs only while a request is incomplete: one that comes in one piece never sets it.
"""

import asyncio
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from heropixel import metrics
from heropixel.wire.at_once import AtOnceHttp, Turn
from heropixel.wire.plain_requests import PlainRequests
from heropixel.wire.security import NO_PAGE


class HttpLimits(NamedTuple):
    """What the head of a request may have, and how many seconds it and the body may take."""

    header_bytes: int
    headers: int
    head_seconds: float
    body_seconds: float


_MAX_URL = 65_536  # characters; the parser itself takes no more
_MAX_PIPELINED = 100  # requests that wait on one connection: the parser takes all that arrive at once
_MAX_CHUNKS = 5_000  # of one body: a client sends one for each kilobyte at least
_LAST_SECONDS = 5.0  # to read the answer that closes the connection

_BETWEEN, _HEAD, _BODY = range(3)  # the part of a request that is being received


class _HeadRefused(Exception):  # noqa: N818 - named as what happens
    """The head of a request is refused while it is parsed."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class LimitedHttp(AtOnceHttp):
    """HTTP/1.1 within limits. Use it by `limited_http`."""

    limits: HttpLimits

    _part = _HEAD  # a new connection owes a head
    _head_bytes = 0  # of an incomplete head, but for the latest
    _received = 0  # bytes of it, and of what came with its end
    _refused: _HeadRefused | None = None
    _ended = False  # the last answer has been sent
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """See `asyncio.BaseProtocol.connection_made`."""
        super().connection_made(transport)
        self._timer = self.loop.call_later(self.limits.head_seconds, self._too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.BaseProtocol.connection_lost`."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol.data_received`."""
        if self._ended:
            return
        part = self._part
        if part == _BETWEEN and self.has_taken(data):
            return
        self._received = self._head_bytes + len(data)
        super().data_received(data)
        if self._part != _BETWEEN:
            self._await_rest(changed=self._part != part)
        elif self._timer is not None:
            self._stop_timer()
            self._head_bytes = 0

    def _await_rest(self, *, changed: bool) -> None:
        if self._timer is None or changed:
            self._stop_timer()
            if not self.transport.is_closing():
                limits = self.limits
                seconds = limits.head_seconds if self._part == _HEAD else limits.body_seconds
                self._timer = self.loop.call_later(seconds, self._too_slow)
        # The parser tells a header once it is complete: what it holds of an incomplete one is bounded here.
        self._head_bytes = self._received if self._part == _HEAD else 0
        too_many = len(self.headers or ()) > self.limits.headers  # the trailers of a body are among them
        if too_many or self._head_bytes > self.limits.header_bytes + _MAX_URL:
            self._refuse(_too_large(self.limits))

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._part = _HEAD
        self._chunks = 0
        if len(self.pipeline) >= _MAX_PIPELINED:
            self._refused = _HeadRefused(400, f"More than {_MAX_PIPELINED} requests wait on this connection.")
            raise self._refused

    def on_headers_complete(self) -> None:
        """The head is complete."""
        limits, headers = self.limits, self.headers
        # What came in few bytes needs no sum.
        if len(headers) > limits.headers or (
            self._received > limits.header_bytes
            and sum(len(name) + len(value) for name, value in headers) > limits.header_bytes
        ):
            self._refused = _too_large(limits)
            raise self._refused
        hosts = 0
        for name, _ in headers:  # a list of the names to count in would take twice as long
            hosts += name == b"host"
        if hosts != 1 and (hosts or self.parser.get_http_version() == "1.1"):
            self._refused = _HeadRefused(400, "A request of HTTP/1.1 has one Host header (RFC 9112, 3.2).")
            raise self._refused
        self._part = _BODY
        super().on_headers_complete()

    def on_chunk_header(self) -> None:
        """A chunk of the body begins. Only bodies without a length have chunks."""
        self._chunks += 1
        if self._chunks > _MAX_CHUNKS:
            self._refused = _HeadRefused(400, f"The body has more than {_MAX_CHUNKS} chunks.")
            raise self._refused

    def on_message_complete(self) -> None:
        """The request is complete."""
        self._part = _BETWEEN
        super().on_message_complete()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection without a request. A client that has not read its last answer is cut."""
        super().timeout_keep_alive_handler()
        self.loop.call_later(_LAST_SECONDS, self.transport.abort)

    def handle_websocket_upgrade(self) -> None:
        """The connection becomes a WebSocket, which has limits of its own."""
        self._part = _BETWEEN
        self._stop_timer()
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        """Answer a request that cannot be parsed, or whose head is refused."""
        if self._refused is not None:
            self._refuse(self._refused)
        else:
            self._part = _BETWEEN
            metrics.malformed.labels(400).inc()
            super().send_400_response(msg)

    def _refuse(self, refused: _HeadRefused) -> None:
        """Send the last answer, and drop what else comes: to close at once would reset the connection."""
        part, self._part = self._part, _BETWEEN
        self._stop_timer()
        if self._ended or self.transport.is_closing():
            return
        self._ended = True
        if part == _BODY:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        metrics.malformed.labels(refused.status).inc()
        message = str(refused).encode()
        headers = b"".join(b"%b: %b\r\n" % header for header in (*self.server_state.default_headers, *NO_PAGE))
        self.transport.write(
            STATUS_LINE[refused.status] + headers + b"content-type: text/plain; charset=utf-8\r\n"
            b"content-length: %d\r\nconnection: close\r\n\r\n%b" % (len(message), message)
        )
        self.transport.write_eof()
        self.loop.call_later(_LAST_SECONDS, self.transport.abort)

    def _too_slow(self) -> None:
        self._timer = None
        if self.flow.read_paused:  # it is not the client that is slow
            self._timer = self.loop.call_later(self.limits.body_seconds, self._too_slow)
        elif self._part == _BODY and self.cycle.response_started:
            self.transport.abort()
        else:
            self._refuse(_HeadRefused(408, "The request was not complete in time."))

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def limited_http(limits: HttpLimits, at_once: AbstractSet[tuple[bytes, bytes]] = frozenset()) -> type[LimitedHttp]:
    """The protocol with these limits, that answers these methods and paths at once: uvicorn takes a class."""
    plain = PlainRequests(at_once, limits.header_bytes, limits.headers)
    return type("LimitedHttp", (LimitedHttp,), {"limits": limits, "at_once": at_once, "turn": Turn(), "plain": plain})


def _too_large(limits: HttpLimits) -> _HeadRefused:
    return _HeadRefused(
        431, f"The headers are too large: {limits.headers} headers and {limits.header_bytes} bytes are allowed."
    )
