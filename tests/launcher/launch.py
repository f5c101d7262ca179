"""Starts `heropixel` in a process of its own, forked from the warm parent if possible."""

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

_HEROPIXEL = [sys.executable, "-m", "heropixel.cli"]

COLD = "HEROPIXEL_TESTS_COLD"  # a variable: while it is there, everything is started cold
STARTS = "tests.starts_heropixel"  # an event for hooks of `sys.addaudithook`, as `subprocess.Popen` is one


class Done(NamedTuple):
    """A process that has ended."""

    returncode: int
    stdout: str
    stderr: str


def launch(
    *words: str,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    script: str = "",
    cold: bool = False,
    stdin: "IO[bytes] | None" = None,
    stdout: "IO[bytes] | None" = None,
    stderr: "IO[bytes] | None" = None,
) -> Process:
    """Start `heropixel` with these words, in exactly this environment (else in our own), with these files.

    Where there is a script in Python, that is run instead.

    With `cold` Python itself is started. So it is in tests that are marked so, and where the environment differs in
    anything but our settings: a module may look at that while it is imported.
    """
    wanted = dict(os.environ if environment is None else environment)
    with Path(os.devnull).open("r+b") as nothing:
        streams = (stdin or nothing, stdout or nothing, stderr or nothing)
        if cold or COLD in os.environ or _not_ours(wanted) != _not_ours(os.environ):
            program = [sys.executable, "-c", script] if script else _HEROPIXEL
            return subprocess.Popen(
                [*program, *words], env=wanted, cwd=folder, stdin=streams[0], stdout=streams[1], stderr=streams[2]
            )
        sys.audit(STARTS, words)
        order = Order([*words], wanted, str(folder or Path.cwd()), _umask(), script)
        return _fork(order, [stream.fileno() for stream in streams])


def run(
    *words: str,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    script: str = "",
    cold: bool = False,
    seconds: float = 300,
) -> Done:
    """As `launch`, wait until it has ended, and give what it printed.

    Raises:
        subprocess.TimeoutExpired: it has not; it is killed.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = launch(
            *words, environment=environment, folder=folder, script=script, cold=cold, stdout=out, stderr=err
        )
        try:
            code = process.wait(seconds)
        except BaseException:
            process.kill()
            process.wait()
            raise
        return Done(code, _text(out), _text(err))


def _text(file: "IO[bytes]") -> str:
    file.seek(0)
    return file.read().decode()


def _not_ours(environment: Mapping[str, str]) -> dict[str, str]:
    ours = ("HEROPIXEL_", "PYTEST_")  # pytest changes its own with every test
    return {name: value for name, value in environment.items() if not name.startswith(ours)}


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _fork(order: Order, streams: list[int]) -> Forked:
    line, its = socket.socketpair()
    with its:
        socket.send_fds(_parent(), [b"x"], [its.fileno(), *streams])
    line.sendall(msgspec.json.encode(order) + b"\n")
    return Forked(order.words, line)


@cache
def _parent() -> socket.socket:
    """The line to this process's warm parent, which is started with the first that asks, and ends with this process."""
    ours, its = socket.socketpair()
    with its:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.launcher.parent", str(its.fileno())],
            cwd=Path(__file__).parents[2],
            env=os.environ | NO_THREADS,
            stdin=subprocess.DEVNULL,
            pass_fds=[its.fileno()],
        )

    def end() -> None:
        ours.close()
        process.wait(30)

    atexit.register(end)
    return ours
