"""A small site for tests: a real HTTP server with answers that a test sets."""

import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

OUR_SCRIPT = b"(function(){var heropixel=window.heropixel;fetch('collect',{body:{pixelId:1}})})();"


class Reply(NamedTuple):
    """What is answered."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = {"content-type": "text/html; charset=utf-8"}


def page(html: str, **headers: str) -> Reply:
    """A page, with more headers, in which _ stands for -."""
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(html.encode(), headers={"content-type": "text/html; charset=utf-8", **more})


def redirect(where: str, status: int = 302) -> Reply:
    return Reply(status=status, headers={"location": where})


def script(body: bytes = OUR_SCRIPT, **headers: str) -> Reply:
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(body, headers={"content-type": "text/javascript; charset=utf-8", **more})


class Asked(NamedTuple):
    """A request that came."""

    method: str
    path: str
    headers: Mapping[str, str]


Answering = Reply | Callable[[BaseHTTPRequestHandler], None]


class Site:
    """Answers by path. A preflight of `/collect` is answered as the product does, unless a test sets another answer."""

    def __init__(self, port: int, scheme: str) -> None:
        self.port = port
        self.scheme = scheme
        self.answers: dict[str, Answering] = {}
        self.asked: list[Asked] = []

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"


class _Door(BaseHTTPRequestHandler):
    """One connection to the site of its server."""

    site: Site

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.site.asked.append(Asked(self.command, self.path, dict(self.headers)))
        answer = self.site.answers.get(path) or self._otherwise(path)
        if callable(answer):
            answer(self)
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            for one in value.split("\n"):
                self.send_header(name, one)
        if answer.status != 204:
            self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(answer.body)

    def do_OPTIONS(self) -> None:
        self.do_GET()

    def _otherwise(self, path: str) -> Reply:
        if (self.command, path) == ("OPTIONS", "/collect"):
            return preflight(self.headers.get("origin", ""))
        return Reply(b"not here", 404)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


def preflight(origin: str, **headers: str) -> Reply:
    """The answer of the door to a page of this origin."""
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(
        status=204,
        headers={"access-control-allow-origin": origin, "access-control-allow-credentials": "true", **more},
    )


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """A client that disconnects is not an error here."""


@contextmanager
def site(tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    """A site that runs."""
    door = type("Door", (_Door,), {})
    server = _Server(("127.0.0.1", 0), door)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    running = Site(server.server_port, "https" if tls else "http")
    door.site = running  # type: ignore[attr-defined]  # of a class made a line above
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()


def here(_host: str, _port: int) -> list[str]:
    """Every name leads to this machine."""
    return ["127.0.0.1"]


class Certificates(NamedTuple):
    """Of a server, and what trusts them."""

    server: ssl.SSLContext
    trusting: ssl.SSLContext
    file: Path


def certificates(folder: Path, name: str) -> Certificates:
    """A certificate for one name, signed by an authority of its own."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not on this machine")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        + ["-keyout", str(key), "-out", str(certificate), "-days", "2", "-subj", f"/CN={name}"]
        + ["-addext", f"subjectAltName=DNS:{name}"],
        check=True,
        capture_output=True,
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    return Certificates(server, ssl.create_default_context(cafile=str(certificate)), certificate)
