"""Waits until the machine is idle: other processes on its cores make the figures noisy."""

import time
from pathlib import Path

BUSY = 0.1  # share of all cores' time: above it something else is running, such as merges of the last turn
LOOK = 0.5  # seconds
PATIENCE = 20.0  # seconds; then it is measured on a busy machine, and the line says so


def wait_until_quiet() -> bool:
    """Wait until the machine is idle. Returns whether it is."""
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        idle, total = _ticks()
        time.sleep(LOOK)
        idle_later, total_later = _ticks()
        if idle_later - idle >= (1 - BUSY) * (total_later - total):
            return True
    return False


def _ticks() -> tuple[int, int]:
    """The time that the cores were idle (waiting for a disk included), and the whole time."""
    ticks = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return ticks[3] + ticks[4], sum(ticks)
