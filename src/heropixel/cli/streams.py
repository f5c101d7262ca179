"""Standard streams that are closed, full or without a reader: no program may end or write elsewhere because of them."""

import io
import os
import sys
from typing import Any, TextIO


def open_missing() -> None:
    """Open those that this program was started without: else the next file has their number, and gets their text."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= _ERROR:
        pass
    os.close(number)
    sys.stdout, sys.stderr = sys.stdout or lossy(_OUTPUT), sys.stderr or lossy(_ERROR)


def lose_what_nobody_takes() -> None:
    """From now on what cannot be written to output and log is lost: a server goes on without them."""
    sys.stdout, sys.stderr = lossy(_OUTPUT), lossy(_ERROR)


def lossy(number: int) -> TextIO:
    """A stream to a file that is open by this number. Writing to it never fails."""
    raw = _Lossy(number, "w", closefd=False)
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", errors="backslashreplace", line_buffering=True)


class _Lossy(io.FileIO):
    """What cannot be written counts as written."""

    def write(self, content: Any, /) -> int:  # noqa: ANN401 - any buffer
        """Write what can be written."""
        try:
            return super().write(content) or len(content)  # None: it would have to wait
        except OSError:
            return len(content)


_OUTPUT, _ERROR = 1, 2
