"""Rejected rows stand in a file of their own, in a form that can be read again."""

import json
import os
import stat
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from heropixel.transfer import BadRow, FileRow, Format, RejectedRows, open_rows, write_rows
from heropixel.troubles import FileUnusable
from tests.transfer.files import NOT_UTF8, OPEN_QUOTE, made, read, texts


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


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


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("transfer")


@given(texts=st.lists(texts, min_size=1))
def test_any_text_goes_through_the_rejected_rows_of_csv(scratch: Path, texts: list[str]) -> None:
    path = scratch / "texts.csv"
    with path.open("wb") as out:
        write_rows(({"a": text, "b": "-"} for text in texts), out, Format.CSV, {"a": str, "b": str})
    reject_all(path).path.rename(scratch / "rejected.csv")
    assert [row.values["a"] for row in read(scratch / "rejected.csv") if isinstance(row, FileRow)] == texts
