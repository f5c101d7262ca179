"""Whether the memory of a server grows for ever: a steady load of pageviews, with reports.

A server of its own gets 300 pageviews a second, half of them beacons and half mutations. Every 20 seconds it is asked
for the overview of a dashboard, of all these pageviews. The second half of an hour counts (`--hour`): in the first half
a server reaches its size. A run without `--hour` takes some minutes, and has no target.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from statistics import median

from benchmarks.beacons import Browsers
from benchmarks.line import Line
from benchmarks.load import Outcome, drive_requests, request
from benchmarks.reports import Dashboard
from benchmarks.servers import Server, serve_product
from benchmarks.stage import RUN, Stage

HOUR = 3_600.0  # seconds
A_SECOND = 300  # pageviews
CONNECTIONS = 150  # each pauses for half a second, so the response time hardly matters
ROUND_SECONDS = 120.0  # the load keeps the requests of a round in memory
REPORT_SECONDS = 20.0
LOOK_SECONDS = 5.0
GROWTH = 1.02
SHOWN = 12  # numbers of the series


def measure(stage: Stage) -> Iterator[Line]:
    """One long turn."""
    world = stage.world.copied_to(RUN / "lasting")
    with serve_product(world.folder) as server, ThreadPoolExecutor(1) as thread:
        load = thread.submit(_load, server, Browsers(world, seed=300), stage.scale.lasting)
        series = list(_watched(server, Dashboard(server, world), load))
    yield _line(series, load.result(), has_target=stage.scale.lasting >= HOUR)


def _load(server: Server, browsers: Browsers, seconds: float) -> list[Outcome]:
    rounds = max(1, round(seconds / ROUND_SECONDS))
    half = int(A_SECOND * seconds / rounds / 2)
    outcomes = []
    for _ in range(rounds):
        mutations = (request(body) for body in islice(browsers.mutations(), half))
        both = [*chain.from_iterable(zip(islice(browsers.collects(), half), mutations, strict=True))]
        outcomes.append(
            drive_requests(
                server.port, both, connections=CONNECTIONS, seconds=seconds / rounds, pause=CONNECTIONS / A_SECOND
            )
        )
    return outcomes


def _watched(server: Server, dashboard: Dashboard, load: "Future[list[Outcome]]") -> Iterator[float]:
    """The memory of the server in MB, again and again, while it is asked for reports."""
    began = datetime.now(UTC)
    next_report = time.monotonic() + REPORT_SECONDS
    while not load.done():
        time.sleep(LOOK_SECONDS)
        if time.monotonic() >= next_report:
            next_report += REPORT_SECONDS
            dashboard.overview(dashboard.world.pixel, began - timedelta(days=29), datetime.now(UTC))
        yield sum(server.memory().values())


def _line(series: Sequence[float], outcomes: Sequence[Outcome], *, has_target: bool) -> Line:
    third, fourth = (series[len(series) * at // 4 : len(series) * (at + 1) // 4] for at in (2, 3))
    shown = " ".join(f"{one:.0f}" for one in series[:: max(1, len(series) // SHOWN)])
    rate = sum(outcome.requests for outcome in outcomes) / sum(outcome.seconds for outcome in outcomes)
    return Line(
        f"memory at the end of {len(series) * LOOK_SECONDS / 60:.0f} minutes of {rate:.0f} pageviews a second",
        median(fourth),
        "MB",
        "in the third quarter",
        median(third),
        "<=" if has_target else "",
        GROWTH,
        note=f"medians of the last two quarters; since the start: {shown} MB; a report every {REPORT_SECONDS:.0f} s",
    )
