"""A row of a file, and the formats of such files."""

from enum import StrEnum
from typing import Any

import msgspec


class Format(StrEnum):
    """The format of a file of rows."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


class FileRow(msgspec.Struct, frozen=True, gc=False):
    """A row that could be read. Its texts have neither NUL nor half of a surrogate pair."""

    line: int  # where it begins, counted from 1, the header included; in Parquet the number of the row
    values: dict[str, Any]  # by the name of the column; in CSV every value is a str


class BadRow(msgspec.Struct, frozen=True, gc=False):
    """A row that could not be read. `why` is one of a few sentences, so that rows can be counted by it."""

    line: int
    why: str
    original: list[str] | str | dict[str, Any]  # cells of CSV, a line of JSON, the readable part of a row of Parquet
