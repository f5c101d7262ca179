"""A directory with an app, and everybody who may call it."""

import pytest

from heropixel.api.callers import Callers
from heropixel.directory import Directory
from heropixel.directory.apps import make_app
from heropixel.directory.registry import Registry
from heropixel.members.roster import Roster

DAY = 86_400_000
NOW = 1_800_000_000_000


class Shop:
    """An app in a directory, and the time there."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        with directory.writing() as connection:
            self.number, self.id = make_app(connection, "Shop", NOW)
        self.now = NOW
        roster = Roster()
        self.registry = Registry(directory, roster)
        self.callers = Callers(self.registry, lambda: self.now, roster=roster)


@pytest.fixture
def shop(fresh_directory: Directory) -> Shop:
    return Shop(fresh_directory)
