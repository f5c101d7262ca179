"""Files are read: CSV, JSON, JSON Lines and Parquet, as valid rows and as bad rows."""

import codecs
import csv
import gzip
import io
import os
import re
import zlib
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from decimal import Decimal
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self

import msgspec

from heropixel.strict_json import JsonRefused, holds_nul, may_repeat_names, refuse_repeated_names
from heropixel.transfer.guards import unguarded
from heropixel.transfer.json_objects import NotObjects, objects
from heropixel.transfer.rows import BadRow, FileRow, Format
from heropixel.troubles import FileUnusable

if TYPE_CHECKING:  # imported only where Parquet is read or written: it costs 50 MB
    import pyarrow

_MAX_ROW = 1 << 20  # bytes: a longer line is cut and rejected, so that no line can fill memory
_MAX_QUOTED = 1 << 17  # bytes after a row's first line: an open quote takes them, and they are read again
_BUFFER = 1 << 16  # bytes
_BATCH = 1_000  # rows of Parquet held as Python objects at once

_NUL = "text with a NUL character"
_UNREADABLE = "it cannot be read"


def open_rows(path: Path) -> "Source":
    """Open a file of rows in the format of its file extension.

    Raises:
        FileUnusable: it cannot be read, its extension is unknown, or its columns have no distinct names.
    """
    packed = path.suffix.lower() == ".gz"
    source = _SOURCES.get("".join(path.suffixes[-2 if packed else -1 :]).lower())
    if source is None:
        raise FileUnusable(path=path, why=f"its name must end in one of {', '.join(_SOURCES)}")
    with usable(path, _UNREADABLE):
        file = path.open("rb", buffering=_BUFFER)
        try:
            return source(path, file, packed=packed)
        except BaseException:
            file.close()
            raise


class Source(ABC):
    """An open file of rows, to be iterated once; a context manager that closes it.

    Memory does not grow with the file. A row that cannot be read is a `BadRow` and affects no other. Iterating
    raises `FileUnusable` when the rest of the file cannot be read.
    """

    format: ClassVar[Format]
    total: int  # the size of the file: in bytes, for Parquet in rows
    columns: Sequence[str] = ()  # as the file names them, without blanks around; JSON Lines has none
    exact: Mapping[str, int] = MappingProxyType({})  # by column: up to which whole number its short floats are exact
    delimiter = ","  # between the cells of CSV

    def __init__(self, path: Path, file: io.BufferedReader) -> None:
        self.path = path
        self.total = os.fstat(file.fileno()).st_size
        self._file = file

    @property
    def position(self) -> int:
        """How much of `total` has been read."""
        return self._file.tell()

    def __iter__(self) -> Iterator[FileRow | BadRow]:
        with usable(self.path, _UNREADABLE):
            yield from self._rows()

    @abstractmethod
    def _rows(self) -> Iterator[FileRow | BadRow]: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


class _CsvSource(Source):
    """RFC 4180 and its common variants: a BOM, semicolons or tabs, LF alone, blank lines."""

    format = Format.CSV

    def __init__(self, path: Path, file: io.BufferedReader, *, packed: bool) -> None:
        super().__init__(path, file)
        self._text = _CsvText(_lines(file, packed=packed))
        self.delimiter, names = self._header()
        self.columns = _distinct(path, [name.strip() for name in names])

    def _header(self) -> tuple[str, list[str]]:
        lines = iter(self._text)
        first = next((line for line in lines if not line.isspace()), None)
        if first is None:
            raise FileUnusable(path=self.path, why="it is empty: its first line has to name the columns")
        unquoted = re.sub('"[^"]*"', "", first)
        delimiter = max(",", ";", "\t", key=unquoted.count)
        try:
            names = next(csv.reader(chain([first], lines), delimiter=delimiter, strict=True))
        except csv.Error as error:
            raise FileUnusable(path=self.path, why=f"its header is {_not_csv(error)}") from error
        if flaw := self._text.flaw():
            raise FileUnusable(path=self.path, why=f"its header is {flaw}")
        self._text.next_row()
        return delimiter, names

    def _rows(self) -> Iterator[FileRow | BadRow]:
        while True:
            try:
                yield from self._rows_up_to_a_wrong_quote()
            except csv.Error as error:
                yield self._first_line_as_bad_row(error)
            else:
                return

    def _rows_up_to_a_wrong_quote(self) -> Iterator[FileRow | BadRow]:
        text, columns, width = self._text, self.columns, len(self.columns)
        for cells in csv.reader(text, delimiter=self.delimiter, strict=True):
            row: FileRow | BadRow | None
            if len(cells) == width and not text.suspect:
                row = FileRow(text.line, dict(zip(columns, map(unguarded, cells), strict=False)))
            else:
                row = self._bad_row_unless_blank(cells)
            text.next_row()
            if row is not None:
                yield row

    def _bad_row_unless_blank(self, cells: list[str]) -> BadRow | None:
        flaw = self._text.flaw()
        if flaw is None and len(cells) < 2 and not "".join(cells).strip():
            return None
        miscounted = "too few cells" if len(cells) < len(self.columns) else "too many cells"
        return BadRow(self._text.line, flaw or miscounted, cells)

    def _first_line_as_bad_row(self, error: csv.Error) -> BadRow:
        # The lines after it are read again: a wrong quote costs only its own line, not all up to the next quote.
        text = self._text
        first = text.put_back_all_but_first()
        row = BadRow(text.line, text.flaw() or _not_csv(error), [first])
        text.next_row()
        return row


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
            if b"\0" in line or len(line) > _MAX_ROW:
                self.suspect = True
            yield self._decoded(line)

    def _decoded(self, line: bytes) -> str:
        try:
            return line.decode()
        except UnicodeDecodeError:
            self.suspect = True
            return line.decode(errors="surrogateescape")

    def flaw(self) -> str | None:
        return _flaw(self._row)

    def next_row(self) -> None:
        self.line += len(self._row)
        self.suspect = False
        self._row.clear()

    def put_back_all_but_first(self) -> str:
        self._again.extendleft(reversed(self._row[1:]))
        del self._row[1:]
        return self._decoded(self._row[0]).rstrip("\r\n")


