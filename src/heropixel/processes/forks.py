"""Forked processes. Whoever forks has no threads and no event loop: a child would have but one of the threads."""

import ctypes
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable
from typing import NoReturn, TypeVar

import structlog

from heropixel.troubles import PartFailed

T = TypeVar("T")

log = structlog.get_logger()


def fork(name: str, work: Callable[[], int]) -> int:
    """Do some work in a new process, whose pid is returned. It ends with the code that `work` returns, or with us.

    Where the system shows names of processes, it has this one.
    """
    sys.stdout.flush()  # what it has not written would be written twice
    sys.stderr.flush()
    if not _IS_LINUX and not _ALIVE:
        _ALIVE.extend(os.pipe())
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        _end_with(parent)
        _name(name)
        _run(work)
    return pid


_IS_LINUX = sys.platform == "linux"
_ALIVE: list[int] = []  # a pipe whose other end is closed when this process ends


def _run(work: Callable[[], int]) -> NoReturn:
    code = 1
    try:
        code = work()
    except BaseException:  # nothing of the parent's may run here
        log.exception("a part of the server has failed")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _end_with(parent: int) -> None:
    """End this process when its parent ends, however that is."""
    if _IS_LINUX:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it has ended before
            os._exit(1)
        return
    reading, writing = _ALIVE
    os.close(writing)
    _ALIVE.clear()

    def wait() -> None:
        os.read(reading, 1)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def how(code: int) -> str:
    """How a process ended, from its exit code."""
    return f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"


def _name(name: str) -> None:
    if _IS_LINUX:
        ctypes.CDLL(None).prctl(_PR_SET_NAME, name.encode())


_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15


def in_child(work: Callable[[], T]) -> T:
    """Do some work in another process, and return what it returns or raise what it raises.

    So this process is left without what the work loads or starts, such as the event engine and its threads.

    Raises:
        PartFailed: the other process died.
    """
    reading, writing = os.pipe()

    def tell() -> int:
        os.close(reading)
        try:
            said: tuple[object, Exception | None] = (work(), None)
        except Exception as error:
            said = (None, error)
        with open(writing, "wb") as pipe:  # noqa: PTH123 - no path
            pickle.dump(said, pipe)
        return 0

    pid = fork("heropixel", tell)
    os.close(writing)
    with open(reading, "rb") as pipe:  # noqa: PTH123 - no path
        told = pipe.read()
    _, status = os.waitpid(pid, 0)
    if not told:
        raise PartFailed(1, why=f"a process of it ended {how(os.waitstatus_to_exitcode(status))}")
    result, error = pickle.loads(told)  # noqa: S301 - of our own child
    if error is not None:
        raise error
    return result  # type: ignore[no-any-return]  # what `work` returned
