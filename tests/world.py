"""A small world for tests: a data folder with an app and a pixel, and real server processes on it."""

import json
import os
import re
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from heropixel.directory import Directory, open_directory
from heropixel.directory.apps import NewApp, app_number, create_app
from heropixel.directory.pixels import create_pixel
from heropixel.folder import holder_of
from heropixel.settings import Settings
from tests.databases import KEY, STORES, new_urls
from tests.launcher import Process, launch, run
from tests.session.place import new_folder

STARTS_WITHIN = 60  # seconds, on a machine that has much else to do

PAGEVIEW = """
mutation HeroPixel($auth: AuthInput, $event: PageviewEventInput!) {
  pageview(auth: $auth, event: $event) {
    message code data reason eventId
    user { id externalId traits firstSeen }
    match { found matchedOn normalisation firstSeen missReason }
    warnings { field treatment message }
  }
}
"""


class World(NamedTuple):
    """A data folder with one app, whose pixel 1 is for example.com."""

    folder: Path
    app_id: str
    secret: str
    pixel: int
    more: Mapping[str, str] = {}  # settings: the URLs of stores that are not in the folder, the key

    @property
    def settings(self) -> Settings:
        """The settings of a server on this folder."""
        return Settings(data=self.folder, **self.more)

    @property
    def environment(self) -> dict[str, str]:
        """The same for a process."""
        return os.environ | {f"HEROPIXEL_{name.upper()}": value for name, value in self.more.items()}

    @property
    def with_key(self) -> "World":
        """The same with the key in its settings: a server with all stores elsewhere has no file for it."""
        return self._replace(more={**self.more, "key": KEY})

    @property
    def auth(self) -> dict[str, str]:
        """The credentials, as `AuthInput` has them."""
        return {"appId": self.app_id, "appSecret": self.secret}


def make_world(folder: Path, urls: Mapping[str, str] | None = None) -> World:
    """A new world in an empty folder, whose stores are copies of a template: migrating them takes most of a second.

    Stores with a URL are elsewhere. By default none is, or those of `STORES`.
    """
    urls = (new_urls(folder) if os.environ.get(STORES) == "postgresql" else {}) if urls is None else urls
    shutil.copytree(_template(), folder, symlinks=True, dirs_exist_ok=True)
    for store, file in (("directory_url", "directory.sqlite3"), ("journal_url", "journal.sqlite3")):
        if store in urls:
            (folder / file).unlink()
    folder.chmod(0o700)
    return _with_app(folder, urls)