class _JsonLinesSource(Source):
    format = Format.JSONL

    def __init__(self, path: Path, file: io.BufferedReader, *, packed: bool) -> None:
        super().__init__(path, file)
        self._lines = _lines(file, packed=packed)

    def _rows(self) -> Iterator[FileRow | BadRow]:
        decode = msgspec.json.Decoder(dict[str, Any]).decode
        for number, line in enumerate(self._lines, start=1):
            if not line.isspace():
                yield _json_row(number, line, decode)


class _JsonArraySource(Source):
    format = Format.JSONL  # the format of its rejected rows

    def __init__(self, path: Path, file: io.BufferedReader, *, packed: bool) -> None:
        super().__init__(path, file)
        self._text = _text_of(file, packed=packed)

    def _rows(self) -> Iterator[FileRow | BadRow]:
        decode = msgspec.json.Decoder(dict[str, Any]).decode
        try:
            for number, text in enumerate(objects(self._text), start=1):
                yield _json_row(number, text, decode)
        except NotObjects as error:
            raise FileUnusable(path=self.path, why=str(error)) from None


def _json_row(number: int, line: bytes, decode: Callable[[bytes], dict[str, Any]]) -> FileRow | BadRow:
    try:
        values = decode(line)
        flaw = _hidden_flaw(line, values)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        flaw = _flaw([line]) or f"not a JSON object: {re.sub(r' (.byte|- at).*', '', str(error))}"
    if flaw is None:
        return FileRow(number, values)
    return BadRow(number, flaw, line.decode(errors="backslashreplace").rstrip("\r\n"))


def _hidden_flaw(line: bytes, values: dict[str, Any]) -> str | None:
    """Flaws that the decoder accepts: NUL written as an escape, and a name given twice (it keeps the last)."""
    if b"\\u0000" in line and holds_nul(values):
        return _NUL
    if _repeats_a_name(line, values):
        return "a JSON object with a name given twice"
    return None


def _repeats_a_name(line: bytes, values: dict[str, Any]) -> bool:
    try:
        if may_repeat_names(line, values):
            refuse_repeated_names(line)
    except JsonRefused:
        return True
    return False


class _ParquetSource(Source):
    format = Format.PARQUET

    def __init__(self, path: Path, file: io.BufferedReader, *, packed: bool) -> None:  # noqa: ARG002 - see _SOURCES
        import pyarrow  # noqa: PLC0415 - 50 MB, see above
        from pyarrow import parquet  # noqa: PLC0415 - the same

        super().__init__(path, file)
        with usable(path, _UNREADABLE, pyarrow.ArrowException):
            self._table = parquet.ParquetFile(file, buffer_size=_MAX_ROW, pre_buffer=False)
        self.total = self._table.metadata.num_rows
        self.columns = _distinct(path, self._table.schema_arrow.names)
        self.exact = {
            field.name: _EXACT[str(field.type)] for field in self._table.schema_arrow if str(field.type) in _EXACT
        }
        self._given = 0

    @property
    def position(self) -> int:
        """How many rows have been returned."""
        return self._given

    def _rows(self) -> Iterator[FileRow | BadRow]:
        import pyarrow  # noqa: PLC0415 - the same

        with usable(self.path, _UNREADABLE, pyarrow.ArrowException):
            for batch in self._table.iter_batches(_BATCH, use_threads=False):
                for row in _batch_rows(batch, first=self._given + 1):
                    self._given += 1
                    yield row


