"""How much slower pageviews are while a client asks for the large overview without pause, in turns on one server."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from benchmarks import report_world
from benchmarks.line import Line
from benchmarks.pageviews import CONNECTIONS, single_bodies
from benchmarks.report_world import LARGE
from benchmarks.reports import Dashboard
from benchmarks.stage import RUN, Stage
from benchmarks.turns import Turns, errors_line

KEPT_SHARE = 0.9
TIMES_P99 = 2.0


def measure(stage: Stage) -> Iterator[Line]:
    """Turns without reports and beside them."""
    shape, seconds = stage.scale.reports, stage.scale.beside
    alone, beside = Turns(CONNECTIONS), Turns(CONNECTIONS)
    overviews: list[float] = []
    with Dashboard.of(shape, RUN / "beside-reports") as here:
        here.seconds(LARGE, report_world.PERIOD)  # reads the data for the first time
        for turn in range(stage.scale.rounds):
            bodies = single_bodies(here.world, seed=turn)
            alone.take(here.server, bodies, seconds)
            beside.wait()
            with ThreadPoolExecutor(1) as thread:
                load = thread.submit(beside.take_now, here.server, bodies, seconds)
                while not load.done():
                    overviews.append(here.seconds(LARGE, report_world.PERIOD))
                load.result()
    taken = " ".join(f"{one:.2f}" for one in overviews)
    yield Line(
        "pageviews while reports run without pause",
        beside.rate,
        "/s",
        "alone",
        alone.rate,
        ">=",
        KEPT_SHARE,
        note=f"{beside.beside(alone)}; overviews of {shape.large:,} pageviews meanwhile: {taken} s",
    )
    yield Line("pageview, p99 while reports run without pause", beside.p99, "ms", "alone", alone.p99, "<=", TIMES_P99)
    yield errors_line("pageviews beside reports", [*alone.outcomes, *beside.outcomes])
