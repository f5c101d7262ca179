"""A process that the warm parent forked, with the interface of `subprocess.Popen`."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from typing import Protocol, TypeVar

import msgspec

from tests.launcher.orders import ChildMessage


class Process(Protocol):
    """What tests need of a process, warm or cold."""

    pid: int

    def poll(self) -> int | None:
        """Its exit code, negative for the signal that it died of; None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended; its exit code.

        Raises:
            subprocess.TimeoutExpired: it has not.
        """

    def send_signal(self, sig: int, /) -> None:
        """Send it a signal, if it is still there."""

    def kill(self) -> None:
        """End it as a power cut would."""


P = TypeVar("P", bound=Process)


@contextlib.contextmanager
def ended(process: P) -> Iterator[P]:
    """The process, killed at the end if it is still there: a test that fails leaves none.

    What it has started ends with it: the parts of a server notice that their parent is gone.
    """
    try:
        yield process
    finally:
        process.kill()
        process.wait()


class Forked:
    """A `Process`. The parent tells by a socket of its own what became of it."""

    def __init__(self, words: list[str], line: socket.socket) -> None:
        self._words = words
        self._line = line
        self._unread = b""
        self._code: int | None = None
        message = self._next(None)
        assert message, "the warm parent is gone"
        self.pid = message.pid

    def poll(self) -> int | None:
        """See `Process`."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """See `Process`."""
        code = self._ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(self._words, timeout or 0)
        return code

    def send_signal(self, sig: int) -> None:
        """See `Process`."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # it has ended, and its message has not come yet
                os.kill(self.pid, sig)

    def kill(self) -> None:
        """See `Process`."""
        self.send_signal(signal.SIGKILL)

    def _ended(self, timeout: float | None) -> int | None:
        if self._code is None:
            message = self._next(timeout)
            if message is not None:
                self._code = message.ended
                self._line.close()
        return self._code

    def _next(self, timeout: float | None) -> ChildMessage | None:
        until = None if timeout is None else time.monotonic() + timeout
        while b"\n" not in self._unread:
            left = None if until is None else max(0.0, until - time.monotonic())
            self._line.settimeout(left)
            try:
                read = self._line.recv(4096)
            except (TimeoutError, BlockingIOError):
                return None
            assert read, "the warm parent is gone"
            self._unread += read
        line, _, self._unread = self._unread.partition(b"\n")
        return msgspec.json.decode(line, type=ChildMessage)
