"""Files are read as spreadsheets, databases and mail tools write them."""

import gzip
from pathlib import Path

import pytest

from heropixel.transfer import BadRow, open_rows


def told(path: Path, content: bytes) -> list[object]:
    """The values of each row, or why it is bad."""
    path.write_bytes(content)
    with open_rows(path) as source:
        return [row.why if isinstance(row, BadRow) else row.values for row in source]


ROWS = [{"name": "Zoë", "note": "a, 👋"}, {"name": "Jürg", "note": "two\nlines"}]
TEXT = 'name,note\r\nZoë,"a, 👋"\r\nJürg,"two\nlines"\r\n'


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", ""),
        ("utf-8", "\ufeff"),
        ("utf-16-le", ""),
        ("utf-16-le", "\ufeff"),
        ("utf-16-be", ""),
        ("utf-16-be", "\ufeff"),
        ("utf-32-le", "\ufeff"),
        ("utf-32-be", "\ufeff"),
    ],
)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_every_unicode_encoding_is_read_with_and_without_its_mark(
    tmp_path: Path, encoding: str, mark: str, *, packed: bool
) -> None:
    content = (mark + TEXT).encode(encoding)
    if packed:
        assert told(tmp_path / "users.csv.gz", gzip.compress(content)) == ROWS
    else:
        assert told(tmp_path / "users.csv", content) == ROWS


