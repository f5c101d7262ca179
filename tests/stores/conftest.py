"""Tests of stores use the disk, not a file system in memory."""

from pathlib import Path

import pytest


@pytest.fixture
def tmp_path(on_disk: Path) -> Path:
    """A new folder on the disk, as everywhere else in memory."""
    return on_disk
