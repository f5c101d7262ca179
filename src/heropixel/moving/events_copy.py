"""The rows of the event store go from the embedded engine to a server, as blocks that nobody unpacks on the way.

A block is a piece of one set of rows of the engine, so it is of one month. Its token is of this attempt. Where an
answer is lost it is sent again, and the server takes it once.
"""

import time
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from heropixel.errors import EventsUnavailable
from heropixel.events import Events

_BLOCK: Final = 200_000  # rows: about 60 MB in memory, twice
_RETRIES: Final = (0.2, 1.0, 3.0, 10.0)  # seconds
_REPLICA_SECONDS: Final = 60.0
_PAGEVIEWS, _LINKS = "pageviews", "links"


class Sum(NamedTuple):
    """What the rows of both stores must have in common."""

    rows: int
    checksum: int


def pageviews_in(events: Events) -> int:
    """How many rows are to be copied."""
    return int(events.ask("SELECT count() FROM pageviews")[0][0])


def empty(target: Events) -> None:
    """Remove what an attempt that was broken off has left."""
    for table in (_PAGEVIEWS, _LINKS):
        target.change(f"TRUNCATE TABLE {table}{target.place.on_cluster}")


def copy_events(source: Events, target: Events, attempt: str, progress: Callable[[int], None]) -> int:
    """Copy all rows into empty tables; returns how many pageviews.

    Links are copied last: those that the pageviews have made are replaced by those that there were.

    Raises:
        EventsUnavailable: some are there. Begin again.
    """
    for table in (_PAGEVIEWS, _LINKS):
        source.change(f"SYSTEM STOP MERGES {table}")  # so that sets of rows stay as they are
    count = 0
    for rows in _copied(source, target, _PAGEVIEWS, attempt):
        count += rows
        progress(count)
    target.change(f"TRUNCATE TABLE {_LINKS}{target.place.on_cluster}")
    for _ in _copied(source, target, _LINKS, attempt):
        pass
    compare(source, target)
    return count


def compare(source: Events, target: Events) -> None:
    """Check that both have the same.

    Raises:
        EventsUnavailable: they have not.
    """
    until = time.monotonic() + (_REPLICA_SECONDS if target.place.has_replicas else 0)
    for table, question in _SUMS.items():
        here, there = (Sum(*events.ask(question)[0]) for events in (source, target))
        while here != there and time.monotonic() < until:  # the replica that answers may be behind
            time.sleep(1)
            there = Sum(*target.ask(question)[0])
        if here != there:
            why = f"of {here.rows:,} rows of {table} {there.rows:,} are there, or they are not the same"
            raise EventsUnavailable(f"the copy of the event store is not equal to it: {why}")


# Sums of hashes, so that the order of rows does not count.
_SUMS: Final = {
    _PAGEVIEWS: """
        SELECT count(), sum(sipHash64(app, pixel_id, toUnixTimestamp64Milli(timestamp), journal_position, event_id,
            user_id, visitor_id, session_id, path, actor)) FROM pageviews
    """,
    _LINKS: """
        SELECT count(), sum(sipHash64(app, visitor_id, user_id, toUnixTimestamp64Milli(at), shown)) FROM (
            SELECT app, visitor_id, user_id, min(linked_at) AS at, max(evidence) AS shown FROM links
            GROUP BY app, visitor_id, user_id
        )
    """,
}


def _copied(source: Events, target: Events, table: str, attempt: str) -> Iterator[int]:
    """Copy a table; gives the rows of each block that the target has."""
    columns = _columns(source, table)
    for part, rows in source.ask(_PARTS, table=table):
        for start in range(0, rows, _BLOCK):
            # The engine finds nothing by place in a set of one row.
            place = (start, start + _BLOCK) if rows > _BLOCK else None
            block = source.rows_of_part(table, columns, part, place)
            _insert(target, table, columns, block, f"{attempt}/{table}/{part}/{start}")
            yield min(_BLOCK, rows - start)


_PARTS: Final = """
    SELECT name, rows FROM system.parts
    WHERE database = currentDatabase() AND table = {table:String} AND active ORDER BY partition_id, name
"""


def _columns(source: Events, table: str) -> list[str]:
    """The columns that are stored and not computed."""
    question = """
        SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {table:String}
            AND default_kind NOT IN ('MATERIALIZED', 'ALIAS') ORDER BY position
    """
    return [name for (name,) in source.ask(question, table=table)]


def _insert(target: Events, table: str, columns: list[str], block: bytes, token: str) -> None:
    for pause in _RETRIES:
        try:
            target.insert_block(table, columns, block, token)
        except EventsUnavailable:
            time.sleep(pause)
        else:
            return
    target.insert_block(table, columns, block, token)
