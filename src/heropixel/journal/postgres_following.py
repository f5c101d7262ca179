"""What the other nodes of a cluster append to the journal, for subscribers of this one."""

import threading
from typing import Final

import lz4.block
import psycopg

from heropixel.errors import JournalUnavailable
from heropixel.journal.postgres_link import OwnConnection
from heropixel.journal.postgres_tables import HOUR, SHIFT
from heropixel.postgres import address_of

_GROUPS: Final = 1_000  # of one sub-journal at once, and the rest next time


class OtherNodes:
    """Reads each entry once, and those of one sub-journal in order; of several, by the millisecond of their groups.

    An object is used by one thread at a time; another one may close it.
    """

    def __init__(self, url: str, node: str) -> None:
        """`node` is the name of this one, whose own entries are left out."""
        self._link = OwnConnection(address_of(url))
        self._node = node
        self._reading = threading.Lock()
        self._is_closed = False
        self._seen: dict[int, int] | None = None  # by sub-journal: the position below which all was read

    def read(self) -> list[bytes]:
        """The entries since the last call; the first call, and the first one after a rest, only begins.

        Raises:
            JournalUnavailable: the next call reads them.
        """
        with self._reading:
            if self._is_closed:
                return []
            try:
                return self._read()
            except psycopg.Error as error:
                raise JournalUnavailable(" ".join(str(error).split())) from error

    def rest(self) -> None:
        """Nobody wants to hear of entries until the next call."""
        self._seen = None

    def close(self) -> None:
        """Close the connection once no thread reads any more: a task that is cancelled leaves its thread behind."""
        with self._reading:
            self._is_closed = True
            self._link.close()

    def _read(self) -> list[bytes]:
        connection = self._link.connection
        ends = {
            journal: (end, is_own)
            for journal, end, is_own in connection.execute(_ENDS, (self._node,), prepare=True).fetchall()
        }
        if self._seen is None:
            self._seen = {journal: end for journal, (end, _) in ends.items()}
            return []
        seen = self._seen
        advanced = []
        for journal, (end, is_own) in ends.items():
            if is_own:  # subscribers have heard of these
                seen[journal] = end
            elif seen.setdefault(journal, journal << SHIFT) < end:  # a new one: its node has just begun
                advanced.append(journal)
        if not advanced:
            return []
        lines: list[bytes] = []
        wanted = (advanced, [seen[journal] for journal in advanced], [ends[journal][0] for journal in advanced])
        for first, count, packed in connection.execute(_GROUPS_BETWEEN, wanted, binary=True, prepare=True).fetchall():
            lines += lz4.block.decompress(packed).split(b"\n")[:-1]
            seen[first >> SHIFT] = first + count
        return lines


_ENDS: Final = "SELECT id, next, holder = %s FROM journals"
# A new group is in the partition of this hour, or in that of the one before: the others are not looked into.
_GROUPS_BETWEEN: Final = f"""
    SELECT g.first, g.count, g.lines
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS wanted (journal, start, stop)
    CROSS JOIN LATERAL (
        SELECT first, count, at, lines FROM journal_groups
        WHERE first >= wanted.start AND first < wanted.stop
            AND hour >= {HOUR.replace("clock_timestamp()", "now()")} - 1
        ORDER BY first LIMIT {_GROUPS}
    ) g
    ORDER BY g.at, g.first
"""  # noqa: S608 - constants
