"""What the server's process takes after all the other benchmarks did to it, beside the event engine alone."""

import subprocess
import sys
from collections.abc import Iterator

from benchmarks.line import Line
from benchmarks.servers import megabytes
from benchmarks.stage import Stage

LIMIT = 600  # MB
_ENGINE = "import chdb.session as s, sys; s.Session().query('SELECT 1'); print(flush=True); sys.stdin.read()"


def measure(stage: Stage) -> Iterator[Line]:
    """The kernel's own figures of the shared server."""
    engine = _engine_alone()
    for field, meaning in (("VmHWM", "the most ever"), ("VmRSS", "at the end")):
        used = stage.server.megabytes(field)
        yield Line(f"server memory, {meaning}", used, "MB", "event engine alone", engine, "<=", LIMIT, "measured")


def _engine_alone() -> float:
    """A process that has loaded the embedded event engine, asked it once, and does nothing else."""
    command = [sys.executable, "-c", _ENGINE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        if process.stdout:
            process.stdout.readline()
        return megabytes(process.pid, "VmRSS")
