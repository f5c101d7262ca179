"""What a second node on the same PostgreSQL gives, and which part of PostgreSQL has no time left first.

Both nodes, their event stores, the load and PostgreSQL share the cores of one machine. With few cores, the rate at full
load says nothing about machines of their own. So the load is also held at half of what one node answers, for one node
and for both together: every part gets the processor time that it needs then, and it is counted what takes how long.

At full load groups are largest, and a pageview takes the least processor time. From that of one node a model computes
the rates at which a writer, the processors of PostgreSQL, and its syncs have no time left, if nobody waits for a core.
"""

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager

from tests.postgres.server import PostgresServer

from benchmarks import primary
from benchmarks.line import Line
from benchmarks.model import MODELLED, Limit
from benchmarks.node import environment
from benchmarks.pageviews import CONNECTIONS, single_bodies
from benchmarks.phase import GROUPS, IN_GROUPS, NODES, PAGEVIEWS, WRITERS, Phase
from benchmarks.processes import shown
from benchmarks.servers import Server, spawn_product
from benchmarks.stage import RUN, Stage
from benchmarks.turns import errors_line
from benchmarks.world import World

CORES = 8  # with fewer, two nodes, their loads and PostgreSQL do not have a core each


def measure(stage: Stage) -> Iterator[Line]:
    """One node and both in turns: at full load, which says how much half of it is, and at that."""
    seconds = stage.scale.seconds
    with PostgresServer({"shared_buffers": "1GB", **primary.COUNTING}) as database:
        primary.prepare(database)
        with _two_nodes(database, stage.scale.few) as (world, one, other):
            full, held = (Phase(database, [one]) for _ in range(2))
            full_both, held_both = (Phase(database, [one, other]) for _ in range(2))
            for turn in range(stage.scale.rounds):
                bodies = single_bodies(world, seed=40 + turn)
                full.take(bodies, seconds)
                full_both.take(bodies, seconds)
                pause = CONNECTIONS / (full.rate / 2)
                held.take(bodies, seconds, pause)
                held_both.take(bodies, seconds, pause)
    yield _rates(full, full_both)
    yield _writer(held, held_both)
    yield _statements(held, held_both)
    yield _processors(held, held_both)
    yield _syncs(held, held_both)
    yield from _model(full)
    yield errors_line("two nodes", [one for phase in (full, full_both, held, held_both) for one in phase.outcomes])


@contextmanager
def _two_nodes(database: PostgresServer, users: int) -> Iterator[tuple[World, Server, Server]]:
    url = database.url(durability="single")
    stores = {"HEROPIXEL_DIRECTORY_URL": url, "HEROPIXEL_JOURNAL_URL": url}
    with environment(stores):
        world = World.make(RUN / "one-node", users)
    stores["HEROPIXEL_KEY"] = (world.folder / "directory.key").read_text().strip()
    second = RUN / "other-node"
    second.mkdir()
    with spawn_product(world.folder, **stores) as one, spawn_product(second, **stores) as other:
        yield world, one.wait_until_at_work(), other.wait_until_at_work()


def _rates(one: Phase, both: Phase) -> Line:
    cores = os.cpu_count() or 1
    turns = " against ".join(" ".join(f"{rate:,.0f}" for rate in phase.rates) for phase in (both, one))
    note = f"turns: {turns} /s; both nodes, the load and PostgreSQL share {cores} cores"
    if cores < CORES:
        note += ": so this is not what a node on a machine of its own adds"
    return Line("two nodes on one PostgreSQL: pageviews at full load", both.rate, "/s", "one node", one.rate, note=note)


def _writer(one: Phase, both: Phase) -> Line:
    spent = {name: one.each(primary.time_of(name), GROUPS) * 1000 for name in primary.OF_A_GROUP}
    spent["sync"] = one.each(primary.IN_SYNCS, primary.SYNCS) * 1000
    spent["its own code"] = one.each(WRITERS, GROUPS) * 1000
    whole = one.each(IN_GROUPS, GROUPS) * 1000
    spent["round trips and waiting for a core"] = whole - sum(spent.values())
    note = f"a group of {one.each(PAGEVIEWS, GROUPS):,.0f} pageviews takes {whole:.1f} ms: {shown(spent, 'ms', 2)}"
    note += f"; two nodes at {both.rate:,.0f} /s together: each is busy for {both.a_second(IN_GROUPS) / 2:.0%}"
    busy, processor = one.a_second(IN_GROUPS) * 100, one.a_second(WRITERS) * 100
    return Line(f"a node's writer at {one.rate:,.0f} /s: busy", busy, "%", "processor time", processor, note=note)


def _statements(one: Phase, both: Phase) -> Line:
    whole, whole_of_one = sum(both.statements.values()), sum(one.statements.values())
    shares = ", ".join(f"{name} {spent / whole:.0%}" for name, spent in both.statements.items())
    what = "two nodes: time in statements for 1,000 pageviews"
    return Line(what, whole, "ms", "one node", whole_of_one, note=f"of two nodes: {shares}; without syncs")


def _processors(one: Phase, both: Phase) -> Line:
    names = {"its connections": primary.CONNECTIONS, "its own processes": primary.OWN}
    parts = {words: both.each(name) * 1e6 for words, name in names.items()}
    note = f"{shown(parts, 'ms', 1)}; the nodes take {both.each(NODES) * 1e6:,.0f} ms"
    what = "two nodes: processor time of PostgreSQL for 1,000 pageviews"
    return Line(what, sum(parts.values()), "ms", "one node", _processor_seconds(one) * 1e6, note=note)


def _processor_seconds(phase: Phase) -> float:
    """Of PostgreSQL for a pageview."""
    return phase.each(primary.CONNECTIONS) + phase.each(primary.OWN)


def _syncs(one: Phase, both: Phase) -> Line:
    syncs, groups = both.a_second(primary.SYNCS), both.a_second(GROUPS)
    note = f"two nodes: {_synced(both)}; one: {_synced(one)}"
    return Line(f"two nodes at {both.rate:,.0f} /s: syncs", syncs, "/s", "groups", groups, note=note)


def _synced(phase: Phase) -> str:
    milliseconds = phase.each(primary.IN_SYNCS, primary.SYNCS) * 1000
    share, size = phase.a_second(primary.IN_SYNCS), phase.each(primary.WAL_BYTES)
    return f"{milliseconds:.2f} ms a sync, {share:.0%} of the time, {size:,.0f} bytes of WAL a pageview"


def _model(full: Phase) -> Iterator[Line]:
    """The limits of one PostgreSQL beside that of a writer: its own code, its connection, and its syncs in turn."""
    syncs = full.each(primary.IN_SYNCS)
    writer = 1 / (full.each(WRITERS) + full.each(primary.CONNECTIONS) + syncs)
    for cores in MODELLED:
        limits = Limit(cores / _processor_seconds(full), "processors"), Limit(1 / syncs, "syncs, one after the other")
        first, second = sorted(limits)
        note = f"{second.of} {second.rate:,.0f} /s; with groups of {full.each(PAGEVIEWS, GROUPS):,.0f} pageviews"
        note += f"; {math.ceil(first.rate / writer)} nodes reach the limit, if nothing else in them is slower"
        what = f"model: pageviews of one PostgreSQL with {cores} cores, limited by its {first.of}"
        yield Line(what, first.rate, "/s", "a node, limited by its writer", writer, note=note)
