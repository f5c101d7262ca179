"""Whether many connections make pageviews slower: the rate compared with an echo of as many, and response times."""

from collections.abc import Iterator

from benchmarks.line import Line
from benchmarks.pageviews import beside_echo, single_bodies
from benchmarks.servers import serve_echo
from benchmarks.stage import Stage
from benchmarks.turns import Turns, errors_line

MANY = (512, 1_000)


def measure(stage: Stage) -> Iterator[Line]:
    """For each number of connections, echo and single pageviews in turns."""
    bodies = single_bodies(stage.world, seed=4)
    outcomes = []
    with serve_echo() as ceiling:
        for connections in MANY:
            echo, single = Turns(connections, loads=False), Turns(connections)
            for _ in range(stage.scale.rounds):
                echo.take(ceiling, bodies, stage.scale.seconds)
                single.take(stage.server, bodies, stage.scale.seconds)
            outcomes += single.outcomes
            yield from beside_echo(single, echo, f"pageview, {connections:,} connections")
    yield errors_line("many connections", outcomes)
