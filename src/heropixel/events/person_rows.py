"""Every column of the pageviews of a person, for a person who asks what is kept. Lists show a part of it."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from heropixel.columns import COLUMNS, OF_THE_STORE
from heropixel.events.pageviews import ListPlace
from heropixel.events.people import places_of
from heropixel.events.store import Events
from heropixel.values import camel, date_time

_NAMES = (*COLUMNS, *OF_THE_STORE)
_AT_ONCE = 1_000


def rows_of(
    events: Events, app: int, users: Sequence[int], before: ListPlace | None, limit: int
) -> list[tuple[ListPlace, dict[str, Any]]]:
    """One page of the pageviews of a person beyond a place, newest first, with every column that is not empty.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    places = places_of(events, app, {users[0]: users}, before, limit)
    if not places:
        return []
    pixels, timestamps, positions = zip(*places, strict=True)
    found = events.ask(_ROWS, pixels=list(set(pixels)), timestamps=list(timestamps), positions=list(positions))
    rows = {row[_NAMES.index("journal_position")]: _shown(row) for row in found}
    # Pageviews that were erased between the two queries are left out.
    return [(ListPlace(at, position), rows[position]) for _, at, position in places if position in rows]


def all_rows_of(events: Events, app: int, users: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Every pageview of a person, newest first, without holding all in memory.

    Raises:
        EventsUnavailable: the event store cannot be read, or not to the end.
    """
    before = None
    while page := rows_of(events, app, users, before, _AT_ONCE):
        yield from (row for _, row in page)
        before = page[-1][0]


def _shown(values: Sequence[Any]) -> dict[str, Any]:
    row = {camel(name): value for name, value in zip(_NAMES, values, strict=True) if value not in ("", [])}
    for instant in ("timestamp", "received"):
        row[instant] = date_time(row[instant])
    if "properties" in row:
        row["properties"] = msgspec.json.decode(row["properties"])
    return row


_IN_SQL = {name: f"toUnixTimestamp64Milli(pageviews.{name})" for name in ("timestamp", "received")}
_IN_SQL |= {"consent": "toString(consent)"}

_ROWS = f"""
    SELECT {", ".join(_IN_SQL.get(name, name) for name in _NAMES)} FROM pageviews
    WHERE pixel_id IN {{pixels:Array(Int32)}}
        AND pageviews.timestamp IN arrayMap(at -> fromUnixTimestamp64Milli(at, 'UTC'), {{timestamps:Array(Int64)}})
        AND journal_position IN {{positions:Array(UInt64)}}
"""  # noqa: S608 - constants
