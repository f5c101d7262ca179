"""Columns in the engine's Native format: it copies them, where it would parse text value by value.

Of 60 columns most have few values, or one, in thousands of rows. Such a column is a dictionary and an index a row. The
engine converts a dictionary to whatever text type the table has.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, chain
from typing import NamedTuple


class NativeColumn(NamedTuple):
    """A column of a block: the engine's name of its type, and its values."""

    type: str
    values: bytes


class Block(NamedTuple):
    """Rows for one insert: the columns that they have, and the rows in Native format. Other columns have defaults."""

    columns: Sequence[str]
    rows: bytes


def block(columns: Mapping[str, NativeColumn], rows: int) -> Block:
    """Columns of so many rows as one block, so that the token of its insert holds for all of it."""
    pieces = [_number(len(columns)), _number(rows)]
    for name, column in columns.items():
        pieces += _text(name), _text(column.type), column.values
    return Block([*columns], b"".join(pieces))


def integers(values: Sequence[int]) -> NativeColumn:
    """A column of whole numbers.

    Raises:
        struct.error: one has more than 63 bits.
    """
    return NativeColumn("Int64", struct.pack(f"<{len(values)}q", *values))


def instants(milliseconds: Iterable[int], count: int) -> NativeColumn:
    """A column of so many instants, in Unix milliseconds."""
    return NativeColumn("DateTime64(3, 'UTC')", struct.pack(f"<{count}q", *milliseconds))


def texts(values: Sequence[str]) -> NativeColumn:
    """A column of texts."""
    distinct = [*dict.fromkeys(values)]
    if len(distinct) * _REPEATED > len(values):
        return NativeColumn("String", _texts(values))
    place = dict(zip(distinct, range(len(distinct)), strict=True)).__getitem__
    width, letter = next((width, letter) for width, letter, most in _INDEXES if len(distinct) <= most)
    return NativeColumn(
        "LowCardinality(String)",
        struct.pack("<QQQ", _VERSION, _OWN_DICTIONARY | width, len(distinct))
        + _texts(distinct)
        + struct.pack(f"<Q{len(values)}{letter}", len(values), *map(place, values)),
    )


def lists(values: Sequence[Sequence[str]]) -> NativeColumn:
    """A column of lists of texts."""
    ends = struct.pack(f"<{len(values)}Q", *accumulate(map(len, values)))
    return NativeColumn("Array(String)", ends + _texts([*chain.from_iterable(values)]))


_REPEATED = 2  # times: a text that stands that often costs less as an index
# The number that says how wide an index is, its letter in `struct`, and how many texts it can tell apart.
_INDEXES = ((0, "B", 1 << 8), (1, "H", 1 << 16), (2, "I", 1 << 32))
_VERSION, _OWN_DICTIONARY = 1, 1 << 9 | 1 << 10  # of the format of dictionaries; each block brings its own


def _texts(values: Sequence[str]) -> bytes:
    """Texts, each behind its length in bytes."""
    if "".join(values).isascii():  # then bytes are characters: all are encoded at once
        lengths = map(_AS_CHARACTERS.__getitem__, map(len, values))
        return "".join(chain.from_iterable(zip(lengths, values, strict=True))).encode("latin-1")
    encoded = [*map(str.encode, values)]
    return b"".join(chain.from_iterable(zip(map(_number, map(len, encoded)), encoded, strict=True)))


def _text(value: str) -> bytes:
    return _texts((value,))


def _number(value: int) -> bytes:
    """A number as the format has it: seven bits a byte, the lowest first."""
    written = bytearray()
    while value > _LOW_BITS:
        written.append(value & _LOW_BITS | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)


_LOW_BITS = 0x7F


class _Lengths(dict[int, str]):
    """Numbers as `_number` writes them, each byte as a character."""

    def __missing__(self, value: int) -> str:
        return _number(value).decode("latin-1")


_AS_CHARACTERS = _Lengths((value, chr(value)) for value in range(_LOW_BITS + 1))
