"""`GET /schema.graphql`: the schema as text, for code generators, editors and the explorer."""

import gzip
import hashlib
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from heropixel.pages.built import ASK_AGAIN, Built

CLOSED = "This server shows its schema only to callers with credentials: send them by HTTP Basic.\n"


class SchemaText:
    """The text, for all or for callers with credentials."""

    def __init__(self, text: str, may_read: Callable[[Request], bool]) -> None:
        plain = text.encode()
        coded = {"gzip": gzip.compress(plain, 9, mtime=0)}
        # Browsers show plain text, and save what they do not know.
        self._file = Built("text/plain", plain, coded, hashlib.sha256(plain).hexdigest()[:16])
        self._may_read = may_read

    def route(self) -> Route:
        """The route of the text."""
        return Route("/schema.graphql", self._read, methods=["GET"])

    async def _read(self, request: Request) -> Response:
        if not self._may_read(request):
            return PlainTextResponse(CLOSED, status_code=403, headers={"cache-control": "no-store"})
        return self._file.answer(request, ASK_AGAIN, {})
