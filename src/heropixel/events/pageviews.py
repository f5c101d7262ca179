"""Pageviews as they are handed out: single ones by their place, and all of them for an export."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from heropixel.columns import COLUMNS
from heropixel.events.stitching import ALL_OWNERS, ANONYMOUS
from heropixel.events.store import DATABASE, Events
from heropixel.values import camel

# What is handed out of a pageview, and its type: first what tells it from others. A timestamp is in Unix milliseconds.
_FIRST = ("event_id", "pixel_id", "timestamp", "domain")
_EXPORTED = {name: type_ for name in (*_FIRST, *COLUMNS) if (type_ := COLUMNS[name].exported)}
EXPORT_COLUMNS = {camel(name): type_ for name, type_ in _EXPORTED.items()}


class ListPlace(NamedTuple):
    """Where a pageview stands in a list: later ones first, of one instant the one recorded last."""

    timestamp: int  # Unix milliseconds
    position: int  # in the journal


def pageviews_at(events: Events, places: Sequence[tuple[int, int, int]]) -> dict[int, dict[str, Any]]:
    """The pageviews of these pixels, timestamps (Unix milliseconds) and journal positions, by the last of them.

    As `export` has them, each under the user it was recorded with.

    Raises:
        EventsUnavailable: it cannot be told.
    """
    pixels, timestamps, positions = zip(*places, strict=True) if places else ((), (), ())
    rows = events.ask(_AT_PLACES, pixels=list(set(pixels)), timestamps=list(timestamps), positions=list(positions))
    return {at: _spoken_for(exported(values), {}) for at, *values in rows}


def export(events: Events, speakers: Mapping[int, int]) -> Iterator[dict[str, Any]]:
    """Every pageview under the field names of the API, by pixel and time; never all of them in memory.

    An anonymous one of a visitor who was linked is the first linked user's. A user whom `speakers` names is the
    one it gives.

    Raises:
        EventsUnavailable: it cannot be read.
    """
    owned = events.stream(_OWNED)
    *place, owner = next(owned, _BEYOND_ALL)
    for at, *values in events.stream(_EXPORT):
        row = exported(values)
        here = [row["pixelId"], row["timestamp"], at]
        while place < here:  # deleted while this was read
            *place, owner = next(owned, _BEYOND_ALL)
        if place == here:
            row["userId"] = owner
        yield _spoken_for(row, speakers)


_BEYOND_ALL = (1 << 31, 0, 0, 0)  # as a pixel's id


def exported(values: Sequence[Any]) -> dict[str, Any]:
    """A row, in the order of EXPORT_COLUMNS, in the API's words, but for its user: what was not given is None."""
    named = zip(EXPORT_COLUMNS, values, strict=True)
    row: dict[str, Any] = {name: None if value == "" else value for name, value in named}
    row["consent"] = _CONSENT[row["consent"]]
    if row["properties"] is not None:
        row["properties"] = msgspec.json.decode(row["properties"])
    return row


_CONSENT = {"given": True, "refused": False, "unknown": None}


def _spoken_for(row: dict[str, Any], speakers: Mapping[int, int]) -> dict[str, Any]:
    user_id = row["userId"]
    row["userId"] = str(speakers.get(user_id, user_id)) if user_id else None
    return row


# Those that are not handed out as they are.
_IN_SQL = {
    "timestamp": "toUnixTimestamp64Milli(pageviews.timestamp) AS timestamp",
    "consent": "toString(consent)",
}
_COLUMNS = ", ".join(_IN_SQL.get(name, name) for name in _EXPORTED)

_EXPORT = f"""
    SELECT journal_position, {_COLUMNS}
    FROM {DATABASE}.pageviews
    ORDER BY pixel_id, timestamp, journal_position
"""  # noqa: S608 - constants

# Whose anonymous pageviews are by now, in the order of the export. Apart from it, since a join of whole rows has to
# sort them all again: of 20,000,000 pageviews it took 8 GB, and takes 0.7 GB so. Beyond these bounds it uses the disk.
_OWNED = f"""
    SELECT pixel_id, toUnixTimestamp64Milli(pageviews.timestamp) AS timestamp, journal_position, owner
    FROM {DATABASE}.pageviews
    INNER JOIN ({ALL_OWNERS}) AS owners USING (app, visitor_id)
    WHERE {ANONYMOUS}
    ORDER BY pixel_id, timestamp, journal_position
    SETTINGS join_algorithm = 'grace_hash', max_bytes_in_join = 200000000,
        max_bytes_before_external_sort = 200000000, max_bytes_before_external_group_by = 200000000
"""  # noqa: S608 - constants

# By all that leads to a row: the first two are the primary key. (`timestamp` alone would be the number above.)
_AT_PLACES = f"""
    SELECT journal_position, {_COLUMNS}
    FROM {DATABASE}.pageviews
    WHERE pixel_id IN {{pixels:Array(Int32)}}
        AND pageviews.timestamp IN arrayMap(at -> fromUnixTimestamp64Milli(at, 'UTC'), {{timestamps:Array(Int64)}})
        AND journal_position IN {{positions:Array(UInt64)}}
"""  # noqa: S608 - constants


def known_event_ids(events: Events, pixel: int, event_ids: Sequence[str], first: int, last: int) -> list[str]:
    """Those of the event ids that pageviews of a pixel have between two instants, in Unix milliseconds.

    Raises:
        EventsUnavailable: it cannot be told.
    """
    rows = events.ask(_KNOWN, pixel=pixel, event_ids=list(event_ids), first=first, last=last)
    return [event_id for (event_id,) in rows]


# By the primary key, so that it reads one pixel's rows of the time in question and no others.
_KNOWN = f"""
    SELECT DISTINCT event_id FROM {DATABASE}.pageviews
    WHERE pixel_id = {{pixel:Int32}} AND event_id IN {{event_ids:Array(String)}}
        AND timestamp >= fromUnixTimestamp64Milli({{first:Int64}}, 'UTC')
        AND timestamp <= fromUnixTimestamp64Milli({{last:Int64}}, 'UTC')
"""  # noqa: S608 - constants
