"""The time until a new server answers "User Found", compared with the echo, and the time of commands."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from statistics import median

from benchmarks.line import Line
from benchmarks.pageviews import single_body
from benchmarks.servers import Server, spawn_echo, spawn_product
from benchmarks.stage import RUN, Stage
from benchmarks.world import World


def measure(stage: Stage) -> Iterator[Line]:
    """Start both in turns. The first pair only warms the disk."""
    world = World.kept(stage.scale.users).copied_to(RUN / "start")
    body = single_body(world, world.event(0))
    product: list[float] = []
    echo: list[float] = []
    for _ in range(stage.scale.starts + 1):
        product.append(_seconds(lambda: spawn_product(world.folder), body, b"User Found"))
        echo.append(_seconds(spawn_echo, body, body))
    yield Line("start to first answer", median(product[1:]), "s", "bare echo", median(echo[1:]), "<=", 2, "measured")
    yield _command("--help", stage)
    yield _command("apps list", stage, "--data", str(world.folder))


BARE = [sys.executable, "-c", "import sqlalchemy, typer"]


def _command(words: str, stage: Stage, *more: str) -> Line:
    """The time of a whole command, compared with the import of its two largest libraries."""
    product: list[float] = []
    bare: list[float] = []
    for _ in range(2 * stage.scale.starts + 1):
        product.append(_ran([sys.executable, "-m", "heropixel.cli", *more, *words.split()]))
        bare.append(_ran(BARE))
    what, beside = f"heropixel {words}", "import of SQLAlchemy and Typer"
    return Line(what, median(product[1:]), "s", beside, median(bare[1:]), "<=", 0.35, "measured")


def _ran(words: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def _seconds(spawn: Callable[[], Server], body: bytes, expected: bytes) -> float:
    began = time.perf_counter()
    with spawn() as server:
        server.wait("POST", "/graphql", body, expected)
        return time.perf_counter() - began
