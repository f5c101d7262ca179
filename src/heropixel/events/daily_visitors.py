"""Who was seen lately by a hash of the day: what a server that starts has to know, so that it splits no visit."""

from heropixel.events.store import DATABASE, Events
from heropixel.values import DAILY


def last_seen(events: Events, since: int, most: int) -> dict[str, int]:
    """The hashes seen since then, each with when it was last, oldest first; of very many those that were last.

    Times are in Unix milliseconds.

    Raises:
        EventsUnavailable: it cannot be told.
    """
    rows = events.ask(_LAST_SEEN, since=since, prefix=DAILY, most=most)
    return {visitor_id: at for visitor_id, at in reversed(rows)}  # noqa: C416 - rows are no pairs to mypy


# The month and the key narrow it to a few thousand rows of each pixel, however many there are.
_LAST_SEEN = f"""
    SELECT visitor_id, max(toUnixTimestamp64Milli(timestamp)) AS at
    FROM {DATABASE}.pageviews
    WHERE timestamp >= fromUnixTimestamp64Milli({{since:Int64}}, 'UTC') AND startsWith(visitor_id, {{prefix:String}})
    GROUP BY visitor_id
    ORDER BY at DESC
    LIMIT {{most:UInt32}}
"""  # noqa: S608 - constants
