"""An open file of rows: what every format of a file gives to those who read it."""

import io
import os
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Self

from heropixel.transfer.encodings import Encoding, Text, utf8
from heropixel.transfer.rows import BadRow, FileRow, Format
from heropixel.troubles import FileUnusable

MAX_ROW = 1 << 20  # bytes: a longer line is cut and rejected, so that no line can fill memory

NUL = "text with a NUL character"
UNREADABLE = "it cannot be read"


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
    encoding = Encoding("utf-8")

    def __init__(self, path: Path, file: io.BufferedReader) -> None:
        self.path = path
        self.total = os.fstat(file.fileno()).st_size
        self._file = file

    @property
    def position(self) -> int:
        """How much of `total` has been read."""
        return self._file.tell()

    def __iter__(self) -> Iterator[FileRow | BadRow]:
        with usable(self.path, UNREADABLE):
            yield from self._rows()

    @abstractmethod
    def _rows(self) -> Iterator[FileRow | BadRow]: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


@contextmanager
def usable(path: Path, otherwise: str, *more: type[Exception]) -> Iterator[None]:
    """Turn every error with a file into a `FileUnusable` with the text `otherwise`, and the reason."""
    troubles: tuple[type[Exception], ...] = (OSError, EOFError, zlib.error, *more)
    try:
        yield
    except troubles as error:
        detail = getattr(error, "strerror", None) or str(error).rstrip(".")
        raise FileUnusable(path=path, why=f"{otherwise} ({detail})") from error


def lines_of(text: Text) -> Iterator[bytes]:
    """The lines of a text. A line longer than a row may be is cut one byte after that."""
    while line := text.readline(MAX_ROW + 1):
        yield line
        while len(line) > MAX_ROW and not line.endswith(b"\n"):
            line = text.readline(MAX_ROW + 1) or b"\n"


def flaw_of(lines: list[bytes]) -> str | None:
    """Why these lines cannot be a row, in any format."""
    text = b"".join(lines)
    if any(len(line) > MAX_ROW for line in lines):
        return f"longer than {MAX_ROW} bytes"
    if b"\0" in text:
        return NUL
    try:
        utf8(text)
    except UnicodeDecodeError:
        return "text that is not UTF-8"
    return None
