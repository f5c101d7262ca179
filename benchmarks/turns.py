"""The turns of one kind of load: their rates, their response times, and what they cost the processor."""

from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from benchmarks.backlog import wait_until_loaded
from benchmarks.line import Line
from benchmarks.load import Outcome, drive
from benchmarks.quiet import wait_until_quiet
from benchmarks.servers import Server


class Turns:
    """The outcomes of the turns of one kind of load. The figures are medians of the turns."""

    def __init__(self, connections: int, *, loads: bool = True) -> None:
        """`loads`: what is answered is loaded later, which belongs to its cost. The echo has nothing to load."""
        self.outcomes: list[Outcome] = []
        self.costs: list[dict[str, float]] = []  # microseconds of processor time a pageview, by part
        self._connections = connections
        self._loads = loads
        self._disturbed = 0

    def take(self, server: Server, bodies: list[bytes], seconds: float, pause: float = 0) -> None:
        """Run one turn. Each connection pauses so many seconds after an answer."""
        with self.measuring(server):
            self.take_now(server, bodies, seconds, pause)

    @contextmanager
    def measuring(self, server: Server) -> Iterator[None]:
        """Wait until the machine is idle, and measure the cost of a turn until everything is loaded and merged."""
        self.wait()
        before = server.processor_seconds()
        yield
        if self._loads:
            wait_until_loaded(server)
            server.wait_until_idle()
        after = server.processor_seconds()
        answered = sum(self.outcomes[-1].answers.values())  # during the warm-up, too; one for each event of a batch
        self.costs.append({part: (after[part] - before.get(part, 0.0)) * 1e6 / answered for part in after})

    def wait(self) -> None:
        """Wait until the machine is idle, for a turn that runs together with something else."""
        self._disturbed += not wait_until_quiet()

    def take_now(self, server: Server, bodies: list[bytes], seconds: float, pause: float = 0) -> None:
        """Run one turn now, and do not measure its cost."""
        self.outcomes.append(drive(server.port, bodies, connections=self._connections, seconds=seconds, pause=pause))

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

    @property
    def cost(self) -> dict[str, float]:
        """Microseconds of processor time a pageview, by part."""
        return {part: median(cost.get(part, 0.0) for cost in self.costs) for part in self.costs[-1]}

    @property
    def whole_cost(self) -> float:
        """Microseconds of processor time a pageview, of all parts."""
        return median(sum(cost.values()) for cost in self.costs)

    @property
    def cost_of_load(self) -> float:
        """Microseconds of processor time a request that the load takes on the same machine."""
        return median(outcome.spent * 1e6 / sum(outcome.answers.values()) for outcome in self.outcomes)

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
