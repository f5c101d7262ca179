"""`pageviews import`: the rows of a file become pageviews, some of them under way while the next are read."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import NamedTuple

from heropixel.importing.tools import From
from heropixel.importing.tools.recognising import recognise
from heropixel.importing.tools.tool import Site, Tool
from heropixel.recording.past import Became, PastOutcome, PastPageview, Record
from heropixel.transfer import BadRow, FileRow, RejectedRows, open_rows
from heropixel.transfer.converting import UnusableRow, chunks
from heropixel.transfer.rejected import Rejections

GROUP = 1_000  # pageviews: as many as the API takes at once
_UNDER_WAY = 3  # groups: one is checked, one is looked up, one is written


class ImportedPageviews(NamedTuple):
    """What became of what a file holds."""

    recorded: int
    already_there: int
    no_pageviews: int  # events, downloads and the like
    rejections: Rejections


async def import_pageviews(
    recording: AbstractAsyncContextManager[Record],
    path: Path,
    site: Site,
    tool: From | None,
    progress: Callable[[int, int], None],
) -> ImportedPageviews:
    """Import a file. `progress` is told how much of how much has been read. The same file again records nothing.

    Raises:
        FileUnusable: it cannot be read as a whole; what was recorded before stays.
        ServerUnreachable, StoreUnavailable: see `Operations.recording`; what was recorded before stays.
    """
    with open_rows(path) as source, RejectedRows(source) as rejected:
        reader, rows = recognise(source, tool)
        tally = _Tally(rejected)
        async with recording as record:
            groups = chunks(tally.converted(rows, reader(site)), GROUP)
            await _record_all(groups, record, tally, lambda: progress(source.position, source.total))
        progress(source.total, source.total)
    return tally.imported()


class _OfRow(NamedTuple):
    """A pageview, and the row it comes from with the reasons that the row was rejected for so far."""

    pageview: PastPageview
    row: FileRow
    reasons: set[str]


async def _record_all(
    groups: Iterator[Sequence[_OfRow]], record: Record, tally: "_Tally", progress: Callable[[], None]
) -> None:
    """Record one group after the other; some are under way while the next is read."""
    under_way: deque[asyncio.Task[None]] = deque()

    async def record_one(group: Sequence[_OfRow]) -> None:
        tally.note(group, await record([of_row.pageview for of_row in group]))

    try:
        for group in groups:
            under_way.append(asyncio.create_task(record_one(group)))
            await asyncio.sleep(0)  # it begins
            progress()
            if len(under_way) == _UNDER_WAY:
                await under_way.popleft()
        while under_way:
            await under_way.popleft()
    finally:  # interrupted, or one has failed: the others are finished all the same
        await asyncio.gather(*under_way, return_exceptions=True)


class _Tally:
    """Counts what becomes of rows and of their pageviews, and writes the rejected rows down."""

    def __init__(self, rejected: RejectedRows) -> None:
        self._rejected = rejected
        self._became: Counter[Became] = Counter()
        self._no_pageviews = 0

    def converted(self, rows: Iterator[FileRow | BadRow], tool: Tool) -> Iterator[_OfRow]:
        """The pageviews of the rows, each with its row."""
        for row in rows:
            if isinstance(row, BadRow):
                self._rejected.add(row, row.why)
                continue
            if all(value in (None, "") for value in row.values.values()):
                continue  # as spreadsheets leave below their last row
            reasons: set[str] = set()
            try:
                for pageview in tool.pageviews(row):
                    if pageview is None:
                        self._no_pageviews += 1
                    else:
                        yield _OfRow(pageview, row, reasons)
            except UnusableRow as unusable:
                self._reject(row, reasons, str(unusable))

    def note(self, group: Sequence[_OfRow], outcomes: Sequence[PastOutcome]) -> None:
        """What became of a group."""
        for (_, row, reasons), outcome in zip(group, outcomes, strict=True):
            self._became[outcome.became] += 1
            if outcome.became is Became.REFUSED:
                self._reject(row, reasons, outcome.reason)

    def _reject(self, row: FileRow, reasons: set[str], reason: str) -> None:
        """Write a row down once for each reason, however many pageviews it stands for."""
        if reason not in reasons:
            reasons.add(reason)
            self._rejected.add(row, reason)

    def imported(self) -> ImportedPageviews:
        """All that was counted."""
        return ImportedPageviews(
            self._became[Became.RECORDED],
            self._became[Became.THERE],
            self._no_pageviews,
            self._rejected.rejections(),
        )
