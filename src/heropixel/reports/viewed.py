"""What a saved view shows: checked when it is kept, and stored as the API has it. Pure."""

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from heropixel.calendars import Calendar, zone_of
from heropixel.errors import InvalidView
from heropixel.reports.filters import FilterInput
from heropixel.reports.ranges import ComparisonInput, RangeInput, parse_comparison, parse_range
from heropixel.reports.shared import stored_filter

MAX_STORED = 8 * 1024  # bytes: some times what the longest address of a browser has
MAX_OPTIONS = 50
_TABLE: Final = re.compile(r"[a-z-]{1,50}")
_OPTION: Final = re.compile(r"[a-z.-]{1,50}")
_MAX_VALUE = 100  # characters


class ViewOption(msgspec.Struct, frozen=True):
    """One thing that a view of the dashboard keeps for itself, such as an open tab."""

    name: str
    value: str


class ViewInput(msgspec.Struct, frozen=True):
    """What a view shows, as the caller sends it."""

    range: RangeInput
    table: str | None = None
    compare: ComparisonInput | None = None
    filter: FilterInput | None = None
    options: Sequence[ViewOption] | None = None


class KeptView(msgspec.Struct, frozen=True):
    """What a view shows, as it is stored."""

    range: dict[str, Any]
    table: str | None = None
    compare: dict[str, Any] | None = None
    filter: Any = None
    options: tuple[ViewOption, ...] = ()


def stored_view(given: ViewInput, now: int) -> str:
    """What a view shows as it is stored: JSON.

    Raises:
        InvalidRange, InvalidFilter, InvalidView: it shows nothing that there is.
    """
    calendar = Calendar(zone_of("UTC"))
    parse_range(given.range, calendar, now)
    if given.compare is not None:
        parse_comparison(given.compare, given.range, calendar, now)
    filter_ = stored_filter(given.filter, "a saved view")
    kept = KeptView(
        _plain(given.range),
        _usable_table(given.table),
        None if given.compare is None else _plain(given.compare),
        None if filter_ is None else msgspec.json.decode(filter_),
        _usable_options(given.options or ()),
    )
    stored = msgspec.json.encode(kept)
    if len(stored) > MAX_STORED:
        raise InvalidView(why=f"its filter is too long, {MAX_STORED} bytes are allowed")
    return stored.decode()


def read_view(stored: str) -> KeptView:
    """What a stored view shows."""
    return msgspec.json.decode(stored, type=KeptView)


def _plain(given: RangeInput) -> dict[str, Any]:
    return {"name": given.name} if given.name is not None else {"from": given.from_, "to": given.to}


def _usable_table(given: str | None) -> str | None:
    if given is not None and not _TABLE.fullmatch(given):
        raise InvalidView(why="table is not the name of a table, such as pages")
    return given


def _usable_options(given: Sequence[ViewOption]) -> tuple[ViewOption, ...]:
    names = {option.name for option in given}
    if len(names) < len(given) or len(given) > MAX_OPTIONS:
        raise InvalidView(why=f"options may have {MAX_OPTIONS} names, each once")
    for name, value in ((option.name, option.value) for option in given):
        if not _OPTION.fullmatch(name) or not 0 < len(value) <= _MAX_VALUE or not value.isprintable():
            raise InvalidView(
                why=f"an option has a name such as sort.pages, and a value of 1 to {_MAX_VALUE} characters"
            )
    return tuple(sorted(given, key=lambda option: option.name))
