"""Pageviews are reprocessed after the rules have changed: the steps of the loader run again on stored rows."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import structlog

from heropixel.columns import Row
from heropixel.enrichment import READ, RULES, WRITTEN, Owns, enrich, owns_nothing
from heropixel.events import Events
from heropixel.events.reprocessing import Reprocessed, RowsWanted, Share, rows_of, shares_to_reprocess

log = structlog.get_logger()

# A mutation rewrites the parts that it touches: as few as memory allows, each short enough for an erasure to wait for.
_MAX_GATHERED = 200_000
_MAX_PIECE = 2_000_000

Piece = Sequence[Share]


class Count(NamedTuple):
    """How many pageviews were reprocessed, how many of them changed, and how many there are to do."""

    reprocessed: int
    changed: int
    total: int


def pieces_to_reprocess(events: Events, *, everything: bool) -> list[Piece]:
    """The rows to reprocess, in pieces to be done one after the other. Other work may run between them.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    pieces: list[list[Share]] = []
    rows = 0
    for share in shares_to_reprocess(events, RowsWanted(RULES, everything)):
        rows += share.rows
        if not pieces or pieces[-1][-1].partition != share.partition or rows > _MAX_PIECE:
            pieces.append([])
            rows = share.rows
        pieces[-1].append(share)
    return list(pieces)


def reprocess_piece(events: Events, piece: Piece, owns: Owns = owns_nothing, *, everything: bool) -> int:
    """Reprocess a piece, all of one month, and return how many rows changed. It is idempotent.

    Raises:
        EventsUnavailable: some of it may be done; retry the same call to complete it.
    """
    changed, start, wanted = 0, 0, RowsWanted(RULES, everything)
    done = Reprocessed(events, WRITTEN)
    try:
        for place, share in enumerate(piece):
            changes, failed = _reprocess([*rows_of(events, share, wanted, _COLUMNS)], owns)
            done.gather(changes)
            done.leave_out(failed)
            changed += len(changes)
            if done.gathered >= _MAX_GATHERED or place == len(piece) - 1:
                done.put(share.partition, piece[start].first, share.last, wanted)
                start = place + 1
    finally:
        done.close()
    return changed


def reprocess_all(
    events: Events, progress: Callable[[Count], None], owns: Owns = owns_nothing, *, everything: bool
) -> Count:
    """Reprocess all rows that need it, in this call.

    Raises:
        EventsUnavailable: some of it may be done; retry the same call to complete it.
    """
    pieces = pieces_to_reprocess(events, everything=everything)
    count = Count(0, 0, total(pieces))
    for piece in pieces:
        count = counted(count, piece, reprocess_piece(events, piece, owns, everything=everything))
        progress(count)
    return count


def total(pieces: Sequence[Piece]) -> int:
    """How many rows the pieces have."""
    return sum(share.rows for piece in pieces for share in piece)


def counted(count: Count, piece: Piece, changed: int) -> Count:
    """The count with one more piece."""
    return count._replace(reprocessed=count.reprocessed + total([piece]), changed=count.changed + changed)


_GIVEN = tuple(column for column in READ if column not in WRITTEN)
_COLUMNS = (*_GIVEN, *WRITTEN)


def _reprocess(rows: list[Sequence[Any]], owns: Owns) -> tuple[list[dict[str, Any]], list[int]]:
    """Of these rows, those that change, and the positions of those at which the rules fail."""
    changes: list[dict[str, Any]] = []
    failed: list[int] = []
    for position, *values in rows:
        before = dict(zip(_COLUMNS, values, strict=True))
        before["bot_reasons"] = tuple(before["bot_reasons"])
        try:
            row = enrich(Row(app=0, timestamp="", received="", **before), owns)
        except Exception as error:  # as in the loader: one invalid row must not block all others
            log.warning(
                "a pageview is not reprocessed: the rules fail on it", position=position, error=type(error).__name__
            )
            failed.append(position)
            continue
        after = dict(_written(row))
        if any(before[column] != value for column, value in after.items()):
            changes.append({"journal_position": position, **after})
    return changes, failed


def _written(row: Row) -> Iterator[tuple[str, Any]]:
    for column in WRITTEN:
        yield column, getattr(row, column)
