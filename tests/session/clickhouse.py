"""ClickHouse servers for tests: one process serves all tests of a test process, and so does one that is a replica."""

import secrets
from collections.abc import Iterator

import pytest

from tests.clickhouse.server import ClickHouseServer
from tests.event_stores import new_event_store

_RUNNING: list[ClickHouseServer] = []


@pytest.fixture(scope="session")
def clickhouse() -> Iterator[ClickHouseServer]:
    """A running server by itself."""
    with ClickHouseServer() as server:
        _RUNNING.append(server)
        yield server


@pytest.fixture(scope="session")
def replica() -> Iterator[ClickHouseServer]:
    """A running server of a cluster `here`."""
    with ClickHouseServer(replica=True) as server:
        _RUNNING.append(server)
        yield server


@pytest.fixture(scope="module", autouse=True)
def _no_stores_of_other_files() -> Iterator[None]:
    yield
    for server in _RUNNING:
        server.drop_stores()


def new_database() -> str:
    """The name of a database that no test has used."""
    return f"test_{secrets.token_hex(6)}"


def _url(request: pytest.FixtureRequest, folders: pytest.TempPathFactory) -> str:
    if request.param == "chdb":
        return new_event_store(folders.mktemp("events"))
    server: ClickHouseServer = request.getfixturevalue(request.param)
    return server.new_store("cluster=here" if request.param == "replica" else "")


_CHDB = pytest.param("chdb")
_SERVER = pytest.param("clickhouse", marks=pytest.mark.process)
_REPLICA = pytest.param("replica", marks=pytest.mark.process)


@pytest.fixture(scope="module", params=[_CHDB, _SERVER, _REPLICA])
def every_events_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A new event store of each kind: in this process, on a server, on a server with replicas."""
    return _url(request, tmp_path_factory)


@pytest.fixture(scope="module", params=[_CHDB, _SERVER])
def either_events_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A new event store, in this process or on a server."""
    return _url(request, tmp_path_factory)
