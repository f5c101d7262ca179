"""The stores of a server that knows two users, whose visitors are linked."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from heropixel.events import Events
from tests.recording.linking import ANN, BEN, Place


@pytest.fixture
def place(tmp_path: Path, events: Events) -> Iterator[Place]:
    place = Place(tmp_path, events)
    place.identify(ANN)
    place.identify(BEN)
    yield place
    place.close()
