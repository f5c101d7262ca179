"""An app on which documents are executed with their plan and without."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from heropixel.api.callers import Callers
from heropixel.api.context import Context
from heropixel.api.guesses import Guesses
from heropixel.api.schema import load_schema
from heropixel.directory import open_directory
from heropixel.directory.registry import Registry
from heropixel.directory.thread import DirectoryThread
from heropixel.identity.identifiers import Index
from tests.api.parts import resolvers
from tests.api.running import NOW, Decided, Running
from tests.world import World, make_first_world


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_first_world(Path(tmp_path_factory.mktemp("plans")))


@pytest.fixture(scope="module")
def running(shop: World) -> Iterator[Running]:
    directory = open_directory(shop.settings.url_of_directory())
    registry, thread = Registry(directory), DirectoryThread(directory.another())
    index = Index(b"k" * 32)
    parts = {"registry": registry, "recorder": Decided(), "directory": thread, "clock": lambda: NOW, "index": index}
    patient = Guesses(per_second=0)  # hundreds of wrong secrets are sent
    yield Running(Context(Callers(registry, lambda: NOW, patient), None), load_schema(resolvers(**parts)))
    thread.close()
    directory.close()
