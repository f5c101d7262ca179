"""`GET /pixel.js`: the script of a page, cached for a day, and under its fingerprint for ever."""

import gzip
import hashlib
from importlib import resources

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

NOT_BUILT = (
    "The pixel script was not built into this installation. In a checkout, run `make setup` and start the server again."
)
_A_DAY = "public, max-age=86400, stale-while-revalidate=604800"  # seconds
_FOR_EVER = "public, max-age=31536000, immutable"  # a year, the longest that RFC 9111 knows a use for


class Script:
    """The script, plain and gzipped. Every site may load and read it (subresource integrity needs that)."""

    def __init__(self, text: bytes | None) -> None:
        self._text = text
        self._gzipped = gzip.compress(text, 9, mtime=0) if text else b""
        self.fingerprint = hashlib.sha256(text or b"").hexdigest()[:12]

    @classmethod
    def built(cls) -> "Script":
        """The script that was built into this package, if there is one."""
        file = resources.files("heropixel") / "static" / "pixel.js"
        return cls(file.read_bytes() if file.is_file() else None)

    def routes(self) -> list[Route]:
        """The routes of the script."""
        return [
            Route("/pixel.js", self._latest, methods=["GET"]),
            Route("/pixel.{fingerprint}.js", self._of_fingerprint, methods=["GET"]),
        ]

    async def _latest(self, request: Request) -> Response:
        return self._answer(request, _A_DAY)

    async def _of_fingerprint(self, request: Request) -> Response:
        if request.path_params["fingerprint"] != self.fingerprint:
            return PlainTextResponse(
                f"This version of the script does not exist any more; the current one is /pixel.{self.fingerprint}.js",
                status_code=404,
                headers={"access-control-allow-origin": "*"},
            )
        return self._answer(request, _FOR_EVER)

    def _answer(self, request: Request, caching: str) -> Response:
        if self._text is None:
            return PlainTextResponse(NOT_BUILT, status_code=503)
        zipped = "gzip" in request.headers.get("accept-encoding", "")
        headers = {
            "cache-control": caching,
            "etag": f'"{self.fingerprint}{"-gzip" if zipped else ""}"',
            "vary": "accept-encoding",
            "access-control-allow-origin": "*",
            "cross-origin-resource-policy": "cross-origin",
        }
        if headers["etag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if zipped:
            headers["content-encoding"] = "gzip"
        return Response(
            self._gzipped if zipped else self._text, media_type="text/javascript; charset=utf-8", headers=headers
        )