def make_first_world(folder: Path) -> World:
    """The same without a process: the event store and the journal are made when they are opened."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copy(_empty_directory(), folder / "directory.sqlite3")
    return _with_app(folder, {})


def new_directory(folder: Path) -> Directory:
    """A new directory in a folder, open."""
    return open_directory(f"sqlite:///{copy_of_directory(folder)}")


def copy_of_directory(folder: Path) -> Path:
    """The file of a new directory in a folder."""
    file = folder / "directory.sqlite3"
    shutil.copy(_empty_directory(), file)
    return file


@cache
def _empty_directory() -> Path:
    """The file of a directory of the newest schema. A copy of it takes a hundredth of the time of the migrations."""
    made = new_folder("directory")
    open_directory(f"sqlite:///{made / 'directory.sqlite3'}").close()
    return made / "directory.sqlite3"


def _with_app(folder: Path, urls: Mapping[str, str]) -> World:
    directory = open_directory(Settings(data=folder, **urls).url_of_directory())
    with directory.writing() as connection:
        app = create_app(connection, "Test", now=1)
        number = app_number(connection, app.app_id)
        pixel = create_pixel(connection, number, "Site", ["example.com", "example.co.uk"], now=1)
    directory.close()
    return World(folder, app.app_id, app.secret, pixel, urls)


@cache
def _template() -> Path:
    """A folder with empty stores of the newest schema, and without a key, salts or other secrets."""
    made = new_folder("template")
    (made / "data").mkdir(mode=0o700)
    shutil.copy(_empty_directory(), made / "data" / "directory.sqlite3")
    done = run("--data", str(made / "data"), "pageviews", "export")
    assert done.returncode == 0, done.stderr
    (made / "data" / "heropixel.lock").unlink()
    files = {path.name for path in (made / "data").iterdir()}
    assert files == {"directory.sqlite3", "journal.sqlite3", "events", "stores.json"}
    return made / "data"


class Server:
    """A server process on a world."""

    def __init__(self, world: World, process: Process, log: Path) -> None:
        self.world = world
        self.process = process
        self.log = log
        self.apps: list[NewApp] = []  # made for tests, which take one each
        self.makes_apps = 1  # at once

    @cached_property
    def url(self) -> str:
        """Where it listens: the folder's lock file tells, as soon as it holds a port. Without a folder the log does."""
        until = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < until and self.process.poll() is None:
            holder = holder_of(self.world.folder)
            if holder is not None and holder.pid == self.process.pid and holder.url:
                return holder.url
            if said := re.search(r"heropixel accepts pageviews at (\S+)/graphql", self.log.read_text()):
                return said[1]
            time.sleep(0.002)
        raise AssertionError(f"the server did not start:\n{self.log.read_text()}")

    @cached_property
    def http(self) -> httpx.Client:
        """A client of it."""
        return httpx.Client(base_url=self.url, timeout=30, verify=False)  # loading authorities takes 30 ms, for nobody

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

    def loaded(self, count: int, seconds: float = 60) -> None:
        """Wait until the event store has so many pageviews of this server."""
        until = time.monotonic() + seconds
        while (there := self._loaded()) < count:
            assert time.monotonic() < until, f"{there} of {count} pageviews were loaded in {seconds} s"
            self.catch_up()
            time.sleep(0.01)

    def catch_up(self) -> None:
        """Have it load at once what it has accepted. By itself it does so within a second."""
        through_operators_door(self.world, "POST", "/operator/catch-up")

    def _loaded(self) -> float:
        lines = self.http.get("/metrics").text.splitlines()
        (value,) = (line.split()[1] for line in lines if line.startswith("heropixel_loaded_pageviews_total"))
        return float(value)

    def pids(self) -> list[int]:
        """Its processes: the parent, and the parts that there are."""
        parent = self.process.pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        return [parent, *map(int, children)]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=60)


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(world: World, *, wait: bool = True, script: str = "", **environment: str) -> Iterator[Server]:
    """A server on a world, killed at the end if it is still there. With a script, that is run instead.

    Without `wait` its parts may still be starting.
    """
    settings = {f"HEROPIXEL_{name.upper()}": value for name, value in environment.items()}
    number, name = tempfile.mkstemp(prefix="server-", suffix=".log", dir=world.folder.parent)
    with os.fdopen(number, "wb") as log:
        process = launch(
            *("--data", str(world.folder), "serve", "--port", "0"),
            environment=world.environment | settings,
            script=script,
            stdout=log,
            stderr=log,
        )
    server = Server(world, process, Path(name))
    try:
        if wait:
            _wait_until_ready(server)
        yield server
    finally:
        if "http" in server.__dict__:
            server.http.close()
        process.kill()
        process.wait()


def _wait_until_ready(server: Server) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and server.process.poll() is None:
        if b"heropixel accepts pageviews" in server.log.read_bytes() and server.url:
            return
        time.sleep(0.01)
    server.process.kill()
    raise AssertionError(f"the server did not start:\n{server.log.read_text()}")


def command(world: World | None, *words: str, expect: int = 0, **environment: str) -> str:
    """Run the `heropixel` command on a world's folder; what it printed."""
    folder = ["--data", str(world.folder)] if world else []
    done = run(*folder, *words, environment=(world.environment if world else os.environ) | environment)
    assert done.returncode == expect, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout if expect == 0 else done.stdout + done.stderr


def exported(world: World) -> list[dict[str, Any]]:
    """Every pageview of a world, as the command exports it. If a server runs, it is asked as the command asks it."""
    holder = holder_of(world.folder)
    if holder is None or not holder.url:
        return [json.loads(line) for line in command(world, "pageviews", "export").splitlines()]
    lines = through_operators_door(world, "GET", "/operator/pageviews").split("\n")
    rows = [json.loads(line) for line in lines if line]
    return [{name: value for name, value in row.items() if value is not None} for row in rows]  # as the command does


def through_operators_door(world: World, method: str, path: str) -> str:
    """The answer of a server to a program that may read the lock file of its folder."""
    holder = holder_of(world.folder)
    assert holder is not None, "nobody holds the folder"
    with httpx.Client(transport=httpx.HTTPTransport(uds=holder.operators), timeout=120) as client:
        return client.request(method, f"http://server{path}").raise_for_status().text
