"""Forked processes. Whoever forks has no threads and no event loop: a child would have but one of the threads."""

import contextlib
import ctypes
import os
import pickle
import selectors
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, Generic, NoReturn, TypeVar

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
        _tell(work, writing)
        return 0

    pid = fork("heropixel", tell)
    os.close(writing)
    return _told(reading, pid)  # type: ignore[no-any-return]  # what `work` returned


_MEANWHILE_SECONDS = 0.2


class PreparedChild(Generic[T]):
    """A process that has prepared some work, and does it when it is told to."""

    def __init__(self, prepare: Callable[[], tuple[Callable[[], T], Callable[[], object]]]) -> None:
        """Fork it. `prepare` returns the work, and what is done again and again until then.

        What any of them raises, the work raises.
        """
        waiting, self._waking = os.pipe()
        self._reading, writing = os.pipe()

        def wait() -> int:
            os.close(self._waking)
            os.close(self._reading)

            def work() -> T:
                prepared, meanwhile = prepare()
                with selectors.DefaultSelector() as selector:
                    selector.register(waiting, selectors.EVENT_READ)
                    while not selector.select(_MEANWHILE_SECONDS):
                        meanwhile()
                return prepared()

            _tell(work, writing)
            return 0

        self._pid = fork("heropixel", wait)
        os.close(waiting)
        os.close(writing)

    def work(self) -> T:
        """Let it work, and return what it returns or raise what it raises.

        Raises:
            PartFailed: it died.
        """
        with contextlib.suppress(BrokenPipeError):  # it could not prepare
            os.write(self._waking, b"\n")
        os.close(self._waking)
        return _told(self._reading, self._pid)  # type: ignore[no-any-return]  # as above

    def give_up(self) -> None:
        """End it, unless it has worked."""
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)


def _tell(work: Callable[[], object], writing: int) -> None:
    try:
        said: tuple[object, Exception | None] = (work(), None)
    except Exception as error:
        said = (None, error)
    with open(writing, "wb") as pipe:
        pickle.dump(said, pipe)


def _told(reading: int, pid: int) -> Any:  # noqa: ANN401 - what the work returns
    with open(reading, "rb") as pipe:
        told = pipe.read()
    ended = "by itself"
    with contextlib.suppress(ChildProcessError):  # whoever waits for all children has been quicker
        ended = how(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    if not told:
        raise PartFailed(1, why=f"a process of it ended {ended}")
    result, error = pickle.loads(told)  # noqa: S301 - of our own child
    if error is not None:
        raise error
    return result
