"""The daily hashes that were seen lately: a server that starts must know them, so that it splits no visit."""

from heropixel.events.store import Events
from heropixel.values import DAILY


def last_seen(events: Events, since: int, most: int) -> dict[str, int]:
    """The hashes seen since then, each with its last time, oldest first; of very many the latest ones.

    Times are in Unix milliseconds.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    rows = events.ask(_LAST_SEEN, since=since, prefix=DAILY, most=most)
    return {visitor_id: at for visitor_id, at in reversed(rows)}  # noqa: C416 - rows are no pairs to mypy


# The month and the key limit it to a few thousand rows of each pixel, however many there are.
_LAST_SEEN = """
    SELECT visitor_id, max(toUnixTimestamp64Milli(timestamp)) AS at
    FROM pageviews
    WHERE timestamp >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') AND startsWith(visitor_id, {prefix:String})
    GROUP BY visitor_id
    ORDER BY at DESC
    LIMIT {most:UInt32}
"""
