"""The rows of a file that were not taken, written down beside it with their reasons."""

import csv
import errno
import io
import os
from collections import Counter
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple, Self, TextIO

import msgspec

from heropixel.transfer.reading import Source, usable
from heropixel.transfer.rows import BadRow, FileRow, Format


class Rejections(NamedTuple):
    """How many rows were not taken, how often for which reason, and where they are."""

    rejected: int
    reasons: dict[str, int]
    file: Path | None


class RejectedRows:
    """The rows that were not taken, in `<name of the input>.rejected` beside it; a context manager.

    CSV gives CSV: `line`, `reason`, then the row. The others give JSON Lines of `line`, `reason` and `row`.
    The file is made with the first row, for its owner's eyes only; on entering, that of an earlier run is
    removed. Every step raises `FileUnusable` when it cannot be written.
    """

    def __init__(self, source: Source) -> None:
        self.path = source.path.with_name(f"{source.path.name}.rejected")
        self.count: Counter[str] = Counter()  # rows by reason
        self._source = source
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        with self._writable():
            self.path.unlink(missing_ok=True)
            if not os.access(self.path.parent, os.W_OK):  # better known now than after the first million rows
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return self

    def __exit__(self, *_: object) -> None:
        with self._writable():
            if self._file is not None:
                self._file.close()

    def add(self, row: FileRow | BadRow, reason: str) -> None:
        """Write the row down and count it; of a `BadRow` the reason is its `why`."""
        self.count[reason] += 1
        with self._writable():
            if self._file is None:
                self._file = self._made()
            self._file.write(self._line(row, reason))

    def rejections(self) -> Rejections:
        """What was added."""
        return Rejections(self.count.total(), dict(self.count), self.path if self.count else None)

    def _made(self) -> TextIO:
        # surrogateescape: the bytes that are not UTF-8 go back as they came.
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        file = os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape", newline="")
        if self._source.format is Format.CSV:
            file.write(_csv_line(["line", "reason", *self._source.columns], self._source.delimiter))
        return file

    def _line(self, row: FileRow | BadRow, reason: str) -> str:
        original = row.values if isinstance(row, FileRow) else row.original
        if self._source.format is Format.CSV:
            cells = original.values() if isinstance(original, dict) else original
            return _csv_line([row.line, reason, *cells], self._source.delimiter)
        whole = {"line": row.line, "reason": reason, "row": original}
        return msgspec.json.encode(whole, enc_hook=str).decode() + "\n"

    def _writable(self) -> AbstractContextManager[None]:
        return usable(self.path, "rejected rows go into this file beside the input, and it cannot be written")


def _csv_line(cells: Iterable[object], delimiter: str) -> str:
    line = io.StringIO(newline="")
    csv.writer(line, delimiter=delimiter).writerow(cells)
    return line.getvalue()
