"""Reading and writing files: which rows are rejected and why, and that written files can be read back."""

import gzip
import hashlib
import io
import json
import os
import re
import stat
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from heropixel.transfer import BadRow, FileRow, Format, RejectedRows, open_rows, write_rows
from heropixel.troubles import FileUnusable

NUL = "text with a NUL character"
NOT_UTF8 = "text that is not UTF-8"
OPEN_QUOTE = "not valid CSV: a quote is not closed"
WRONG_QUOTE = "not valid CSV: ',' expected after '\"'"
TWICE = "a JSON object with a name given twice"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def made(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def read(path: Path) -> list[FileRow | BadRow]:
    with open_rows(path) as source:
        return list(source)


def told(path: Path) -> list[tuple[int, object]]:
    """Each row as its line and its values, or why it is bad."""
    return [(row.line, row.why if isinstance(row, BadRow) else row.values) for row in read(path)]


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"a,b\n1,2\n", [(2, {"a": "1", "b": "2"})]),
        (b"a,b\r\n1,2\r\n3,4", [(2, {"a": "1", "b": "2"}), (3, {"a": "3", "b": "4"})]),
        (b"\xef\xbb\xbfa,b\n1,2\n", [(2, {"a": "1", "b": "2"})]),
        (b"a;b\n1,5;2\n", [(2, {"a": "1,5", "b": "2"})]),
        (b"a\tb\n1,5\t2;\n", [(2, {"a": "1,5", "b": "2;"})]),
        (b'"x;y;z",b\n1,2\n', [(2, {"x;y;z": "1", "b": "2"})]),
        (b" A , b b \n 1,2 \n", [(2, {"A": " 1", "b b": "2 "})]),
        (b'a,"b\nc"\n1,2\n', [(3, {"a": "1", "b\nc": "2"})]),
        (
            b'a,b\n"1 ""x"", y","2\r\n3"\n4,5\n',
            [(2, {"a": '1 "x", y', "b": "2\r\n3"}), (4, {"a": "4", "b": "5"})],
        ),
        (b"\n\na,b\n\n1,2\n  \n\r\n3,4\n", [(5, {"a": "1", "b": "2"}), (8, {"a": "3", "b": "4"})]),
        (b"a\n1\n\n2\n", [(2, {"a": "1"}), (4, {"a": "2"})]),
        (b'a,b\n6" pipe,\n', [(2, {"a": '6" pipe', "b": ""})]),
        ("a\nZoë\n".encode(), [(2, {"a": "Zoë"})]),
        (b"a,b\n", []),
    ],
)
def test_csv_is_read_as_people_and_spreadsheets_write_it(
    folder: Path, content: bytes, rows: list[tuple[int, object]]
) -> None:
    assert told(made(folder / "users.csv", content)) == rows


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (b"1,2,3", "too many cells"),
        (b"1,\xff", NOT_UTF8),
        (b"1,\xed\xa0", NOT_UTF8),
        (b"1,\0", NUL),
        (b"\0", NUL),
        (b'1,"2', OPEN_QUOTE),
        (b'1,"2"x', WRONG_QUOTE),
        (b"1\r,2", "not valid CSV: new-line character seen in unquoted field"),
        (b"1," + b"2" * 200_000, "not valid CSV: field larger than field limit (131072)"),
        (b"1," + b"2" * (1 << 20), "longer than 1048576 bytes"),
        (b"1," + "ë".encode() * (1 << 20), "longer than 1048576 bytes"),
    ],
)
def test_a_bad_row_of_csv_spoils_only_itself(folder: Path, row: bytes, why: str) -> None:
    good = {"a": "x", "b": "ÿÿÿ"}  # characters that show that the file is UTF-8
    line = "x,ÿÿÿ\n".encode()
    assert told(made(folder / "users.csv", b"a,b\n" + line + row + b"\n" + line * 2)) == [
        (2, good),
        (3, why),
        (4, good),
        (5, good),
    ]


def test_a_row_of_invalid_utf8_within_quoted_lines_spoils_only_itself(folder: Path) -> None:
    path = made(folder / "users.csv", b'a,b\n1,"x\n\xff\ny"\n2,\xc3\xbf\n')
    assert told(path) == [(2, NOT_UTF8), (5, {"a": "2", "b": "ÿ"})]


def test_a_quote_closed_by_the_next_one_costs_its_line_not_those_between(folder: Path) -> None:
    path = made(folder / "users.csv", b'a,b\n"1,2\n3,4\n"5",6\n')
    assert told(path) == [(2, WRONG_QUOTE), (3, {"a": "3", "b": "4"}), (4, {"a": "5", "b": "6"})]


