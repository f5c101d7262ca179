"""Operations that are done by the server that holds the folder."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec

from heropixel.backup.backups import BackupAsked
from heropixel.backup.taking import BackupTaken
from heropixel.directory import Directory
from heropixel.directory.erasures import Erasure, find_erasure
from heropixel.directory.unlinks import Unlink, find_unlink
from heropixel.errors import EventsUnavailable
from heropixel.events.evidence import VisitorLink
from heropixel.events.first_sources import FirstSource
from heropixel.events.people import Persons
from heropixel.operating.line import OperatorsLine
from heropixel.recording.past import PastOutcome, PastPageview, Record, record_by_pixel
from heropixel.reports.ask import Report
from heropixel.reports.exporting import ExportInput
from heropixel.reports.question import ReportInput
from heropixel.troubles import BackupImpossible
from heropixel.upkeep.reprocessing import Count

# Read timeouts, in seconds.
_BACKLOG = 90  # it first loads the journal, for a minute at most
_BACKUP = 86_400  # it sends nothing until everything is copied
_REPROCESSING = 3600  # a piece of millions of rows sends nothing until it is done

_FOLLOWING_SECONDS = 60
_LOOK_SECONDS = 0.1

_ENCODER = msgspec.json.Encoder()


class ByServer:
    """See `OperatorActions`."""

    def __init__(self, line: OperatorsLine, report_seconds: int) -> None:
        self._line = line
        self._report_seconds = report_seconds

    def export(self, given: ExportInput) -> Iterator[dict[str, Any]]:
        """See `OperatorActions.export`."""
        query = urlencode({"only": msgspec.json.encode(given)})
        return map(msgspec.json.decode, self._line.lines("GET", f"/operator/pageviews?{query}", _BACKLOG))

    def rows_of(self, app: int, users: Sequence[int]) -> Iterator[dict[str, Any]]:
        """See `OperatorActions.rows_of`."""
        return map(msgspec.json.decode, self._line.lines("GET", f"/operator/person?{_of(app, users)}", _BACKLOG))

    def links_of(self, app: int, users: Sequence[int]) -> list[VisitorLink]:
        """See `OperatorActions.links_of`."""
        lines = self._line.lines("GET", f"/operator/links?{_of(app, users)}", _BACKLOG)
        return [VisitorLink(*msgspec.json.decode(line)) for line in lines]

    def report(self, given: ReportInput) -> Report:
        """See `OperatorActions.report`."""
        seconds = self._report_seconds + _BACKLOG
        answer = self._line.post("/operator/report", msgspec.json.encode(given), seconds)
        return msgspec.json.decode(answer, type=Report)

    def first_sources(self, app: int, persons: Persons) -> dict[int, FirstSource]:
        """See `OperatorActions.first_sources`."""
        answer = self._line.post("/operator/first-sources", msgspec.json.encode((app, persons)), _BACKLOG)
        return msgspec.json.decode(answer, type=dict[int, FirstSource])

    def reprocess(self, progress: Callable[[Count], None], *, everything: bool) -> Count:
        """See `OperatorActions.reprocess`."""
        count = Count(0, 0, 0)
        lines = self._line.lines("POST", f"/operator/reprocess?all={everything:d}", _REPROCESSING)
        for said in map(msgspec.json.decode, lines):
            if isinstance(said, str):
                raise EventsUnavailable(said)
            count = Count(*said)
            progress(count)
        return count

    @asynccontextmanager
    async def recording(self) -> AsyncIterator[Record]:
        """See `OperatorActions.recording`."""

        async def record(pixel: int, pageviews: Sequence[PastPageview]) -> list[PastOutcome]:
            # On a thread: it sends while the next pageviews are read, and a request that was begun is always finished.
            body = _ENCODER.encode_lines(pageviews)
            answer = await asyncio.to_thread(self._line.post, f"/operator/pageviews?pixel={pixel}", body, _BACKLOG)
            return msgspec.json.decode(answer, type=list[PastOutcome])

        await asyncio.to_thread(self._line.post, "/operator/catch-up", b"", _BACKLOG)
        yield partial(record_by_pixel, record)

    def backup(self, target: Path, *, with_key: bool) -> BackupTaken:
        """See `OperatorActions.backup`."""
        asked = BackupAsked(str(target.absolute()), with_key)
        answer = self._line.post("/operator/backup", msgspec.json.encode(asked), _BACKUP)
        taken = msgspec.json.decode(answer, type=BackupTaken | str)
        if isinstance(taken, str):
            raise BackupImpossible(why=taken)
        return taken

    def finish(self, directory: Directory, erasure: Erasure) -> Erasure:
        """See `OperatorActions.finish`."""
        until = time.monotonic() + _FOLLOWING_SECONDS
        while erasure.done_at is None and time.monotonic() < until:
            time.sleep(_LOOK_SECONDS)
            erasure = find_erasure(directory.connection, erasure.app, erasure.id)
        return erasure

    def follow(self, directory: Directory, unlink: Unlink) -> Unlink:
        """See `OperatorActions.follow`."""
        until = time.monotonic() + _FOLLOWING_SECONDS
        while unlink.waiting and time.monotonic() < until:
            time.sleep(_LOOK_SECONDS)
            unlink = find_unlink(directory.connection, unlink.app, unlink.id) or unlink._replace(waiting=False)
        return unlink


def _of(app: int, users: Sequence[int]) -> str:
    return urlencode({"app": app, "users": ",".join(map(str, users))})
