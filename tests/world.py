"""A small world for tests: a data folder with an app and a pixel, and real server processes on it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from heropixel.directory import open_directory
from heropixel.directory.apps import app_number, create_app
from heropixel.directory.pixels import create_pixel
from heropixel.settings import Settings

HEROPIXEL = [sys.executable, "-m", "heropixel.cli"]

PAGEVIEW = """
mutation HeroPixel($auth: AuthInput, $event: PageviewEventInput!) {
  pageview(auth: $auth, event: $event) {
    message code data reason eventId
    user { id externalId traits firstSeen }
    match { found matchedOn normalisation firstSeen missReason }
  }
}
"""


class World(NamedTuple):
    """A data folder with one app, whose pixel 1 is for example.com."""

    folder: Path
    app_id: str
    secret: str
    pixel: int

    @property
    def settings(self) -> Settings:
        """The settings of a server on this folder."""
        return Settings(data=self.folder)

    @property
    def auth(self) -> dict[str, str]:
        """The credentials, as `AuthInput` has them."""
        return {"appId": self.app_id, "appSecret": self.secret}


def make_world(folder: Path) -> World:
    """A new world in an empty folder."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory = open_directory(Settings(data=folder).url_of_directory())
    with directory.writing() as connection:
        app = create_app(connection, "Test", now=1)
        number = app_number(connection, app.app_id)
        pixel = create_pixel(connection, number, "Site", ["example.com", "example.co.uk"], now=1)
    directory.close()
    return World(folder, app.app_id, app.secret, pixel)


class Server:
    """A server process on a world."""

    def __init__(self, world: World, process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
        self.world = world
        self.process = process
        self.url = url
        self.log = log
        self.http = httpx.Client(base_url=url, timeout=30)

    def graphql(self, query: str, variables: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """Post a GraphQL request; the decoded body of the response."""
        response = self.http.post("/graphql", json={"query": query, "variables": variables, **more})
        body: dict[str, Any] = response.json()
        return body

    def pageview(self, **event: Any) -> dict[str, Any]:
        """Post a pageview for example.com with the right credentials; the answer."""
        given = {"pixelId": self.world.pixel, "domain": "example.com", **event}
        body = self.graphql(PAGEVIEW, {"auth": self.world.auth, "event": given})
        assert "errors" not in body, body
        answer: dict[str, Any] = body["data"]["pageview"]
        return answer

    def loaded(self, count: int, seconds: float = 20) -> None:
        """Wait until the event store has taken so many pageviews from this server."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            lines = self.http.get("/metrics").text.splitlines()
            (value,) = (line.split()[1] for line in lines if line.startswith("heropixel_loaded_pageviews_total"))
            if float(value) >= count:
                return
            time.sleep(0.1)
        raise AssertionError(f"{value} of {count} pageviews were loaded in {seconds} s")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=60)


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(world: World, *, wait: bool = True, **environment: str) -> Iterator[Server]:
    """A server process on a world, killed at the end if it is still there."""
    port = free_port()
    log = world.folder.parent / f"server-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*HEROPIXEL, "--data", str(world.folder), "serve", "--port", str(port)],
            env={**os.environ, **{f"HEROPIXEL_{name.upper()}": value for name, value in environment.items()}},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Server(world, process, f"http://127.0.0.1:{port}", log)
    try:
        if wait:
            _wait_until_healthy(server)
        yield server
    finally:
        server.http.close()
        if process.poll() is None:
            process.kill()
        process.wait()


def _wait_until_healthy(server: Server) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and server.process.poll() is None:
        try:
            if server.http.get("/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    server.process.kill()
    raise AssertionError(f"the server did not start:\n{server.log.read_text()}")


def command(world: World | None, *words: str, expect: int = 0, **environment: str) -> str:
    """Run the `heropixel` command on a world's folder; what it printed."""
    folder = ["--data", str(world.folder)] if world else []
    done = subprocess.run(
        [*HEROPIXEL, *folder, *words],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == expect, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout if expect == 0 else done.stdout + done.stderr


def exported(world: World) -> list[dict[str, Any]]:
    """Every pageview of a world, as the command exports it."""
    return [json.loads(line) for line in command(world, "pageviews", "export").splitlines()]
