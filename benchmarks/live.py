"""The latency of live pageviews, and how much slower recording is with subscribers.

The load records on a busy pixel without subscribers. The subscribers are spread over other pixels of the app, which get
a few pageviews a second, also in the turns without subscribers.
"""

from collections.abc import Iterator
from statistics import median

import msgspec

from benchmarks.backlog import wait_until_loaded
from benchmarks.line import Line
from benchmarks.load import drive
from benchmarks.pageviews import CONNECTIONS, single_bodies
from benchmarks.stage import Stage
from benchmarks.turns import Turns
from benchmarks.watchers import Orders, Seen, watching
from benchmarks.world import DOMAIN

SOCKETS = 500
PIXELS = 50
A_SECOND = 150.0  # pageviews, 3 on each pixel: each is sent to 10 sockets
LATE = 250  # milliseconds
SHARE = 0.75


def measure(stage: Stage) -> Iterator[Line]:
    """Turns with and without subscribers, then the latencies under half of that load."""
    server, bodies = stage.server, single_bodies(stage.world)
    watched = Orders(
        server.port, stage.world.app_id, stage.world.app_secret, _pixels(stage), sockets=SOCKETS, a_second=A_SECOND
    )
    unwatched = msgspec.structs.replace(watched, sockets=0)
    alone, beside = Turns(CONNECTIONS), Turns(CONNECTIONS)
    busy: list[Seen] = []
    for _ in range(stage.scale.rounds):
        alone.wait()
        with watching(unwatched) as others:
            alone.take_now(server, bodies, stage.scale.seconds)
            others.end()
        wait_until_loaded(server)
        beside.wait()
        with watching(watched) as watchers:
            beside.take_now(server, bodies, stage.scale.seconds)
            busy.append(watchers.end())
        wait_until_loaded(server)
    # With this pause after each answer a connection sends half as much. An answer then takes half as long.
    pause = CONNECTIONS / (alone.rate / 2) - alone.p50 / 1000 / 2
    half: list[Seen] = []
    rates: list[float] = []
    for _ in range(stage.scale.rounds):
        with watching(watched) as watchers:
            outcome = drive(server.port, bodies, connections=CONNECTIONS, seconds=stage.scale.seconds, pause=pause)
            rates.append(outcome.requests_a_second)
            half.append(watchers.end())
        wait_until_loaded(server)
    yield _latency("under half the load", half, median(rates))
    yield _latency("under full load", busy, beside.rate)._replace(sign="")
    yield Line(
        f"pageviews with {SOCKETS} subscribers",
        beside.rate,
        "/s",
        "without",
        alone.rate,
        ">=",
        SHARE,
        note=f"one a request, on another pixel than the subscribers' {PIXELS}, which get {A_SECOND:.0f} a second in "
        f"either turn, each sent to {SOCKETS // PIXELS} sockets. {beside.beside(alone)}",
    )
    missing = sum(seen.posted * SOCKETS // PIXELS - seen.told for seen in (*busy, *half))
    closed = sum(seen.closed for seen in (*busy, *half))
    told = sum(seen.told for seen in (*busy, *half))
    yield Line("live: not sent, or closed", missing + closed, "", "told", told, "<=", 0, "measured")


def _latency(when: str, turns: list[Seen], rate: float) -> Line:
    p99s = [seen.p99 for seen in turns]
    return Line(
        f"live: from answer to subscriber, p99, {when}",
        median(p99s),
        "ms",
        "p50",
        median(seen.p50 for seen in turns),
        "<=",
        LATE,
        "measured",
        note=f"turns: {' '.join(f'{p99:.1f}' for p99 in p99s)} ms; with {rate:,.0f} pageviews/s on another pixel; "
        f"{sum(seen.told for seen in turns):,} messages to {SOCKETS} sockets of one process, which also posts them",
    )


def _pixels(stage: Stage) -> list[int]:
    return [_new_pixel(stage, number) for number in range(PIXELS)]


def _new_pixel(stage: Stage, number: int) -> int:
    query = (
        "mutation ($auth: AuthInput, $name: String!, $domains: [String!]!) "
        "{ createPixel(auth: $auth, name: $name, domains: $domains) { pixel { id } } }"
    )
    auth = {"appId": stage.world.app_id, "appSecret": stage.world.app_secret}
    variables = {"auth": auth, "name": f"watched {number}", "domains": [DOMAIN]}
    _, answer = stage.server.ask("POST", "/graphql", msgspec.json.encode({"query": query, "variables": variables}))
    pixel: int = msgspec.json.decode(answer)["data"]["createPixel"]["pixel"]["id"]
    return pixel
