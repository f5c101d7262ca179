"""The parent of a server's parts: it starts them, starts again one that has died, and stops them in order.

It does nothing else, so that nothing ends it. It has one thread, and opens no store.
"""

import os
import selectors
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import msgspec
import structlog

from heropixel.processes.forks import fork, how
from heropixel.processes.stopping import STOP
from heropixel.troubles import PartFailed, Trouble, failed_store

log = structlog.get_logger()

# A part that died while it was at work is started again at once. One that dies as it starts is given time, and never so
# much that callers would give up.
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0  # seconds
_CRASHES = 3  # of a part, until a server that has never been whole gives up

Started = Callable[[], None]

_LEAVE_SECONDS = 0.5  # that a part has to finish what it does, when others take over
_PREPARE_SECONDS = 60.0


_AT_WORK = b"at work"


class Part(msgspec.Struct, frozen=True):
    """A part of the server. `run` is called in a process of its own; it calls what it gets once it is at work."""

    name: str
    run: Callable[[Started], None]


class Successors(Protocol):
    """Parts that take over from others. They are prepared beside them, and begin to serve when they are let in."""

    stages: Sequence[Sequence[Part]]  # each says that it is at work when it is prepared

    def leave(self) -> None:
        """Called when all are prepared, before the others are stopped."""

    def settle(self) -> bool:
        """Called when nobody is at work; whether these are to take over. Otherwise the others go on."""

    def let_in(self) -> None:
        """Let them begin."""

    def give_up(self) -> None:
        """They never began, and are gone."""


class _Failure(msgspec.Struct, array_like=True):
    """What a part says that cannot start."""

    message: str
    exit_code: int
    may_pass: bool = False  # by itself: it is tried as often as one that crashes


