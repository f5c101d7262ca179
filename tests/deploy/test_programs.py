"""The shipped files before the programs that read them: hadolint, the schema of Compose, Caddy, nginx, PostgreSQL."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.deploy.files import COMPOSE, DEPLOY
from tests.deploy.values_schema import ROOT
from tests.postgres.server import PostgresServer, programs, somebody
from tests.proxies.fronts import OURS, Front, caddy, nginx
from tests.world import PAGEVIEW, STARTS_WITHIN, Server

pytestmark = pytest.mark.process

BIN = Path(sys.executable).parent


def test_hadolint_finds_no_fault_in_the_dockerfile() -> None:
    done = subprocess.run([BIN / "hadolint", ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_compose_files_follow_the_schema_of_compose() -> None:
    files = [str(ROOT / name) for name in COMPOSE]
    words = [str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec", *files]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def fitted(text: str) -> str:
    """A balancer's file of this machine: one node is there, and two are not."""
    there = text.replace("{$PIXEL_HOST}", OURS).replace("node1:8000", "127.0.0.1:8000")
    return there.replace("node2:8000", "127.0.0.1:1").replace("node3:8000", "127.0.0.1:2")


@pytest.mark.parametrize(
    ("front", "file"),
    [(caddy, "caddy/Caddyfile.cluster"), (caddy, "caddy/Caddyfile"), (nginx, "nginx/cluster.conf")],
)
def test_a_balancer_with_two_of_three_nodes_away_refuses_no_pageview(
    server: Server, tmp_path: Path, front: Callable[..., AbstractContextManager[Front]], file: str
) -> None:
    text = fitted((DEPLOY / file).read_text()).replace("heropixel:8000", "127.0.0.1:8000")
    event = {"pixelId": server.world.pixel, "domain": "example.com"}
    body = {"query": PAGEVIEW, "variables": {"auth": server.world.auth, "event": event}}
    port = int(server.url.rpartition(":")[2])
    with front(tmp_path / "front", text, port) as balancer, balancer.client("127.0.0.1") as client:
        answers = [client.post("/graphql", json=body) for _ in range(20)]
        inside = [client.get(path).status_code for path in ("/metrics", "/health", "/ready")]
        assert client.get("/").status_code == 200
    assert [answer.json()["data"]["pageview"]["code"] for answer in answers] == [200] * 20
    assert inside == [404] * 3


def script(name: str, postgres: PostgresServer, data: Path, *words: str, **more: str) -> "subprocess.Popen[bytes]":
    """Run a script of the image, as its user, with PostgreSQL's programs on the path."""
    path = shutil.copy(DEPLOY / "postgres" / name, postgres.folder / name)
    os.chmod(path, 0o755)  # noqa: PTH101 - a text
    environment = {
        "PATH": f"{programs()}:{os.environ['PATH']}",
        "PGDATA": str(data),
        "PGHOST": str(postgres.folder),
        "PGPORT": str(postgres.port),
        "POSTGRES_PORT": str(postgres.port),
        "POSTGRES_USER": "heropixel",
        "POSTGRES_DB": "postgres",
        "POSTGRES_PRIMARY": "127.0.0.1",
        "POSTGRES_REPLICATION_PASSWORD": "a 'secret' $PASSWORD",
    }
    log = (postgres.folder / "log").open("ab")
    with log:
        return subprocess.Popen(
            ["sh", path, *words], env=environment | more, stdout=log, stderr=subprocess.STDOUT, **somebody()
        )


def wait_until(postgres: PostgresServer, statement: str) -> None:
    """Wait until the statement is true."""
    until = time.monotonic() + STARTS_WITHIN
    while not postgres.run(statement)[0][0]:
        assert time.monotonic() < until, (postgres.folder / "log").read_text()
        time.sleep(0.05)


def test_the_scripts_of_postgresql_make_a_majority_of_two_standbys() -> None:
    with PostgresServer() as primary:
        assert script("primary.sh", primary, primary.folder / "data").wait(30) == 0, (
            primary.folder / "log"
        ).read_text()
        primary.stop()
        primary.start()
        standbys: list[subprocess.Popen[bytes]] = []
        try:
            for name in ("standby1", "standby2"):
                data = primary.folder / name
                words = ("-h", "", "-k", str(primary.folder), "-p", str(primary.port + len(standbys) + 1))
                standbys.append(script("standby.sh", primary, data, *words, POSTGRES_STANDBY=name))
            following = "SELECT count(*) FILTER (WHERE sync_state = 'quorum') = 2 FROM pg_stat_replication"
            wait_until(primary, following)
            primary.run("CREATE TABLE pageviews (id int)")
            standbys[1].kill()
            primary.run("INSERT INTO pageviews VALUES (1)")  # it waits for one of two only
            told = primary.run("SHOW synchronous_standby_names")
            slots = primary.run("SELECT slot_name FROM pg_replication_slots ORDER BY 1")
        finally:
            for standby in standbys:
                standby.kill()
                standby.wait()
    assert told == [("ANY 1 (standby1, standby2)",)]
    assert slots == [("standby1",), ("standby2",)]
