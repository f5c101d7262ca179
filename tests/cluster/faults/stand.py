"""A cluster to try faults on: PostgreSQL with two standbys, three nodes, ClickHouse's test server, and proxies."""

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx
import psycopg

from tests.clickhouse.server import PASSWORD, ClickHouseServer
from tests.cluster.faults.proxy import Network, Proxy
from tests.cluster.nodes import Cluster, Node
from tests.launcher import launch
from tests.postgres.server import PostgresServer
from tests.world import free_port

NAMES = ("one", "two", "three")
_PATIENCE = 90.0  # seconds, on a machine that has much else to do
_SETTINGS = {"max_connections": "150", "wal_sender_timeout": "20s", "wal_keep_size": "256MB"}

# What a node does whose clock is ahead. Only `heropixel.clock` asks for the time of a pageview.
_AHEAD = """
import sys, time
true = time.time_ns
time.time_ns = lambda: true() + {seconds} * 1_000_000_000
from heropixel.cli import main
sys.argv[0] = "heropixel"
main()
"""


class Databases:
    """Three servers of PostgreSQL: a primary, and two standbys one of which has each commit."""

    def __init__(self) -> None:
        self.primary = "one"
        self.servers = {"one": PostgresServer(_settings("one"))}
        for name in ("two", "three"):
            self.add(name)
        self.wait_for_standbys()
        self.server.run("CREATE DATABASE heropixel")

    @property
    def server(self) -> PostgresServer:
        """The primary."""
        return self.servers[self.primary]

    @property
    def standbys(self) -> list[PostgresServer]:
        """The others."""
        return [server for name, server in self.servers.items() if name != self.primary]

    def add(self, name: str) -> None:
        """Make a standby from what the primary has."""
        self.servers[name] = PostgresServer(_settings(name), standby_of=self.server)

    def promote(self) -> None:
        """The primary is gone. The standby that has most becomes it, the other follows, and a new one is made."""
        gone = self.primary
        self.primary = max((name for name in self.servers if name != gone), key=self._has)
        others = [name for name in NAMES if name not in (gone, self.primary)]
        self.server.promote()
        for name in others:
            at = f"host={self.server.folder} port={self.server.port} user=heropixel"
            self.servers[name].run(f"ALTER SYSTEM SET primary_conninfo = '{at}'")
            self.servers[name].run("SELECT pg_reload_conf()")
        self.servers.pop(gone).remove()
        self.add(gone)

    def _has(self, name: str) -> int:
        """How far a standby has it on the disk: what it has not replayed yet counts, too."""
        query = "SELECT coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) - '0/0'::pg_lsn"
        ((place,),) = self.servers[name].run(query)
        return int(place)

    def wait_for_standbys(self) -> None:
        """Until both are there."""
        until(lambda: self._streaming() == 2, "standbys")

    def _streaming(self) -> int:
        query = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = 'quorum'"
        try:
            return int(self.server.run(query)[0][0])
        except psycopg.Error:
            return 0

    def commits_wait(self) -> bool:
        """Whether a transaction waits for a standby's answer."""
        return bool(self.server.run("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'"))

    def close(self) -> None:
        """End all."""
        for server in self.servers.values():
            server.remove()


def _settings(name: str) -> dict[str, str]:
    others = ", ".join(other for other in NAMES if other != name)
    return _SETTINGS | {"cluster_name": name, "synchronous_standby_names": f"ANY 1 ({others})"}


def until(condition: Callable[[], object], what: str, seconds: float = _PATIENCE) -> None:
    """Wait for something that is to come."""
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, f"not within {seconds} s: {what}"
        time.sleep(0.02)


