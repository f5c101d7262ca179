"""Requests that are answered without a task: their application goes on where the future is done that it waits for.

uvicorn runs the application of each request in a task, which begins before the body is there, waits for it, and answers
in two messages that are checked header by header. A pageview that has come in one piece waits for nothing but the disk:
so it needs none of this, which is a fifth of its time (docs/decisions/0022).
"""

import asyncio
from collections.abc import Set
from functools import cached_property, lru_cache
from typing import Any

from httptools import parse_url
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HEADER_RE, HEADER_VALUE_RE, STATUS_LINE, RequestResponseCycle

from heropixel.wire.abortable import AbortableHttp
from heropixel.wire.one_write import GatheringTransport
from heropixel.wire.plain_requests import PlainRequests


class AtOnceHttp(AbortableHttp):
    """HTTP/1.1, with some requests answered without a task."""

    # By method and path. Their application calls `in_a_task` before it waits for anything but a future.
    at_once: Set[tuple[bytes, bytes]] = frozenset()
    turn: "Turn"
    plain: PlainRequests

    transport: GatheringTransport
    _splits = True  # whether requests of this connection may be split: the parser awaits one, and would keep it open
    _begun: "AtOnceCycle | None" = None  # the request whose body is being parsed

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol.data_received`."""
        super().data_received(data)
        if self._begun is not None:
            self._wait_for_body(self._begun)

    def has_taken(self, data: bytes) -> bool:
        """Take data as one plain request, if it is one. The parser has to be between two requests."""
        before: RequestResponseCycle | None = self.cycle
        if not self._splits or (before is not None and not before.response_complete):
            return False
        split = self.plain.split(data)
        if split is None:
            return False
        request, body = split
        self._unset_keepalive_if_required()
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": self.asgi_version, "spec_version": "2.3"},
            "http_version": "1.1",
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme,
            "root_path": self.root_path,
            "headers": request.headers,
            "state": self.app_state.copy(),
            "method": request.method,
            "path": request.path.decode("ascii"),
            "raw_path": request.path,
            "query_string": request.query,
            "heropixel.abort": self.transport.abort,
            "heropixel.headers": request.by_name,
        }
        cycle = self.cycle = AtOnceCycle(self, scope, body)
        cycle.is_at_once = True
        self.turn.add(_Run(self, cycle))
        return True

    def on_headers_complete(self) -> None:
        """The head is complete: the application begins, or waits for the rest of what has been received."""
        self._splits = self.parser.should_keep_alive() and not self.parser.should_upgrade()
        path, _, query = self.url.partition(b"?")
        method = self.parser.get_method()
        before: RequestResponseCycle | None = self.cycle
        if (
            (method, path) not in self.at_once
            or self.parser.get_http_version() != "1.1"
            or self.expect_100_continue
            or self.parser.should_upgrade()
            or (before is not None and not before.response_complete)
        ):
            super().on_headers_complete()
            return
        self.scope["method"] = method.decode("ascii")
        self.scope["path"] = path.decode("ascii")
        self.scope["raw_path"] = path
        self.scope["query_string"] = (parse_url(self.url).query or b"") if query else b""
        self.cycle = self._begun = AtOnceCycle(self, self.scope, bytearray())
        self.cycle.keep_alive = self._splits
        self.cycle.more_body = True

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        if self._begun is None:
            super().on_body(body)
        else:
            self._begun.body += body

    def on_message_complete(self) -> None:
        """The request is complete."""
        if self._begun is None:
            super().on_message_complete()
            return
        cycle, self._begun = self._begun, None
        cycle.more_body = False
        cycle.is_at_once = True
        self.turn.add(_Run(self, cycle))

    def _wait_for_body(self, cycle: "AtOnceCycle") -> None:
        """Leave a request to a task, which would not have begun earlier either."""
        self._begun = None
        if cycle.body:
            cycle.message_event.set()
            if len(cycle.body) > HIGH_WATER_LIMIT:
                self.flow.pause_reading()
        self._start_asgi_task(cycle, self.app)


class AtOnceCycle(RequestResponseCycle):
    """A request and its answer. While it is at once, the body is there, and the answer leaves in one write."""

    transport: GatheringTransport
    is_at_once = False
    _start: Any = None  # the first message of the answer, until the second

    # What uvicorn's sets for each request, and what is nearly always so.
    disconnected = False
    waiting_for_100_continue = False
    keep_alive = True
    more_body = False
    response_started = False
    response_complete = False
    chunked_encoding: bool | None = None
    expected_content_length = 0

    def __init__(self, http: AtOnceHttp, scope: Any, body: "bytearray | bytes") -> None:  # noqa: ANN401 - ASGI's scope
        self.scope = scope
        self.transport = http.transport
        self.flow = http.flow
        self.logger = http.logger
        self.access_logger = http.access_logger
        self.access_log = http.access_log
        self.default_headers = http.server_state.default_headers
        self.on_response = http.on_response_complete
        self.body = body  # type: ignore[assignment]  # uvicorn's grows

    @cached_property
    def message_event(self) -> asyncio.Event:  # type: ignore[override]  # made where somebody waits: few do
        """Set once there is something to receive."""
        return asyncio.Event()

    async def receive(self) -> Any:  # noqa: ANN401 - ASGI's message
        """The body, once."""
        if not self.is_at_once or self.disconnected or self.body is _TAKEN:
            return await super().receive()
        body, self.body = self.body, _TAKEN
        return {"type": "http.request", "body": bytes(body), "more_body": False}

    def leave_to_task(self) -> None:
        """From now on it is as in uvicorn."""
        self.is_at_once = False
        if self.body is not _TAKEN:
            self.message_event.set()

    async def send(self, message: Any) -> None:  # noqa: ANN401 - as above
        """Send a message of the answer; the first one together with the second."""
        if self.is_at_once and message["type"] == "http.response.start":
            self._start = message
            return
        start, self._start = self._start, None
        if start is not None:
            if self._sent_whole(start, message):
                return
            await super().send(start)
        await super().send(message)

    def _sent_whole(self, start: Any, message: Any) -> bool:  # noqa: ANN401 - as above
        """Send an answer as uvicorn would. False: it is none of the usual answers, and nothing is sent."""
        if not self.keep_alive or self.disconnected or self.flow.write_paused or self.access_log:
            return False
        body = message["body"]
        head, length = _head_of(start["status"], tuple(start["headers"]))
        if length != len(body) or message.get("more_body"):
            return False
        self.response_started = self.response_complete = True
        written = _default_headers.written(self.default_headers)
        self.transport.write_now(b"".join((STATUS_LINE[start["status"]], written, head, body)))
        if "message_event" in self.__dict__:  # whoever reads the request learns that it is answered
            self.message_event.set()
        self.on_response()
        return True


_TAKEN = bytearray()


class _Run:
    """An application that runs without a task."""

    def __init__(self, http: AtOnceHttp, cycle: AtOnceCycle) -> None:
        self._cycle = cycle
        self._coroutine = cycle.run_asgi(http.app)
        self._start_task = http.loop.create_task
        self._tasks: set[Any] = http.tasks  # the server waits for them when it stops, and cancels them in the end
        self._waits_for: asyncio.Future[Any] | None = None

    def go_on(self, _done: object = None) -> None:
        """Run until the application has to wait."""
        try:
            waits_for = self._coroutine.send(None)
        except StopIteration:
            self._tasks.discard(self)
            return
        if waits_for is None:  # in `in_a_task`
            self._cycle.leave_to_task()
            task = self._start_task(self._coroutine)
            task.add_done_callback(self._tasks.discard)
            self._tasks.add(task)
            self._tasks.discard(self)
        else:
            waits_for._asyncio_future_blocking = False  # as `asyncio.Task` does: it was awaited, not yielded
            self._waits_for = waits_for
            self._tasks.add(self)
            waits_for.add_done_callback(self.go_on)

    def cancel(self, msg: str | None = None) -> None:
        """Cancel the application where it waits, as a task does."""
        if self._waits_for is not None:
            self._waits_for.cancel(msg)


class Turn:
    """The requests that came in this turn of the event loop. They run after all of them are parsed.

    Each parsed and run in one go, they would take a tenth more time: the code of both does not fit into the processor's
    nearest memory together.
    """

    def __init__(self) -> None:
        self._runs: list[_Run] = []

    def add(self, run: _Run) -> None:
        """Run it in this turn."""
        if not self._runs:
            asyncio.get_running_loop().call_soon(self._go)
        self._runs.append(run)

    def _go(self) -> None:
        runs, self._runs = self._runs, []
        for run in runs:
            run.go_on()


class _DefaultHeaders:
    """The headers of every answer, as they are sent. uvicorn makes a new list once a second."""

    def __init__(self) -> None:
        self._headers: list[tuple[bytes, bytes]] = []
        self._written = b""

    def written(self, headers: list[tuple[bytes, bytes]]) -> bytes:
        if headers is not self._headers:
            self._headers, self._written = headers, _written(headers)
        return self._written


_default_headers = _DefaultHeaders()


def _head_of(status: int, headers: tuple[tuple[bytes, bytes], ...]) -> tuple[bytes, int]:
    """The headers of an answer as they are sent, and the length of its body; -1: uvicorn has to look at them."""
    for name, _ in headers:
        if name == b"set-cookie":  # it is one visitor's, or the secret of a session: it is not kept
            return _made_head.__wrapped__(status, headers)
    return _made_head(status, headers)


@lru_cache(1024)
def _made_head(status: int, headers: tuple[tuple[bytes, bytes], ...]) -> tuple[bytes, int]:
    length = 0 if status == 204 else -1
    for name, value in headers:
        if name in (b"connection", b"transfer-encoding") or HEADER_RE.search(name) or HEADER_VALUE_RE.search(value):
            return b"", -1
        if name == b"content-length":
            length = int(value)
    return _written(headers) + b"\r\n", length


def _written(headers: "list[tuple[bytes, bytes]] | tuple[tuple[bytes, bytes], ...]") -> bytes:
    return b"".join(b"%b: %b\r\n" % header for header in headers)
