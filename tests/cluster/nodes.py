"""Nodes of a cluster for tests: real servers without a folder, on one PostgreSQL database and one event store."""

import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from heropixel.directory import open_directory
from heropixel.directory.apps import app_number, create_app
from heropixel.directory.pixels import create_pixel
from tests.clickhouse.server import ClickHouseServer
from tests.launcher import launch, run
from tests.postgres.server import PostgresServer
from tests.world import STARTS_WITHIN, Server, World

KEY = "c1" * 32


class Node(Server):
    """A node: the first line of its log says where it listens."""

    @cached_property
    def url(self) -> str:
        until = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < until and self.process.poll() is None:
            for line in self.log.read_text().splitlines():
                if line.startswith("heropixel accepts pageviews at "):
                    return line.split()[-1].removesuffix("/graphql")
            time.sleep(0.01)
        raise AssertionError(f"the node did not start:\n{self.log.read_text()}")


class Cluster:
    """A database and an event store, with an app and a pixel."""

    def __init__(self, database: str, events: str, folder: Path) -> None:
        self.folder = folder
        url = f"{database}{'&' if '?' in database else '?'}durability=single"
        self.urls = {"directory_url": url, "journal_url": url, "events_url": events}
        directory = open_directory(database)
        with directory.writing() as connection:
            app = create_app(connection, "Test", now=1)
            number = app_number(connection, app.app_id)
            pixel = create_pixel(connection, number, "Site", ["example.com", "example.org"], now=1)
        directory.close()
        self.world = World(folder, app.app_id, app.secret, pixel)

    def environment(self, **more: str) -> dict[str, str]:
        settings = {**self.urls, "key": KEY, "doors": "1", **more}
        return os.environ | {f"HEROPIXEL_{name.upper()}": value for name, value in settings.items()}

    @contextmanager
    def node(self, *, port: int = 0, wait: bool = True, **settings: str) -> Iterator[Node]:
        """A node, killed at the end if it is still there."""
        number, name = tempfile.mkstemp(prefix="node-", suffix=".log", dir=self.folder)
        with os.fdopen(number, "wb") as log:
            words = ("serve", "--port", str(port))
            process = launch(*words, environment=self.environment(**settings), stdout=log, stderr=log)
        node = Node(self.world, process, Path(name))
        try:
            if wait:
                assert node.url
            yield node
        finally:
            if "http" in node.__dict__:
                node.http.close()
            process.kill()
            process.wait()

    def command(self, *words: str, expect: int = 0, **settings: str) -> str:
        """Run a command on a machine that has nothing of the cluster but its URLs and its key."""
        done = run(*words, environment=self.environment(**settings), folder=self.folder)
        assert done.returncode == expect, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout if expect == 0 else done.stdout + done.stderr

    def exported(self) -> list[dict[str, Any]]:
        """Every pageview of the event store, once all that was accepted is there."""
        return [json.loads(line) for line in self.command("pageviews", "export").splitlines()]


@contextmanager
def new_cluster(folder: Path) -> Iterator[Cluster]:
    """A cluster without nodes, on servers of its own."""
    with PostgresServer({"max_connections": "150"}) as postgres, ClickHouseServer() as events:
        yield Cluster(postgres.url(), events.url("heropixel"), folder)
