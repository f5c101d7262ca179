"""What a command asks of the server that holds its folder. It opens to the token in the folder's lock file."""

import asyncio
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial, wraps
from itertools import islice

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from heropixel.api.context import Product
from heropixel.api.reports import operators_question
from heropixel.directory.merges import speakers
from heropixel.enrichment import NOWHERE, whereabouts
from heropixel.errors import EventStoreUnavailable, EventsUnavailable, Refusal, StoreUnavailable
from heropixel.events import Events
from heropixel.events.pageviews import export
from heropixel.recording.judging import Count, counted, judge_piece, pieces_to_judge, total
from heropixel.recording.loader import Loader
from heropixel.recording.past import PastPageview, PastRecorder
from heropixel.reports.ask import EVERYTHING
from heropixel.reports.question import ReportInput

_CATCH_UP_SECONDS = 60
_ROWS_AT_ONCE = 1_000  # each chunk is a hop to another thread and back

Answering = Callable[[Request], Awaitable[Response]]


class OperatorsDoor:
    """Exports pageviews, records those of an import, reports of them, and has them judged anew.

    To whoever has not the token there is no such door.
    """

    def __init__(self, token: str, product: Product, loader: Loader, open_events: Callable[[], Events]) -> None:
        self._token = token
        self._product = product
        self._loader = loader
        self._open_events = open_events
        self._past = past_recorder(product, loader)

    def routes(self) -> list[Route]:
        """Where it is knocked."""
        return [
            Route("/operator/pageviews", self._guarded(self._export), methods=["GET"]),
            Route("/operator/pageviews", self._guarded(self._record), methods=["POST"]),
            Route("/operator/report", self._guarded(self._report), methods=["POST"]),
            Route("/operator/reprocess", self._guarded(self._reprocess), methods=["POST"]),
            Route("/operator/catch-up", self._guarded(self._catch_up), methods=["POST"]),
        ]

    def _guarded(self, answer: Answering) -> Answering:
        @wraps(answer)
        async def guarded(request: Request) -> Response:
            given = request.headers.get("authorization", "")
            if not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
                return PlainTextResponse("Not Found", status_code=404)
            try:
                return await answer(request)
            except StoreUnavailable as error:
                return PlainTextResponse(str(error), status_code=503)

        return guarded

    async def _export(self, _request: Request) -> Response:
        """Every pageview as JSON Lines, those still in the journal included."""
        try:
            async with asyncio.timeout(_CATCH_UP_SECONDS):
                await self._loader.catch_up()
                await self._product.upkeep.work()
        except (TimeoutError, EventsUnavailable):
            return PlainTextResponse("The event store cannot be reached", status_code=503)
        merged = await self._product.directory.read(speakers)
        return StreamingResponse(self._lines(merged), media_type="application/jsonl")

    def _lines(self, merged: dict[int, int]) -> Iterator[bytes]:
        events = self._open_events()  # one of its own: the loader goes on meanwhile
        try:
            rows = export(events, merged)
            while chunk := [msgspec.json.encode(row) for row in islice(rows, _ROWS_AT_ONCE)]:
                yield b"\n".join(chunk) + b"\n"
        finally:
            events.close()

    async def _record(self, request: Request) -> Response:
        """Past pageviews of one pixel, as JSON Lines; answers what became of each."""
        pageviews = _PAST.decode_lines(await request.body())
        outcomes = await self._past.record(int(request.query_params["pixel"]), pageviews)
        return Response(msgspec.json.encode(outcomes), media_type="application/json")

    async def _report(self, request: Request) -> Response:
        """A report about pixels of one app, those pageviews that are still in the journal included."""
        given = _REPORT.decode(await request.body())
        await self._past.catch_up()
        try:
            app, question = operators_question(given, self._product.registry.pixels, self._product.clock())
            report = await self._product.reporting.report(app, question, EVERYTHING)
        except EventStoreUnavailable as refusal:
            return PlainTextResponse(refusal.message, status_code=503)
        except Refusal as refusal:
            return PlainTextResponse(refusal.message, status_code=400)
        return Response(msgspec.json.encode(report), media_type="application/json")

    async def _reprocess(self, request: Request) -> Response:
        """Judge pageviews anew; a line for each piece, with how many were done, or why it ended."""
        everything = request.query_params.get("all") == "1"
        upkeep = self._product.upkeep
        pieces = await upkeep.alone(lambda events: pieces_to_judge(events, everything=everything))

        async def lines() -> AsyncIterator[bytes]:
            count = Count(0, 0, total(pieces))
            try:
                for piece in pieces:
                    changed = await upkeep.alone(partial(judge_piece, piece=piece, everything=everything))
                    count = counted(count, piece, changed)
                    yield msgspec.json.encode(count) + b"\n"
            except EventsUnavailable as error:
                yield msgspec.json.encode(str(error)) + b"\n"

        return StreamingResponse(lines(), media_type="application/jsonl")

    async def _catch_up(self, _request: Request) -> Response:
        await self._past.catch_up()
        return Response(status_code=204)


def past_recorder(product: Product, loader: Loader) -> PastRecorder:
    """What records past pageviews, which came from no proxy that could say where from."""
    where = whereabouts(product.places, NOWHERE)
    return PastRecorder(product.registry, product.recorder, loader, product.events, product.clock, where)


_PAST = msgspec.json.Decoder(PastPageview)
_REPORT = msgspec.json.Decoder(ReportInput)
