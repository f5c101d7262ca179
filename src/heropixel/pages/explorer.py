"""`GET /explore`: the explorer of the API. Its editor writes style elements, so each page has a nonce of its own."""

import secrets
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from heropixel.pages.built import FOR_EVER, Built, built_files
from heropixel.pages.policy import FILE, page_with_nonce

NOT_BUILT = (
    "The explorer was not built into this installation. In a checkout, run `make setup` and start the server again.\n"
)
OUTDATED = "This file of the explorer does not exist any more: the server has another version. Load the page again.\n"
_PAGE_FILE = "index.html"
_NONCE = "NONCE"  # what the built page has where the nonce belongs


class Explorer:
    """The page, and its files below `explore/`."""

    def __init__(self, files: Mapping[str, Built]) -> None:
        self._files = {name: file for name, file in files.items() if name != _PAGE_FILE}
        self._page = files[_PAGE_FILE].plain.decode() if _PAGE_FILE in files else None

    @classmethod
    def built(cls) -> "Explorer":
        """The explorer that was built into this package, if there is one."""
        return cls(built_files("explore"))

    def routes(self) -> list[Route]:
        """The routes of the page and of its files."""
        return [
            Route("/explore", self._open, methods=["GET"]),
            Route("/explore/{name}", self._file, methods=["GET"]),
        ]

    async def _open(self, _request: Request) -> Response:
        if self._page is None:
            return PlainTextResponse(NOT_BUILT, status_code=503)
        nonce = secrets.token_urlsafe(16)  # 128 bits, as https://www.w3.org/TR/CSP3/#security-nonces asks for
        headers = {**page_with_nonce(nonce), "cache-control": "no-store"}
        return HTMLResponse(self._page.replace(_NONCE, nonce), headers=headers)

    async def _file(self, request: Request) -> Response:
        file = self._files.get(request.path_params["name"])
        return file.answer(request, FOR_EVER, FILE) if file else PlainTextResponse(OUTDATED, status_code=404)
