"""`/graphql` as a WebSocket: the protocol graphql-transport-ws.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md

A browser adds the cookie of a session to the first request by itself. It counts only if that comes from our own pages,
see `sign_in_pages.py`. So a foreign page that opens a socket gets nothing.
"""

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
from graphql import OperationType

from heropixel import metrics
from heropixel.api.context import Context, Contexts
from heropixel.api.endpoint import PERSISTED_QUERY_NOT_SUPPORTED, Request, well_formed
from heropixel.api.live import error_of
from heropixel.api.media import HttpRefused
from heropixel.api.messages import Close, credentials_of, id_of, message_of, parsed, payload_of
from heropixel.api.open_connections import STOPPING_SECONDS, OpenConnections, Outbox
from heropixel.api.operations import Operations, RequestOutcome, Response
from heropixel.api.sign_in_pages import Reply
from heropixel.concurrency.pace import Pace
from heropixel.errors import InvalidCredentials, Refusal, TooManyListeners, TooManySubscriptions, TooSlow
from heropixel.unexpected import unexpected
from heropixel.wire.asgi import Receive, Scope, Send, cut

PROTOCOL = "graphql-transport-ws"
INIT_SECONDS = 5.0
STRANGER_SECONDS = 60.0  # for the first request with credentials
MAX_FIRST = 16_384  # characters of a message before credentials have been shown


class SocketLimits(NamedTuple):
    """The limits of one socket."""

    subscriptions: int
    unread: int


ROOM = Close(1013, "Too many sockets without credentials are open: send them with connection_init")
STOPPING = Close(1001, "The server stops: connect again", STOPPING_SECONDS)


