"""How fast a node on PostgreSQL answers, compared with the same node on SQLite and with the usual means.

The database is on this machine and commits to its disk, without standbys: so nodes differ by what PostgreSQL costs, and
not by a network. Nodes, the usual program, the load and the database share the cores. Each has the same users, and gets
the same load in turns.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from tests.postgres.server import PostgresServer

from benchmarks.line import Line
from benchmarks.pageviews import BATCH, BATCH_CONNECTIONS, CONNECTIONS, batch_bodies, single_bodies
from benchmarks.processes import shown
from benchmarks.servers import spawn_product
from benchmarks.stage import RUN, Stage
from benchmarks.turns import Turns, errors_line
from benchmarks.usual_server import WORKERS, check_installed, spawn_usual
from benchmarks.world import World

SHARE_OF_SINGLES = 0.6
SHARE_OF_BATCHES = 0.7
TIMES_USUAL = 8.0

_USUAL = "FastAPI, Strawberry and asyncpg"


def measure(stage: Stage) -> Iterator[Line]:
    """Both nodes and the usual program in turns, with single pageviews; and both nodes with batches."""
    check_installed()
    seconds = stage.scale.seconds
    kept = World.kept(stage.scale.few).copied_to(RUN / "embedded")
    with PostgresServer({"shared_buffers": "1GB"}) as database:
        url = database.url(durability="single")
        stores = {"HEROPIXEL_DIRECTORY_URL": url, "HEROPIXEL_JOURNAL_URL": url}
        with environment(stores):
            world = World.make(RUN / "node", stage.scale.few)
        single, batch, single_here, batch_here = (
            Turns(connections) for connections in (CONNECTIONS, BATCH_CONNECTIONS) * 2
        )
        usual = Turns(CONNECTIONS, loads=False)
        with (
            spawn_product(kept.folder) as embedded,
            spawn_product(world.folder, **stores) as node,
            spawn_usual(database, world) as program,
        ):
            embedded.wait_until_at_work()
            node.wait_until_at_work()
            program.wait("POST", "/graphql", single_bodies(world)[0], b'"User ')
            for turn in range(stage.scale.rounds):
                single_here.take(embedded, single_bodies(kept, seed=20 + turn), seconds)
                single.take(node, single_bodies(world, seed=20 + turn), seconds)
                usual.take(program, single_bodies(world, seed=20 + turn), seconds)
                batch_here.take(embedded, batch_bodies(kept, seed=30 + turn), seconds)
                batch.take(node, batch_bodies(world, seed=30 + turn), seconds)
    yield _line("one a request", single, single_here, 1, SHARE_OF_SINGLES)
    yield _line("1,000 a request: events", batch, batch_here, BATCH, SHARE_OF_BATCHES)
    yield _beside_usual(single, usual)
    yield errors_line("node on PostgreSQL", [*single.outcomes, *batch.outcomes])
    yield errors_line(_USUAL, usual.outcomes)


def _line(what: str, node: Turns, embedded: Turns, events: int, share: float) -> Line:
    note = f"{node.beside(embedded)}; a node's pageview takes {shown(node.cost, 'µs', 1)} beside the database"
    note += f", p99 {node.p99:.0f} against {embedded.p99:.0f} ms"
    rates = node.rate * events, embedded.rate * events
    return Line(f"node on PostgreSQL, {what}", rates[0], "/s", "on SQLite", rates[1], ">=", share, note=note)


def _beside_usual(node: Turns, usual: Turns) -> Line:
    note = f"{node.beside(usual)}; p99 {node.p99:.0f} against {usual.p99:.0f} ms"
    note += f"; {node.whole_cost:.0f} against {usual.whole_cost:.0f} µs of processor time beside the database"
    beside = f"{_USUAL}, {WORKERS} workers"
    what = "node on PostgreSQL, one a request, beside the usual"
    return Line(what, node.rate, "/s", beside, usual.rate, ">=", TIMES_USUAL, note=note)


@contextmanager
def environment(variables: dict[str, str]) -> Iterator[None]:
    """Let commands have these variables."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
