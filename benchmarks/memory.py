"""The memory of the server: on an empty world, and after all other benchmarks.

It is the proportional set size, summed over all processes. What they share, such as the program, is counted once.
"""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from benchmarks import processes
from benchmarks.line import Line
from benchmarks.pageviews import single_body
from benchmarks.processes import DOOR, PARENT, shown
from benchmarks.reports import Dashboard
from benchmarks.servers import spawn_product
from benchmarks.stage import RUN, Stage
from benchmarks.world import World

EMPTY, USED, A_DOOR = 450, 800, 90  # MB

_ENGINE = "import chdb.session as s, sys; s.Session().query('SELECT 1'); print(flush=True); sys.stdin.read()"


def measure(stage: Stage) -> Iterator[Line]:
    """An empty world in parts and in one process, then the shared server, which also answers a report."""
    engine = _engine_alone()
    yield _line("memory of an empty world, one door", _of_empty_world(doors=1), engine, EMPTY)
    yield _line("memory of an empty world, all in one process", _of_empty_world(doors=0), engine)
    now = datetime.now(UTC)
    Dashboard(stage.server, stage.world).overview(stage.world.pixel, now - timedelta(days=29), now)
    used = stage.server.memory()
    yield _line("memory after all benchmarks before", used, engine, USED)
    door = max(megabytes for part, megabytes in used.items() if part.startswith(DOOR))
    yield Line("memory of a door", door, "MB", "whole server", sum(used.values()), "<=", A_DOOR, "measured")


def _line(what: str, parts: dict[str, float], engine: float, limit: float | None = None) -> Line:
    line = Line(what, sum(parts.values()), "MB", "event engine alone", engine, note=shown(parts, "MB"))
    return line if limit is None else line._replace(sign="<=", target=limit, of="measured")


def _of_empty_world(doors: int) -> dict[str, float]:
    """The memory of a new server that has answered a pageview and loaded it."""
    world = World.make(RUN / f"empty-{doors}")
    with spawn_product(world.folder, HEROPIXEL_DOORS=str(doors)) as server:
        server.wait_until_at_work()
        server.wait("POST", "/graphql", single_body(world, world.event(0)), b"User Not Found")
        server.wait_until_idle()
        return server.memory()


def _engine_alone() -> float:
    """The memory of a process that has loaded the embedded event engine, run one query, and does nothing else."""
    command = [sys.executable, "-c", _ENGINE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        if process.stdout:
            process.stdout.readline()
        return processes.memory(process.pid)[PARENT]
