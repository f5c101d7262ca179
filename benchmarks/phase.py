"""One kind of load on nodes that share a PostgreSQL: its turns, and what a pageview or a group of them cost there."""

import re
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from tests.postgres.server import PostgresServer

from benchmarks import primary
from benchmarks.backlog import wait_until_loaded
from benchmarks.load import Outcome, drive
from benchmarks.pageviews import CONNECTIONS
from benchmarks.quiet import wait_until_quiet
from benchmarks.servers import Server

PAGEVIEWS, GROUPS, IN_GROUPS = "pageviews", "groups", "seconds in groups"
WRITERS, NODES = "processor seconds of writers", "processor seconds of nodes"
_METRICS = {
    PAGEVIEWS: "heropixel_group_pageviews_sum",
    GROUPS: "heropixel_group_pageviews_count",
    IN_GROUPS: "heropixel_group_seconds_sum",
}
_SETTLE = 4.0  # seconds: PostgreSQL's processes have told their counters when they were used again, as all are by then


class Phase:
    """The turns of one kind of load on some nodes, and all that was counted from its beginning until it is loaded."""

    def __init__(self, database: PostgresServer, nodes: Sequence[Server]) -> None:
        self.outcomes: list[Outcome] = []
        self.rates: list[float] = []
        self.counted: primary.Counts = {}
        self.nodes = len(nodes)
        self._database, self._servers = database, nodes

    def take(self, bodies: list[bytes], seconds: float, pause: float = 0) -> None:
        """Run one turn. The connections are divided among the nodes."""
        wait_until_quiet()
        before = self._counts()
        connections = CONNECTIONS // self.nodes
        with ThreadPoolExecutor(self.nodes) as threads:

            def load(server: Server) -> Outcome:
                return drive(server.port, bodies, connections=connections, seconds=seconds, pause=pause)

            outcomes = [*threads.map(load, self._servers)]
        for server in self._servers:
            wait_until_loaded(server)
            server.wait_until_idle()
        time.sleep(_SETTLE)
        for name, value in self._counts().items():
            self.counted[name] = self.counted.get(name, 0.0) + value - before.get(name, 0.0)
        self.outcomes += outcomes
        self.rates.append(sum(outcome.requests_a_second for outcome in outcomes))

    def _counts(self) -> primary.Counts:
        counted = primary.counts(self._database)
        for server in self._servers:
            text = server.ask("GET", "/metrics")[1].decode()
            parts = server.processor_seconds()
            of_node = {name: _metric(text, metric) for name, metric in _METRICS.items()}
            of_node |= {WRITERS: parts["writer"], NODES: sum(parts.values())}
            for name, value in of_node.items():
                counted[name] = counted.get(name, 0.0) + value
        return counted

    @property
    def rate(self) -> float:
        """Pageviews a second, of all nodes together."""
        return median(self.rates)

    def each(self, name: str, of: str = PAGEVIEWS) -> float:
        """What was counted, of one pageview or group."""
        return self.counted.get(name, 0.0) / self.counted[of]

    def a_second(self, name: str) -> float:
        """What was counted, of a second at this rate."""
        return self.each(name) * self.rate

    @property
    def statements(self) -> dict[str, float]:
        """Milliseconds in each statement for 1,000 pageviews, the longest first."""
        return {name: spent * 1e6 / self.counted[PAGEVIEWS] for name, spent in primary.statements(self.counted).items()}


def _metric(text: str, name: str) -> float:
    found = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0  # it is shown when there is a group