_EXACT = {"float": (1 << 24) - 1, "halffloat": (1 << 11) - 1}  # floats of 32 and 16 bits


def _batch_rows(batch: "pyarrow.RecordBatch", first: int) -> Iterator[FileRow | BadRow]:
    try:
        rows = batch.to_pylist()
    except ValueError:  # text that is not UTF-8, or a time beyond the year 9999: find the row
        if batch.num_rows == 1:
            yield BadRow(first, "a value that cannot be read", _readable(batch))
        else:
            for i in range(batch.num_rows):
                yield from _batch_rows(batch.slice(i, 1), first + i)
        return
    decimals = [
        name for name, type_ in zip(batch.schema.names, batch.schema.types, strict=True) if "decimal" in str(type_)
    ]
    for row in rows if decimals else ():
        row |= {name: _number(row[name]) for name in decimals if row[name] is not None}
    # Times and bytes become their JSON forms; `str` is for the objects of pandas.
    for number, values in enumerate(msgspec.to_builtins(rows, enc_hook=str), start=first):
        yield BadRow(number, _NUL, values) if holds_nul(values) else FileRow(number, values)


def _number(decimal: Decimal) -> int | float | Decimal:
    """A decimal as a number of JSON, if that has all its digits."""
    if decimal == decimal.to_integral_value():
        return int(decimal)
    return float(decimal) if Decimal(repr(float(decimal))) == decimal else decimal


def _readable(row: "pyarrow.RecordBatch") -> dict[str, Any]:
    values = {}
    for name, column in zip(row.schema.names, row.columns, strict=True):
        with suppress(ValueError):
            values[name] = column[0].as_py()
    return values


def _lines(file: io.BufferedReader, *, packed: bool) -> Iterator[bytes]:
    """The lines without the BOM. A line longer than a row may be is cut one byte after that."""
    file = _text_of(file, packed=packed)
    while line := file.readline(_MAX_ROW + 1):
        yield line
        while len(line) > _MAX_ROW and not line.endswith(b"\n"):
            line = file.readline(_MAX_ROW + 1) or b"\n"


def _text_of(file: io.BufferedReader, *, packed: bool) -> io.BufferedReader:
    if packed:
        file = io.BufferedReader(gzip.GzipFile(fileobj=file))
    if file.peek(3).startswith(codecs.BOM_UTF8):
        file.read(3)
    return file


def _flaw(lines: list[bytes]) -> str | None:
    """Why these lines cannot be a row, in any format."""
    text = b"".join(lines)
    if any(len(line) > _MAX_ROW for line in lines):
        return f"longer than {_MAX_ROW} bytes"
    if b"\0" in text:
        return _NUL
    try:
        text.decode()
    except UnicodeDecodeError:
        return "text that is not UTF-8"
    return None


def _not_csv(error: csv.Error) -> str:
    # After the hyphen csv gives advice for the programmer.
    said = str(error).partition(" - ")[0].replace("unexpected end of data", "a quote is not closed")
    return f"not valid CSV: {said}"


def _distinct(path: Path, columns: list[str]) -> list[str]:
    for name, count in Counter(columns).items():
        if count > 1:
            raise FileUnusable(path=path, why=f'{count} of its columns are named "{name}"')
    return columns


@contextmanager
def usable(path: Path, otherwise: str, *more: type[Exception]) -> Iterator[None]:
    """Turn every error with a file into a `FileUnusable` with the text `otherwise`, and the reason."""
    troubles: tuple[type[Exception], ...] = (OSError, EOFError, zlib.error, *more)
    try:
        yield
    except troubles as error:
        detail = getattr(error, "strerror", None) or str(error).rstrip(".")
        raise FileUnusable(path=path, why=f"{otherwise} ({detail})") from error


_SOURCES: dict[str, Callable[..., Source]] = {
    ".csv": _CsvSource,
    ".csv.gz": _CsvSource,
    ".tsv": _CsvSource,
    ".tsv.gz": _CsvSource,
    ".json": _JsonArraySource,
    ".json.gz": _JsonArraySource,
    ".jsonl": _JsonLinesSource,
    ".jsonl.gz": _JsonLinesSource,
    ".ndjson": _JsonLinesSource,
    ".ndjson.gz": _JsonLinesSource,
    ".parquet": _ParquetSource,
}