class WebSocketDoor:
    """An ASGI application for the WebSockets of one path."""

    def __init__(
        self,
        operations: Operations,
        connections: OpenConnections,
        limits: SocketLimits,
        contexts: Contexts,
    ) -> None:
        self._operations = operations
        self._connections = connections
        self._limits = limits
        self._contexts = contexts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket."""
        await receive()  # websocket.connect
        offered = PROTOCOL in scope["subprotocols"]
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL if offered else None})
        context = self._contexts.of(scope, dict(scope["headers"]))
        socket = Socket(self._operations, context, self._limits, receive, send, self._connections)
        close: Close | None
        if not offered:
            close = Close(4406, f"Subprotocol not acceptable: speak {PROTOCOL}")
        else:
            with self._connections.arrived(socket):
                close = await socket.run()
        if close is not None:
            await close_with(scope, send, close)


async def close_with(scope: Scope, send: Send, close: Close) -> None:
    """Close a socket, or cut the connection if the client does not read the close frame."""
    try:
        async with asyncio.timeout(close.seconds):
            await send({"type": "websocket.close", "code": close.code, "reason": close.reason})
    except TimeoutError:
        cut(scope)
    except OSError:  # the client has gone
        pass


def _nothing() -> None:
    """Do nothing: there is nothing to leave yet."""


class SocketSubscription:
    """One subscription of a socket."""

    def __init__(self, socket: "Socket", id_: str) -> None:
        self.id = id_
        self.leave: Callable[[], None] = _nothing
        self.completed = False  # by the client; nothing more is sent for it
        self._socket = socket
        self._before = f'{{"id":{msgspec.json.encode(id_).decode()},"type":"next","payload":'

    def hear(self, payload: str) -> None:
        """See `Listener`."""
        self._socket.enqueue(self, payload)

    def end(self, refusal: Refusal) -> None:
        """See `Listener`."""
        self._socket.forget(self)
        self._socket.enqueue_last(self, message_of(self.id, "error", [error_of(refusal).formatted]))

    def next(self, payload: str) -> str:
        """The message with a pageview."""
        return f"{self._before}{payload}}}"


class Socket:
    """One WebSocket from its first message to its last."""

    def __init__(
        self,
        operations: Operations,
        upgraded: Context,
        limits: SocketLimits,
        receive: Receive,
        send: Send,
        connections: OpenConnections,
    ) -> None:
        self._operations = operations
        self._upgraded = upgraded  # of the HTTP request that was upgraded to the socket
        self._limits = limits
        self._receive = receive
        self._send = send
        self._connections = connections
        self._is_stranger = True  # no credentials have been shown
        self._context: Context | None = None  # once connected
        self._subscriptions: dict[str, SocketSubscription] = {}
        self._requests: dict[str, asyncio.Task[None]] = {}  # queries and mutations that the client waits for
        self._tasks: set[asyncio.Task[None]] = set()  # these, and those that the client has completed
        self._room = asyncio.Semaphore(limits.subscriptions)  # for requests: while it is full, no message is read
        # The subscription, the text, and whether it is a whole message.
        self._outbox: Outbox[tuple[SocketSubscription, str, bool]] = Outbox()
        self._pace: Pace | None = None  # of all who write pageviews; None before the first subscription
        # How to close the socket; None if the client has gone.
        self._over: asyncio.Future[Close | None] = asyncio.get_running_loop().create_future()

    async def run(self) -> Close | None:
        """Serve the socket. Returns how to close it; None if it is closed already."""
        tasks = [asyncio.create_task(work) for work in (self._read(), self._write())]
        loop = asyncio.get_running_loop()
        waiting = [
            loop.call_later(INIT_SECONDS, self._check_connected),
            loop.call_later(STRANGER_SECONDS, self._check_known),
        ]
        try:
            close = await self._over
            if close is STOPPING and self._tasks:
                await asyncio.wait(self._tasks, timeout=STOPPING_SECONDS)
        finally:
            for timer in waiting:
                timer.cancel()
            for subscription in [*self._subscriptions.values()]:
                self.forget(subscription)
            for task in (*tasks, *self._tasks):
                task.cancel()
        return close

    def go(self) -> None:
        """See `Connected`."""
        self._finish(STOPPING)

    def make_room(self) -> None:
        """See `Stranger`."""
        self._finish(ROOM)

    def _finish(self, close: Close | None) -> None:
        if not self._over.done():
            self._over.set_result(close)

    def _check_connected(self) -> None:
        if self._context is None:
            self._finish(Close(4408, "Connection initialisation timeout"))

    def _check_known(self) -> None:
        if self._is_stranger:
            self._finish(Close(4401, "Unauthorized: no credentials were sent"))

    def _known(self) -> None:
        """Credentials have been shown.

        Raises:
            Close: there is no room.
        """
        if self._is_stranger:
            try:
                self._connections.known(self)
            except TooManyListeners as refusal:
                raise Close(1013, refusal.message) from None
            self._is_stranger = False

    # --- messages from the client ---

    async def _read(self) -> None:
        try:
            while (message := await self._receive())["type"] != "websocket.disconnect":
                await self._take(message.get("text"))
                await asyncio.sleep(0)  # lets other tasks run, however many messages came at once
        except Close as close:
            self._finish(close)
        except OSError:  # the client left while it was answered
            self._finish(None)
        except Exception:
            self._finish(Close(4500, unexpected("a socket failed").message))
        else:
            self._finish(None)

    async def _take(self, text: str | None) -> None:
        if self._is_stranger and text is not None and len(text) > MAX_FIRST:
            raise Close(4400, f"Invalid message: without credentials it may have {MAX_FIRST} characters")
        message = parsed(text)
        match message["type"]:
            case "connection_init":
                await self._connect(payload_of(message))
            case "ping":
                payload = payload_of(message)
                await self._say({"type": "pong"} if payload is None else {"type": "pong", "payload": payload})
            case "pong":
                pass
            case "subscribe":
                await self._subscribe(id_of(message), message.get("payload"))
            case "complete":
                self._complete(id_of(message))
            case other:
                raise Close(4400, f"Invalid message: there is no type {str(other)[:40]}")

    async def _connect(self, payload: dict[str, Any] | None) -> None:
        if self._context is not None:
            raise Close(4429, "Too many initialisation requests")
        try:
            context = self._of_init(payload or {})
            if context.header is not None or context.session is not None:  # without, each field must have its own
                await context.pause("", {})
                context.recognise()
                self._known()
        except InvalidCredentials as refusal:
            metrics.refused.labels(refusal.reason).inc()
            raise Close(4403, f"Forbidden: {refusal.message}") from None
        self._context = context
        await self._say({"type": "connection_ack"})

    def _of_init(self, payload: dict[str, Any]) -> Context:
        """The context of the request that was upgraded, with what `connection_init` adds."""
        upgraded = self._upgraded
        session, app = upgraded.session, payload.get("app")
        if session is not None and isinstance(app, str):
            session = session._replace(app_id=app)
        header = credentials_of(payload) or upgraded.header
        return msgspec.structs.replace(upgraded, header=header, session=session)

    async def _subscribe(self, id_: str, payload: object) -> None:
        if self._context is None:
            raise Close(4401, "Unauthorized: send connection_init and wait for connection_ack")
        if id_ in self._subscriptions or id_ in self._requests:
            raise Close(4409, f"Subscriber for {id_} already exists")
        try:
            request = well_formed(payload)
        except HttpRefused as refused:
            raise Close(4400, f"Invalid message: {refused}") from None
        if request is None:
            await self._refuse(id_, PERSISTED_QUERY_NOT_SUPPORTED)
            return
        if self._is_stranger and self._context.is_known(request.query, request.variables):
            self._known()
        prepared = await self._operations.prepared(request.query, request.variables, self._context)
        if isinstance(prepared, Response):
            await self._refuse(id_, prepared)
        elif prepared.kind(request.operation_name) is OperationType.SUBSCRIPTION:
            await self._listen(id_, request, self._context)
        else:
            await self._room.acquire()
            task = self._requests[id_] = asyncio.create_task(self._answer(id_, request, self._context))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _listen(self, id_: str, request: Request, context: Context) -> None:
        limit = self._limits.subscriptions
        if len(self._subscriptions) >= limit:
            error = error_of(TooManySubscriptions(limit=limit))
            await self._say_of(id_, "error", [error.formatted])
            return
        subscription = await self._operations.subscribe(*request, context)
        if isinstance(subscription, Response):
            await self._refuse(id_, subscription)
            return
        self._pace = subscription.pace
        opened = self._subscriptions[id_] = SocketSubscription(self, id_)
        opened.leave = subscription.join(opened)

    async def _answer(self, id_: str, request: Request, context: Context) -> None:
        """A query or a mutation."""
        try:
            own = msgspec.structs.replace(context, reply=Reply(is_last=True))
            response = await self._operations.run(*request, own)
            if self._requests.get(id_) is not asyncio.current_task():  # completed by the client
                return
            if response.outcome is RequestOutcome.EXECUTED:
                await self._say_of(id_, "next", response.body)
                await self._say({"id": id_, "type": "complete"})
            else:
                await self._refuse(id_, response)
        except OSError:
            self._finish(None)
        except Exception:
            self._finish(Close(4500, unexpected("a request on a socket failed").message))
        finally:
            self._room.release()
            if self._requests.get(id_) is asyncio.current_task():
                del self._requests[id_]

    def _complete(self, id_: str) -> None:
        subscription = self._subscriptions.get(id_)
        if subscription is not None:
            subscription.completed = True
            self.forget(subscription)
        else:
            self._requests.pop(id_, None)  # it continues, since it may record something, but is not answered

    def forget(self, subscription: SocketSubscription) -> None:
        """End a subscription: it receives no more pageviews."""
        subscription.leave()
        if self._subscriptions.get(subscription.id) is subscription:
            del self._subscriptions[subscription.id]

    # --- messages to the client ---

    def enqueue(self, subscription: SocketSubscription, payload: str) -> None:
        """Queue a pageview for the client, behind everything that it has not read yet."""
        unread = len(self._outbox)
        if unread < self._limits.unread * len(self._subscriptions):
            self._outbox.put((subscription, payload, False))
        elif not self._over.done():
            metrics.live_dropped.inc(len(self._subscriptions))
            slow = TooSlow(count=unread)
            metrics.refused.labels(slow.reason).inc()
            self._finish(Close(4413, slow.message))

    def enqueue_last(self, subscription: SocketSubscription, message: str) -> None:
        """Queue the last message of a subscription, behind its waiting pageviews."""
        self._outbox.put((subscription, message, True))

    async def _write(self) -> None:
        try:
            while True:
                subscription, text, whole = await self._outbox.take()
                if self._pace is not None:
                    await self._pace.turn()
                if not subscription.completed:
                    await self._send_text(text if whole else subscription.next(text))
        except OSError:  # the client has gone
            self._finish(None)
        except Exception:
            self._finish(Close(4500, unexpected("a socket failed").message))

    async def _refuse(self, id_: str, response: Response) -> None:
        await self._say_of(id_, "error", response.body["errors"])

    async def _say_of(self, id_: str, type_: str, payload: object) -> None:
        await self._send_text(message_of(id_, type_, payload))

    async def _say(self, message: dict[str, Any]) -> None:
        await self._send_text(msgspec.json.encode(message).decode())

    async def _send_text(self, text: str) -> None:
        await self._send({"type": "websocket.send", "text": text})
