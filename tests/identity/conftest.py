"""An app for each test, whose pageviews ask who somebody is."""

import pytest

from heropixel.directory import Directory
from heropixel.identity.resolve import Resolver
from tests.identity.resolving import INDEX, Place, new_app


@pytest.fixture
def place(directory: Directory) -> Place:
    return Place(directory, Resolver(directory, INDEX), new_app(directory))