class Stand(Cluster):
    """All of it. Each node has its own proxies, so that one alone can be cut off."""

    def __init__(self, folder: Path) -> None:
        self.databases = Databases()
        self.clickhouse = ClickHouseServer()
        super().__init__(self.databases.server.url("heropixel"), self.clickhouse.url("heropixel"), folder)
        self._network = Network()
        self.to_postgres = [[self._proxy_to(name) for name in NAMES] for _ in NAMES]
        self.to_events = [self._network.proxy(lambda: self.clickhouse.port) for _ in NAMES]
        self.urls |= self._urls([self._proxy_to(name) for name in NAMES], self._network.proxy(self._events_port))
        self._ports = [free_port() for _ in NAMES]
        self.clocks = [0, 0, 0]
        self.nodes = [self.start(number) for number in range(len(NAMES))]
        for node in self.nodes:
            assert node.url

    def _events_port(self) -> int:
        return self.clickhouse.port

    def _proxy_to(self, name: str) -> Proxy:
        return self._network.proxy(partial(self._port_of, name))

    def _port_of(self, name: str) -> int:
        server = self.databases.servers.get(name)
        if server is None:
            raise ConnectionRefusedError
        return server.port

    def _urls(self, postgres: list[Proxy], events: Proxy) -> dict[str, str]:
        hosts = ",".join(f"127.0.0.1:{proxy.port}" for proxy in postgres)
        url = f"postgresql://heropixel@{hosts}/heropixel?target_session_attrs=read-write&connect_timeout=3"
        secret = httpx.URL("http://host", password=PASSWORD).userinfo.decode().lstrip(":")
        at = f"clickhouse://heropixel:{secret}@127.0.0.1:{events.port}/heropixel"
        return {"directory_url": url, "journal_url": url, "events_url": at}

    def start(self, number: int) -> Node:
        """Start a node at its port."""
        urls = self._urls(self.to_postgres[number], self.to_events[number])
        script = _AHEAD.format(seconds=self.clocks[number]) if self.clocks[number] else ""
        descriptor, name = tempfile.mkstemp(prefix=f"node-{number}-", suffix=".log", dir=self.folder)
        with os.fdopen(descriptor, "wb") as log:
            process = launch(
                *("serve", "--port", str(self._ports[number])),
                environment=self.environment(**urls),
                script=script,
                cold=bool(script),
                stdout=log,
                stderr=log,
            )
        return Node(self.world, process, Path(name))

    def start_again(self, number: int) -> None:
        """Start a node that has ended."""
        self.nodes[number] = self.start(number)
        assert self.nodes[number].url

    def proxies(self, number: int | None = None) -> list[Proxy]:
        """The ways to PostgreSQL, of one node or of all."""
        return [
            proxy for each in (self.to_postgres if number is None else [self.to_postgres[number]]) for proxy in each
        ]

    def events(self, query: str) -> list[list[str]]:
        """What the event store has, asked past all proxies."""
        answer = httpx.post(
            f"http://127.0.0.1:{self.clickhouse.port}/?database=heropixel",
            content=f"{query} FORMAT TSV",
            auth=("heropixel", PASSWORD),
            timeout=60,
            verify=False,
            trust_env=False,
        )
        assert answer.status_code == 200, answer.text
        return [line.split("\t") for line in answer.text.splitlines()]

    def waiting(self) -> int:
        """Pageviews of the journal that are not in the event store."""
        query = "SELECT coalesce(sum(j.next - l.loaded), 0) FROM journals j JOIN journal_loads l ON l.journal = j.id"
        return int(self.databases.server.run(query, "heropixel")[0][0])

    def close(self) -> None:
        """End all."""
        for node in self.nodes:
            for pid in node.pids() if node.process.poll() is None else []:
                os.kill(pid, signal.SIGCONT)
            if "http" in node.__dict__:
                node.http.close()
            node.process.kill()
            node.process.wait()
        self._network.close()
        self.clickhouse.remove()
        self.databases.close()


@contextmanager
def new_stand(folder: Path) -> Iterator[Stand]:
    """A stand, with its nodes."""
    stand = Stand(folder)
    try:
        yield stand
    finally:
        stand.close()
