"""The memory of the server after all other benchmarks, compared with the event engine without a server."""

import subprocess
import sys
from collections.abc import Iterator

from benchmarks.line import Line
from benchmarks.servers import megabytes
from benchmarks.stage import Stage

LIMIT = 600  # MB
_ENGINE = "import chdb.session as s, sys; s.Session().query('SELECT 1'); print(flush=True); sys.stdin.read()"


def measure(stage: Stage) -> Iterator[Line]:
    """The kernel's figures of the shared server."""
    engine = _engine_alone()
    for field, meaning in (("VmHWM", "the most ever"), ("VmRSS", "at the end")):
        used = stage.server.megabytes(field)
        yield Line(f"server memory, {meaning}", used, "MB", "event engine alone", engine, "<=", LIMIT, "measured")


def _engine_alone() -> float:
    """The memory of a process that has loaded the embedded event engine, run one query, and does nothing else."""
    command = [sys.executable, "-c", _ENGINE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        if process.stdout:
            process.stdout.readline()
        return megabytes(process.pid, "VmRSS")
