"""Directories for tests, on SQLite and on PostgreSQL: a specification of the directory runs on both.

A new one is a copy of an empty one of the newest schema. On PostgreSQL that takes 0.07 s, so tests that need none of
their own share the one of their file.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path

import pytest

from heropixel.directory import Directory, open_directory
from tests.databases import drop_database, new_database
from tests.postgres.server import PostgresServer
from tests.world import copy_of_directory

NewUrl = Callable[[], AbstractContextManager[str]]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.process)])
def backend(request: pytest.FixtureRequest) -> str:
    """What stores the directory."""
    kind: str = request.param
    return kind


@pytest.fixture(scope="module")
def new_directory_url(backend: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> NewUrl:
    """A function that makes directories, which are gone when their context ends."""
    if backend == "sqlite":
        return partial(_new_file, tmp_path_factory)
    new_database: NewUrl = request.getfixturevalue("new_directory_database")
    return new_database


@contextmanager
def _new_file(folders: pytest.TempPathFactory) -> Iterator[str]:
    yield f"sqlite:///{copy_of_directory(Path(folders.mktemp('directory')))}"


@pytest.fixture(scope="session")
def new_directory_database(request: pytest.FixtureRequest) -> NewUrl:
    """A function that makes PostgreSQL databases with an empty directory."""
    # Not as an argument: it would mark the tests that run on SQLite as starting a process.
    server: PostgresServer = request.getfixturevalue("postgres")

    @contextmanager
    def new() -> Iterator[str]:
        name = new_database()
        yield server.url(name)
        drop_database(name)

    return new


@pytest.fixture
def directory_url(new_directory_url: NewUrl) -> Iterator[str]:
    """A new directory of a test."""
    with new_directory_url() as url:
        yield url


@pytest.fixture
def fresh_directory(directory_url: str) -> Iterator[Directory]:
    """The same, open."""
    with closing(open_directory(directory_url)) as directory:
        yield directory


@pytest.fixture
def open_fresh(new_directory_url: NewUrl) -> Iterator[Callable[[], Directory]]:
    """A function that opens new directories, for tests that need several."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(open_directory(stack.enter_context(new_directory_url()))))


@pytest.fixture(scope="module")
def directory(new_directory_url: NewUrl) -> Iterator[Directory]:
    """One directory for the tests of a file, each with an app of its own in it: apps are walls."""
    with new_directory_url() as url, closing(open_directory(url)) as directory:
        yield directory
