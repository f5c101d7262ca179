"""The journal stores pageviews that were accepted and are not in the event store yet."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from heropixel.troubles import UnknownStore, undamaged


class Batch(NamedTuple):
    """Entries to load: all from position `first` to `last`, in order, without a hole."""

    first: int
    last: int
    payloads: list[bytes]
    repeated: bool  # an earlier loader took it and did not release it: some of it may be loaded


class Waiting(NamedTuple):
    """The entries that are not loaded yet."""

    entries: int
    oldest: bytes | None


class Journal(Protocol):
    """An ordered, durable queue with one appender and one loader.

    Positions grow by one an entry and are never used twice, not even by a new journal after this one was deleted: a
    position names an entry for ever.
    """

    def append(self, lines: bytes, receipts: Mapping[bytes, bytes], now: int) -> None:
        """Store a group of entries, each a line that ends in a newline, and receipts by their keys: all or none.

        They are on the disk when it returns. `now` is in Unix milliseconds.

        Raises:
            JournalUnavailable: nothing was stored.
        """

    def receipts(self, keys: Sequence[bytes], now: int) -> dict[bytes, bytes]:
        """The receipts with these keys that were appended in the last 24 hours.

        Raises:
            JournalUnavailable: the journal cannot be read.
        """

    def take(self, limit: int) -> Batch | None:
        """The oldest entries, about `limit` of them; None where there are none.

        Until a batch is released, every call returns the same batch, across restarts too.

        Raises:
            JournalUnavailable: the journal cannot be read.
        """

    def release(self, batch: Batch) -> None:
        """Delete the entries of a batch, which are loaded.

        Raises:
            JournalUnavailable: the entries stay, and are taken again.
        """

    def length(self) -> int:
        """How many entries there are."""

    def end(self) -> int:
        """The position of the next entry: all entries that were appended before have lower ones.

        Raises:
            JournalUnavailable: the journal cannot be read.
        """

    def loaded(self) -> int:
        """The position up to which entries were released: all with lower ones are in the event store.

        Raises:
            JournalUnavailable: the journal cannot be read.
        """

    def expire(self, now: int) -> None:
        """Delete receipts older than 24 hours; if there are many, some of them at each call.

        Raises:
            JournalUnavailable: they stay a while longer.
        """

    def close(self) -> None:
        """Close the files."""


def open_journal(url: str) -> Journal:
    """Open the journal at a URL. The appender and the loader each open their own, in whichever process they are.

    Raises:
        UnknownStore: no such kind of journal.
        FolderFromNewerVersion: a later version of heropixel has written to it.
        StoreDamaged: the file is damaged.
    """
    from heropixel.journal.sqlite import SqliteJournal  # noqa: PLC0415 - a backend is loaded when its URL is used

    scheme, _, path = url.partition("://")
    if scheme != "sqlite":
        raise UnknownStore(url=url, role="journal", known="sqlite:////path")
    file = path.removeprefix("/")
    with undamaged(file):
        return SqliteJournal(file)


def waiting_in(url: str) -> Waiting:
    """The entries that wait in the journal at a URL. Any process may ask.

    Raises:
        JournalUnavailable: the journal cannot be read.
    """
    from heropixel.journal.sqlite import waiting  # noqa: PLC0415 - as above

    return waiting(Path(url.removeprefix("sqlite:///")))
