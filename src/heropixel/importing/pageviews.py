"""`pageviews import`: the rows of a file become pageviews. Some groups are being recorded while the next is read."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from heropixel.importing.tools import From
from heropixel.importing.tools.recognising import recognise
from heropixel.importing.tools.tool import NO_PIXEL, Site, Tool
from heropixel.recording.past import PastOutcome, PastPageview, PastResult, Record
from heropixel.transfer import BadRow, FileRow, RejectedRows, open_rows
from heropixel.transfer.converting import UnusableRow, chunks
from heropixel.transfer.rejected import Rejections
from heropixel.troubles import FileUnusable

GROUP = 1_000  # pageviews: as many as one request of the API may have
_UNDER_WAY = 3  # groups in progress: one is checked, one is looked up, one is written


class ImportedPageviews(NamedTuple):
    """The outcomes of the rows of a file."""

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
    chosen: Mapping[str, str] = MappingProxyType({}),
) -> ImportedPageviews:
    """Import a file. `progress` gets the position and the total. Importing the same file again records nothing.

    `chosen` gives columns of the file the names that its tool knows.

    Raises:
        FileUnusable: it cannot be read to its end; what was recorded before stays.
        ServerUnreachable, StoreUnavailable: see `OperatorActions.recording`; what was recorded before stays.
    """
    with open_rows(path) as source, RejectedRows(source) as rejected:
        kind, rows = recognise(source, tool, chosen)
        if site.pixel == NO_PIXEL and not kind.names_pixels:
            raise FileUnusable(path=path, why="its rows name no pixel, and there are several. Name one with --pixel")
        tally, reader = _Tally(rejected), kind(site)
        async with recording as record:
            groups = chunks(tally.converted(rows, reader), GROUP)
            await _record_all(groups, record, tally, lambda: progress(source.position, source.total))
        rejected.remarks.update(reader.remarks)
        progress(source.total, source.total)
    return tally.imported()


class _OfRow(NamedTuple):
    """A pageview, its row, and the reasons for which that row has been rejected so far."""

    pageview: PastPageview
    row: FileRow
    reasons: set[str]


async def _record_all(
    groups: Iterator[Sequence[_OfRow]], record: Record, tally: "_Tally", progress: Callable[[], None]
) -> None:
    """Record one group after the other. Some are in progress while the next is read."""
    under_way: deque[asyncio.Task[None]] = deque()

    async def record_one(group: Sequence[_OfRow]) -> None:
        tally.note(group, await record([of_row.pageview for of_row in group]))

    try:
        for group in groups:
            under_way.append(asyncio.create_task(record_one(group)))
            await asyncio.sleep(0)  # lets the task begin
            progress()
            if len(under_way) == _UNDER_WAY:
                await under_way.popleft()
        while under_way:
            await under_way.popleft()
    finally:  # interrupted, or one group has failed: the others are still finished
        await asyncio.gather(*under_way, return_exceptions=True)


class _Tally:
    """Counts the outcomes of rows and of their pageviews, and writes the rejected rows to a file."""

    def __init__(self, rejected: RejectedRows) -> None:
        self._rejected = rejected
        self._results: Counter[PastResult] = Counter()
        self._no_pageviews = 0

    def converted(self, rows: Iterator[FileRow | BadRow], tool: Tool) -> Iterator[_OfRow]:
        """The pageviews of the rows, each with its row."""
        for row in rows:
            if isinstance(row, BadRow):
                self._rejected.add(row, row.why)
                continue
            if all(value in (None, "") for value in row.values.values()):
                continue  # an empty row: spreadsheets leave some below their last row
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
        """Count the outcomes of a group."""
        for (_, row, reasons), outcome in zip(group, outcomes, strict=True):
            self._results[outcome.result] += 1
            self._rejected.remarks.update(outcome.remarks)
            if outcome.result is PastResult.REFUSED:
                self._reject(row, reasons, outcome.reason)

    def _reject(self, row: FileRow, reasons: set[str], reason: str) -> None:
        """Write a rejected row once for each reason, however many pageviews the row has."""
        if reason not in reasons:
            reasons.add(reason)
            self._rejected.add(row, reason)

    def imported(self) -> ImportedPageviews:
        """All counts."""
        return ImportedPageviews(
            self._results[PastResult.RECORDED],
            self._results[PastResult.THERE],
            self._no_pageviews,
            self._rejected.rejections(),
        )
