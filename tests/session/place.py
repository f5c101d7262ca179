"""The folder in which all folders of this run are made."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

VARIABLE = "PYTEST_DEBUG_TEMPROOT"  # pytest's own, which the workers of a run inherit


def root() -> str:
    """Memory where there is room, see `memory.py`."""
    return os.environ.get(VARIABLE) or tempfile.gettempdir()


def new_folder(kind: str) -> Path:
    """A folder in it that is gone when this process ends."""
    made = Path(tempfile.mkdtemp(prefix=f"heropixel-{kind}-", dir=root()))
    atexit.register(shutil.rmtree, made)
    return made
