"""Rows of CSV, as spreadsheets, databases and mail tools write it."""

import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from heropixel.transfer.encodings import text_of, utf8
from heropixel.transfer.guards import unguarded
from heropixel.transfer.rows import BadRow, FileRow, Format
from heropixel.transfer.source import MAX_ROW, Source, flaw_of, lines_of
from heropixel.troubles import FileUnusable

_MAX_QUOTED = 1 << 17  # bytes after a row's first line: an open quote takes them, and they are read again


class CsvSource(Source):
    r"""RFC 4180 and its common variants.

    Commas, semicolons, tabs or bars; `sep=;` before the header; LF, CRLF or CR; blank lines; rows that end early;
    columns without a name, which are left out; columns of one name, which are numbered; `\"` for a quote.
    """

    format = Format.CSV

    def __init__(self, path: Path, file: io.BufferedReader, *, packed: bool) -> None:
        super().__init__(path, file)
        text, self.encoding = text_of(file, packed=packed, any_encoding=True)
        self._text = _CsvText(lines_of(text))
        self.delimiter, names = self._header()
        self._names = _distinct(names)  # "" is a column without a name
        self.columns = [name for name in self._names if name]
        if not self.columns:
            raise FileUnusable(path=path, why="none of its columns has a name")

    def _header(self) -> tuple[str, list[str]]:
        lines = iter(self._text)
        first = self._line_with_text(lines)
        if said := _SEPARATOR.fullmatch(first.strip("\r\n ")):
            self._text.next_row()
            first = self._line_with_text(lines)
            delimiter = said[1]
        else:
            unquoted = re.sub('"[^"]*"', "", first)
            delimiter = max(",", ";", "\t", "|", key=unquoted.count)
        try:
            names = next(csv.reader(chain([first], lines), delimiter=delimiter, strict=True))
        except csv.Error as error:
            raise FileUnusable(path=self.path, why=f"its header is {_not_csv(error)}") from error
        if flaw := self._text.flaw():
            raise FileUnusable(path=self.path, why=f"its header is {flaw}")
        self._text.next_row()
        return delimiter, names

    def _line_with_text(self, lines: Iterator[str]) -> str:
        for line in lines:
            if not line.isspace():
                return line
        raise FileUnusable(path=self.path, why="it is empty: its first line has to name the columns")

    def _rows(self) -> Iterator[FileRow | BadRow]:
        while True:
            try:
                yield from self._rows_up_to_a_wrong_quote()
            except csv.Error as error:
                yield self._row_with_a_wrong_quote(error)
            else:
                return

    def _rows_up_to_a_wrong_quote(self) -> Iterator[FileRow | BadRow]:
        text, columns = self._text, self.columns
        width = len(columns) if len(columns) == len(self._names) else -1
        for cells in csv.reader(text, delimiter=self.delimiter, strict=True):
            row: FileRow | BadRow | None
            if len(cells) == width and not text.suspect:
                row = FileRow(text.line, dict(zip(columns, map(unguarded, cells), strict=False)))
            else:
                row = self._unusual_row(cells)
            text.next_row()
            if row is not None:
                yield row

    def _unusual_row(self, cells: list[str]) -> FileRow | BadRow | None:
        """A row with a flaw, or of another length; None where it is blank."""
        flaw = self._text.flaw()
        if flaw is not None:
            return BadRow(self._text.line, flaw, cells)
        if len(cells) < 2 and not "".join(cells).strip():
            return None
        if self._has_too_many(cells):
            escaped = self._escaped_row()
            if escaped is None:
                return BadRow(self._text.line, "too many cells", cells)
            cells = escaped
        cells += [""] * (len(self._names) - len(cells))
        named = zip(self._names, map(unguarded, cells), strict=False)
        return FileRow(self._text.line, {name: cell for name, cell in named if name})

    def _has_too_many(self, cells: list[str]) -> bool:
        """Whether there are cells beyond the last column that are not empty."""
        return len(cells) > len(self._names) and any(cells[len(self._names) :])

    def _row_with_a_wrong_quote(self, error: csv.Error) -> FileRow | BadRow:
        text = self._text
        row: FileRow | BadRow | None
        if cells := self._escaped_row():
            row = self._unusual_row(cells)
        else:
            # The lines after it are read again: a wrong quote costs only its own line, not all up to the next quote.
            first = text.put_back_all_but_first()
            row = BadRow(text.line, text.flaw() or _not_csv(error), [first])
        text.next_row()
        return row or BadRow(text.line, _not_csv(error), [])

    def _escaped_row(self) -> list[str] | None:
        r"""The current row read again with `\"` for a quote, as MySQL writes it; None where that makes no row of it."""
        text = self._text
        if not text.has_escaped_quote():
            return None
        text.put_back_all()
        try:
            cells = next(csv.reader(text, delimiter=self.delimiter, strict=True, escapechar="\\"), None)
        except csv.Error:
            return None
        return None if cells is None or self._has_too_many(cells) else cells


class _CsvText:
    """The lines of a file for one csv.reader after the other. It keeps the lines of the current row."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self.line = 1  # where the current row begins
        self.suspect = False  # whether the current row may have a flaw
        self._row: list[bytes] = []
        self._again: deque[bytes] = deque()
        self._lines = lines

    def __iter__(self) -> Iterator[str]:
        """Up to the end, or until the current row is too long: csv.reader then misses a closing quote."""
        size = 0
        while line := self._again.popleft() if self._again else next(self._lines, b""):
            size = size + len(line) if self._row else 0
            if size > _MAX_QUOTED:
                self._again.appendleft(line)
                return
            self._row.append(line)
            if b"\0" in line or len(line) > MAX_ROW:
                self.suspect = True
            yield self._decoded(line)

    def _decoded(self, line: bytes) -> str:
        try:
            return line.decode()
        except UnicodeDecodeError:
            pass
        try:
            return utf8(line)
        except UnicodeDecodeError:
            self.suspect = True
            return line.decode(errors="surrogateescape")

    def flaw(self) -> str | None:
        return flaw_of(self._row)

    def has_escaped_quote(self) -> bool:
        return any(b'\\"' in line for line in self._row)

    def next_row(self) -> None:
        self.line += len(self._row)
        self.suspect = False
        self._row.clear()

    def put_back_all(self) -> None:
        self._again.extendleft(reversed(self._row))
        self._row.clear()

    def put_back_all_but_first(self) -> str:
        self._again.extendleft(reversed(self._row[1:]))
        del self._row[1:]
        return self._decoded(self._row[0]).rstrip("\r\n")


# The line that Excel reads, and some programs write before the header.
_SEPARATOR = re.compile('"?sep=(.)"?', re.IGNORECASE)


def _not_csv(error: csv.Error) -> str:
    # After the hyphen csv gives advice for the programmer.
    said = str(error).partition(" - ")[0].replace("unexpected end of data", "a quote is not closed")
    return f"not valid CSV: {said}"


def _distinct(names: list[str]) -> list[str]:
    """The names without blanks around. The second column of one name gets the number 2."""
    distinct: dict[str, None] = {}
    columns = []
    for name in (given.strip("\ufeff \t\r\n\xa0") for given in names):
        column, number = name, 1
        while column and column in distinct:
            number += 1
            column = f"{name} {number}"
        distinct[column] = None
        columns.append(column)
    return columns
