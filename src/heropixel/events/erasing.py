"""Data is removed from the event store: all that could name a person, pixels, and pageviews past their retention."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from heropixel.columns import COLUMNS
from heropixel.events.stitching import ANONYMOUS, OWNERS
from heropixel.events.store import Events


def erase_users(events: Events, app: int, people: Sequence[Sequence[int]]) -> list[int]:
    """Remove from the pageviews of people, each given by their users, all that could name them. The rows still count.

    All people at once, since many cost the same as one. Returns how many pageviews each had.

    Raises:
        EventsUnavailable: retry the same call to complete it.
    """
    counts = [_count(events, "pageviews", _THEIRS, {"app": app, "users": list(users)}) for users in people]
    theirs = {"app": app, "users": [user for users in people for user in users]}
    erase = f"UPDATE {', '.join(_ERASED)}, resolution = 'ERASED'"
    rewrite(events, "pageviews", erase, *_pageviews_of(events, theirs))
    # What names them in pageviews of browsers that were taken from them.
    rewrite(events, "pageviews", "UPDATE unlinked_from = 0", _TAKEN_FROM, theirs)
    # Last: without the links, the pageviews that are still to be erased could not be found.
    rewrite(events, "links", "DELETE", "app = {app:UInt32} AND user_id IN {users:Array(UInt64)}", theirs)
    return counts


def _pageviews_of(events: Events, theirs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The condition for the pageviews of these users, and what is bound in it."""
    if not events.place.has_replicas:
        return _THEIRS, theirs
    # Each replica runs the change by itself, at its own time: its links may be deleted by then. So the browsers are
    # found before, on all replicas, since one may not have the last links. They are named by numbers: see _THEIRS.
    links = events.place.all_replicas_of("links")
    ever = [visitor for (visitor,) in events.ask(_EVER_THEIRS.format(links=links), **theirs)]
    owned = events.ask(_OWNED.format(links=links), **theirs, visitors=ever) if ever else ()
    return _THEIRS_BY_NUMBER, theirs | {"browsers": [number for (number,) in owned]}


def erase_pixel(events: Events, pixel: int) -> int:
    """Delete the pageviews of a pixel, and return how many there were.

    Raises:
        EventsUnavailable: retry the same call to complete it.
    """
    return rewrite(events, "pageviews", "DELETE", "pixel_id = {pixel:Int32}", {"pixel": pixel})


# Retention. Months are partitions by their ids, such as "202401", in UTC. The table of links is left alone: a link is
# knowledge about a person. It does not age with the pageview that showed it, and stays until the person is erased.


def outdated_months(events: Events, keep_since: Mapping[int, int]) -> dict[str, list[int]]:
    """The months, oldest first, that are wholly before what is kept, with their pixels. `keep_since` is by pixel.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    pixels_before: dict[str, list[int]] = {}
    for pixel, since in keep_since.items():
        pixels_before.setdefault(month_of(since), []).append(pixel)
    found: dict[str, list[int]] = {}
    for month, pixels in pixels_before.items():
        for outdated, pixel in events.ask(_MONTHS_BEFORE, month=month, pixels=pixels):
            found.setdefault(outdated, []).append(pixel)
    return dict(sorted(found.items()))


def newest_receipt(events: Events) -> int | None:
    """When the latest pageview was received, in Unix milliseconds; None: there is none.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    ((received, count),) = events.ask(_NEWEST_RECEIPT)
    return received if count else None


def drop_month(events: Events, month: str, pixels: Collection[int]) -> dict[int, int] | None:
    """Drop a month as a whole, which takes no time. Returns how many pageviews it had, by pixel.

    Returns None and drops nothing if the month has pageviews of other pixels too. Nothing may be inserted meanwhile.

    Raises:
        EventsUnavailable: retry the same call to complete it.
    """
    counts = _by_pixel(events, _COUNT_OF_MONTH, month=month)
    if not counts.keys() <= set(pixels):
        return None
    # Without the setting, the engine refuses to drop months of more than 50 GB, as a guard against mistakes.
    drop = "ALTER TABLE pageviews DROP PARTITION ID {month:String} SETTINGS max_partition_size_to_drop = 0"
    events.change(drop, month=month)
    return counts


