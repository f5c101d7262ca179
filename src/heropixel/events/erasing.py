"""What is taken from the event store again: what could name a person, pixels, and what is older than it is kept."""

from collections.abc import Sequence
from typing import Any

from heropixel.events.stitching import ANONYMOUS, OWNERS
from heropixel.events.store import DATABASE, Events


def erase_users(events: Events, app: int, people: Sequence[Sequence[int]]) -> list[int]:
    """Take from the pageviews of people, each given by her users, whatever could name them; they are counted on.

    All at once, since it costs the same for many as for one. Answers how many pageviews each had.

    Raises:
        EventsUnavailable: the same call again completes it.
    """
    counts: list[int] = []
    visitors: list[str] = []
    for users in people:
        hers = [visitor for visitor, _ in events.ask(OWNERS, app=app, users=list(users))]
        counts.append(_count(events, "pageviews", _THEIRS, {"app": app, "users": list(users), "visitors": hers}))
        visitors += hers
    theirs = {"app": app, "users": [user for users in people for user in users], "visitors": visitors}
    erase = f"UPDATE {', '.join(_ERASED)}, user_id = 0, resolution = 'ERASED'"
    _rewrite(events, "pageviews", erase, _THEIRS, theirs)
    # Last: without them nobody could tell which pageviews are still to be erased.
    _rewrite(events, "links", "DELETE", "app = {app:UInt32} AND user_id IN {users:Array(UInt64)}", theirs)
    return counts


def erase_pixel(events: Events, pixel: int) -> int:
    """Delete the pageviews of a pixel; how many they were.

    Raises:
        EventsUnavailable: the same call again completes it.
    """
    return _rewrite(events, "pageviews", "DELETE", "pixel_id = {pixel:Int32}", {"pixel": pixel})


def _rewrite(events: Events, table: str, what: str, where: str, facts: dict[str, Any]) -> int:
    """Update or delete rows; how many."""
    rows = _count(events, table, where, facts)
    if rows:
        # Not the light-weight kinds, which leave what is erased in the files until some later merge.
        events.change(f"ALTER TABLE {DATABASE}.{table} {what} WHERE {where}", **facts)
    return rows


def _count(events: Events, table: str, where: str, facts: dict[str, Any]) -> int:
    ((count,),) = events.ask(f"SELECT count() FROM {DATABASE}.{table} WHERE {where}", **facts)  # noqa: S608 - constants
    return int(count)


_THEIRS = (
    "app = {app:UInt32} AND (user_id IN {users:Array(UInt64)}"
    f" OR ({ANONYMOUS} AND visitor_id IN {{visitors:Array(String)}}))"
)

# What is not kept of an erased person's pageview: all that was free text, or an id of hers or of her visit.
_ERASED = [
    f"{column} = ''"
    for column in (
        *("visitor_id", "session_id", "event_id", "matched_on", "url", "canonical", "title", "description", "referrer"),
        *("user_agent", "client_hints", "path", "query", "region", "city", "utm_term", "utm_content", "properties"),
    )
]
