"""What a command may have done to the stores that a running server holds: whoever holds them does it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from heropixel.directory import Directory
from heropixel.directory.erasures import Erasure
from heropixel.recording.past import Record
from heropixel.reports.ask import Report
from heropixel.reports.question import ReportInput
from heropixel.upkeep.reprocessing import Count


class OperatorActions(Protocol):
    """Each includes what was accepted before it was called, also where that was still in the journal.

    Each raises ServerUnreachable where the server that holds the folder does not answer, and EventsUnavailable where
    the event store cannot do it now.
    """

    def export(self) -> Iterator[dict[str, Any]]:
        """Every pageview, under the field names of the API."""

    def report(self, given: ReportInput) -> Report:
        """The answer to a question about pixels of one app.

        Raises:
            Refusal, ServerRefused: it cannot be asked so.
        """

    def reprocess(self, progress: Callable[[Count], None], *, everything: bool) -> Count:
        """Reprocess the pageviews that other rules have processed, or all; how many they were.

        What is done when it fails is done: the same again goes on from there.
        """

    def recording(self, pixel: int) -> AbstractAsyncContextManager[Record]:
        """Give what records past pageviews of a pixel. When that raises, it has recorded nothing of the group."""

    def finish(self, directory: Directory, erasure: Erasure) -> Erasure:
        """The erasure, done if that was possible within a minute."""
