"""How many processes serve HTTP."""

import os
import sys

from heropixel.settings import Settings


def doors_of(settings: Settings) -> int:
    """As many as the setting says, else one a core but one. 0: everything is in one process."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(1, min(_MOST_DOORS, cores - 1)) if settings.doors is None else settings.doors


_MOST_DOORS = 8  # by itself
