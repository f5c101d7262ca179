"""The gate before parts that are prepared to take over: it opens for all at once, and only once."""

import os
from pathlib import Path

_NOTE = "being-replaced"  # in the data folder, while other parts are about to take over
_MOST_WAITING = 256  # each takes a byte


class Gate:
    """Made before the parts are forked. `is_open` is true in those that are forked after it was opened."""

    def __init__(self) -> None:
        self._reading, self._writing = os.pipe()
        self.is_open = False

    def pass_through(self) -> None:
        """Wait until it is open."""
        os.read(self._reading, 1)

    def open(self) -> None:
        """Open it, or give it up where nobody waits any more."""
        self.is_open = True
        os.write(self._writing, bytes(_MOST_WAITING))
        os.close(self._writing)
        os.close(self._reading)


def note_replacing(data: Path) -> None:
    """Tell parts which are asked to stop that others take over at once: no load balancer need be told."""
    (data / _NOTE).touch(mode=0o600)


def is_being_replaced(data: Path) -> bool:
    """Whether others take over."""
    return (data / _NOTE).exists()


def began_at(data: Path) -> int:
    """Since when others take over, in Unix milliseconds."""
    return (data / _NOTE).stat().st_mtime_ns // 1_000_000


def forget_replacing(data: Path) -> None:
    """Others have taken over, or could not."""
    (data / _NOTE).unlink(missing_ok=True)
