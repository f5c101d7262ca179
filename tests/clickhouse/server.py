"""The test server as a test has it: start it, tell it what is to fail, and look at what it was asked."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import httpx

LOST_BEFORE, LOST_AFTER, CUT, SLOW, UNAVAILABLE = "lost before", "lost after", "cut", "slow", "unavailable"
FAULTS = (LOST_BEFORE, LOST_AFTER, CUT, SLOW, UNAVAILABLE)
PASSWORD = "s3cret/of:the@store"  # its characters have to be escaped in a URL


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
