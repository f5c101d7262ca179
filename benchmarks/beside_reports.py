"""How much slower pageviews are while a client asks for the large overview without pause, in turns on one server.

Each kind of turn is run at full load and at half of that. At full load the processor time of reports is missing to
pageviews where there are few cores. At half the load it shows whether a report makes pageviews wait.
"""

from collections.abc import Callable, Iterator
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
    alone, beside, half_alone, half_beside = (Turns(CONNECTIONS) for _ in range(4))
    overviews: list[float] = []
    with Dashboard.of(shape, RUN / "beside-reports") as here:
        server = here.server
        here.seconds(LARGE, report_world.PERIOD)  # reads the data for the first time
        for turn in range(stage.scale.rounds):
            bodies = single_bodies(here.world, seed=turn)
            alone.take(server, bodies, seconds)
            with beside.measuring(server):
                overviews += _beside(lambda: beside.take_now(server, bodies, seconds), here)  # noqa: B023 - run at once
            pause = CONNECTIONS / (alone.rate / 2)
            half_alone.take(server, bodies, seconds, pause)
            with half_beside.measuring(server):
                _beside(lambda: half_beside.take_now(server, bodies, seconds, pause), here)  # noqa: B023 - run at once
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
    yield _p99("at full load", beside, alone)
    yield _p99("at half the load", half_beside, half_alone)
    yield errors_line("pageviews beside reports", [*alone.outcomes, *beside.outcomes, *half_beside.outcomes])


def _beside(load: Callable[[], None], here: Dashboard) -> list[float]:
    """Ask for overviews until the load has ended. Returns how long each took."""
    overviews = []
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(load)
        while not running.done():
            overviews.append(here.seconds(LARGE, report_world.PERIOD))
        running.result()
    return overviews


def _p99(when: str, beside: Turns, alone: Turns) -> Line:
    note = f"{beside.rate:,.0f} pageviews/s against {alone.rate:,.0f}; p50 {beside.p50:.1f} against {alone.p50:.1f} ms"
    what = f"pageview, p99 while reports run, {when}"
    return Line(what, beside.p99, "ms", "alone", alone.p99, "<=", TIMES_P99, note=note)
