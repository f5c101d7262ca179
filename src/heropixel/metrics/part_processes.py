"""What the processes of a server's parts take: memory and processor time, as Linux tells it."""

import contextlib
import mmap
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

_PID, _BEFORE, _SEEN = range(3)  # the process; seconds of the part's earlier processes; of this one, as last told
_CELLS = 3


class PartProcesses:
    """The process of each part. A part that is restarted has a new process, and its processor time goes on."""

    def __init__(self, parts: Sequence[str] = ("server",)) -> None:
        self._parts = {part: place * _CELLS for place, part in enumerate(parts)}
        self._cells = memoryview(mmap.mmap(-1, len(parts) * _CELLS * 8)).cast("d")

    def begin(self, part: str) -> None:
        """This process is that part from now on."""
        place, cells = self._parts[part], self._cells
        cells[place + _BEFORE] += cells[place + _SEEN]
        cells[place + _SEEN] = 0.0
        cells[place + _PID] = os.getpid()

    def measured(self) -> Iterator[Metric]:
        """Memory and processor time of each part."""
        memory = GaugeMetricFamily("heropixel_resident_memory_bytes", MEMORY, labels=["part"])
        seconds = CounterMetricFamily("heropixel_cpu_seconds", SECONDS, labels=["part"])
        for part, place in self._parts.items():
            process = Path(f"/proc/{int(self._cells[place + _PID])}")
            with contextlib.suppress(OSError, ValueError):  # the part is being restarted, or this is not Linux
                memory.add_metric([part], _resident(process))
            with contextlib.suppress(OSError, ValueError):
                self._cells[place + _SEEN] = _cpu_seconds(process)
            if self._cells[place + _PID]:
                seconds.add_metric([part], self._cells[place + _BEFORE] + self._cells[place + _SEEN])
        yield memory
        yield seconds


MEMORY = "Memory of each part; what parts share is divided among them"
SECONDS = "Processor time of each part"


def _resident(process: Path) -> float:
    """The proportional set size of a process."""
    for line in (process / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return float(line.split()[1]) * 1024
    raise ValueError("the kernel does not tell it")


def _cpu_seconds(process: Path) -> float:
    after_name = (process / "stat").read_text().rpartition(")")[2].split()
    user, system = int(after_name[11]), int(after_name[12])  # fields 14 and 15 of proc(5)
    return (user + system) / os.sysconf("SC_CLK_TCK")
