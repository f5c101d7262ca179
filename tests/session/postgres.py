"""PostgreSQL databases for tests. One server serves all tests of a test process."""

import secrets
from collections.abc import Callable, Iterator

import pytest

from tests.postgres.clocks import ClockedDatabase
from tests.postgres.server import PostgresServer, remove_server_of_tests, server_of_tests


@pytest.fixture(scope="session")
def postgres() -> PostgresServer:
    """A running server."""
    return server_of_tests()


def pytest_unconfigure() -> None:
    remove_server_of_tests()


@pytest.fixture
def new_postgres_url(postgres: PostgresServer) -> Iterator[Callable[[], str]]:
    """Makes new, empty databases."""
    names: list[str] = []

    def make() -> str:
        names.append(f"test_{secrets.token_hex(6)}")
        postgres.run(f"CREATE DATABASE {names[-1]}")
        return postgres.url(names[-1])

    yield make
    for name in names:
        postgres.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_url(new_postgres_url: Callable[[], str]) -> str:
    """A new, empty database."""
    return new_postgres_url()


@pytest.fixture
def clocked_database(new_postgres_url: Callable[[], str]) -> Callable[[], ClockedDatabase]:
    """Makes new databases whose clock is set."""
    return lambda: ClockedDatabase(new_postgres_url())
