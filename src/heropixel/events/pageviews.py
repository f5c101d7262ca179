"""Pageviews as the API returns them: single ones by their place, and all of them for an export."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from heropixel.columns import COLUMNS
from heropixel.events.stitching import ALL_OWNERS, ANONYMOUS
from heropixel.events.store import Events
from heropixel.values import camel

# The exported fields of a pageview and their types, first those that identify it. A timestamp is in Unix milliseconds.
_FIRST = ("event_id", "pixel_id", "timestamp", "domain")
_EXPORTED = {name: type_ for name in (*_FIRST, *COLUMNS) if (type_ := COLUMNS[name].exported)}
EXPORT_COLUMNS = {camel(name): type_ for name, type_ in _EXPORTED.items()}


class ListPlace(NamedTuple):
    """The place of a pageview in a list: later ones first, of one instant the one recorded last."""

    timestamp: int  # Unix milliseconds
    position: int  # in the journal


def pageviews_at(events: Events, places: Sequence[tuple[int, int, int]]) -> dict[int, dict[str, Any]]:
    """The pageviews with these pixels, timestamps (Unix milliseconds) and journal positions, by position.

    They look as in `export`, but each has the user it was recorded with.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    pixels, timestamps, positions = zip(*places, strict=True) if places else ((), (), ())
    rows = events.ask(_AT_PLACES, pixels=list(set(pixels)), timestamps=list(timestamps), positions=list(positions))
    return {at: _with_survivor(exported(values), {}) for at, *values in rows}


class Slice(NamedTuple):
    """The pageviews of an app, of pixels, and between two instants in Unix milliseconds. None and () are no limit."""

    app: int | None = None
    pixels: tuple[int, ...] = ()
    start: int | None = None
    end: int | None = None


def export(
    events: Events,
    survivors: Mapping[int, int],
    part: Slice = Slice(),  # noqa: B008 - it is frozen
    chosen: Iterator[Sequence[int]] | None = None,
) -> Iterator[dict[str, Any]]:
    """The pageviews of a slice under the field names of the API, by pixel and time, without holding all in memory.

    An anonymous pageview of a linked visitor gets the first linked user. `survivors` maps merged users to their
    surviving users. Where only some are `chosen`, it has their pixels, timestamps and journal positions in order.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    limits, bound = _limits(part)
    owned = events.stream(_OWNED.format(limits=limits), **bound)
    *place, owner = next(owned, _BEYOND_ALL)
    wanted: Sequence[int] | None = None
    for at, *values in events.stream(_EXPORT.format(limits=limits), **bound):
        row = exported(values)
        here = [row["pixelId"], row["timestamp"], at]
        if chosen is not None:
            while wanted is None or [*wanted] < here:
                wanted = next(chosen, _BEYOND_ALL[:3])
            if [*wanted] != here:
                continue
        while place < here:  # pageviews deleted during this export
            *place, owner = next(owned, _BEYOND_ALL)
        if place == here:
            row["userId"] = owner
        yield _with_survivor(row, survivors)


def exported_pixels(events: Events, part: Slice) -> dict[int, list[int]]:
    """The pixels of the pageviews of a slice, by app.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    limits, bound = _limits(part)
    asking = f"SELECT app, arraySort(groupUniqArray(pixel_id)) FROM pageviews WHERE {limits} GROUP BY app"  # noqa: S608 - constants
    return {app: [*pixels] for app, pixels in events.ask(asking, **bound)}


_BEYOND_ALL = (1 << 31, 0, 0, 0)  # as a pixel's id


def _limits(part: Slice) -> tuple[str, dict[str, Any]]:
    """A slice as a condition in SQL, and its bound values."""
    limits = {
        "app": "pageviews.app = {app:Int64}",
        "pixels": "pixel_id IN {pixels:Array(Int32)}",
        "start": "pageviews.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC')",
        "end": "pageviews.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')",
    }
    asked = part._asdict() | {"pixels": list(part.pixels)}  # an array has to be a list
    given = {name: value for name, value in asked.items() if value not in (None, [])}
    return " AND ".join(["true", *(limits[name] for name in given)]), given


def exported(values: Sequence[Any]) -> dict[str, Any]:
    """A row, in the order of EXPORT_COLUMNS, in the words of the API, without its user. A missing value is None."""
    named = zip(EXPORT_COLUMNS, values, strict=True)
    row: dict[str, Any] = {name: None if value == "" else value for name, value in named}
    row["consent"] = _CONSENT[row["consent"]]
    if row["properties"] is not None:
        row["properties"] = msgspec.json.decode(row["properties"])
    return row


_CONSENT = {"given": True, "refused": False, "unknown": None}


def _with_survivor(row: dict[str, Any], survivors: Mapping[int, int]) -> dict[str, Any]:
    user_id = row["userId"]
    row["userId"] = str(survivors.get(user_id, user_id)) if user_id else None
    return row


# The columns that are exported in another form.
_IN_SQL = {
    "timestamp": "toUnixTimestamp64Milli(pageviews.timestamp) AS timestamp",
    "consent": "toString(consent)",
}
_COLUMNS = ", ".join(_IN_SQL.get(name, name) for name in _EXPORTED)

_EXPORT = f"""
    SELECT journal_position, {_COLUMNS}
    FROM pageviews
    WHERE {{limits}}
    ORDER BY pixel_id, timestamp, journal_position
"""  # noqa: S608 - constants

# The users of anonymous pageviews of linked visitors, in the order of the export. It is a query of its own: a join of
# whole rows has to sort them again. Of 20,000,000 pageviews that took 8 GB; this takes 0.7 GB. Beyond these bounds it
# uses the disk.
_OWNED = f"""
    SELECT pixel_id, toUnixTimestamp64Milli(pageviews.timestamp) AS timestamp, journal_position, owner
    FROM pageviews
    INNER JOIN ({ALL_OWNERS}) AS owners USING (app, visitor_id)
    WHERE {ANONYMOUS} AND {{limits}}
    ORDER BY pixel_id, timestamp, journal_position
    SETTINGS join_algorithm = 'grace_hash', max_bytes_in_join = 200000000,
        max_bytes_before_external_sort = 200000000, max_bytes_before_external_group_by = 200000000
"""  # noqa: S608 - constants

# By all columns that lead to a row: the first two are the primary key. (`timestamp` alone would be the number above.)
_AT_PLACES = f"""
    SELECT journal_position, {_COLUMNS}
    FROM pageviews
    WHERE pixel_id IN {{pixels:Array(Int32)}}
        AND pageviews.timestamp IN arrayMap(at -> fromUnixTimestamp64Milli(at, 'UTC'), {{timestamps:Array(Int64)}})
        AND journal_position IN {{positions:Array(UInt64)}}
"""  # noqa: S608 - constants


def known_event_ids(events: Events, pixel: int, event_ids: Sequence[str], first: int, last: int) -> list[str]:
    """Those of these event ids that pageviews of a pixel between two instants have, in Unix milliseconds.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    rows = events.ask(_KNOWN, pixel=pixel, event_ids=list(event_ids), first=first, last=last)
    return [event_id for (event_id,) in rows]


# By the primary key, so that it reads the rows of one pixel in this range and no others.
_KNOWN = """
    SELECT DISTINCT event_id FROM pageviews
    WHERE pixel_id = {pixel:Int32} AND event_id IN {event_ids:Array(String)}
        AND timestamp >= fromUnixTimestamp64Milli({first:Int64}, 'UTC')
        AND timestamp <= fromUnixTimestamp64Milli({last:Int64}, 'UTC')
"""
