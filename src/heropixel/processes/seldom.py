"""The paths that are requested seldom: the pages, their files, and what monitoring asks."""

import asyncio

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from heropixel.browser.script import Script
from heropixel.metrics.exposition import Exposition
from heropixel.pages.dashboard import Dashboard
from heropixel.pages.explorer import Explorer
from heropixel.pages.frames import Frames
from heropixel.pages.schema_text import SchemaText
from heropixel.recording.readiness import Readiness
from heropixel.wire.asgi import Application
from heropixel.wire.security import no_pages


def others_of(readiness: Readiness, exposition: Exposition, schema_text: SchemaText, frames: Frames) -> Application:
    """The paths that are requested seldom."""
    measuring = asyncio.Lock()  # one at a time: anybody may ask

    async def ready(_request: Request) -> Response:
        why = await readiness.why_not()
        said = f"not ready: {why}" if why else "ready"
        return PlainTextResponse(
            "".join(f"{line}\n" for line in (said, readiness.accepted) if line), 503 if why else 200
        )

    async def metrics(_request: Request) -> Response:
        async with measuring:
            return Response(await asyncio.to_thread(exposition.text), media_type=CONTENT_TYPE_LATEST)

    own = [Route("/health", _health), Route("/ready", ready), Route("/metrics", metrics)]
    pages = [*Dashboard.built(frames).routes(), *Explorer.built().routes(), schema_text.route()]
    others = Starlette(routes=[*own, *pages, *Script.built().routes()], exception_handlers={404: _no_such_path})
    others.router.redirect_slashes = False  # a path with another slash is not there either
    return no_pages(others)


async def _no_such_path(_request: Request, _error: Exception) -> Response:
    return PlainTextResponse(
        "Not found: there is no such path. The dashboard is at /, the API at /graphql and its explorer at /explore,"
        " the script at /pixel.js.\n",
        404,
    )


async def _health(_request: Request) -> Response:
    # The process answers. Whether a pageview could be recorded is `/ready`.
    return PlainTextResponse("ok\n")
