"""The operators' endpoint of the server: operations for commands, on a socket that only this user may connect to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from heropixel.backup.backups import BackupAsked, Backups
from heropixel.backup.taking import BackupTaken
from heropixel.clock import clock
from heropixel.directory.merges import survivors
from heropixel.directory.registry import Registry
from heropixel.directory.thread import DirectoryThread
from heropixel.errors import EventStoreUnavailable, EventsUnavailable, Refusal, StoreUnavailable
from heropixel.events import Events
from heropixel.events.evidence import links_of
from heropixel.events.first_sources import FirstSource, first_sources
from heropixel.events.person_rows import all_rows_of
from heropixel.operating.line import STATE, THERE
from heropixel.operating.moving import Moving
from heropixel.operating.state import ServerState
from heropixel.recording.backlog import Backlog
from heropixel.recording.past import PastPageview, PastRecorder
from heropixel.reports.ask import EVERYTHING
from heropixel.reports.asked import operators_question
from heropixel.reports.exporting import ExportInput, ExportQuestion
from heropixel.reports.question import ReportInput
from heropixel.reports.reporting import Reporting
from heropixel.troubles import BackupImpossible
from heropixel.upkeep.reprocessing import Count, counted, pieces_to_reprocess, reprocess_piece, total
from heropixel.upkeep.upkeep import Upkeep
from heropixel.wire.asgi import Application

_CATCH_UP_SECONDS = 60
_ROWS_AT_ONCE = 1_000  # each chunk is a switch to another thread and back


class OperatorsDoor:
    """Exports pageviews, records those of an import, answers reports, reprocesses pageviews, and takes backups."""

    def __init__(
        self,
        *,
        registry: Registry,
        directory: DirectoryThread,
        backlog: Backlog,
        upkeep: Upkeep,
        reporting: Reporting,
        as_of: Callable[[], Awaitable[int | None]],
        past: PastRecorder,
        backups: Backups,
        moving: Moving,
        open_events: Callable[[], Events],
        state: Callable[[], ServerState],
    ) -> None:
        self._registry = registry
        self._directory = directory
        self._backlog = backlog
        self._upkeep = upkeep
        self._reporting = reporting
        self._as_of = as_of
        self._past = past
        self._backups = backups
        self._moving = moving
        self._open_events = open_events
        self._state_now = state

    def application(self) -> Application:
        """The endpoint."""
        return Starlette(
            routes=[
                Route(THERE, _there),
                Route(STATE, self._state),
                Route("/operator/pageviews", self._export, methods=["GET"]),
                Route("/operator/pageviews", self._record, methods=["POST"]),
                Route("/operator/person", self._person),
                Route("/operator/links", self._links),
                Route("/operator/report", self._report, methods=["POST"]),
                Route("/operator/first-sources", self._first_sources, methods=["POST"]),
                Route("/operator/reprocess", self._reprocess, methods=["POST"]),
                Route("/operator/backup", self._backup, methods=["POST"]),
                Route("/operator/catch-up", self._catch_up, methods=["POST"]),
                *self._moving.routes(),
            ],
            exception_handlers={StoreUnavailable: _unavailable},
        )

    async def _state(self, _request: Request) -> Response:
        """How the server is."""
        state = await asyncio.to_thread(self._state_now)
        return Response(msgspec.json.encode(state), media_type="application/json")

    async def _export(self, request: Request) -> Response:
        """The pageviews that are asked for, as JSON Lines, including those still in the journal."""
        given = _EXPORT.decode(request.query_params.get("only", "{}"))
        try:
            question = ExportQuestion.parse(given, self._registry.pixels, clock())
        except Refusal as refusal:
            return PlainTextResponse(refusal.message, status_code=400)
        await self._follow()
        merged = await self._directory.read(survivors)
        return self._streamed(lambda events: question.rows(events, merged))

    async def _person(self, request: Request) -> Response:
        """Every pageview of a person with every column, as JSON Lines, including those still in the journal."""
        app, users = _person_of(request)
        await self._follow()
        return self._streamed(lambda events: all_rows_of(events, app, users))

    async def _links(self, request: Request) -> Response:
        """The links of browsers to a person, as JSON Lines."""
        app, users = _person_of(request)
        await self._follow()
        return self._streamed(lambda events: links_of(events, app, users))

    async def _follow(self) -> None:
        """Let the event store follow what was accepted and changed before.

        Raises:
            EventsUnavailable: it is not reachable, or it took too long.
        """
        try:
            async with asyncio.timeout(_CATCH_UP_SECONDS):
                await self._backlog.drain()
                await self._upkeep.work()
        except (TimeoutError, EventsUnavailable):
            raise EventsUnavailable("The event store is not reachable") from None

    def _streamed(self, rows_of: Callable[[Events], Iterable[object]]) -> Response:
        return StreamingResponse(self._lines(rows_of), media_type="application/jsonl")

    def _lines(self, rows_of: Callable[[Events], Iterable[object]]) -> Iterator[bytes]:
        events = self._open_events()  # a connection of its own: the loader goes on meanwhile
        try:
            rows = iter(rows_of(events))
            while chunk := [msgspec.json.encode(row) for row in islice(rows, _ROWS_AT_ONCE)]:
                yield b"\n".join(chunk) + b"\n"
        finally:
            events.close()

    async def _record(self, request: Request) -> Response:
        """Record past pageviews of one pixel, sent as JSON Lines. The answer has an outcome for each."""
        pageviews = _PAST.decode_lines(await request.body())
        outcomes = await self._past.record(int(request.query_params["pixel"]), pageviews)
        return Response(msgspec.json.encode(outcomes), media_type="application/json")

    async def _report(self, request: Request) -> Response:
        """A report about pixels of one app. It includes pageviews that are still in the journal."""
        given = _REPORT.decode(await request.body())
        await self._past.catch_up()
        try:
            app, question = operators_question(given, self._registry.pixels, clock())
            as_of = await self._as_of()
            report = await self._reporting.report(app, question, EVERYTHING)
        except EventStoreUnavailable as refusal:
            return PlainTextResponse(refusal.message, status_code=503)
        except Refusal as refusal:
            return PlainTextResponse(refusal.message, status_code=400)
        return Response(
            msgspec.json.encode(msgspec.structs.replace(report, as_of=as_of)), media_type="application/json"
        )

    async def _first_sources(self, request: Request) -> Response:
        """Where people of an app first came from, including pageviews that are still in the journal."""
        app, persons = _PERSONS.decode(await request.body())
        await self._past.catch_up()
        found = await asyncio.to_thread(self._find_sources, app, persons)
        return Response(msgspec.json.encode(found), media_type="application/json")

    def _find_sources(self, app: int, persons: dict[int, list[int]]) -> dict[int, FirstSource]:
        with closing(self._open_events()) as events:
            return first_sources(events, app, persons)

    async def _reprocess(self, request: Request) -> Response:
        """Reprocess pageviews. The answer has a line for each piece, with the count so far, or with why it ended."""
        everything = request.query_params.get("all") == "1"
        upkeep = self._upkeep
        pieces = await upkeep.exclusively(lambda events: pieces_to_reprocess(events, everything=everything))

        async def lines() -> AsyncIterator[bytes]:
            count = Count(0, 0, total(pieces))
            try:
                for piece in pieces:
                    changed = await upkeep.exclusively(
                        partial(reprocess_piece, piece=piece, owns=self._registry.owns, everything=everything)
                    )
                    count = counted(count, piece, changed)
                    yield msgspec.json.encode(count) + b"\n"
            except EventsUnavailable as error:
                yield msgspec.json.encode(str(error)) + b"\n"

        return StreamingResponse(lines(), media_type="application/jsonl")

    async def _backup(self, request: Request) -> Response:
        """Take a backup into a folder of this machine. The answer says what was copied, or why it could not be."""
        asked = _BACKUP.decode(await request.body())
        try:
            taken: BackupTaken | str = await self._backups.take(Path(asked.target), with_key=asked.with_key)
        except BackupImpossible as trouble:
            taken = str(trouble.details["why"])
        return Response(msgspec.json.encode(taken), media_type="application/json")

    async def _catch_up(self, _request: Request) -> Response:
        await self._past.catch_up()
        return Response(status_code=204)


def _person_of(request: Request) -> tuple[int, list[int]]:
    """The app and the users that a request names."""
    return int(request.query_params["app"]), [*map(int, request.query_params["users"].split(","))]


async def _there(_request: Request) -> Response:
    return PlainTextResponse("ok\n")


async def _unavailable(_request: Request, error: Exception) -> Response:
    return PlainTextResponse(str(error), status_code=503)


_EXPORT = msgspec.json.Decoder(ExportInput)
_PAST = msgspec.json.Decoder(PastPageview)
_BACKUP = msgspec.json.Decoder(BackupAsked)
_REPORT = msgspec.json.Decoder(ReportInput)
_PERSONS = msgspec.json.Decoder(tuple[int, dict[int, list[int]]])
