"""How fast pageviews are answered, one a request beside a bare echo, and a thousand a request beside one.

Every answer means "on disk". The echo gets the same bodies from the same load on the same HTTP server; the
three take turns, and between turns the loader empties the journal, so that nobody pays for another's backlog.
"""

from collections.abc import Iterator
from itertools import islice
from statistics import median

import msgspec

from benchmarks.backlog import wait_until_loaded
from benchmarks.disk import sync_milliseconds
from benchmarks.line import Line
from benchmarks.load import Outcome, drive
from benchmarks.servers import serve_echo
from benchmarks.stage import RUN, Stage
from benchmarks.world import World

CONNECTIONS = 128
POOL = 32_768  # different bodies: enough that the directory's pages are asked for at random
BATCH = 1_000  # events
BATCH_POOL = 32
BATCH_CONNECTIONS = 8

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
    """Echo, single and batch in turns; medians of the turns."""
    server = stage.server
    singles, batches = single_bodies(stage.world), batch_bodies(stage.world)
    echo: list[Outcome] = []
    single: list[Outcome] = []
    batch: list[Outcome] = []
    syncs: list[float] = []
    with serve_echo() as ceiling:
        for _ in range(stage.scale.rounds):
            seconds = stage.scale.seconds
            syncs.append(sync_milliseconds(RUN))
            echo.append(drive(ceiling.port, singles, connections=CONNECTIONS, seconds=seconds))
            single.append(drive(server.port, singles, connections=CONNECTIONS, seconds=seconds))
            wait_until_loaded(server)
            batch.append(drive(server.port, batches, connections=BATCH_CONNECTIONS, seconds=seconds))
            wait_until_loaded(server)
    yield from _lines(echo, single, batch)
    yield Line("bare disk sync of a group", median(syncs), "ms", "p50 of a pageview", median(o.p50 for o in single))


def _lines(echo: list[Outcome], single: list[Outcome], batch: list[Outcome]) -> Iterator[Line]:
    rate = _median_rate(single)
    p50, p99 = median(turn.p50 for turn in single), median(turn.p99 for turn in single)
    events = _median_rate(batch) * BATCH
    yield Line("pageview, one a request", rate, "/s", "bare echo", _median_rate(echo), ">=", 0.30)
    yield Line("pageview, p99", p99, "ms", "p50", p50, "<=", 5)
    yield Line("pageview, p50", p50, "ms", "bare echo", median(turn.p50 for turn in echo))
    yield Line("pageviews, 1,000 a request: events", events, "/s", "one a request", rate, ">=", 8)
    yield errors_line("pageviews", [*single, *batch])


def _median_rate(turns: list[Outcome]) -> float:
    return median(turn.requests_a_second for turn in turns)


def errors_line(of: str, turns: list[Outcome]) -> Line:
    """How many answers said anything but found or not found; they are printed by their message."""
    wrong: dict[str, int] = {}
    for turn in turns:
        for message, count in turn.errors.items():
            wrong[message] = wrong.get(message, 0) + count
    if wrong:
        print(f"wrong answers: {wrong}")
    total = sum(sum(turn.answers.values()) for turn in turns)
    return Line(f"{of}: wrong answers", sum(wrong.values()), "", "answers", total, "<=", 0, "measured")
