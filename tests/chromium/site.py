"""A site for tests: pages on any host below `localhost`, and a path that leads to the product."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple, cast
from urllib.parse import unquote, urlsplit

import msgspec

from tests.world import Server

SCRIPT = Path(__file__).parents[2] / "src/heropixel/static/pixel.js"
SHOP, OTHER = "shop.localhost", "other.localhost"  # two sites: what is below `localhost` is registered by itself
OWN_PATH = "/stats"
REQUIRED, IMPLIED, NONE = 2, 3, 4  # the pixels of both sites, by consent mode; pixel 1 is of every world
ONE_LABEL, ADDRESS = "localhost", "127.0.0.1"  # hosts that are no part of a site
UNSHARED = 5  # their pixel

BLANK = "/blank"  # a page with nothing on it, on every host

# For a browser whose console nobody can read: the page tells its errors itself.
TROUBLE = "/trouble"
WATCHED = f"""<script>{{
    const tell = (...what) => new Image().src = "{TROUBLE}?" + encodeURIComponent(what.join(" "));
    console.error = console.warn = tell;
    addEventListener("error", event => tell(event.message));
    addEventListener("unhandledrejection", event => tell(event.reason));
}}</script>"""


class Asked(NamedTuple):
    """A request that came to the site."""

    path: str
    headers: dict[str, str]
    beacon: dict[str, Any]  # what was posted


class Site(ThreadingHTTPServer):
    """Serves what a test has put on it; an unknown path is the front page. `OWN_PATH` leads to the product."""

    daemon_threads = True

    def __init__(self, product: Server) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.product_port = cast("int", urlsplit(product.url).port)
        self.pages: dict[str, tuple[str, dict[str, str]]] = {}
        self.asked: list[Asked] = []
        self.statuses: list[int] = []  # of the answers to beacons
        self.is_cut_off = False  # the network takes beacons and brings no answer
        self.head = ""  # at the beginning of every page
        self.troubles: list[str] = []  # that pages with WATCHED have told

    def clear(self) -> None:
        """Forget the pages, and who has asked for them."""
        for noted in (self.pages, self.asked, self.statuses, self.troubles):
            noted.clear()
        self.is_cut_off, self.head = False, ""

    def url(self, path: str = "/", host: str = SHOP) -> str:
        return f"http://{host}:{self.server_port}{path}"

    def product_url(self, path: str = "", host: str = "pixel.localhost") -> str:
        """The product under a name of its own: another site's, or with `t.shop.localhost` the shop's."""
        return f"http://{host}:{self.product_port}{path}"

    def foreign_tag(self, *, pixel: int = REQUIRED, **data: str) -> str:
        """The tag of a product on another site, whose beacons the site sees nevertheless."""
        tag = self.tag(pixel=pixel, **data)
        return tag.replace('src="', f'src="{self.url(host="pixel.localhost").removesuffix("/")}')

    def tag(
        self, *, host: str = "", pixel: int = REQUIRED, kind: str = "defer", script: str = "pixel.js", **data: str
    ) -> str:
        """The tag that the owner pastes; without a host the script comes by the site's own path."""
        options = "".join(
            f' data-{name.replace("_", "-")}="{value}"' for name, value in {"pixel": pixel, **data}.items()
        )
        source = self.product_url("/" + script, host) if host else f"{OWN_PATH}/{script}"
        return f'<script {kind} src="{source}"{options}></script>'

    def put(self, path: str, head: str = "", body: str = "", title: str = "Shop", **headers: str) -> str:
        """Put a page on the site; its address. In names of headers, underscores stand for hyphens."""
        html = f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title>{head}</head>"
        html += f"<body>{body}</body></html>"
        self.pages[path] = html, {name.replace("_", "-"): value for name, value in headers.items()}
        return self.url(path)

    def beacons(self) -> list[dict[str, Any]]:
        """What has come by the site's own path."""
        return [asked.beacon for asked in self.asked if asked.beacon]


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Site

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self._note()
        if path.startswith(OWN_PATH):
            self._forward(b"")
        elif path == BLANK:
            self._answer(200, {"Content-Type": "text/html"}, b"<!doctype html>")
        elif path in ("/favicon.ico", TROUBLE):
            self._answer(204, {}, b"")
            if path == TROUBLE:
                self.server.troubles.append(unquote(urlsplit(self.path).query))
        else:
            html, headers = self.server.pages.get(path) or self.server.pages["/"]
            html = html.replace("<head>", "<head>" + self.server.head, 1)
            self._answer(200, {"Content-Type": "text/html; charset=utf-8", **headers}, html.encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.server.is_cut_off:
            self.close_connection = True
            return
        self._note(msgspec.json.decode(body))
        self._forward(body)

    def _note(self, beacon: dict[str, Any] | None = None) -> None:
        self.server.asked.append(Asked(self.path, {k.lower(): v for k, v in self.headers.items()}, beacon or {}))

    def _forward(self, body: bytes) -> None:
        upstream = http.client.HTTPConnection("127.0.0.1", self.server.product_port, timeout=30)
        try:
            upstream.request(self.command, self.path.removeprefix(OWN_PATH), body, dict(self.headers.items()))
            answer = upstream.getresponse()
            read = answer.read()
        finally:
            upstream.close()
        if body:
            self.server.statuses.append(answer.status)
        skipped = {"content-length", "connection", "transfer-encoding", "date", "server"}
        self._answer(answer.status, {k: v for k, v in answer.getheaders() if k.lower() not in skipped}, read)

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: pytest shows what matters."""


@contextmanager
def serving(product: Server) -> Iterator[Site]:
    """A site before the product."""
    with Site(product) as site:
        thread = threading.Thread(target=site.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield site
        finally:
            site.shutdown()
            thread.join()
