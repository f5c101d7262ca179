"""Keeps strangers from filling the disk with the log: lines that repeat are counted, and some a minute are written.

A request that cannot be parsed is a line of the log, and so is a fault that a request finds. Anybody can send a million
of them. So this holds for every line of level WARNING and above, also for those of libraries.
"""

import logging
import time
from collections.abc import Callable, Hashable, MutableMapping
from typing import Any, Final

import structlog

from heropixel import metrics

MOST: Final = 20  # lines of one kind a minute
SECONDS: Final = 60.0
MOST_KINDS: Final = 1_000  # all further ones count as one: a bound on memory
_SEVERE: Final = {"warning", "error", "exception", "critical"}  # what structlog calls them


class _Kind:
    """Lines of one kind."""

    def __init__(self, now: float) -> None:
        self.since = now
        self.written = 0
        self.left_out = 0


class RepeatedLines:
    """Decides of each line whether it is written. Lines of one kind have one text, or come from one line of code."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kinds: dict[Hashable, _Kind] = {}

    def left_out(self, kind: Hashable) -> int | None:
        """How many lines of this kind were left out before this one; None: this one is left out, too."""
        now = self._clock()
        if kind not in self._kinds and len(self._kinds) >= MOST_KINDS:
            kind = None
        lines = self._kinds.setdefault(kind, _Kind(now))
        before = 0
        if now - lines.since >= SECONDS:
            before, self._kinds[kind] = lines.left_out, _Kind(now)
            lines = self._kinds[kind]
        if lines.written == MOST:
            lines.left_out += 1
            metrics.log_lines_left_out.inc()
            return None
        lines.written += 1
        return before

    def limit(self, _logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """A processor for lines of our own.

        Raises:
            structlog.DropEvent: the line is left out.
        """
        if method in _SEVERE:
            before = self.left_out(event.get("event"))
            if before is None:
                raise structlog.DropEvent
            if before:
                event["left_out"] = before
        return event

    def filter(self, record: logging.LogRecord) -> bool:
        """A filter for lines of libraries."""
        before = self.left_out((record.pathname, record.lineno))
        if before:
            record.msg, record.args = f"{record.getMessage()} ({before} more were left out)", None
        return before is not None