@pytest.mark.parametrize("line", [b"1,2\n", b'1",",2\n'], ids=["one cell grows", "many cells grow"])
def test_an_open_quote_does_not_swallow_the_file_into_memory(folder: Path, line: bytes) -> None:
    path = made(folder / "users.csv", b'a,b\n1,"2\n' + line * (8_000_000 // len(line)))
    tracemalloc.start()
    try:
        with open_rows(path) as source:
            row = next(iter(source))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(row, BadRow)
    assert row.line == 2
    assert row.why == OPEN_QUOTE or row.why.startswith("not valid CSV: field larger")
    assert peak < 10_000_000  # 128 KiB as 32,768 lines of 4 bytes


def test_ten_thousand_wrong_quotes_are_ten_thousand_bad_rows(folder: Path) -> None:
    path = made(folder / "users.csv", b"a,b\n" + b'"1,2\n3,4\n' * 10_000)
    rows = read(path)
    assert sum(isinstance(row, BadRow) for row in rows) == 10_000
    assert [row.line for row in rows] == list(range(2, 20_002))


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("users.csv", b"", "it is empty"),
        ("users.csv", b"\n \n", "it is empty"),
        ("users.csv", b"\xef\xbb\xbf", "it is empty"),
        ("users.csv", b",,\n", "none of its columns has a name"),
        ("users.csv", b"sep=;\n", "it is empty"),
        ("users.csv", b"a,\xff\n1,\xc3\xbf\n", "its header is text that is not UTF-8"),
        ("users.csv", b"a\0,b\n1,2\n", "its header is text with a NUL character"),
        ("users.csv", b'a,"b\n1,2\n', "its header is not valid CSV: a quote is not closed"),
        ("users.csv.gz", b"a,b\n1,2\n", "it cannot be read (Not a gzipped file"),
        ("users.parquet", b"", "it cannot be read (Parquet file size is 0 bytes)"),
        ("users.parquet", b"a,b\n1,2\n" * 9, "it cannot be read (Parquet magic bytes not found"),
        ("users.xlsx", b"", "its name must end in one of .csv, "),
        ("users.parquet.gz", b"", "its name must end in one of .csv, "),
        ("users", b"", "its name must end in one of .csv, "),
        ("csv", b"", "its name must end in one of .csv, "),
    ],
)
def test_a_file_without_rows_to_read_says_why(folder: Path, name: str, content: bytes, why: str) -> None:
    with pytest.raises(FileUnusable) as trouble:
        open_rows(made(folder / name, content))
    assert trouble.value.message.startswith(f"{folder / name}: {why}")


def test_what_cannot_be_opened_says_why(folder: Path) -> None:
    (folder / "folder.csv").mkdir()
    for name, why in (("none.csv", "No such file or directory"), ("folder.csv", "Is a directory")):
        with pytest.raises(FileUnusable, match=rf"it cannot be read \({why}\)\."):
            open_rows(folder / name)


@pytest.mark.parametrize("name", ["users.jsonl", "users.ndjson", "USERS.JSONL"])
def test_json_lines_are_read(folder: Path, name: str) -> None:
    lines = b'\xef\xbb\xbf{"a": 1, "b": {"a": [null, 1.5]}}\r\n\n {"a": "x\\\\u0000\\ud83d\\ude00\xe2\x80\xa8"}'
    assert told(made(folder / name, lines)) == [
        (1, {"a": 1, "b": {"a": [None, 1.5]}}),
        (3, {"a": "x\\u0000\N{GRINNING FACE}\u2028"}),
    ]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b'{"a": ', "not a JSON object: Input data was truncated"),
        (b'{"a": 1} {"a": 2}', "not a JSON object: JSON is malformed: trailing characters"),
        (b'{"a": NaN}', "not a JSON object: JSON is malformed: invalid character"),
        (b"{'a': 1}", "not a JSON object: JSON is malformed"),
        (b"[1]", "not a JSON object: Expected `object`, got `array`"),
        (b"null", "not a JSON object: Expected `object`, got `null`"),
        (b'{"a": 1e999}', "not a JSON object: Number out of range"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not a JSON object: Integer value out of range"),
        (
            b'{"a": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
            "not a JSON object: maximum recursion depth exceeded",
        ),
        (b'{"a": "\xff"}', NOT_UTF8),
        (b'{"\xff": 1}', NOT_UTF8),
        (b'{"a": "\xed\xa0"}', NOT_UTF8),
        (b'{"a": "\0"}', NUL),
        (b'{"a": "\\u0000"}', NUL),
        (b'{"a": {"b": ["\\u0000"]}}', NUL),
        (b'{"\\u0000": 1}', NUL),
        (b'{"a": 1, "a": 1}', TWICE),
        (b'{"a": 1, "\\u0061" : 1}', TWICE),
        (b'{"x": {"a": 1, "a": 1}}', TWICE),
        (b'{"x": [{"a": 1, "a": 1}], "y": "\\":"}', TWICE),
        (b'{"a": "' + b"x" * (1 << 20) + b'"}', "longer than 1048576 bytes"),
    ],
)
def test_a_bad_line_of_json_spoils_only_itself(folder: Path, line: bytes, why: str) -> None:
    before, bad, after = told(made(folder / "users.jsonl", b'{"a": 1}\n' + line + b'\n{"a": 3}\n'))
    assert (before, after) == ((1, {"a": 1}), (3, {"a": 3}))
    assert bad[0] == 2
    assert str(bad[1]).startswith(why)


