"""Whether the loader keeps up: single mutations at full speed, and the time until the journal is empty."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from benchmarks import pageviews
from benchmarks.backlog import wait_until_loaded, waiting
from benchmarks.line import Line
from benchmarks.load import drive
from benchmarks.quiet import wait_until_quiet
from benchmarks.stage import Stage
from benchmarks.turns import errors_line


def measure(stage: Stage) -> Iterator[Line]:
    """One long load, while the length of the journal is watched."""
    server, seconds = stage.server, stage.scale.sustained
    bodies = pageviews.single_bodies(stage.world, seed=3)
    wait_until_loaded(server)
    wait_until_quiet()
    most = 0
    with ThreadPoolExecutor(1) as thread:
        load = thread.submit(drive, server.port, bodies, connections=pageviews.CONNECTIONS, seconds=seconds)
        while not load.done():
            most = max(most, waiting(server))
            time.sleep(0.5)
    wait_until_loaded(server)
    outcome = load.result()
    emptied = time.monotonic() - outcome.ended
    yield Line(
        "loader: journal empty after the load",
        emptied,
        "s",
        "length of the load",
        seconds,
        "<=",
        5,
        "measured",
    )
    yield Line("loader: most pageviews waiting", most, "", "recorded", outcome.recorded)
    yield errors_line("loader", [outcome])
