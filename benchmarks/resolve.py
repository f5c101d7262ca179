"""Whether finding a user gets slower as the directory grows: groups in a small and a large one, in turns."""

import random
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.line import Line
from benchmarks.stage import Stage
from benchmarks.world import World, md5
from heropixel.directory import open_directory
from heropixel.directory.registry import Registry
from heropixel.identity.identifiers import Claims
from heropixel.identity.resolve import Lookup, Resolver
from heropixel.processes.index import index_of
from heropixel.processes.writer import for_resolving
from heropixel.settings import Settings

GROUP = 64  # pageviews, about as many as arrive while a group is written
WARM_UP = 200  # groups that are not counted
NOW = 1_700_000_000_000  # Unix milliseconds; finding a known user does not use the clock


def measure(stage: Stage) -> Iterator[Line]:
    """The median time of a group in both, for MD5 digests of random known users."""
    small, large = Resolving(stage.scale.few), Resolving(stage.scale.many)
    for _ in range(WARM_UP + stage.scale.groups):
        small.resolve_group()
        large.resolve_group()
    yield Line(
        f"resolving 1 of {stage.scale.many:,} users",
        large.cost,
        "µs",
        f"1 of {stage.scale.few:,}",
        small.cost,
        "<=",
        1.3,
    )


class Resolving:
    """The resolver of a writer on one world, and the time of each group."""

    def __init__(self, users: int) -> None:
        world = World.kept(users)
        warm(world.folder)
        settings = Settings(data=world.folder)
        directory = open_directory(settings.url_of_directory())
        self._app = Registry(directory).apps[world.app_id].number
        self._resolver = Resolver(for_resolving(directory), index_of(settings, directory))
        self._users = users
        self._chance = random.Random(users)
        self._seconds: list[float] = []

    def resolve_group(self) -> None:
        """Resolve random users, and check that all of them are found."""
        users = (self._chance.randrange(self._users) for _ in range(GROUP))
        questions = [Lookup(self._app, Claims(md5=md5(user)), None) for user in users]
        began = time.perf_counter()
        resolutions = self._resolver.resolve(questions, NOW)
        self._seconds.append(time.perf_counter() - began)
        if not all(resolution.found for resolution in resolutions):
            raise RuntimeError("A known user was not found: the kept world does not fit this version.")

    @property
    def cost(self) -> float:
        """Microseconds a pageview."""
        return median(self._seconds[WARM_UP:]) * 1e6 / GROUP


def warm(folder: Path) -> None:
    """Read the whole directory once, so that the page cache of the system makes no difference."""
    with (folder / "directory.sqlite3").open("rb", buffering=0) as file:
        while file.read(1 << 20):
            pass
