"""The time of one durable write on this disk: the lower bound for everything that is stored before it is answered."""

import os
import time
from pathlib import Path
from statistics import median

GROUP = bytes(16_384)  # about the size of 64 pageviews in the journal
WRITES = 100


def sync_milliseconds(folder: Path) -> float:
    """Median of a few appends of a group, each followed by a sync."""
    path = folder / "sync"
    taken: list[float] = []
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    try:
        for _ in range(WRITES):
            began = time.perf_counter()
            os.write(file, GROUP)
            os.fdatasync(file)
            taken.append(time.perf_counter() - began)
    finally:
        os.close(file)
        path.unlink()
    return median(taken) * 1000
