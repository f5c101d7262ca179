"""The operations of a command on stores that a running server may hold: the process that holds them does the work."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol

from heropixel.backup.taking import BackupTaken
from heropixel.directory import Directory
from heropixel.directory.erasures import Erasure
from heropixel.directory.unlinks import Unlink
from heropixel.events.evidence import VisitorLink
from heropixel.events.first_sources import FirstSource
from heropixel.events.people import Persons
from heropixel.recording.past import Record
from heropixel.reports.ask import Report
from heropixel.reports.exporting import ExportInput
from heropixel.reports.question import ReportInput
from heropixel.upkeep.reprocessing import Count


class OperatorActions(Protocol):
    """Each includes everything that was accepted before the call, even if it was still in the journal.

    Each raises ServerUnreachable if the server that holds the folder does not answer, and EventsUnavailable if the
    event store cannot do it now.
    """

    def export(self, given: ExportInput) -> Iterator[dict[str, Any]]:
        """The pageviews that are asked for, under the field names of the API.

        Raises:
            Refusal, ServerRefused: the question is not valid.
        """

    def rows_of(self, app: int, users: Sequence[int]) -> Iterator[dict[str, Any]]:
        """Every pageview of a person, given by all of their users, newest first, with every column."""

    def links_of(self, app: int, users: Sequence[int]) -> list[VisitorLink]:
        """Every link of browsers to these users, earliest first."""

    def report(self, given: ReportInput) -> Report:
        """The answer to a question about pixels of one app.

        Raises:
            Refusal, ServerRefused: the question is not valid.
        """

    def first_sources(self, app: int, persons: Persons) -> dict[int, FirstSource]:
        """Where these people of an app first came from. Of those who are left out it is not known."""

    def reprocess(self, progress: Callable[[Count], None], *, everything: bool) -> Count:
        """Reprocess the pageviews that were processed by other rules, or all. Returns how many they were.

        If it fails, the finished part stays done, and the next call continues from there.
        """

    def recording(self) -> AbstractAsyncContextManager[Record]:
        """Give a function that records past pageviews, each for its pixel.

        If it raises, nothing of the group and pixel at hand was recorded.
        """

    def backup(self, target: Path, *, with_key: bool) -> BackupTaken:
        """Copy all stores, as of one moment, into an empty folder. It has everything that was accepted before.

        Raises:
            BackupImpossible: the stores cannot be copied, or not there.
        """

    def finish(self, directory: Directory, erasure: Erasure) -> Erasure:
        """The erasure. It is done, if that was possible within a minute."""

    def follow(self, directory: Directory, unlink: Unlink) -> Unlink:
        """The unlink. The event store has followed, if that was possible within a minute."""
