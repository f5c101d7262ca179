"""Nodes come and go: no pageview is lost that was answered, and none is refused in a rolling restart."""

import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.callers import calling
from tests.cluster.nodes import Cluster, Node, new_cluster
from tests.crash.load import Load
from tests.proxies.fronts import OURS, caddy_in_front, nginx_in_front
from tests.world import PAGEVIEW, free_port

DEPLOY = Path(__file__).parents[2] / "deploy"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with new_cluster(Path(tmp_path_factory.mktemp("cluster"))) as cluster:
        yield cluster


def test_what_a_killed_node_had_accepted_is_loaded_by_another_once(cluster: Cluster) -> None:
    load = Load(cluster.world)
    with cluster.node() as staying, cluster.node() as killed:
        with load.against(killed), load.against(staying):
            load.wait_for(400)
            killed.process.kill()
            load.wait_for(100)
        assert not load.refused
        found = Counter(row["eventId"] for row in cluster.exported())  # waits until another node has loaded the rest
    assert set(load.recorded) <= set(found)
    assert set(found.values()) == {1}


class Visitors:
    """Callers behind a balancer, who count what is not answered with 200."""

    def __init__(self, cluster: Cluster, url: str) -> None:
        self._world = cluster.world
        self._url = url
        self.answered: list[str] = []
        self.failed: list[str] = []

    def coming(self) -> AbstractContextManager[None]:
        return calling(*(partial(self._call, number) for number in range(4)))

    def _call(self, caller: int, stop: threading.Event) -> None:
        number = 0
        with httpx.Client(base_url=self._url, headers={"Host": OURS}, timeout=20, verify=False) as http:
            while not stop.is_set():
                number += 1
                event = {"pixelId": 1, "domain": "example.com", "eventId": f"{self._url[-5:]}-{caller}-{number}"}
                request = {"query": PAGEVIEW, "variables": {"auth": self._world.auth, "event": event}}
                try:
                    response = http.post("/graphql", json=request)
                    answer = response.raise_for_status().json()["data"]["pageview"]
                    (self.answered if answer["code"] == 200 else self.failed).append(str(answer["eventId"]))
                except httpx.HTTPError as error:
                    self.failed.append(repr(error))
                time.sleep(0.03)  # nodes that start need the processors


def test_no_pageview_is_refused_in_a_rolling_restart_behind_caddy_and_nginx(cluster: Cluster, tmp_path: Path) -> None:
    ports = [free_port(), free_port()]
    with ExitStack() as stack:
        nodes = [stack.enter_context(_node(cluster, port)) for port in ports]
        fronts = [stack.enter_context(_front(one, tmp_path / one, ports)) for one in ("caddy", "nginx")]
        visitors = [Visitors(cluster, front) for front in fronts]
        with visitors[0].coming(), visitors[1].coming():
            for place, port in enumerate(ports):
                time.sleep(1)
                assert nodes[place].stop() == 0
                nodes[place] = stack.enter_context(_node(cluster, port))
                time.sleep(3)  # nginx asks a node again after five seconds, of which it takes some to start
    assert [one.failed for one in visitors] == [[], []]
    assert min(len(one.answered) for one in visitors) > 150
    found = Counter(row["eventId"] for row in cluster.exported())
    assert {found[name] for one in visitors for name in one.answered} == {1}


@contextmanager
def _node(cluster: Cluster, port: int) -> Iterator[Node]:
    with cluster.node(port=port, leave_seconds="4", trusted_proxies="127.0.0.1") as node:
        yield node


@contextmanager
def _front(balancer: str, folder: Path, ports: list[int]) -> Iterator[str]:
    """The balancer as it is shipped; only hosts, ports and certificates differ."""
    if balancer == "caddy":
        text = (DEPLOY / "caddy/Caddyfile.cluster").read_text().replace("{$PIXEL_HOST}", f"http://{OURS}")
        text = text.replace("node1:8000 node2:8000 node3:8000", " ".join(f"127.0.0.1:{port}" for port in ports))
        with caddy_in_front(folder, text) as port:
            yield f"http://127.0.0.1:{port}"
        return
    text = (DEPLOY / "nginx/cluster.conf").read_text()
    for number, to in enumerate(ports, 1):
        text = text.replace(f"node{number}:8000", f"127.0.0.1:{to}")
    text = re.sub(r"\n.*(node3|\[::\]:443|ssl_certificate).*", "", text)
    with nginx_in_front(folder, text) as port:
        yield f"http://127.0.0.1:{port}"