class _Place:
    """The place of a part, whose processes come and go."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.pid = 0
        self.line = -1  # by which it says that it is at work, or why it cannot be; -1: it has said so
        self.is_at_work = False
        self.failures = 0  # to start
        self.failure: _Failure | None = None
        self.pause = 0.0
        self.due = 0.0  # when it is started again
        self.is_leaving = False  # it is not to be started again


class Parent:
    """Runs parts until a signal asks to stop."""

    def __init__(
        self,
        stages: Sequence[Sequence[Part]],
        ready: Callable[[], None],
        asked: socket.socket | None = None,
        successors: Callable[[bytes], Successors] | None = None,
    ) -> None:
        """Parts are stopped stage by stage, in this order. `ready` is called once, when all are at work.

        A part asks by `asked` for others to take over: what it sends makes them. It hears something if they could not.
        """
        self._asked = asked
        self._successors = successors
        self._coming: list[list[_Place]] = []
        self._stages = [[_Place(part) for part in stage] for stage in stages]
        self._ready = ready
        self._is_ready = False
        self._is_stopping = False
        self._selector = selectors.DefaultSelector()

    def run(self) -> None:
        """Run them.

        Raises:
            PartFailed: a part could not start, before all had.
        """
        with self._signals():
            try:
                for place in self._places():
                    self._start(place)
                while not self._is_stopping:
                    self._look()
                    self._start_due()
                for stage in self._stages:
                    self._stop(stage)
            finally:
                self._kill()

    def _places(self) -> Iterator[_Place]:
        for stage in (*self._stages, *self._coming):
            yield from stage

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Signals wake the selector."""
        waking, woken = os.pipe()
        for end in (waking, woken):
            os.set_blocking(end, False)
        numbers = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT)
        before = {number: signal.signal(number, lambda *_: None) for number in numbers}
        waker = signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
        self._selector.register(waking, selectors.EVENT_READ, None)
        self._waking, self._woken = waking, woken
        if self._asked is not None:
            self._selector.register(self._asked, selectors.EVENT_READ, self._asked)
        try:
            yield
        finally:
            signal.set_wakeup_fd(waker)
            for number, handler in before.items():
                signal.signal(number, handler)
            self._selector.close()
            os.close(waking)
            os.close(woken)

    def _start(self, place: _Place) -> None:
        reading, writing = os.pipe()
        place.failure = None
        place.pid = fork(f"hp:{place.part.name}", lambda: self._in_child(place.part, reading, writing))
        os.close(writing)
        place.line = reading
        self._selector.register(reading, selectors.EVENT_READ, place)

    def _in_child(self, part: Part, reading: int, writing: int) -> int:
        for other in self._places():
            if other.line >= 0:
                os.close(other.line)
        os.close(reading)
        signal.set_wakeup_fd(-1)
        os.close(self._waking)
        os.close(self._woken)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)

        has_started = False

        def started() -> None:
            nonlocal has_started
            has_started = True
            os.write(writing, _AT_WORK)
            os.close(writing)

        try:
            part.run(started)
        except Exception as error:
            failure = _failure_of(error)
            if has_started or failure is None:  # the line is closed then, and another file may have its number
                raise
            os.write(writing, msgspec.msgpack.encode(failure))
            return failure.exit_code
        return 0

    def _look(self, until: float | None = None) -> None:
        """Wait for what happens next, at most until then."""
        due = [] if self._is_stopping else [place.due for place in self._places() if not place.pid]
        if until is not None:
            due = [until]
        timeout = max(0.0, min(due) - time.monotonic()) if due else None
        for key, _ in self._selector.select(timeout):
            if key.data is None:
                self._obey(os.read(self._waking, 4096))
            elif key.data is self._asked:
                self._take_over(os.read(key.fd, 65_536))
            else:
                self._hear(key.data)

    def _obey(self, signals: bytes) -> None:
        if signal.SIGTERM in signals or signal.SIGINT in signals:
            self._is_stopping = True
        if signal.SIGCHLD in signals:
            self._bury()

    def _hear(self, place: _Place) -> None:
        """A part says that it is at work, or why it cannot be; or its line ends, since it has died."""
        if place.line < 0:  # it was buried in the meantime
            return
        said = os.read(place.line, 65_536)
        if said and said != _AT_WORK:
            place.failure = msgspec.msgpack.decode(said, type=_Failure)
        if said != _AT_WORK:
            return
        self._hang_up(place)
        place.is_at_work = True
        place.pause = 0.0
        if not self._is_ready and not self._is_stopping and all(one.is_at_work for one in self._places()):
            self._is_ready = True
            self._ready()

    def _hang_up(self, place: _Place) -> None:
        if place.line >= 0:
            self._selector.unregister(place.line)
            os.close(place.line)
            place.line = -1

    def _bury(self) -> None:
        """Take note of the dead."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            for place in self._places():
                if place.pid == pid:
                    self._note_death(place, os.waitstatus_to_exitcode(status))

    def _note_death(self, place: _Place, code: int) -> None:
        self._hear(place)  # its last words
        self._hang_up(place)
        had_started, place.is_at_work = place.is_at_work, False
        place.pid = 0
        if self._is_stopping or place.is_leaving:
            return
        if not had_started:
            place.failures += 1
            is_lasting = place.failure is not None and not place.failure.may_pass
            if not self._is_ready and (is_lasting or place.failures > _CRASHES):
                failure = place.failure or _Failure(f"{place.part.name} ended {how(code)}", 1)
                raise PartFailed(failure.exit_code, why=failure.message)
            place.pause = min(max(FIRST_PAUSE, 2 * place.pause), LONGEST_PAUSE)
        place.due = time.monotonic() + place.pause
        log.error(
            "a part of the server has died, and is started again",
            part=place.part.name,
            how=place.failure.message if place.failure else how(code),
            pause=place.pause,
        )

    def _start_due(self) -> None:
        for place in self._places():
            if not place.pid and place.due <= time.monotonic() and not self._is_stopping:
                self._start(place)

    def _take_over(self, asked: bytes) -> None:
        """Let others take over, unless they cannot."""
        if self._successors is None or self._is_stopping or self._coming:
            return
        try:
            successors = self._successors(asked)
        except Exception as error:  # whatever it is, these go on
            log.exception("others cannot take over", why=str(error))
            self._refuse()
        else:
            self._let_take_over(successors)

    def _let_take_over(self, successors: Successors) -> None:
        self._coming = [[_Place(part) for part in stage] for stage in successors.stages]
        coming = [place for stage in self._coming for place in stage]
        for place in coming:
            place.is_leaving = True  # one that cannot be prepared is not tried again
            self._start(place)
        until = time.monotonic() + _PREPARE_SECONDS
        while any(place.pid and not place.is_at_work for place in coming) and time.monotonic() < until:
            self._look(until)
        if self._stops() or not all(place.is_at_work for place in coming):
            self._turn_away(coming, successors)
            return
        successors.leave()
        for stage in self._stages[:-1]:
            self._let_go(stage, _LEAVE_SECONDS)
        self._let_go(self._stages[-1], 0)  # it does nothing now that would have to be finished
        if not self._stops() and successors.settle():
            self._stages, self._coming = self._coming, []
            for place in coming:
                place.is_leaving = False
            successors.let_in()
            return
        self._turn_away(coming, successors)
        for place in self._places():
            place.is_leaving = False
            if not self._stops():
                self._start(place)

    def _stops(self) -> bool:
        """Whether a signal has asked to stop, as of now."""
        return self._is_stopping

    def _let_go(self, stage: Sequence[_Place], seconds: float) -> None:
        """Stop a stage; what does not end soon is ended."""
        for place in stage:
            place.is_leaving = True
            _signal(place, STOP)
        until = time.monotonic() + seconds
        while any(place.pid for place in stage) and time.monotonic() < until:
            self._look(until)
        for place in stage:
            _signal(place, signal.SIGKILL)
        while any(place.pid for place in stage):
            self._look()

    def _turn_away(self, coming: Sequence[_Place], successors: Successors) -> None:
        for place in coming:
            if place.failure:
                log.error("a part cannot take over", part=place.part.name, why=place.failure.message)
            _signal(place, signal.SIGKILL)
        while any(place.pid for place in coming):
            self._look()
        self._coming = []
        successors.give_up()
        self._refuse()

    def _refuse(self) -> None:
        """Tell the part that has asked."""
        if self._asked is not None:
            self._asked.send(b"no")

    def _stop(self, stage: Sequence[_Place]) -> None:
        for place in stage:
            _signal(place, STOP)
        while any(place.pid for place in stage):
            self._look()

    def _kill(self) -> None:
        """End those that are left: a part could not start."""
        for place in self._places():
            _signal(place, signal.SIGKILL)
        for place in self._places():
            if place.pid:
                os.waitpid(place.pid, 0)


def _failure_of(error: Exception) -> _Failure | None:
    """What a part says of an error as it starts; None: it is a fault, whose traceback is in the log."""
    if isinstance(error, Trouble):
        return _Failure(error.message, error.exit_code)
    failed = failed_store(error)
    return None if failed is None else _Failure(failed.message, failed.exit_code, may_pass=True)


def _signal(place: _Place, number: signal.Signals) -> None:
    if place.pid:
        os.kill(place.pid, number)
