"""What the processes of a server take: processor time and memory of each part, by its name.

A server is a parent and its parts, each a process that is named `hp:` and the part. An echo is one process.
Memory is the proportional set size: what processes share is divided among them, so that a sum counts it once.
"""

import contextlib
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PARENT = "parent"
DOOR = "door-"  # and a number

_LOOK = 0.5  # seconds
_IDLE = 0.05  # of a core: merges take more
_PATIENCE = 10.0  # seconds

_TICK = 1 / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> dict[str, float]:
    """Megabytes of each part, with the process itself as `PARENT`."""
    return _by_part(pid, _proportional_megabytes)


def processor_seconds(pid: int) -> dict[str, float]:
    """Processor time of each part since it was started, with the process itself as `PARENT`."""
    return _by_part(pid, _spent)


def spent(pid: int) -> float:
    """Processor time of one process since it was started. It is 0 if it has ended."""
    try:
        return _spent(Path(f"/proc/{pid}"))
    except OSError:
        return 0.0


def peak_megabytes(pid: int) -> float:
    """The most memory that one process has had so far. It is 0 if it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) * 1024 / 1e6 if found else 0.0


def wait_until_idle(pid: int) -> None:
    """Wait until the server has nothing to do, not even merges, for some seconds at most."""
    give_up = time.monotonic() + _PATIENCE
    before = sum(processor_seconds(pid).values())
    while time.monotonic() < give_up:
        time.sleep(_LOOK)
        after = sum(processor_seconds(pid).values())
        if after - before <= _IDLE * _LOOK:
            return
        before = after


def shown(parts: dict[str, float], unit: str, digits: int = 0) -> str:
    """The share of each part, for the note of a line."""
    return ", ".join(f"{part} {value:,.{digits}f}" for part, value in parts.items()) + f" {unit}"


def _by_part(pid: int, measured: Callable[[Path], float]) -> dict[str, float]:
    parts: dict[str, float] = {}
    for process in _tree(Path(f"/proc/{pid}")):
        with contextlib.suppress(OSError):  # it has ended in the meantime
            name = PARENT if process.name == str(pid) else (process / "comm").read_text().strip().removeprefix("hp:")
            parts[name] = parts.get(name, 0.0) + measured(process)
    return parts


def _tree(process: Path) -> Iterator[Path]:
    yield process
    for thread in (process / "task").iterdir():
        with contextlib.suppress(OSError):
            for child in (thread / "children").read_text().split():
                yield from _tree(process.with_name(child))


def _proportional_megabytes(process: Path) -> float:
    lines = (process / "smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / 1e6


def _spent(process: Path) -> float:
    after_name = (process / "stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) * _TICK  # user and system time: fields 14 and 15 of proc(5)
