"""Anonymous pageviews are found by their event ids, and removed: their visitors have consented on the same page."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from heropixel.events.erasing import month_of
from heropixel.events.store import Events
from heropixel.values import DAILY


class Anonymous(NamedTuple):
    """The place of a pageview."""

    timestamp: int  # Unix milliseconds
    position: int  # in the journal


def anonymous_among(
    events: Events, named: Collection[tuple[int, str]], first: int, last: int
) -> Iterator[tuple[tuple[int, str], Anonymous]]:
    """The anonymous pageviews between two instants, in Unix milliseconds, with one of these pixels and event ids.

    A pageview whose visitor had refused is none of them.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    pixels, event_ids = zip(*named, strict=True)
    rows = events.ask(_NAMED, pixels=[*{*pixels}], event_ids=[*{*event_ids}], first=first, last=last, prefix=DAILY)
    for pixel, event_id, timestamp, position in rows:
        yield (pixel, event_id), Anonymous(timestamp, position)


def remove_pageviews(events: Events, pixels: Collection[int], places: Collection[Anonymous]) -> None:
    """Remove the pageviews of pixels at these places.

    Raises:
        EventsUnavailable: some may be removed; retry the same call to complete it.
    """
    months: dict[str, list[Anonymous]] = {}
    for place in places:
        months.setdefault(month_of(place.timestamp), []).append(place)
    for month, of_month in months.items():
        events.change(
            _REMOVE,
            month=month,
            pixels=[*pixels],
            first=min(place.timestamp for place in of_month),
            last=max(place.timestamp for place in of_month),
            positions=[place.position for place in of_month],
        )


# By the primary key, so that it reads the rows of these pixels in this range and no others.
_NAMED = """
    SELECT pixel_id, event_id, toUnixTimestamp64Milli(pageviews.timestamp) AS at, journal_position
    FROM pageviews
    WHERE pixel_id IN {pixels:Array(Int32)} AND event_id IN {event_ids:Array(String)}
        AND user_id = 0 AND startsWith(visitor_id, {prefix:String}) AND consent = 'unknown'
        AND timestamp >= fromUnixTimestamp64Milli({first:Int64}, 'UTC')
        AND timestamp <= fromUnixTimestamp64Milli({last:Int64}, 'UTC')
"""

# Its parts are small, nearly always: the rows have come a moment ago. Within a month, parts without them are not read.
_REMOVE = """
    ALTER TABLE pageviews DELETE IN PARTITION ID {month:String}
    WHERE pixel_id IN {pixels:Array(Int32)}
        AND timestamp >= fromUnixTimestamp64Milli({first:Int64}, 'UTC')
        AND timestamp <= fromUnixTimestamp64Milli({last:Int64}, 'UTC')
        AND journal_position IN {positions:Array(UInt64)}
"""
