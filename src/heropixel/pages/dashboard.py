"""`GET /`: the dashboard. Its state is in the fragment of the address, so one path is all it needs below a proxy's."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from heropixel.pages.built import ASK_AGAIN, FOR_EVER, Built, built_files
from heropixel.pages.frames import Frames
from heropixel.pages.policy import FILE, PAGE, framed_by

NOT_BUILT = (
    "The dashboard was not built into this installation. In a checkout, run `make setup` and start the server again.\n"
)
OUTDATED = "This file of the dashboard does not exist any more: the server has another version. Load the page again.\n"
_PAGE_FILE = "index.html"


class Dashboard:
    """The page, and its files below `dashboard/`."""

    def __init__(self, files: Mapping[str, Built], frames: Frames | None = None) -> None:
        self._files = files
        self._frames = frames or Frames()

    @classmethod
    def built(cls, frames: Frames | None = None) -> "Dashboard":
        """The dashboard that was built into this package, if there is one."""
        return cls(built_files("dashboard"), frames)

    def routes(self) -> list[Route]:
        """The routes of the page and of its files."""
        return [
            Route("/", self._page, methods=["GET"]),
            Route("/share", self._shared, methods=["GET"]),
            Route("/dashboard/{name}", self._file, methods=["GET"]),
        ]

    async def _page(self, request: Request) -> Response:
        return self._answer(request, PAGE)

    async def _shared(self, request: Request) -> Response:
        return self._answer(request, framed_by(self._frames.of(request.query_params.get("id", ""))))

    def _answer(self, request: Request, headers: Mapping[str, str]) -> Response:
        page = self._files.get(_PAGE_FILE)
        return page.answer(request, ASK_AGAIN, headers) if page else PlainTextResponse(NOT_BUILT, status_code=503)

    async def _file(self, request: Request) -> Response:
        name = request.path_params["name"]
        file = self._files.get(name)
        if file is None or name == _PAGE_FILE:
            return PlainTextResponse(OUTDATED, status_code=404)
        return file.answer(request, FOR_EVER, FILE)
