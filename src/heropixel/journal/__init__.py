"""The journal stores pageviews that were accepted and are not in the event store yet."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from heropixel.postgres import is_postgres, without_secrets
from heropixel.troubles import UnknownStore, undamaged

if TYPE_CHECKING:  # imported where a URL asks for it
    from heropixel.journal.postgres_link import GroupConnection

MAX_BYTES = 12 << 20  # of entries in a batch: a bound on the memory of a loader, which holds them several times over

R = TypeVar("R")

# A position in each sub-journal, by its number. The embedded journal is one.
Positions = dict[int, int]


def is_reached(wanted: Positions, loaded: Positions) -> bool:
    """Whether all entries below the wanted positions are below the others, too."""
    return all(loaded.get(journal, -1) >= position for journal, position in wanted.items())


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
    """An ordered, durable queue with one appender and one loader. A cluster's has one of each a node.

    Positions grow by one an entry and are never used twice, not even by a new journal after this one was deleted: a
    position names an entry for ever.
    """

    def together(self, work: Callable[[], R]) -> R:
        """Do what belongs to a group: look for receipts, find users, and append. In a cluster it is one transaction.

        The work is done again where another node was in the way. Only the last time counts.

        Raises:
            JournalUnavailable: nothing was stored.
            JournalUnsure: whether it was stored is not known.
            Exception: what the work raises; nothing was stored.
        """

    def append(self, lines: bytes, receipts: Mapping[bytes, bytes], now: int, replaced: Sequence[bytes] = ()) -> None:
        """Store a group of entries, each a line that ends in a newline, and receipts by their keys: all or none.

        They are on the disk when it returns, or when `together` does. `now` is in Unix milliseconds. The keys in
        `replaced` get empty receipts; they may have had some.

        Raises:
            JournalUnavailable: nothing was stored.
        """

    def receipts(self, keys: Sequence[bytes], now: int) -> dict[bytes, bytes]:
        """The receipts with these keys that were appended in the last 24 hours.

        Raises:
            JournalUnavailable: the journal cannot be read.
        """

    def take(self, limit: int) -> Batch | None:
        """The oldest entries, about `limit` of them or `MAX_BYTES`, whichever is less; None where there are none.

        Until a batch is released, every call returns the same batch, across restarts too.

        Raises:
            JournalUnavailable: the journal cannot be read.
        """

    def release(self, batch: Batch, later: bytes = b"") -> None:
        """Delete the entries of a batch, which are loaded. What is still to be done `later` for them is kept for it.

        Raises:
            JournalUnavailable: the entries stay, and are taken again.
        """

    def later(self) -> Mapping[int, bytes]:
        """What is to be done later, by numbers: what this node has kept, and what nodes have that are gone.

        Two nodes may be told the same. The embedded journal has no other node, and keeps nothing.

        Raises:
            JournalUnavailable: the journal cannot be read.
        """

    def done(self, number: int) -> None:
        """Forget what was to be done later.

        Raises:
            JournalUnavailable: it stays.
        """

    def length(self) -> int:
        """How many entries there are."""

    def end(self) -> Positions:
        """The positions of the next entries: all entries that were appended before have lower ones.

        Raises:
            JournalUnavailable: the journal cannot be read.
        """

    def loaded(self) -> Positions:
        """The positions up to which entries were released: all with lower ones are in the event store.

        Raises:
            JournalUnavailable: the journal cannot be read.
        """

    def hold(self) -> None:
        """Show that the appender is alive. In a cluster, others load what a node has accepted that is not.

        Raises:
            JournalUnavailable: nobody can be shown.
        """

    def expire(self, now: int) -> None:
        """Delete receipts older than 24 hours; if there are many, some of them at each call.

        Raises:
            JournalUnavailable: they stay a while longer.
        """

    def close(self) -> None:
        """Close the files."""


def open_journal(url: str, node: str = "", link: "GroupConnection | None" = None) -> Journal:
    """Open the journal at a URL. The appender and the loader each open their own, in whichever process they are.

    Args:
        url: where it is.
        node: in a cluster, the name of the node whose appender or loader it is. Left out: it appends nothing, and loads
            what nodes have left.
        link: in a cluster, the connection on which a group is written. Left out: one of its own.

    Raises:
        UnknownStore: no such kind of journal.
        FolderFromNewerVersion: a later version of heropixel has written to it.
        StoreDamaged: the file is damaged.
        JournalUnavailable: the database cannot be reached.
    """
    scheme, _, path = url.partition("://")
    if is_postgres(url):
        from heropixel.journal.postgres import PostgresJournal  # noqa: PLC0415 - a backend is loaded when its URL is used

        return PostgresJournal(url, node, link)
    from heropixel.journal.sqlite import SqliteJournal  # noqa: PLC0415 - as above

    if scheme != "sqlite":
        raise UnknownStore(
            url=without_secrets(url), role="journal", known="sqlite:////path, postgresql://user:password@host/db"
        )
    file = path.removeprefix("/")
    with undamaged(file):
        return SqliteJournal(file)


def waiting_in(url: str) -> Waiting:
    """The entries that wait in the journal at a URL. Any process may ask.

    Raises:
        JournalUnavailable: the journal cannot be read.
    """
    if is_postgres(url):
        from heropixel.journal.postgres import waiting_at  # noqa: PLC0415 - as above

        return waiting_at(url)
    from heropixel.journal.sqlite import waiting  # noqa: PLC0415 - as above

    return waiting(Path(url.removeprefix("sqlite:///")))
