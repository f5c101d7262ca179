"""Entries of the journal become one block of columns: the quick way of a batch. `rows.py` is the specification.

A row costs the engine a fifth of what it costs as JSON, and enrichment is done once for pageviews that are alike. What
is odd in a batch makes it take the way row by row: there an invalid entry stops no other.
"""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, get_type_hints

import msgspec
from sqlalchemy.exc import DBAPIError

from heropixel.columns import Row
from heropixel.enrichment import Alike, Owns, RowsByColumn, owns_nothing
from heropixel.events.native import Block, NativeColumn, block, instants, integers, lists, texts
from heropixel.journal import Batch
from heropixel.recording.linking import Linking
from heropixel.recording.pageview import Entry
from heropixel.recording.replacing import NOTHING_REPLACED, Replacing

_AT_ONCE = 1_000  # entries to read: a bound on memory, and so few that the processor's cache holds them


def block_of(
    batch: Batch, linking: Linking, owns: Owns = owns_nothing, replacing: Replacing = NOTHING_REPLACED
) -> Block | None:
    """The entries of a batch as a block of rows: linked and enriched. None where they have to go row by row.

    Raises:
        sqlalchemy.exc.DBAPIError: the directory cannot resolve them. Some may be linked.
    """
    alike = Alike(owns)
    parts: list[RowsByColumn] = []
    try:
        for start in range(0, len(batch.payloads), _AT_ONCE):
            entries = _read(batch.payloads[start : start + _AT_ONCE])
            linking.resolve(entries)
            replacing.put_times(entries)
            columns = _by_column(entries, batch.first + start)
            alike.enrich(columns)
            parts.append(columns)
        return block(_native(parts), len(batch.payloads))
    except DBAPIError:
        raise
    except Exception:  # an entry is odd: which one, and why, is found out row by row
        return None


def _read(payloads: Sequence[bytes]) -> list[Entry]:
    """Entries of the journal.

    Raises:
        ValueError: some cannot be decoded.
    """
    entries = _DECODER.decode_lines(b"\n".join(payloads))
    if len(entries) != len(payloads):  # an empty line is none
        raise ValueError("an entry is empty")
    return entries


def _by_column(entries: Sequence[Entry], first: int) -> RowsByColumn:
    names = Entry.__struct_fields__
    # All in one list: a list a row would be followed by the garbage collector, which takes five times as long.
    values = [*chain.from_iterable(map(msgspec.structs.astuple, entries))]
    columns = RowsByColumn({name: values[place :: len(names)] for place, name in enumerate(names)}, len(entries))
    columns.put("journal_position", range(first, first + len(entries)))
    return columns


def _native(parts: Sequence[RowsByColumn]) -> dict[str, NativeColumn]:
    """The columns of all parts together. Those in which all rows have the default are left out."""
    return {
        name: make([*chain.from_iterable(part.values(name) for part in parts)])
        for name, make in _MAKE.items()
        if not all(name in part.same and part.same[name] == _DEFAULTS.get(name) for part in parts)
    }


def _instants(values: Sequence[str]) -> NativeColumn:
    """Instants as text. The engine reads shorter numbers as seconds, so that they go row by row."""
    together = "".join(values)
    if not (together.isascii() and together.isdigit() and {*map(len, values)} <= _DIGITS_OF_MILLISECONDS):
        raise ValueError("an instant is not in milliseconds")
    return instants(map(int, values), len(values))


_DIGITS_OF_MILLISECONDS = {12, 13}

# How the values of a column become a column of the engine.
_Make = Callable[[Sequence[Any]], NativeColumn]
_BY_TYPE: dict[object, _Make] = {str: texts, int: integers, tuple[str, ...]: lists}
_MAKE: dict[str, _Make] = {
    name: _instants if name in ("timestamp", "received") else _BY_TYPE[kind]
    for name, kind in get_type_hints(Row).items()
}
_DEFAULTS = {
    field.name: field.default for field in msgspec.structs.fields(Row) if field.default is not msgspec.NODEFAULT
}
_DECODER = msgspec.json.Decoder(Entry)
