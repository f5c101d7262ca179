"""Fixtures that every folder of tests may use."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.world import Server, World, make_world, running

pytest_plugins = [
    "tests.engines.fixtures",
    "tests.session.clickhouse",
    "tests.session.directories",
    "tests.session.examples",
    "tests.session.garbage",
    "tests.session.memory",
    "tests.session.open_files",
    "tests.session.postgres",
    "tests.session.processes",
    "tests.session.skipped",
    "tests.session.stores",
]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A new world."""
    return make_world(tmp_path / "data")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that do not mind each other's pageviews."""
    with running(make_world(tmp_path_factory.mktemp("shared") / "data")) as server:
        server.makes_apps = 20
        yield server
