"""The rejected rows of a file are written to a file beside it, with their reasons."""

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

from heropixel.transfer.guards import guarded, unguarded
from heropixel.transfer.rows import BadRow, FileRow, Format
from heropixel.transfer.source import Source, usable


class Rejections(NamedTuple):
    """How many rows were rejected, how often for each reason, and where they are."""

    rejected: int
    reasons: dict[str, int]
    file: Path | None
    placeholders: dict[str, int]  # cells of rows that were taken without them, by the identifier
    remarks: dict[str, int]  # what else is to be said of rows that were taken, and of how many
    read_as: str  # the encoding, where nothing in the file says it; else empty


class RejectedRows:
    """The rejected rows, in `<name of the input>.rejected` beside it; a context manager.

    CSV gives CSV: `line`, `reason`, then the row. The others give JSON Lines of `line`, `reason` and `row`.
    The file is made with the first row, readable by its owner only. On entering, the file of an earlier run is
    removed. Every step raises `FileUnusable` when it cannot be written.
    """

    def __init__(self, source: Source) -> None:
        self.path = source.path.with_name(f"{source.path.name}.rejected")
        self.count: Counter[str] = Counter()  # rows by reason
        self.placeholders: Counter[str] = Counter()  # cells by identifier
        self.remarks: Counter[str] = Counter()  # rows that were taken, by what is to be said of them
        self._source = source
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        with self._writable():
            self.path.unlink(missing_ok=True)
            if not os.access(self.path.parent, os.W_OK):  # an error now is better than one after the first million rows
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return self

    def __exit__(self, *_: object) -> None:
        with self._writable():
            if self._file is not None:
                self._file.close()

    def add(self, row: FileRow | BadRow, reason: str) -> None:
        """Write the row and count it. For a `BadRow` the reason is its `why`."""
        self.count[reason] += 1
        with self._writable():
            if self._file is None:
                self._file = self._made()
            self._file.write(self._line(row, reason))

    def rejections(self) -> Rejections:
        """The counts of the rows that were added."""
        return Rejections(
            self.count.total(),
            dict(self.count),
            self.path if self.count else None,
            dict(self.placeholders),
            dict(self.remarks),
            self._source.encoding.guessed,
        )

    def _made(self) -> TextIO:
        # surrogateescape: bytes that are not UTF-8 are written as they came.
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        file = os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape", newline="")
        if self._source.format is Format.CSV:
            file.write(_csv_line(["line", "reason", *self._source.columns], self._source.delimiter))
        return file

    def _line(self, row: FileRow | BadRow, reason: str) -> str:
        original = row.values if isinstance(row, FileRow) else row.original
        if self._source.format is Format.CSV:
            cells = original.values() if isinstance(original, dict) else map(_unguarded, original)
            return _csv_line([row.line, reason, *map(_guarded, cells)], self._source.delimiter)
        whole = {"line": row.line, "reason": reason, "row": original}
        return msgspec.json.encode(whole, enc_hook=str).decode() + "\n"

    def _writable(self) -> AbstractContextManager[None]:
        return usable(self.path, "rejected rows go into this file beside the input, and it cannot be written")


def _guarded(cell: object) -> object:
    return guarded(cell) if isinstance(cell, str) else cell


def _unguarded(cell: object) -> object:
    return unguarded(cell) if isinstance(cell, str) else cell


def _csv_line(cells: Iterable[object], delimiter: str) -> str:
    line = io.StringIO(newline="")
    csv.writer(line, delimiter=delimiter).writerow(cells)
    return line.getvalue()