def delete_from_month(events: Events, month: str, pixels: Sequence[int]) -> dict[int, int]:
    """Delete the pageviews of pixels in a month. It rewrites the other rows of the month. Returns how many, by pixel.

    Raises:
        EventsUnavailable: retry the same call to complete it.
    """
    counts = _by_pixel(
        events, f"{_COUNT_OF_MONTH} HAVING pixel_id IN {{pixels:Array(Int32)}}", month=month, pixels=pixels
    )
    events.change(
        "ALTER TABLE pageviews DELETE IN PARTITION ID {month:String} WHERE pixel_id IN {pixels:Array(Int32)}",
        month=month,
        pixels=pixels,
    )
    return counts


def _by_pixel(events: Events, question: str, **facts: Any) -> dict[int, int]:  # noqa: ANN401 - what SQL can bind
    return {pixel: count for pixel, count in events.ask(question, **facts)}  # noqa: C416 - rows are no pairs to mypy


def month_of(instant: int) -> str:
    """The partition of an instant in Unix milliseconds, also of one before 1970."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=instant)).strftime("%Y%m")


# By the ids of the partitions, so that no timestamps are read.
_MONTHS_BEFORE = (
    "SELECT DISTINCT _partition_id, pixel_id FROM pageviews"
    " WHERE pixel_id IN {pixels:Array(Int32)} AND _partition_id < {month:String} ORDER BY ALL"
)
_COUNT_OF_MONTH = "SELECT pixel_id, count() FROM pageviews WHERE _partition_id = {month:String} GROUP BY pixel_id"
_NEWEST_RECEIPT = "SELECT toUnixTimestamp64Milli(max(received)), count() FROM pageviews"


def rewrite(events: Events, table: str, what: str, where: str, facts: dict[str, Any]) -> int:
    """Update or delete rows, and return how many.

    Raises:
        EventsUnavailable: retry the same call to complete it.
    """
    rows = _count(events, table, where, facts)
    # With replicas, the one that answers may not have the last rows.
    if rows or (events.place.cluster and _count(events, events.place.all_replicas_of(table), where, facts)):
        # Not the lightweight kinds: they leave erased data in the files until some later merge.
        events.change(f"ALTER TABLE {table} {what} WHERE {where}", **facts)
    return rows


def _count(events: Events, table: str, where: str, facts: dict[str, Any]) -> int:
    ((count,),) = events.ask(f"SELECT count() FROM {table} WHERE {where}", **facts)  # noqa: S608 - constants
    return int(count)


# The visitors are asked for within: the engine keeps the text of a mutation in a file, and no visitor id may be in it.
_THEIRS = (
    "app = {app:UInt32} AND (user_id IN {users:Array(UInt64)}"  # noqa: S608 - constants
    f" OR ({ANONYMOUS} AND visitor_id IN (SELECT visitor_id FROM ({OWNERS}))))"
)

_THEIRS_BY_NUMBER = (
    "app = {app:UInt32} AND (user_id IN {users:Array(UInt64)}"
    f" OR ({ANONYMOUS} AND sipHash64(visitor_id) IN {{browsers:Array(UInt64)}}))"
)
_EVER_THEIRS = """
    SELECT DISTINCT visitor_id FROM {links} WHERE app = {{app:UInt32}} AND user_id IN {{users:Array(UInt64)}}
    SETTINGS skip_unavailable_shards = 1
"""
_OWNED = """
    SELECT sipHash64(visitor_id) FROM {links}
    WHERE app = {{app:UInt32}} AND visitor_id IN {{visitors:Array(String)}}
    GROUP BY visitor_id HAVING argMin(user_id, (linked_at, user_id)) IN {{users:Array(UInt64)}}
    SETTINGS skip_unavailable_shards = 1
"""

_TAKEN_FROM = "app = {app:UInt32} AND unlinked_from IN {users:Array(UInt64)}"

# The value that erasing leaves in a personal column, where it is not the empty text. The host name of a page is a part
# of its address. What is left is the domain that the pixel's owner has authorised, as for a page without an address.
_LEFT = {"user_id": "0", "unlinked_from": "0", "hostname": "domain"}
_EMPTY = "''"
_ERASED = [f"{name} = {_LEFT.get(name, _EMPTY)}" for name, column in COLUMNS.items() if column.personal]
