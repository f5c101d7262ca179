"""Waits until the machine has nothing else to do: whatever runs beside product and load on its cores is noise."""

import time
from pathlib import Path

BUSY = 0.1  # share of all cores' time: more than this is somebody else's work, such as merges of the last turn
LOOK = 0.5  # seconds
PATIENCE = 20.0  # seconds; a machine that never rests is measured as it is, and the line says so


def wait_until_quiet() -> bool:
    """Wait until the machine is quiet; whether it became so."""
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        idle, total = _ticks()
        time.sleep(LOOK)
        idle_later, total_later = _ticks()
        if idle_later - idle >= (1 - BUSY) * (total_later - total):
            return True
    return False


def _ticks() -> tuple[int, int]:
    """Time the cores were idle (waiting for a disk included), and all of it."""
    ticks = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return ticks[3] + ticks[4], sum(ticks)
