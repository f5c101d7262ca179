"""What the benchmarks share: the scale of the run, and one server for all of them."""

import shutil
from functools import cached_property
from types import TracebackType
from typing import NamedTuple, Self

from benchmarks.report_world import Shape
from benchmarks.servers import Server, serve_product
from benchmarks.world import BENCH, World


class Scale(NamedTuple):
    """The sizes and durations of a run."""

    users: int  # in the directory behind the server
    rounds: int  # how many turns of product and ceiling
    seconds: float  # the duration of a turn
    beside: float  # the duration of a turn beside something slow, such as reports
    sustained: float  # the duration of the long load of `loader`
    lasting: float  # the duration of `lasting`
    imported: int  # rows of an imported file, twice
    small_file: int  # rows of the two files for peak memory; each fills more than SQLite's cache
    large_file: int
    few: int  # users of the small and the large directory for resolving
    many: int
    groups: int  # resolved in each
    beacons: int  # of each kind whose times are compared
    starts: int
    visits: int  # of each way to leave a page
    reports: Shape
    reports_tenth: Shape  # a store of a tenth, with the same medium pixel in it


FULL = Scale(
    users=1_000_000,
    rounds=5,
    seconds=5,
    beside=6,
    sustained=60,
    lasting=600,
    imported=1_000_000,
    small_file=200_000,
    large_file=2_000_000,
    few=50_000,
    many=5_000_000,
    groups=3_000,
    beacons=10_000,
    starts=5,
    visits=50,
    reports=Shape(users=300_000, large=2_500_000, medium=50_000, other=49_000),
    reports_tenth=Shape(users=300_000, large=250_000, medium=50_000, other=4_000),
)
QUICK = Scale(
    users=100_000,
    rounds=2,
    seconds=2,
    beside=3,
    sustained=10,
    lasting=180,
    imported=100_000,
    small_file=150_000,
    large_file=450_000,
    few=50_000,
    many=500_000,
    groups=1_000,
    beacons=2_000,
    starts=3,
    visits=10,
    reports=Shape(users=300_000, large=250_000, medium=50_000, other=4_000),
    reports_tenth=Shape(users=300_000, large=0, medium=50_000, other=0),
)

RUN = BENCH / "run"  # the files of this run; emptied before and after


class Stage:
    """The folder of the run and, once a benchmark needs it, the server on a copy of the world."""

    def __init__(self, scale: Scale) -> None:
        self.scale = scale

    def __enter__(self) -> Self:
        shutil.rmtree(RUN, ignore_errors=True)
        RUN.mkdir(parents=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if "server" in self.__dict__:
            self.server.stop()
        shutil.rmtree(RUN, ignore_errors=True)

    @cached_property
    def world(self) -> World:
        """The world of the server. It is a copy, so that a run does not leave pageviews to the next one."""
        return World.kept(self.scale.users).copied_to(RUN / "world")

    @cached_property
    def server(self) -> Server:
        """The server of all benchmarks of a run, so that `memory` measures the effect of all."""
        return serve_product(self.world.folder)
