"""A directory of which pageviews ask who somebody is, with an app for each test."""

from collections.abc import Iterator

import pytest

from heropixel.directory import Directory
from heropixel.identity.resolve import Resolver
from tests.identity.resolving import INDEX, Place, new_app
from tests.world import new_directory


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Directory]:
    """One directory for the file: each test has an app of its own in it, and apps are walls."""
    directory = new_directory(tmp_path_factory.mktemp("directory"))
    yield directory
    directory.close()


@pytest.fixture
def place(directory: Directory) -> Place:
    return Place(directory, Resolver(directory, INDEX), new_app(directory))
