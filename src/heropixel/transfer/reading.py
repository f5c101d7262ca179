"""Files are read: CSV, JSON, JSON Lines and Parquet, as valid rows and as bad rows."""

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from heropixel.half_pairs import whole_json
from heropixel.strict_json import JsonRefused, holds_nul, may_repeat_names, refuse_repeated_names
from heropixel.transfer.csv_rows import CsvSource
from heropixel.transfer.encodings import text_of
from heropixel.transfer.json_objects import NotObjects, objects
from heropixel.transfer.rows import BadRow, FileRow, Format
from heropixel.transfer.source import MAX_ROW, NUL, UNREADABLE, Source, flaw_of, lines_of, usable
from heropixel.troubles import FileUnusable

if TYPE_CHECKING:  # imported only where Parquet is read or written: it costs 50 MB
    import pyarrow

_BUFFER = 1 << 16  # bytes
_BATCH = 1_000  # rows of Parquet held as Python objects at once


def open_rows(path: Path) -> Source:
    """Open a file of rows in the format of its file extension.

    Raises:
        FileUnusable: it cannot be read, its extension is unknown, or its columns have no distinct names.
    """
    packed = path.suffix.lower() == ".gz"
    source = _SOURCES.get("".join(path.suffixes[-2 if packed else -1 :]).lower())
    if source is None:
        raise FileUnusable(path=path, why=f"its name must end in one of {', '.join(_SOURCES)}")
    with usable(path, UNREADABLE):
        file = path.open("rb", buffering=_BUFFER)
        try:
            return source(path, file, packed=packed)
        except BaseException:
            file.close()
            raise


class _JsonLinesSource(Source):
    format = Format.JSONL

    def __init__(self, path: Path, file: io.BufferedReader, *, packed: bool) -> None:
        super().__init__(path, file)
        text, self.encoding = text_of(file, packed=packed, any_encoding=False)
        self._lines = lines_of(text)

    def _rows(self) -> Iterator[FileRow | BadRow]:
        decode = msgspec.json.Decoder(dict[str, Any]).decode
        for number, line in enumerate(self._lines, start=1):
            if not line.isspace():
                yield _json_row(number, line, decode)


class _JsonArraySource(Source):
    format = Format.JSONL  # the format of its rejected rows

    def __init__(self, path: Path, file: io.BufferedReader, *, packed: bool) -> None:
        super().__init__(path, file)
        self._text, self.encoding = text_of(file, packed=packed, any_encoding=False)

    def _rows(self) -> Iterator[FileRow | BadRow]:
        decode = msgspec.json.Decoder(dict[str, Any]).decode
        try:
            for number, text in enumerate(objects(self._text), start=1):
                yield _json_row(number, text, decode)
        except NotObjects as error:
            raise FileUnusable(path=self.path, why=str(error)) from None


def _json_row(number: int, line: bytes, decode: Callable[[bytes], dict[str, Any]]) -> FileRow | BadRow:
    try:
        try:
            values = decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            values = decode(whole_json(line))
        flaw = _hidden_flaw(line, values)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        flaw = flaw_of([line]) or f"not a JSON object: {re.sub(r' (.byte|- at).*', '', str(error))}"
    if flaw is None:
        return FileRow(number, values)
    return BadRow(number, flaw, line.decode(errors="backslashreplace").rstrip("\r\n"))


def _hidden_flaw(line: bytes, values: dict[str, Any]) -> str | None:
    """Flaws that the decoder accepts: NUL written as an escape, and a name given twice (it keeps the last)."""
    if b"\\u0000" in line and holds_nul(values):
        return NUL
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
        with usable(path, UNREADABLE, pyarrow.ArrowException):
            self._table = parquet.ParquetFile(file, buffer_size=MAX_ROW, pre_buffer=False)
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

        with usable(self.path, UNREADABLE, pyarrow.ArrowException):
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
        yield BadRow(number, NUL, values) if holds_nul(values) else FileRow(number, values)


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


def _distinct(path: Path, columns: list[str]) -> list[str]:
    for name, count in Counter(columns).items():
        if count > 1:
            raise FileUnusable(path=path, why=f'{count} of its columns are named "{name}"')
    return columns


_SOURCES: dict[str, Callable[..., Source]] = {
    ".csv": CsvSource,
    ".csv.gz": CsvSource,
    ".tsv": CsvSource,
    ".tsv.gz": CsvSource,
    ".txt": CsvSource,  # a spreadsheet's "Unicode text"
    ".txt.gz": CsvSource,
    ".json": _JsonArraySource,
    ".json.gz": _JsonArraySource,
    ".jsonl": _JsonLinesSource,
    ".jsonl.gz": _JsonLinesSource,
    ".ndjson": _JsonLinesSource,
    ".ndjson.gz": _JsonLinesSource,
    ".parquet": _ParquetSource,
}
