"""Splits a JSON array into its objects, so that a file of them is read without holding it whole."""

import re
from collections.abc import Iterator
from typing import BinaryIO

_CHUNK = 1 << 18  # bytes
_MAX_OBJECT = 1 << 24  # bytes: a visit of ten thousand pages; anything longer is not one object among others

# A quote without its end opens a text that continues in the next chunk.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["{}\[\]]', re.DOTALL)
_BETWEEN = re.compile(rb"[\s,]*")


class NotObjects(ValueError):  # noqa: N818 - the name says what it is
    """The file is no array of objects; the message says where it stops being one."""


def objects(file: BinaryIO) -> Iterator[bytes]:
    """The objects of an array, or one after the other, each as its bytes. The bytes inside may be invalid JSON.

    Raises:
        NotObjects: there is something else, or the file is cut off.
    """
    text = _Text(file)
    array = text.next_byte() == b"["
    if array:
        text.skip(1)
    while (byte := text.next_byte()) == b"{":
        yield text.take_object()
    if array and byte == b"]":
        text.skip(1)
        byte = text.next_byte()
    elif array and not byte:
        raise NotObjects("the file is incomplete: its array is not closed")
    if byte:
        raise NotObjects(f"it is not a JSON array of objects (at byte {text.position})")


class _Text:
    """The part of a file that has been read and not taken."""

    def __init__(self, file: BinaryIO) -> None:
        self.position = 0  # of the first byte that is not taken
        self._file = file
        self._buffer = b""
        self._start = 0

    def next_byte(self) -> bytes:
        """The first byte after blanks and commas; empty at the end."""
        while True:
            between = _BETWEEN.match(self._buffer, self._start)
            self.skip(between.end() - self._start if between else 0)
            if self._start < len(self._buffer):
                return self._buffer[self._start : self._start + 1]
            if not self._read_on():
                return b""

    def skip(self, count: int) -> None:
        self._start += count
        self.position += count

    def take_object(self) -> bytes:
        """The object that begins here."""
        depth, at = 0, 0  # counted from its beginning, which stays while more is read
        while True:
            for token in _TOKEN.finditer(self._buffer, self._start + at):
                found = token[0]
                if found == b'"':
                    break
                at = token.end() - self._start
                if found in b"{[":
                    depth += 1
                elif found in b"}]":
                    depth -= 1
                    if depth == 0:
                        taken = self._buffer[self._start : self._start + at]
                        self.skip(at)
                        return taken
            if len(self._buffer) - self._start > _MAX_OBJECT:
                raise NotObjects(f"an object is longer than {_MAX_OBJECT} bytes (at byte {self.position})")
            if not self._read_on():
                raise NotObjects(f"the file ends within an object (at byte {self.position})")

    def _read_on(self) -> bool:
        # As much again as is held: a long text is read from its beginning each time.
        more = self._file.read(max(_CHUNK, len(self._buffer) - self._start))
        self._buffer = self._buffer[self._start :] + more
        self._start = 0
        return bool(more)
