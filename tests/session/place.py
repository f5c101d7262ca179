"""The folder in which all folders of this run are made."""

import os
import tempfile

VARIABLE = "PYTEST_DEBUG_TEMPROOT"  # pytest's own, which the workers of a run inherit


def root() -> str:
    """Memory where there is room, see `memory.py`."""
    return os.environ.get(VARIABLE) or tempfile.gettempdir()
