"""How many beacons a second are answered, compared with the mutation `pageview`.

Two mutations are compared. The first has the same fields as a beacon, and an id. The second has a digest only: the
difference is the cost of a dozen headers and of four times the text. All take turns, and the loader empties the journal
between turns. Each beacon has a new id, since a repeated one would be dropped.
"""

from collections.abc import Iterator
from itertools import islice

from benchmarks.beacons import Browsers
from benchmarks.line import Line
from benchmarks.load import WARM_UP, drive_requests
from benchmarks.pageviews import CONNECTIONS, single_bodies
from benchmarks.processes import shown
from benchmarks.servers import Server
from benchmarks.stage import Stage
from benchmarks.turns import Turns

AT_MOST = 25_000  # beacons a second: so many ids are made
COLLECTED, PICTURED = "HTTP/1.1 204 No Content", "HTTP/1.1 200 OK"
TIMES_MUTATION = 1.1


def measure(stage: Stage) -> Iterator[Line]:
    """Mutations, `/collect` and `/pixel.gif` in turns; medians of the turns."""
    server, seconds = stage.server, stage.scale.seconds
    smallest = single_bodies(stage.world, seed=11)
    small, same = Turns(CONNECTIONS), Turns(CONNECTIONS)
    collect, picture = BeaconTurns(COLLECTED), BeaconTurns(PICTURED)
    for number in range(stage.scale.rounds):
        browsers = Browsers(stage.world, seed=100 + number)
        small.take(server, smallest, seconds)
        same.take(server, [*islice(browsers.mutations(), _needed(seconds))], seconds)
        collect.take_beacons(server, browsers.collects(), seconds)
        picture.take_beacons(server, browsers.pictures(), seconds)
    yield _beside("/collect", collect, "pageview with the same fields", same, TIMES_MUTATION)
    yield _beside("/pixel.gif", picture, "pageview with the same fields", same, TIMES_MUTATION)
    yield _beside("/collect", collect, "the smallest pageview", small)
    yield _beside("/pixel.gif", picture, "the smallest pageview", small)
    yield Line("/collect, p99", collect.p99, "ms", "p50", collect.p50)
    wrong = collect.wrong + picture.wrong
    yield Line("beacons: wrong answers", wrong, "", "answers", collect.answered + picture.answered, "<=", 0, "measured")


def _needed(seconds: float) -> int:
    return int(AT_MOST * (WARM_UP + seconds))


def _beside(what: str, turns: Turns, beside: str, other: Turns, share: float | None = None) -> Line:
    cost = f"; processor time {shown(turns.cost, 'µs')} against {shown(other.cost, 'µs')}"
    line = Line(what, turns.rate, "/s", beside, other.rate, note=turns.beside(other) + cost)
    return line if share is None else line._replace(sign=">=", target=share)


class BeaconTurns(Turns):
    """Turns of beacons. All should get the same answer."""

    def __init__(self, expected: str) -> None:
        super().__init__(CONNECTIONS)
        self._expected = expected

    def take_beacons(self, server: Server, requests: Iterator[bytes], seconds: float) -> None:
        """Run one turn, once the machine is idle."""
        some = [*islice(requests, _needed(seconds))]
        with self.measuring(server):
            self.outcomes.append(drive_requests(server.port, some, connections=CONNECTIONS, seconds=seconds))

    @property
    def answered(self) -> int:
        return sum(sum(outcome.answers.values()) for outcome in self.outcomes)

    @property
    def wrong(self) -> int:
        """How many got another answer. These answers are printed."""
        others = [
            (answer, count)
            for outcome in self.outcomes
            for answer, count in outcome.answers.items()
            if answer != self._expected
        ]
        if others:
            print(f"wrong answers: {others}")
        return sum(count for _, count in others)