@pytest.mark.parametrize("digits", range(4290, 4310))
def test_no_length_of_a_number_ends_the_reading(folder: Path, digits: int) -> None:
    path = made(folder / "users.jsonl", b'{"a": {"b": ' + b"9" * digits + b'}}\n{"a": 1}\n')
    assert told(path)[1] == (2, {"a": 1})


@pytest.mark.parametrize("depth", [100, 300, 500, 900, 1000, 1500, 3000])
def test_no_depth_of_nesting_ends_the_reading(folder: Path, depth: int) -> None:
    path = made(folder / "users.jsonl", b'{"a":' * depth + b'"\\u0000"' + b"}" * depth + b'\n{"a": 1}\n')
    assert told(path)[1] == (2, {"a": 1})


OBJECTS = rb"""  [ {"a": "{[\"]}\\"}, {"b": {"c": [1, {"d": "]"}]}} ,
{"e": "\u00e9\"}"} ]
"""


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 1 << 18])
def test_an_array_of_json_is_read_object_by_object(folder: Path, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from heropixel.transfer import json_objects

    monkeypatch.setattr(json_objects, "_CHUNK", chunk)
    expected = list(enumerate(json.loads(OBJECTS), start=1))
    one_by_one = b"\n".join(json.dumps(values).encode() for _, values in expected)
    for content in (OBJECTS, b"\xef\xbb\xbf" + OBJECTS, one_by_one):
        assert told(made(folder / "visits.json", content)) == expected


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"", []),
        (b" ", []),
        (b"[]", []),
        (b'[{"a": 1}, {"a": }, {"a": 3}]', [{"a": 1}, "not a JSON object: ", {"a": 3}]),
        (b'[{"a": 1, "a": 2}]', [TWICE]),
        (b'[{"a": "\xff"}]', [NOT_UTF8]),
    ],
)
def test_a_bad_object_of_an_array_spoils_only_itself(folder: Path, content: bytes, rows: list[Any]) -> None:
    for (_, is_), expected in zip(told(made(folder / "visits.json", content)), rows, strict=True):
        assert is_ == expected or str(is_).startswith(expected)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b'[{"a": 1}', "the file is incomplete: its array is not closed"),
        (b'[{"a": 1}, {"a', "the file ends within an object (at byte 11)"),
        (b'[{"a": 1}, 2]', "it is not a JSON array of objects (at byte 11)"),
        (b'[{"a": 1}] 2', "it is not a JSON array of objects (at byte 11)"),
        (b"users", "it is not a JSON array of objects (at byte 0)"),
        (b'[{"a": "' + b"x" * (2 << 24) + b'"}]', "an object is longer than 16777216 bytes (at byte 1)"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_file_that_is_no_array_of_objects_is_refused(folder: Path, content: bytes, why: str) -> None:
    with pytest.raises(FileUnusable, match=re.escape(why)):
        read(made(folder / "visits.json", content))


def test_memory_does_not_grow_with_an_array(folder: Path) -> None:
    path = made(folder / "visits.json", b"[" + b",".join([b'{"a": "' + b"x" * 2_000 + b'"}'] * 5_000) + b"]")
    tracemalloc.start()
    with open_rows(path) as source:
        assert sum(1 for _ in source) == 5_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < path.stat().st_size / 4


def test_parquet_is_read_by_rows(folder: Path) -> None:
    table = pa.table({"a": ["x", None], "n": [1, 2], "t": [{"k": ["v"]}, None]})
    parquet.write_table(table, folder / "users.parquet")
    assert told(folder / "users.parquet") == [
        (1, {"a": "x", "n": 1, "t": {"k": ["v"]}}),
        (2, {"a": None, "n": 2, "t": None}),
    ]


def test_a_bad_row_of_parquet_spoils_only_itself(folder: Path) -> None:
    offsets = pa.py_buffer(b"".join(i.to_bytes(4, "little") for i in (0, 1, 2, 3)))
    texts = pa.Array.from_buffers(pa.string(), 3, [None, offsets, pa.py_buffer(b"x\xff\0")])
    parquet.write_table(pa.table({"a": texts, "n": [1, 2, 3]}), folder / "users.parquet")
    assert read(folder / "users.parquet") == [
        FileRow(1, {"a": "x", "n": 1}),
        BadRow(2, "a value that cannot be read", {"n": 2}),
        BadRow(3, NUL, {"a": "\0", "n": 3}),
    ]


def test_parquet_with_two_columns_of_one_name_is_refused(folder: Path) -> None:
    parquet.write_table(pa.table([pa.array([1]), pa.array([2])], names=["a", "a"]), folder / "users.parquet")
    with pytest.raises(FileUnusable, match='2 of its columns are named "a"'):
        open_rows(folder / "users.parquet")


@pytest.mark.parametrize(
    ("name", "content"),
    [("users.csv.gz", b"a,b\n1,2\n3,4\n"), ("users.jsonl.gz", b'{"a":"1","b":"2"}\n{"a":"3","b":"4"}\n')],
)
def test_a_packed_file_is_read_and_a_torn_one_ends_in_a_trouble(folder: Path, name: str, content: bytes) -> None:
    path = made(folder / name, gzip.compress(content))
    assert [row.values for row in read(path) if isinstance(row, FileRow)] == [
        {"a": "1", "b": "2"},
        {"a": "3", "b": "4"},
    ]
    made(path, gzip.compress(content)[:-9])
    with pytest.raises(FileUnusable, match=r"it cannot be read \(Compressed file ended"):
        read(path)


def test_torn_parquet_ends_in_a_trouble(folder: Path) -> None:
    path = folder / "users.parquet"
    parquet.write_table(pa.table({"a": [str(i) for i in range(1000)]}), path)
    content = bytearray(path.read_bytes())
    content[4:400] = b"\xff" * 396
    with pytest.raises(FileUnusable, match="it cannot be read"):
        read(made(path, bytes(content)))


@pytest.mark.parametrize("ending", ["csv", "jsonl", "csv.gz", "parquet"])
def test_the_position_goes_from_nothing_to_the_total(folder: Path, ending: str) -> None:
    path = folder / f"users.{ending}"
    rows = [{"a": str(hashlib.md5(b"%d" % i).hexdigest())} for i in range(50_000)]
    out = io.BytesIO()
    write_rows(rows, out, Format(ending.removesuffix(".gz")), {"a": str})
    made(path, gzip.compress(out.getvalue()) if ending.endswith("gz") else out.getvalue())
    with open_rows(path) as source:
        assert source.total == (len(rows) if ending == "parquet" else path.stat().st_size)
        positions = [source.position] + [source.position for _ in source]
    assert positions == sorted(positions)
    assert positions[0] < positions[len(rows) // 2] <= positions[-1] == source.total


def test_columns_are_known_before_the_rows(folder: Path) -> None:
    with open_rows(made(folder / "users.csv", b" Email ;name\n1;2\n")) as source:
        assert source.columns == ["Email", "name"]
        assert source.delimiter == ";"


# Rejected rows


def reject_all(path: Path) -> RejectedRows:
    with open_rows(path) as source, RejectedRows(source) as rejected:
        for row in source:
            rejected.add(row, row.why if isinstance(row, BadRow) else "no email")
    return rejected


def test_rejected_rows_of_csv_are_csv_with_line_and_reason_first(folder: Path) -> None:
    path = made(folder / "users.csv", b'a; b\n1;"x;\ny"\n\xff;\xc3\xbf\n3;;3\n"4;5\n')
    rejected = reject_all(path)
    assert rejected.path == folder / "users.csv.rejected"
    assert rejected.path.read_bytes() == (
        b"line;reason;a;b\r\n"
        b'2;no email;1;"x;\ny"\r\n'
        b"4;text that is not UTF-8;\xff;\xc3\xbf\r\n"
        b"5;too many cells;3;;3\r\n"
        b'6;not valid CSV: a quote is not closed;"""4;5"\r\n'
    )
    assert rejected.count == {"no email": 1, NOT_UTF8: 1, "too many cells": 1, OPEN_QUOTE: 1}


def test_rejected_rows_of_json_lines_are_json_lines(folder: Path) -> None:
    path = made(folder / "users.jsonl", b'{"a": 1}\n{"a": "\xff"}\n[2]\r\n')
    lines = reject_all(path).path.read_text().splitlines()
    assert [json.loads(line) for line in lines] == [
        {"line": 1, "reason": "no email", "row": {"a": 1}},
        {"line": 2, "reason": NOT_UTF8, "row": '{"a": "\\xff"}'},
        {"line": 3, "reason": "not a JSON object: Expected `object`, got `array`", "row": "[2]"},
    ]


def test_rejected_rows_of_parquet_are_json_lines(folder: Path) -> None:
    table = pa.table({"a": ["x"], "t": pa.array([0], pa.timestamp("ms")), "b": [b"\xff"], "d": [None]})
    parquet.write_table(table, folder / "users.parquet")
    assert json.loads(reject_all(folder / "users.parquet").path.read_text()) == {
        "line": 1,
        "reason": "no email",
        "row": {"a": "x", "t": "1970-01-01T00:00:00", "b": "/w==", "d": None},
    }


def test_only_the_owner_may_read_the_rejected_rows(folder: Path) -> None:
    before = os.umask(0)
    try:
        rejected = reject_all(made(folder / "users.csv", b"a\n1\n"))
    finally:
        os.umask(before)
    assert stat.S_IMODE(rejected.path.stat().st_mode) == 0o600


def test_without_rejected_rows_no_file_is_left_not_even_an_old_one(folder: Path) -> None:
    old = made(folder / "users.csv.rejected", b"old")
    assert reject_all(made(folder / "users.csv", b"a\n")).count == {}
    assert not old.exists()


def test_a_folder_that_cannot_be_written_to_is_known_at_the_start(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # as root, permissions cannot be taken away
    refused = pytest.raises(FileUnusable, match=r"\.rejected: .* cannot be written \(Permission denied\)\.")
    with open_rows(made(folder / "users.csv", b"a\n1\n")) as source, refused:
        RejectedRows(source).__enter__()


def test_an_old_file_that_cannot_be_removed_is_a_trouble(folder: Path) -> None:
    (folder / "users.csv.rejected").mkdir()
    refused = pytest.raises(FileUnusable, match="cannot be written")
    with open_rows(made(folder / "users.csv", b"a\n1\n")) as source, refused:
        RejectedRows(source).__enter__()


# Written rows

COLUMNS: dict[str, type] = {"url": str, "pixelId": int, "score": float, "consent": bool, "properties": dict}

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
integers = st.integers(-(2**63), 2**63 - 1)
floats = st.floats(allow_nan=False, allow_infinity=False)
objects = st.dictionaries(texts, st.none() | st.booleans() | integers | floats | texts, max_size=3)
values = {str: texts, int: integers, float: floats, bool: st.booleans(), dict: objects}
rows = st.lists(st.fixed_dictionaries({name: st.none() | values[type_] for name, type_ in COLUMNS.items()}))


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


@given(texts=st.lists(texts, min_size=1))
def test_any_text_goes_through_the_rejected_rows_of_csv(scratch: Path, texts: list[str]) -> None:
    path = scratch / "texts.csv"
    with path.open("wb") as out:
        write_rows(({"a": text, "b": "-"} for text in texts), out, Format.CSV, {"a": str, "b": str})
    reject_all(path).path.rename(scratch / "rejected.csv")
    assert [row.values["a"] for row in read(scratch / "rejected.csv") if isinstance(row, FileRow)] == texts


@given(lines=st.lists(st.binary(max_size=12) | st.sampled_from([b'"', b'a,"', b'"a",b', b"a,b"]), max_size=20))
def test_no_bytes_end_the_reading_of_csv_and_no_line_is_forgotten(scratch: Path, lines: list[bytes]) -> None:
    found = read(made(scratch / "any.csv", b"a,b\n" + b"\n".join(lines) + b'\nlast,"one"\n'))
    assert [row.line for row in found] == sorted({row.line for row in found})
    for row in found:
        if isinstance(row, FileRow):
            "".join(row.values.values()).encode()  # raises where a half of a surrogate pair came through
            assert "\0" not in "".join(row.values.values())


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
