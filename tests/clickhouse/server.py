"""The test server as a test has it: start it, tell it what is to fail, and look at what it was asked."""

import json
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import httpx

from heropixel.events import Events

LOST_BEFORE, LOST_AFTER, CUT, SLOW, UNAVAILABLE = "lost before", "lost after", "cut", "slow", "unavailable"
FAULTS = (LOST_BEFORE, LOST_AFTER, CUT, SLOW, UNAVAILABLE)
PASSWORD = "s3cret/of:the@store"  # its characters have to be escaped in a URL

_TEMPLATE = "template_of_tests"
# First what others are made of.
_TABLES = f"system.tables WHERE database = '{_TEMPLATE}' ORDER BY engine = 'MaterializedView'"
_OWN = "'default', 'system', 'information_schema', 'INFORMATION_SCHEMA'"


class ClickHouseServer:
    """A running server on a new folder; see speaking.py."""

    def __init__(self, *, replica: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="hp-clickhouse-"))
        self.is_replica = replica
        self._more = ["--replica"] if replica else []
        self.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def start(self) -> None:
        """Start it, again on its folder, on another port."""
        here = Path(__file__).parents[2]
        command = [sys.executable, "-m", "tests.clickhouse.speaking", str(self.folder), PASSWORD, *self._more]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=here)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
        self._told = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30, verify=False, trust_env=False)

    def url(self, database: str = "", query: str = "", password: str = PASSWORD) -> str:
        """Where a database is, as an operator writes it."""
        quoted = httpx.URL("http://host", password=password).userinfo.decode().lstrip(":")
        return f"clickhouse://heropixel:{quoted}@127.0.0.1:{self.port}/{database}{'?' * bool(query)}{query}"

    def new_store(self, query: str = "") -> str:
        """The URL of a new event store of the newest schema. Making it by the migrations takes ten times as long."""
        name = f"test_{secrets.token_hex(6)}"
        tables = self._run(f"SELECT create_table_query FROM {_TABLES} FORMAT JSONCompactEachRow").splitlines()
        if not tables:
            Events(self.url(_TEMPLATE, "cluster=here" if self.is_replica else "")).close()
            return self.new_store(query)
        self._run(f"CREATE DATABASE {name}")
        for (create,) in map(json.loads, tables):
            self._run(create.replace(f"{_TEMPLATE}.", f"{name}."))
        self._run(f"INSERT INTO {name}.migrations SELECT * FROM {_TEMPLATE}.migrations")
        return self.url(name, query)

    def drop_stores(self) -> None:
        """Drop every database but the template: the engine looks after each table twice a second, used or not."""
        found = self._run(f"SELECT name FROM system.databases WHERE name NOT IN ('{_TEMPLATE}', {_OWN})")
        for name in found.split():
            self._run(f"DROP DATABASE `{name}`")

    def _run(self, statement: str) -> str:
        done = self._told.post("/", content=statement, auth=("heropixel", PASSWORD))
        assert done.status_code == 200, done.text
        return done.text

    def fail(self, kind: str, matching: str, times: int = 1) -> None:
        """Let the next requests with statements that match a pattern fail."""
        self._tell(faults=[{"kind": kind, "matching": matching, "times": times}])

    def lose(self, *hosts: str) -> None:
        """Let other servers of its cluster be down."""
        self._tell(down=hosts)

    def asked(self) -> list[dict[str, Any]]:
        """What it was asked since this was called. It ends what it does, and nothing fails any more."""
        return self._tell()

    def _tell(self, faults: Sequence[dict[str, Any]] = (), down: Sequence[str] = ()) -> list[dict[str, Any]]:
        told = self._told.post("/told", json={"faults": list(faults), "down": list(down)})
        return list(json.loads(told.content))

    def stop(self) -> None:
        """End it at once, as a power cut does."""
        self._told.close()
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def remove(self) -> None:
        """End it, and remove its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