def test_unicode_text_of_a_spreadsheet_is_read(tmp_path: Path) -> None:
    content = "email\tname\r\nzoe@example.com\tZoë\r\n".encode("utf-16")
    assert told(tmp_path / "users.txt", content) == [{"email": "zoe@example.com", "name": "Zoë"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
@pytest.mark.parametrize("ending", ["jsonl", "json"])
def test_json_is_read_in_every_unicode_encoding(tmp_path: Path, ending: str, encoding: str) -> None:
    content = '\ufeff{"name": "Zoë"}\r\n{"name": "Jürg"}\r\n'.encode(encoding)
    assert told(tmp_path / f"users.{ending}", content) == [{"name": "Zoë"}, {"name": "Jürg"}]


def test_what_is_not_utf8_is_windows_1252(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    content = 'name,note\r\n"Zoë","costs 5 €"\r\nJürg,"“quoted”"\r\n'.encode("cp1252")
    assert told(path, content) == [{"name": "Zoë", "note": "costs 5 €"}, {"name": "Jürg", "note": "“quoted”"}]
    with open_rows(path) as source:
        assert source.encoding.guessed == "Windows-1252"


def test_far_down_a_file_windows_1252_is_still_found(tmp_path: Path) -> None:
    rows = told(tmp_path / "users.csv", b"name\n" + b"Anna\n" * 50_000 + "Zoë\n".encode("cp1252"))
    assert rows[-1] == {"name": "Zoë"}


def test_of_a_file_in_utf8_one_wrong_byte_costs_one_row(tmp_path: Path) -> None:
    rows = told(tmp_path / "users.csv", "name\nZoë\nJürg\n".encode() + b"J\xfcrg\n")
    assert rows == [{"name": "Zoë"}, {"name": "Jürg"}, "text that is not UTF-8"]


@pytest.mark.parametrize("encoding", ["utf-8", "mac_roman", "cp1252", "utf-16"])
def test_lines_may_end_with_cr_alone(tmp_path: Path, encoding: str) -> None:
    content = 'name;note\rZoë;"a;b"\rJürg;"two\rlines"\r'.encode(encoding)
    assert told(tmp_path / "users.csv", content) == [
        {"name": "Zoë", "note": "a;b"},
        {"name": "Jürg", "note": "two\nlines"},
    ]


@pytest.mark.parametrize("line", ["sep=;", "SEP=;", '"sep=;"', "\ufeffsep=;"])
def test_the_line_that_names_the_separator_is_obeyed(tmp_path: Path, line: str) -> None:
    assert told(tmp_path / "users.csv", f"{line}\r\na,b;c\r\n1,5;2\r\n".encode()) == [{"a,b": "1,5", "c": "2"}]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_usual_separators_are_found(tmp_path: Path, separator: str) -> None:
    lines = [["email", "name"], ["zoe@example.com", "Zoë"]]
    content = "\n".join(separator.join(line) for line in lines)
    assert told(tmp_path / "users.csv", content.encode()) == [{"email": "zoe@example.com", "name": "Zoë"}]


def test_columns_without_a_name_are_left_out(tmp_path: Path) -> None:
    trailing = b"email,name,plan,,\r\nanna@example.com,Anna,pro,,\r\nben@example.com,Ben,free,,\r\n"
    assert told(tmp_path / "users.csv", trailing) == [
        {"email": "anna@example.com", "name": "Anna", "plan": "pro"},
        {"email": "ben@example.com", "name": "Ben", "plan": "free"},
    ]
    numbered = b",email,name\n0,anna@example.com,Anna\n"  # as data frames are written
    assert told(tmp_path / "users.csv", numbered) == [{"email": "anna@example.com", "name": "Anna"}]


def test_rows_may_end_early_or_with_more_empty_cells(tmp_path: Path) -> None:
    content = (
        b"email,name,note\r\na@example.com,Anna,first\r\nb@example.com,Ben\r\nc@example.com\r\nd@example.com,,,,\r\n"
    )
    assert told(tmp_path / "users.csv", content) == [
        {"email": "a@example.com", "name": "Anna", "note": "first"},
        {"email": "b@example.com", "name": "Ben", "note": ""},
        {"email": "c@example.com", "name": "", "note": ""},
        {"email": "d@example.com", "name": "", "note": ""},
    ]


def test_columns_of_one_name_are_numbered(tmp_path: Path) -> None:
    content = b"Email,Zip,Email,Zip,Email 2\na@example.com,1,b@example.com,2,c@example.com\n"
    assert told(tmp_path / "users.csv", content) == [
        {"Email": "a@example.com", "Zip": "1", "Email 2": "b@example.com", "Zip 2": "2", "Email 2 2": "c@example.com"}
    ]


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        (rb'"say \"hi\"",y', ['say "hi"', "y"]),
        (rb'"\"hi\" he says",y', ['"hi" he says', "y"]),
        (rb'"ends with \"","y"', ['ends with "', "y"]),
        (rb'"a\",b","y"', ['a",b', "y"]),
        (rb'"C:\\\"x\"","y"', ['C:\\"x"', "y"]),
        (b'"two\nlines \\"and\\" a quote",y', ['two\nlines "and" a quote', "y"]),
        (rb'"C:\dir\","y"', ["C:\\dir\\", "y"]),
        (rb"C:\dir\,y", ["C:\\dir\\", "y"]),
    ],
)
def test_a_quote_may_be_escaped_by_a_backslash(tmp_path: Path, row: bytes, cells: list[str]) -> None:
    rows = told(tmp_path / "users.csv", b"a,b\n1,2\n" + row + b"\n3,4\n")
    assert rows == [{"a": "1", "b": "2"}, dict(zip("ab", cells, strict=True)), {"a": "3", "b": "4"}]


HALF = "\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("half.jsonl", b'{"a": "cut \\ud83d"}', f"cut {HALF}"),
        ("half.jsonl", b'{"a": "\\udc4b cut"}', f"{HALF} cut"),
        ("pair.jsonl", b'{"a": "\\ud83d\\ud83d\\udc4b \\\\ud83d"}', f"{HALF}👋 \\ud83d"),
        ("bytes.jsonl", b'{"a": "cut \xed\xa0\xbd"}', f"cut {HALF}"),
        ("half.json", b'[{"a": "cut \\ud83d"}]', f"cut {HALF}"),
        ("half.csv", b"a\ncut \xed\xa0\xbd\n", f"cut {HALF}"),
        ("pair.csv", b"a\nwhole \xed\xa0\xbd\xed\xb1\x8b\n", "whole 👋"),
        (
            "half.csv",
            b"\xff\xfe" + "a\ncut ".encode("utf-16-le") + b"\x3d\xd8" + "\n".encode("utf-16-le"),
            f"cut {HALF}",
        ),
    ],
)
def test_half_an_emoji_does_not_cost_its_row(tmp_path: Path, name: str, content: bytes, text: str) -> None:
    assert told(tmp_path / name, content) == [{"a": text}]
