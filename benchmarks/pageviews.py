"""How fast pageviews are answered: one a request compared with an echo, and a thousand a request compared with one.

An answer means that the pageviews are on disk. The echo gets the same bodies from the same load on the same HTTP
server. The three take turns. The loader empties the journal between turns, so no turn pays for another's backlog.

A rate depends on what else the machine does. Processor time does so much less: a turn costs what all parts take for it,
until its pageviews are loaded and merged.
"""

from collections.abc import Iterator
from itertools import islice
from statistics import median

import msgspec

from benchmarks import model
from benchmarks.disk import sync_milliseconds
from benchmarks.line import Line
from benchmarks.processes import shown
from benchmarks.servers import serve_echo
from benchmarks.stage import RUN, Stage
from benchmarks.turns import Turns, errors_line
from benchmarks.world import World

CONNECTIONS = 128
POOL = 32_768  # different bodies: enough for random reads of the directory
BATCH = 1_000  # events
BATCH_POOL = 32
BATCH_CONNECTIONS = 8

SHARE_OF_ECHO = 0.5
TIMES_P50 = 3.0  # p99
TIMES_COST_OF_ECHO = 3.3
EVENTS_A_SECOND = 100_000

_SINGLE = (
    "mutation HeroPixel($event: PageviewEventInput!) "
    "{{ pageview(auth: {auth}, event: $event) {{ message code data }} }}"
)
_MANY = (
    "mutation HeroPixel($events: [PageviewEventInput!]!) "
    "{{ pageviews(auth: {auth}, events: $events) {{ code results {{ message code data }} }} }}"
)


def single_bodies(world: World, seed: int = 1) -> list[bytes]:
    """Requests of one pageview each, as in the documentation of the API."""
    return [single_body(world, event) for event in islice(world.events(seed), POOL)]


def single_body(world: World, event: dict[str, object]) -> bytes:
    """A request of one pageview."""
    query = _SINGLE.format(auth=_auth(world))
    return msgspec.json.encode({"query": query, "variables": {"event": event}})


def batch_bodies(world: World, seed: int = 2) -> list[bytes]:
    """Requests of a thousand pageviews each."""
    query = _MANY.format(auth=_auth(world))
    events = world.events(seed)
    return [
        msgspec.json.encode({"query": query, "variables": {"events": list(islice(events, BATCH))}})
        for _ in range(BATCH_POOL)
    ]


def _auth(world: World) -> str:
    return f'{{ appId: "{world.app_id}", appSecret: "{world.app_secret}" }}'


def measure(stage: Stage) -> Iterator[Line]:
    """Echo, single pageviews and batches in turns. The figures are medians of the turns."""
    server, seconds = stage.server, stage.scale.seconds
    singles, batches = single_bodies(stage.world), batch_bodies(stage.world)
    echo, single, batch = Turns(CONNECTIONS, loads=False), Turns(CONNECTIONS), Turns(BATCH_CONNECTIONS)
    syncs: list[float] = []
    with serve_echo() as ceiling:
        for _ in range(stage.scale.rounds):
            syncs.append(sync_milliseconds(RUN))
            echo.take(ceiling, singles, seconds)
            single.take(server, singles, seconds)
            batch.take(server, batches, seconds)
    yield from beside_echo(single, echo, "pageview")
    yield from _costs(single, echo)
    yield from model.lines(single.cost, single.rate)
    yield _batches(batch, single)
    yield Line("bare disk sync of a group", median(syncs), "ms", "p50 of a pageview", single.p50)
    yield errors_line("pageviews", [*single.outcomes, *batch.outcomes])


def beside_echo(single: Turns, echo: Turns, what: str) -> Iterator[Line]:
    """Rate and response times of one pageview a request."""
    note = single.beside(echo)
    yield Line(f"{what}, one a request", single.rate, "/s", "bare echo", echo.rate, ">=", SHARE_OF_ECHO, note=note)
    yield Line(f"{what}, p99", single.p99, "ms", "p50", single.p50, "<=", TIMES_P50)
    yield Line(f"{what}, p50", single.p50, "ms", "bare echo", echo.p50)


def _costs(single: Turns, echo: Turns) -> Iterator[Line]:
    turns = (" ".join(f"{sum(cost.values()):.0f}" for cost in kind.costs) for kind in (single, echo))
    yield Line(
        "pageview, processor time until it is loaded",
        single.whole_cost,
        "µs",
        "bare echo",
        echo.whole_cost,
        "<=",
        TIMES_COST_OF_ECHO,
        note=f"turns: {' against '.join(turns)} µs; the load itself takes {single.cost_of_load:.0f} µs",
    )
    seconds = {part: spent / 1000 for part, spent in single.cost.items()}
    note = f"{shown(seconds, 's', 3)}; the event engine's share has its merges"
    whole = sum(seconds.values())
    yield Line("processor time of 1,000 pageviews", whole, "s", "1,000 echoes", echo.whole_cost / 1000, note=note)


def _batches(batch: Turns, single: Turns) -> Line:
    return Line(
        "pageviews, 1,000 a request: events",
        batch.rate * BATCH,
        "/s",
        "one a request",
        single.rate,
        ">=",
        EVENTS_A_SECOND,
        "measured",
        note=f"{batch.beside(single, BATCH)}; an event takes {shown(batch.cost, 'µs', 1)}",
    )
