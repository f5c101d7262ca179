"""The warm parent: it imports what every command imports, once, and forks a child for each that is asked for.

Run as `python -m tests.launcher.parent NUMBER`, where the number is that of a socket. The process at the other end
sends a byte with four descriptors: a socket for the child alone, and the child's standard input, output and error. The
words, the environment, the folder and the umask come over the child's socket, as one line of JSON. The child's pid and
its exit code go back over it.

A child leaves `main` as if it had just been started, and ends as Python does: threads are joined, `atexit` handlers
run, and an uncaught exception is printed and exits with 1.
"""

import atexit
import contextlib
import ctypes
import gc
import importlib
import io
import os
import pkgutil
import runpy
import select
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import NamedTuple, NoReturn

import msgspec

from tests.launcher.engine import import_engine
from tests.launcher.orders import DESCRIPTORS, ChildMessage, Order


class Received(NamedTuple):
    """An order as it came."""

    line: socket.socket
    streams: list[int]
    order: Order


def main() -> Order:
    """Fork children until the other end is gone. Returns only in a child: what it is to do."""
    orders = socket.socket(fileno=int(sys.argv[1]))
    import_everything()
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal; whoever holds the other end goes, and so do we
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # and is kept for a child until it can be interrupted
    wake, woken = os.pipe()
    for end in (wake, woken):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken)
    children: dict[int, socket.socket] = {}
    while True:
        ready, _, _ = select.select([orders.fileno(), wake], [], [])
        if wake in ready:
            os.read(wake, 4096)
            _report_ended(children)
        if orders.fileno() in ready:
            received = _receive(orders)
            if received is None:
                _kill(children)
                os._exit(0)
            pid = os.fork()
            if pid == 0:
                for other in (orders, received.line, *children.values()):
                    other.close()
                os.close(wake)
                os.close(woken)
                return _become(received)
            for stream in received.streams:
                os.close(stream)
            children[pid] = received.line
            _send(received.line, ChildMessage(pid))


_LATER = (
    "alembic.command",
    "clickhouse_connect",
    "pyarrow.csv",
    "pyarrow.parquet",
    "sqlalchemy.dialects.postgresql.psycopg",
    "uvicorn.protocols.http.httptools_impl",
    "uvloop",
)


def import_everything() -> None:
    """All that the command and the server import, now or later, and the library of the event store.

    What a process makes once and keeps, such as the schema, is made here too. No engine is started: its threads do not
    outlive a fork.
    """
    import heropixel

    for module in pkgutil.walk_packages(heropixel.__path__, "heropixel."):
        if not module.name.endswith(("__main__", "migrations.env")) and ".versions." not in module.name:
            importlib.import_module(module.name)
    for name in _LATER:
        importlib.import_module(name)
    import_engine()
    from heropixel.api.schema import load_schema
    from heropixel.enrichment import prepare

    prepare()
    load_schema()
    threads = [file.read_text().strip() for file in Path("/proc/self/task").glob("*/comm")]
    assert len(threads) <= 1, f"children would have but one of these threads: {threads}"


def _receive(orders: socket.socket) -> Received | None:
    said, numbers, _, _ = socket.recv_fds(orders, 1, DESCRIPTORS)
    if not said:
        return None
    line = socket.socket(fileno=numbers[0])
    with line.makefile("rb") as whole:
        return Received(line, numbers[1:], msgspec.json.decode(whole.readline(), type=Order))


def _become(received: Received) -> Order:
    """What a process has when it starts, and the parent had of its own."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, stream in enumerate(received.streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin, sys.stdout, sys.stderr = _stream(0, "r"), _stream(1, "w"), _stream(2, "w")
    order = received.order
    os.environ.clear()
    os.environ.update(order.environment)
    os.umask(order.umask)
    os.chdir(order.folder)
    sys.path[0] = order.folder
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # what came since the fork is not lost
    return order


def _stream(number: int, mode: str) -> io.TextIOWrapper:
    """As Python opens it when it starts."""
    raw = io.FileIO(number, mode, closefd=False)
    buffered = io.BufferedReader(raw) if mode == "r" else io.BufferedWriter(raw)
    return io.TextIOWrapper(
        buffered,
        encoding="utf-8",
        errors="backslashreplace" if number == 2 else "strict",
        line_buffering=number == 2 or raw.isatty(),
    )


def _report_ended(children: dict[int, socket.socket]) -> None:
    while children:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        line = children.pop(pid)
        _send(line, ChildMessage(pid, os.waitstatus_to_exitcode(status)))
        line.close()


def _send(line: socket.socket, message: ChildMessage) -> None:
    with contextlib.suppress(OSError):  # nobody waits for it any more
        line.sendall(msgspec.json.encode(message) + b"\n")


def _kill(children: dict[int, socket.socket]) -> None:
    for pid in children:
        os.kill(pid, signal.SIGKILL)


def _end(code: int) -> NoReturn:
    """End as Python does, without tearing down its modules: that takes as long as the rest of a short command."""
    threading._shutdown()  # type: ignore[attr-defined]  # as Python does: it waits for threads
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    ctypes.CDLL(None).exit(code)
    raise AssertionError("it has ended")


if __name__ == "__main__":
    order = main()
    sys.argv = ["-c", *order.words]
    try:
        if order.script:
            exec(order.script, {"__name__": "__main__"})
        else:
            runpy.run_module("heropixel.cli", run_name="__main__", alter_sys=True)
    except SystemExit as leaving:
        if leaving.code is None or isinstance(leaving.code, int):
            _end(leaving.code or 0)
        raise
    _end(0)
