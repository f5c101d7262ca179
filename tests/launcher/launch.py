"""Start `heropixel` in a process of its own, warm where nothing speaks against it."""

import atexit
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from tests.launcher.orders import NO_THREADS, Order
from tests.launcher.process import Forked, Process

HEROPIXEL = [sys.executable, "-m", "heropixel.cli"]

STARTS = "tests.starts_heropixel"  # the event that `sys.addaudithook` hears of


class Done(NamedTuple):
    """A process that has ended."""

    returncode: int
    stdout: str
    stderr: str


def launch(
    *words: str,
    environment: Mapping[str, str] | None = None,
    cold: bool = False,
    folder: Path | None = None,
    stdin: "IO[bytes] | None" = None,
    stdout: "IO[bytes] | None" = None,
    stderr: "IO[bytes] | None" = None,
) -> Process:
    """Start `heropixel` with these words, in exactly this environment (else in our own), writing to these files.

    With `cold` Python itself is started, and so where the environment differs in what it, or a module while it is
    imported, looks at: in anything but our settings.
    """
    wanted = dict(os.environ if environment is None else environment)
    nothing = open(os.devnull, "r+b")  # noqa: SIM115, PTH123 - closed below
    with nothing:
        streams = (stdin or nothing, stdout or nothing, stderr or nothing)
        if cold or "COLD" in os.environ or _foreign(wanted) != _foreign(os.environ):
            return subprocess.Popen(
                [*HEROPIXEL, *words], env=wanted, cwd=folder, stdin=streams[0], stdout=streams[1], stderr=streams[2]
            )
        sys.audit(STARTS, words)
        return _fork([*words], wanted, folder or Path.cwd(), [stream.fileno() for stream in streams])


def run(
    *words: str,
    environment: Mapping[str, str] | None = None,
    cold: bool = False,
    folder: Path | None = None,
    seconds: float = 120,
) -> Done:
    """As `launch`, wait until it has ended, and give what it printed.

    Raises:
        subprocess.TimeoutExpired: it has not ended; it is killed.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = launch(*words, environment=environment, cold=cold, folder=folder, stdout=out, stderr=err)
        try:
            code = process.wait(seconds)
        except BaseException:
            process.kill()
            process.wait()
            raise
        return Done(code, _text(out), _text(err))


def _text(file: "IO[bytes]") -> str:
    file.seek(0)
    return file.read().decode().replace("\r\n", "\n")


def _foreign(environment: Mapping[str, str]) -> dict[str, str]:
    ours = ("HEROPIXEL_", "PYTEST_")  # pytest changes its own with every test
    return {name: value for name, value in environment.items() if not name.startswith(ours)}


def _fork(words: list[str], environment: dict[str, str], folder: Path, streams: list[int]) -> Forked:
    line, its = socket.socketpair()
    with its:
        socket.send_fds(_parent(), [b"x"], [its.fileno(), *streams])
    mask = os.umask(0)
    os.umask(mask)
    line.sendall(msgspec.json.encode(Order(words, environment, str(folder), mask)) + b"\n")
    return Forked(words, line)


@cache
def _parent() -> socket.socket:
    """The line to this process's warm parent, which is started with the first that asks, and ends with this process."""
    ours, its = socket.socketpair()
    with its:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.launcher.parent", str(its.fileno())],
            cwd=Path(__file__).parents[2],
            env={**os.environ, **NO_THREADS},
            stdin=subprocess.DEVNULL,
            pass_fds=[its.fileno()],
        )

    def end() -> None:
        ours.close()
        process.wait(30)

    atexit.register(end)
    return ours
