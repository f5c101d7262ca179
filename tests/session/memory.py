"""Where tests write: to memory if there is room, since they would wait thousands of times for a sync of the disk.

Tests of the disk itself ask for `on_disk`.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.session.place import VARIABLE

_MEMORY = Path("/dev/shm")
_ROOM = 2 << 30  # bytes: a whole run takes a tenth of it


def pytest_configure() -> None:
    if VARIABLE not in os.environ and _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM:
        os.environ[VARIABLE] = str(_MEMORY)


@pytest.fixture
def on_disk() -> Iterator[Path]:
    """A new folder on the disk."""
    with tempfile.TemporaryDirectory(prefix="heropixel-test-") as folder:
        yield Path(folder)
