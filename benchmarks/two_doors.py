"""Whether a second door costs more than it gives: a server with two doors compared with the one with one door.

Doors, writer, engine and load share the machine's cores. A machine with few cores has none left for a second door, so
the rate at full load says little there. So the load is also held at half of what one door answers, where every part
gets the processor time that it needs. What counts then is the processor time of a pageview: if two doors take no more
than one, the rate grows with the doors until the cores or the writer are used up (`model`).
"""

import os
from collections.abc import Iterator

from benchmarks.line import Line
from benchmarks.pageviews import CONNECTIONS, single_bodies
from benchmarks.processes import DOOR, shown
from benchmarks.servers import spawn_product
from benchmarks.stage import RUN, Stage
from benchmarks.turns import Turns, errors_line
from benchmarks.world import World

TIMES_COST = 1.15  # each door sends groups of its own, which are smaller
TIMES_RATE = 1.6
CORES = 6  # with fewer, two doors, writer, engine and load do not have a core each


def measure(stage: Stage) -> Iterator[Line]:
    """Both servers in turns: at full load first, which says how much half of it is."""
    one, seconds = stage.server, stage.scale.seconds
    world = World.kept(stage.scale.users).copied_to(RUN / "two-doors")
    bodies, bodies_of_two = single_bodies(stage.world, seed=7), single_bodies(world, seed=7)
    full, full_two, held, held_two = (Turns(CONNECTIONS) for _ in range(4))
    with spawn_product(world.folder, HEROPIXEL_DOORS="2") as two:
        two.wait_until_at_work()
        for _ in range(stage.scale.rounds):
            full.take(one, bodies, seconds)
            full_two.take(two, bodies_of_two, seconds)
            pause = CONNECTIONS / (full.rate / 2)
            held.take(one, bodies, seconds, pause)
            held_two.take(two, bodies_of_two, seconds, pause)
    yield _costs(held, held_two)
    yield _rates(full, full_two)
    yield errors_line("two doors", [*full_two.outcomes, *held_two.outcomes])


def _costs(one: Turns, two: Turns) -> Line:
    return Line(
        f"two doors: processor time at {two.rate:,.0f} pageviews/s",
        two.whole_cost,
        "µs",
        f"one door at {one.rate:,.0f}/s",
        one.whole_cost,
        "<=",
        TIMES_COST,
        note=f"two: {shown(two.cost, 'µs')}; one: {shown(one.cost, 'µs')}",
    )


def _rates(one: Turns, two: Turns) -> Line:
    cores = os.cpu_count() or 1
    doors = " and ".join(f"{cost:.0f}" for part, cost in two.cost.items() if part.startswith(DOOR))
    note = f"{two.beside(one)}; on {cores} cores with the load; the two doors take {doors} µs of a pageview"
    line = Line("two doors: pageviews at full load", two.rate, "/s", "one door", one.rate, note=note)
    return line._replace(sign=">=", target=TIMES_RATE) if cores >= CORES else line
