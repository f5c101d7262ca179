"""A small site for tests: a real HTTP server on this machine that answers what it is told to, and keeps what it is asked."""

import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

OUR_SCRIPT = b"(function(){var heropixel=window.heropixel;fetch('collect',{body:{pixelId:1}})})();"


class Reply(NamedTuple):
    """What is answered."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = {"content-type": "text/html; charset=utf-8"}  # noqa: RUF012 - it is never changed


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
    """Answers by path; a preflight of `/collect` as the door answers it, unless told otherwise."""

    def __init__(self, port: int, scheme: str) -> None:
        self.port = port
        self.scheme = scheme
        self.answers: dict[str, Answering] = {}
        self.asked: list[Asked] = []

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"


@contextmanager
def site(tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    """A site that runs."""

    class Door(BaseHTTPRequestHandler):
        def do(self) -> None:
            path = self.path.partition("?")[0]
            running.asked.append(Asked(self.command, self.path, dict(self.headers)))
            answer = running.answers.get(path)
            if answer is None and (self.command, path) == ("OPTIONS", "/collect"):
                answer = Reply(
                    status=204,
                    headers={
                        "access-control-allow-origin": self.headers.get("origin", ""),
                        "access-control-allow-credentials": "true",
                    },
                )
            if answer is None:
                answer = Reply(b"not here", 404)
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
            try:
                self.wfile.write(answer.body)
            except (BrokenPipeError, ConnectionResetError):
                return

        do_GET = do_OPTIONS = do

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign,assignment]  # who hangs up is no fault here
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    running = Site(server.server_port, "https" if tls else "http")
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
    return Certificates(server, ssl.create_default_context(cafile=str(certificate)))
