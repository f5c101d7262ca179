"""A long list is bound in several values: a server takes none of more than 128 KiB (`http_max_field_value_size`). Pure.

The setting cannot be changed by the request that it refuses.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, groupby
from re import sub
from typing import Any, Final

LONGEST: Final = 131_072  # bytes, by default


def in_pieces(statement: str, bound: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """A statement, and what is bound in it, with each list as so many pieces as it needs."""
    pieces: dict[str, Any] = {}
    for name, value in bound.items():
        some = [*_pieces(value)] if isinstance(value, list) else []
        if len(some) < 2:
            pieces[name] = value
            continue
        names = [f"{name}_piece_{number}" for number in range(len(some))]
        pieces |= dict(zip(names, some, strict=True))
        together = ", ".join(f"{{{piece}:\\1}}" for piece in names)
        statement = sub(rf"{{{name}:(Array\(\w+\))}}", f"arrayConcat({together})", statement)
    return statement, pieces


def _pieces(values: Sequence[int | str]) -> Iterator[list[int | str]]:
    ends = accumulate(map(_most_bytes, values))
    for _, some in groupby(zip(ends, values, strict=True), lambda one: one[0] // _PIECE):
        yield [value for _, value in some]


def _most_bytes(value: int | str) -> int:
    """The bytes of a value in a list, if each of them has to be escaped."""
    return len(value.encode()) * 2 + 3 if isinstance(value, str) else 21


_PIECE: Final = LONGEST // 2  # a text of half of it may follow
