"""How fast pageviews are answered: one a request compared with an echo, and a thousand a request compared with one.

An answer means that the pageviews are on disk. The echo gets the same bodies from the same load on the same HTTP
server. The three take turns. The loader empties the journal between turns, so no turn pays for another's backlog.
"""

from collections.abc import Iterator
from itertools import islice
from statistics import median

import msgspec

from benchmarks.backlog import wait_until_loaded
from benchmarks.disk import sync_milliseconds
from benchmarks.line import Line
from benchmarks.load import Outcome, drive
from benchmarks.quiet import wait_until_quiet
from benchmarks.servers import Server, serve_echo
from benchmarks.stage import RUN, Stage
from benchmarks.world import World

CONNECTIONS = 128
POOL = 32_768  # different bodies: enough for random reads of the directory
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
    """Echo, single pageviews and batches in turns. The figures are medians of the turns."""
    server = stage.server
    singles, batches = single_bodies(stage.world), batch_bodies(stage.world)
    echo, single, batch = Turns(CONNECTIONS), Turns(CONNECTIONS), Turns(BATCH_CONNECTIONS)
    syncs: list[float] = []
    with serve_echo() as ceiling:
        for _ in range(stage.scale.rounds):
            syncs.append(sync_milliseconds(RUN))
            echo.take(ceiling, singles, stage.scale.seconds)
            single.take(server, singles, stage.scale.seconds)
            wait_until_loaded(server)
            batch.take(server, batches, stage.scale.seconds)
            wait_until_loaded(server)
    yield from _lines(echo, single, batch)
    yield Line("bare disk sync of a group", median(syncs), "ms", "p50 of a pageview", single.p50)
    yield errors_line("pageviews", [*single.outcomes, *batch.outcomes])


def _lines(echo: "Turns", single: "Turns", batch: "Turns") -> Iterator[Line]:
    events = batch.rate * BATCH
    yield Line(
        "pageview, one a request", single.rate, "/s", "bare echo", echo.rate, ">=", 0.30, note=single.beside(echo)
    )
    yield Line("pageview, p99", single.p99, "ms", "p50", single.p50, "<=", 5)
    yield Line("pageview, p50", single.p50, "ms", "bare echo", echo.p50)
    yield Line(
        "pageviews, 1,000 a request: events",
        events,
        "/s",
        "one a request",
        single.rate,
        ">=",
        8,
        note=batch.beside(single, BATCH),
    )


class Turns:
    """The outcomes of the turns of one kind of load."""

    def __init__(self, connections: int) -> None:
        self.outcomes: list[Outcome] = []
        self._connections = connections
        self._disturbed = 0

    def take(self, server: Server, bodies: list[bytes], seconds: float) -> None:
        """Run one turn, once the machine is idle."""
        self.wait()
        self.take_now(server, bodies, seconds)

    def wait(self) -> None:
        """Wait until the machine is idle, for a turn that runs together with something else."""
        self._disturbed += not wait_until_quiet()

    def take_now(self, server: Server, bodies: list[bytes], seconds: float) -> None:
        """Run one turn now."""
        self.outcomes.append(drive(server.port, bodies, connections=self._connections, seconds=seconds))

    @property
    def rate(self) -> float:
        return median(self.rates)

    @property
    def rates(self) -> list[float]:
        return [outcome.requests_a_second for outcome in self.outcomes]

    @property
    def p50(self) -> float:
        return median(outcome.p50 for outcome in self.outcomes)

    @property
    def p99(self) -> float:
        return median(outcome.p99 for outcome in self.outcomes)

    def beside(self, other: "Turns", times: int = 1) -> str:
        """The single turns: a ratio of medians only means something if they agree."""
        ratios = sorted(times * mine / theirs for mine, theirs in zip(self.rates, other.rates, strict=True))
        rates, others = (" ".join(f"{rate:,.0f}" for rate in turns.rates) for turns in (self, other))
        disturbed = self._disturbed + other._disturbed
        return (
            f"turns: {rates} requests/s against {others}; ratios {ratios[0]:.2f} to {ratios[-1]:.2f}"
            f"; started on a busy machine: {disturbed}"
        )


def errors_line(of: str, turns: list[Outcome]) -> Line:
    """How many answers are neither found nor not found. They are printed by their message."""
    wrong: dict[str, int] = {}
    for turn in turns:
        for message, count in turn.errors.items():
            wrong[message] = wrong.get(message, 0) + count
    if wrong:
        print(f"wrong answers: {wrong}")
    total = sum(sum(turn.answers.values()) for turn in turns)
    return Line(f"{of}: wrong answers", sum(wrong.values()), "", "answers", total, "<=", 0, "measured")
