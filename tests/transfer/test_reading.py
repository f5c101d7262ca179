"""Reading files: a bad row spoils only itself, and a file that cannot be read says why."""

import gzip
import hashlib
import io
import json
import re
import tracemalloc
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from heropixel.transfer import BadRow, FileRow, Format, open_rows, write_rows
from heropixel.troubles import FileUnusable
from tests.transfer.files import (
    NOT_UTF8,
    OPEN_QUOTE,
    made,
    read,
)

NUL = "text with a NUL character"
WRONG_QUOTE = "not valid CSV: ',' expected after '\"'"
TWICE = "a JSON object with a name given twice"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


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


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("transfer")


@given(lines=st.lists(st.binary(max_size=12) | st.sampled_from([b'"', b'a,"', b'"a",b', b"a,b"]), max_size=20))
def test_no_bytes_end_the_reading_of_csv_and_no_line_is_forgotten(scratch: Path, lines: list[bytes]) -> None:
    found = read(made(scratch / "any.csv", b"a,b\n" + b"\n".join(lines) + b'\nlast,"one"\n'))
    assert [row.line for row in found] == sorted({row.line for row in found})
    for row in found:
        if isinstance(row, FileRow):
            "".join(row.values.values()).encode()  # raises where a half of a surrogate pair came through
            assert "\0" not in "".join(row.values.values())
