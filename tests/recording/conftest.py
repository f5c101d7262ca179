"""The stores of a server that knows two users, whose visitors are linked."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from heropixel.events import Events
from heropixel.processes.sockets import opened_sockets
from tests.recording.doors import Doors
from tests.recording.linking import ANN, BEN, Place


@pytest.fixture
def place(tmp_path: Path, events: Events) -> Iterator[Place]:
    place = Place(tmp_path, events)
    place.identify(ANN)
    place.identify(BEN)
    yield place
    place.close()


@pytest.fixture
async def doors(tmp_path: Path) -> AsyncIterator[Doors]:
    with opened_sockets() as sockets:
        async with Doors(tmp_path).opened(sockets) as doors:
            yield doors
