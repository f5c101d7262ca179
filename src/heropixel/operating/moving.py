"""The server's side of a move: it lasts as long as the connection of the command that asked for it.

Until the frozen event store is copied, nothing is loaded and nothing is erased there. If the command ends before the
world has changed over, all goes on as before.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from heropixel.errors import EventsUnavailable
from heropixel.moving.changes import unwatch
from heropixel.moving.frozen import FOLDER, freeze, remove
from heropixel.recording.loader import Loader
from heropixel.upkeep.upkeep import Upkeep

HOLD, FREEZE, CHANGE_OVER = "/operator/move", "/operator/move/frozen", "/operator/move/change-over"
NOT_UNDER_WAY = b"not under way"


class ChangeAsked(msgspec.Struct, frozen=True):
    """What a command asks of the parent: to start the parts again on the stores of a cluster."""

    directory: str  # URLs with their secrets
    events: str
    key: str  # of the identifiers, in hexadecimal
    world: str
    attempt: str


class MovableFiles(msgspec.Struct, frozen=True):
    """The files of a world that may move."""

    data: Path
    directory: Path
    journal: Path
    events: Path


class Moving:
    """One move at a time. `parent` is None where the server is one process, which nobody could start again."""

    def __init__(
        self,
        loader: Loader,
        upkeep: Upkeep,
        files: MovableFiles | None,
        parent: socket.socket | None,
    ) -> None:
        self._loader = loader
        self._upkeep = upkeep
        self._files = files
        self._parent = parent
        self._hearing: asyncio.Task[None] | None = None
        self._attempt = ""  # that is under way
        self._is_changing = False
        self._held = AsyncExitStack()
        self._freezing = asyncio.Lock()  # a command may end while the store is being frozen for it
        if files is not None:
            self._clean(files)  # after a server or a command that was killed

    @staticmethod
    def _clean(files: MovableFiles) -> None:
        for file in (files.directory, files.journal):
            if file.exists():
                unwatch(file)
        remove(files.data, files.events)

    def routes(self) -> list[Route]:
        """What commands ask."""
        return [
            Route(HOLD, self._hold),
            Route(FREEZE, self._freeze, methods=["POST"]),
            Route(CHANGE_OVER, self._change_over, methods=["POST"]),
            Route(CHANGE_OVER, self._is_under_way, methods=["GET"]),
        ]

    async def _hold(self, request: Request) -> Response:
        """Begin a move. It lasts until the client hangs up."""
        if self._files is None or self._parent is None:
            return PlainTextResponse(_ONE_PROCESS if self._files else _ELSEWHERE, status_code=400)
        if self._attempt:
            return PlainTextResponse("a move is under way", status_code=400)
        return _UntilHungUp(self._under_way(request.query_params["attempt"], self._files))

    @asynccontextmanager
    async def _under_way(self, attempt: str, files: MovableFiles) -> AsyncIterator[None]:
        self._attempt = attempt
        try:
            yield
        finally:
            if not self._is_changing and self._attempt == attempt:
                await self._end(files)

    async def _end(self, files: MovableFiles) -> None:
        async with self._freezing:
            await self._held.aclose()
            await asyncio.to_thread(self._clean, files)
            self._is_changing, self._attempt = False, ""

    async def _freeze(self, request: Request) -> Response:
        """Load and erase nothing from now on, and freeze the event store. The answer is its folder."""
        async with self._freezing:
            if self._files is None or request.query_params["attempt"] != self._attempt:
                return PlainTextResponse(_ENDED, status_code=400)
            return await self._frozen(self._files)

    async def _frozen(self, files: MovableFiles) -> Response:
        target, events = files.data / FOLDER / "events", files.events
        self._held = AsyncExitStack()
        try:
            await self._held.enter_async_context(self._upkeep.resting())
            await self._held.enter_async_context(self._loader.held(lambda store: freeze(store, events, target)))
        except EventsUnavailable as error:
            await self._held.aclose()
            return PlainTextResponse(f"its event store cannot be used now: {error}", status_code=400)
        return PlainTextResponse(str(target))

    async def _change_over(self, request: Request) -> Response:
        """Hand over to the parent. This process ends soon."""
        body = await request.body()
        asked = msgspec.json.decode(body, type=ChangeAsked)
        if self._files is None or self._parent is None or asked.attempt != self._attempt:
            return PlainTextResponse(_ENDED, status_code=400)
        self._is_changing = True
        self._parent.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            self._parent.recv(1024)  # what it said to an engine before this one
        self._parent.send(body)
        self._hearing = asyncio.create_task(self._hear_refusal(self._parent, self._files))
        return Response(status_code=202)

    async def _hear_refusal(self, parent: socket.socket, files: MovableFiles) -> None:
        """The parent says nothing, unless the others could not take over."""
        await asyncio.get_running_loop().sock_recv(parent, 1)
        await self._end(files)

    async def _is_under_way(self, request: Request) -> Response:
        return Response(b"under way" if request.query_params["attempt"] == self._attempt else NOT_UNDER_WAY)


_ENDED = "the server was started again meanwhile, and does not know of the move"
_ELSEWHERE = "its stores are on servers already"
_ONE_PROCESS = "the server is one process (HEROPIXEL_DOORS=0). Stop it, and run the command again"


class _UntilHungUp(Response):
    """An answer that ends when the client ends its connection; a context is open meanwhile."""

    def __init__(self, context: contextlib.AbstractAsyncContextManager[None]) -> None:
        super().__init__()
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as ASGI has it
        async with self._context:
            headers = [(b"content-type", b"text/plain")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"held\n", "more_body": True})
            while (await receive())["type"] != "http.disconnect":
                pass
