"""Cells of CSV that a spreadsheet would run are guarded, and read back as they were."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heropixel.transfer import Format, open_rows, write_rows
from heropixel.transfer.guards import guarded, unguarded
from heropixel.transfer.rejected import RejectedRows
from heropixel.transfer.rows import FileRow

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://a")', "\uff1d1", "'=1", "''+1"]


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_is_guarded(cell: str) -> None:
    assert guarded(cell) == "'" + cell
    assert unguarded(guarded(cell)) == cell


@pytest.mark.parametrize("cell", ["", "a", "1", "a=1", "'", "'a", "O'Brien", "''", " =1"])
def test_other_cells_are_not(cell: str) -> None:
    assert guarded(cell) == cell == unguarded(cell)


@given(st.text(alphabet="'=+-@\t\ra1 ", max_size=5))
def test_every_cell_comes_back(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell


def test_what_is_exported_is_imported_the_same(tmp_path: Path) -> None:
    rows = [{"name": cell, "number": -1} for cell in FORMULAS]
    file = io.BytesIO()
    write_rows(rows, file, Format.CSV, {"name": str, "number": int})
    assert all(cell in file.getvalue() for cell in (b"'=1+1,-1\r\n", b"'+1,-1\r\n"))
    (tmp_path / "a.csv").write_bytes(file.getvalue())
    with open_rows(tmp_path / "a.csv") as source:
        read = [row.values["name"] for row in source if isinstance(row, FileRow)]
    assert read == FORMULAS


def test_rejected_rows_are_guarded_once(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n=1,'=2\n=3,'=4,x\n")
    with open_rows(tmp_path / "a.csv") as source, RejectedRows(source) as rejected:
        for row in source:
            rejected.add(row, "why")
    lines = (tmp_path / "a.csv.rejected").read_text().splitlines()
    assert lines[1:] == ["2,why,'=1,'=2", "3,why,'=3,'=4,x"]
