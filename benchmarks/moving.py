"""How long a world takes to move into a cluster while pageviews come, and how long pageviews wait at the change.

PostgreSQL and what speaks ClickHouse's protocol run on the same machine: they share its cores with the server and with
the command. So this is the least that a move of one's own machines does.
"""

import shutil
import time
from collections.abc import Iterator

from tests.clickhouse.server import ClickHouseServer
from tests.moving.worlds import Cluster, Visitors
from tests.postgres.server import PostgresServer
from tests.world import World as Served
from tests.world import running

from benchmarks import report_world
from benchmarks.line import Line
from benchmarks.stage import RUN, Stage
from benchmarks.world import World
from heropixel.folder import moved_to

LARGE, SECONDS = 10_000_000, 600  # what is promised: so many pageviews, with a million users, in less than that


def measure(stage: Stage) -> Iterator[Line]:
    """One move of a copy of the world of reports."""
    yield from of_world(report_world.linked_to(report_world.kept(stage.scale.reports_tenth), RUN / "moving/world"))


def of_world(world: World) -> Iterator[Line]:
    """Move a world, which may be written to."""
    served = Served(world.folder, world.app_id, world.app_secret, world.pixel)
    with (
        PostgresServer({"max_wal_size": "4GB"}) as postgres,
        ClickHouseServer() as events,
        running(served, doors="1") as server,
    ):
        cluster = Cluster(postgres.url(), events.url("moved"))
        visitors = Visitors(server, "meanwhile")
        with visitors.coming():
            began = time.monotonic()
            said = cluster.move(served)
            took = time.monotonic() - began
            time.sleep(1)
        moved = moved_to(world.folder)
    shutil.rmtree(world.folder, ignore_errors=True)
    pageviews = int(said.partition("Moved: ")[2].split()[0].replace(",", ""))
    note = f"{pageviews:,} pageviews and {world.users:,} users in {took:.0f} s; {_steps(said)}"
    yield Line("move: pageviews", pageviews / took, "/s", "promised", LARGE / SECONDS, ">=", 1.0, note=note)
    longest = (
        f"of {len(visitors.recorded):,} pageviews one after the other, {len(visitors.others)} were not answered 200"
    )
    waited = moved.waited / 1000 if moved else 0.0
    yield Line("move: pageviews wait", visitors.longest, "s", "as it says", waited, "<=", 1.0, "measured", note=longest)


def _steps(said: str) -> str:
    return " ".join(line for line in said.splitlines() if line.startswith(("Copied", "Caught")))
