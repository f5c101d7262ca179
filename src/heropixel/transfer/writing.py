"""Files are written: CSV, JSON Lines and Parquet."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from heropixel.transfer.guards import guarded
from heropixel.transfer.rows import Format

if TYPE_CHECKING:  # imported only where Parquet is written: it costs 50 MB
    import pyarrow

_BATCH = 1_000  # rows of Parquet held as Python objects at once
_GROUP = 100_000  # rows in a row group of Parquet, and
_GROUP_BYTES = 32 << 20  # fewer when they are long: writing a group takes about six times its bytes


def write_rows(rows: Iterable[dict[str, Any]], out: BinaryIO, kind: Format, columns: Mapping[str, type]) -> int:
    """Write the `columns` of the rows (of type str, int, float, bool, dict or list). Returns the number of rows.

    None is left out of JSON Lines, an empty cell in CSV and null in Parquet. A dict or list is JSON text in the last
    two. A cell of CSV that a spreadsheet would run has a guard, see `guards.py`. `out` stays open, and memory
    does not grow with the rows. Errors of `rows` or `out` pass through: the output is then cut short,
    though Parquet can be read as if it were whole.
    """
    write = {Format.CSV: _write_csv, Format.JSONL: _write_json_lines, Format.PARQUET: _write_parquet}[kind]
    return write(rows, out, columns)


def _write_json_lines(rows: Iterable[dict[str, Any]], out: BinaryIO, columns: Mapping[str, type]) -> int:
    encode = msgspec.json.Encoder().encode
    count = 0
    for row in rows:
        out.write(encode({name: row[name] for name in columns if row.get(name) is not None}) + b"\n")
        count += 1
    return count


def _write_csv(rows: Iterable[dict[str, Any]], out: BinaryIO, columns: Mapping[str, type]) -> int:
    text = io.TextIOWrapper(out, encoding="utf-8", newline="")
    try:
        writer = csv.writer(text)
        writer.writerow(columns)
        count = 0
        for row in _with_json_text(rows, columns, dict, list, bool):
            writer.writerow([_cell(row.get(name)) for name in columns])
            count += 1
        return count
    finally:
        text.detach()


def _cell(value: object) -> object:
    return guarded(value) if isinstance(value, str) else value


def _write_parquet(rows: Iterable[dict[str, Any]], out: BinaryIO, columns: Mapping[str, type]) -> int:
    import pyarrow  # noqa: PLC0415 - 50 MB, see above
    from pyarrow import parquet  # noqa: PLC0415 - the same

    types: dict[type, pyarrow.DataType] = {
        str: pyarrow.string(),
        int: pyarrow.int64(),
        float: pyarrow.float64(),
        bool: pyarrow.bool_(),
        dict: pyarrow.string(),  # as JSON
        list: pyarrow.string(),
    }
    schema = pyarrow.schema([(name, types[type_]) for name, type_ in columns.items()])
    rows = _with_json_text(rows, columns, dict, list)
    slices = iter(lambda: list(islice(rows, _BATCH)), [])
    batches = (pyarrow.RecordBatch.from_pylist(some, schema=schema) for some in slices)
    count = 0
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        for group in _groups(batches):
            writer.write_table(pyarrow.Table.from_batches(group))
            count += sum(batch.num_rows for batch in group)
    return count


def _groups(batches: Iterable["pyarrow.RecordBatch"]) -> Iterator[list["pyarrow.RecordBatch"]]:
    group: list[pyarrow.RecordBatch] = []
    size = 0
    for batch in batches:
        group.append(batch)
        size += batch.nbytes
        if len(group) * _BATCH >= _GROUP or size >= _GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def _with_json_text(
    rows: Iterable[dict[str, Any]], columns: Mapping[str, type], *types: type
) -> Iterator[dict[str, Any]]:
    """The rows, with JSON text in the columns of these types."""
    encode = msgspec.json.Encoder().encode
    names = [name for name, type_ in columns.items() if type_ in types]
    for row in rows:
        yield row | {name: encode(row[name]).decode() for name in names if row.get(name) is not None}
