"""Written files can be read back."""

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from pyarrow import parquet

from heropixel.transfer import FileRow, Format, write_rows
from tests.transfer.files import COLUMNS, made, read, rows


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def written(rows: list[dict[str, Any]], kind: Format) -> bytes:
    out = io.BytesIO()
    assert write_rows(rows, out, kind, COLUMNS) == len(rows)
    return out.getvalue()  # raises when `out` was closed


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("transfer")


def read_back(scratch: Path, rows: list[dict[str, Any]], kind: Format) -> list[dict[str, Any]]:
    found = read(made(scratch / f"rows.{kind}", written(rows, kind)))
    return [row.values if isinstance(row, FileRow) else {"bad": row} for row in found]


@given(rows=rows)
def test_json_lines_read_back_are_what_was_written(scratch: Path, rows: list[dict[str, Any]]) -> None:
    given_values = [{name: value for name, value in row.items() if value is not None} for row in rows]
    assert read_back(scratch, rows, Format.JSONL) == given_values


@given(rows=rows)
def test_parquet_read_back_is_what_was_written(scratch: Path, rows: list[dict[str, Any]]) -> None:
    found = read_back(scratch, rows, Format.PARQUET)
    for row in found:
        row["properties"] = row["properties"] and json.loads(row["properties"])
    assert found == rows


@given(rows=rows)
def test_csv_read_back_is_what_was_written(scratch: Path, rows: list[dict[str, Any]]) -> None:
    as_values: dict[str, Callable[[str], object]] = {
        "url": str,
        "pixelId": int,
        "score": float,
        "consent": json.loads,
        "properties": json.loads,
    }
    found = [
        {name: as_values[name](cell) if cell else None for name, cell in row.items()}
        for row in read_back(scratch, rows, Format.CSV)
    ]
    assert found == [row | {"url": row["url"] or None} for row in rows]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Format.JSONL, b'{"url":"=1+1","pixelId":0,"consent":false,"properties":{}}\n'),
        (Format.CSV, b"url,pixelId,score,consent,properties\r\n'=1+1,0,,false,{}\r\n"),
    ],
)
def test_every_given_value_is_written_and_only_columns_are(kind: Format, expected: bytes) -> None:
    row = {"url": "=1+1", "pixelId": 0, "score": None, "consent": False, "properties": {}, "secret": "x"}
    assert written([row], kind) == expected


def test_parquet_has_a_typed_schema_even_without_rows() -> None:
    schema = parquet.read_schema(io.BytesIO(written([], Format.PARQUET)))
    assert [(field.name, str(field.type)) for field in schema] == [
        ("url", "string"),
        ("pixelId", "int64"),
        ("score", "double"),
        ("consent", "bool"),
        ("properties", "string"),
    ]


def test_parquet_is_written_in_groups_of_a_hundred_thousand_rows_packed_with_zstd() -> None:
    out = io.BytesIO()
    assert write_rows(({"pixelId": i} for i in range(250_001)), out, Format.PARQUET, {"pixelId": int}) == 250_001
    metadata = parquet.ParquetFile(out).metadata
    assert [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)] == [
        100_000,
        100_000,
        50_001,
    ]
    assert metadata.row_group(0).column(0).compression == "ZSTD"


def test_long_rows_make_small_groups_so_that_memory_is_bounded() -> None:
    out = io.BytesIO()
    write_rows(({"url": "x" * 20_000} for _ in range(4_000)), out, Format.PARQUET, {"url": str})
    assert parquet.ParquetFile(out).metadata.num_row_groups == 2


@pytest.mark.parametrize("kind", Format)
def test_what_the_rows_raise_passes_through_and_leaves_the_output_open(kind: Format) -> None:
    def failing() -> Iterator[dict[str, Any]]:
        yield {"url": "x"}
        raise LookupError

    out = io.BytesIO()
    with pytest.raises(LookupError):
        write_rows(failing(), out, kind, COLUMNS)
    assert not out.closed


@pytest.mark.process
def test_pyarrow_is_not_loaded_for_text(folder: Path) -> None:
    path = made(folder / "users.csv", b"a\n1\n")
    program = f"""if True:
        import io, sys
        from pathlib import Path
        from heropixel.transfer import Format, open_rows, write_rows
        with open_rows(Path({str(path)!r})) as source:
            write_rows([row.values for row in source], io.BytesIO(), Format.CSV, dict(a=str))
        sys.exit("pyarrow" in sys.modules)
    """
    subprocess.run([sys.executable, "-c", program], check=True)
