"""A world that moves while pageviews come, for tests."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from tests.clickhouse.server import ClickHouseServer
from tests.launcher import launch, run
from tests.launcher.process import Process
from tests.world import PAGEVIEW, Server, World

PEOPLE = 12


class Moving(NamedTuple):
    """A command that moves a world."""

    process: Process
    log: Path

    def wait(self) -> int:
        """Wait for its end; the exit code."""
        return self.process.wait(timeout=120)

    def wait_until_frozen(self, world: World) -> None:
        """Wait until the event store is being copied."""
        frozen = world.folder / "moving/events/schema-version"
        wait_for(lambda: frozen.exists() or self.process.poll() is not None)
        assert self.process.poll() is None, self.log.read_text()


class Cluster:
    """The stores that a world moves into."""

    def __init__(self, database: str, events: str) -> None:
        self.database = f"{database}{'&' if '?' in database else '?'}durability=single"
        self.events = events

    def environment(self, world: World) -> dict[str, str]:
        """Of a process that uses them."""
        urls = {"DIRECTORY_URL": self.database, "JOURNAL_URL": self.database, "EVENTS_URL": self.events}
        urls["KEY"] = (world.folder / "directory.key").read_text().strip()
        return os.environ | {f"HEROPIXEL_{name}": value for name, value in urls.items()}

    @property
    def named(self) -> dict[str, str]:
        """The target for the command: secrets are in its environment."""
        return os.environ | {
            "HEROPIXEL_MOVE_TO_DIRECTORY": self.database,
            "HEROPIXEL_MOVE_TO_EVENTS": self.events,
        }

    @contextmanager
    def moving(self, world: World) -> Iterator[Moving]:
        """The command, which goes on by itself until it has ended, or the block has."""
        said = world.folder.parent / "move.log"
        with said.open("wb") as log:
            words = ("--data", str(world.folder), "move", "--yes")
            process = launch(*words, environment=self.named, stdout=log, stderr=log)
        try:
            yield Moving(process, said)
        finally:
            process.kill()
            process.wait()

    def move(self, world: World, expect: int = 0) -> str:
        """Run the command; what it printed."""
        done = run("--data", str(world.folder), "move", "--yes", environment=self.named)
        assert done.returncode == expect, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def command(self, world: World, *words: str) -> str:
        """Run another command in the cluster; what it printed."""
        done = run(*words, environment=self.environment(world))
        assert done.returncode == 0, done.stderr
        return done.stdout


class Visitors:
    """Sends pageviews one after the other until it is told to stop, each with an event id of its own."""

    def __init__(self, server: Server, name: str) -> None:
        self._server = server
        self._name = name
        self._is_over = threading.Event()
        self.recorded: list[str] = []
        self.others: list[Any] = []  # what was answered otherwise
        self.longest = 0.0  # seconds

    @contextmanager
    def coming(self) -> Iterator[None]:
        """They come until the block ends."""
        thread = threading.Thread(target=self._come)
        thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            thread.join()

    def _come(self) -> None:
        with httpx.Client(base_url=self._server.url, timeout=30, verify=False) as http:
            number = 0
            while not self._is_over.is_set():
                number += 1
                self._send(http, f"{self._name}-{number}", number)
                time.sleep(0.005)

    def _send(self, http: httpx.Client, event_id: str, number: int) -> None:
        event = {"pixelId": self._server.world.pixel, "domain": "example.com", "eventId": event_id}
        event |= {"email": f"new-{number % 30}@example.com", "url": f"https://example.com/{self._name}"}
        began = time.monotonic()
        try:
            variables = {"auth": self._server.world.auth, "event": event}
            answer = http.post("/graphql", json={"query": PAGEVIEW, "variables": variables}).json()
            code = answer["data"]["pageview"]["code"]
        except httpx.HTTPError as error:  # a connection that is closed: whoever sends it repeats it
            self.others.append(error)
            return
        self.longest = max(self.longest, time.monotonic() - began)
        if code == 200:
            self.recorded.append(event_id)
        else:
            self.others.append(answer)


def wait_for(what: Any, seconds: float = 60) -> None:
    """Wait until it is true."""
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until
        time.sleep(0.01)


def slow(clickhouse: ClickHouseServer, times: int) -> None:
    """Let so many inserts of the event store take two seconds each, or until it is asked what it was asked."""
    clickhouse.fail("slow", "INSERT INTO pageviews", times)
