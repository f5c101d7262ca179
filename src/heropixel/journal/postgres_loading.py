"""Loading from the journal on PostgreSQL: a node takes from its own sub-journal, and from those that it has adopted.

What is loaded is one position a sub-journal. Entries leave with their partition, never one by one. If two nodes take
from one sub-journal (one was taken for dead), they take the same batch, and the event store takes it once.
"""

import time
from collections.abc import Mapping
from typing import Any, Final

import lz4.block

from heropixel.journal import MAX_BYTES, Batch, Waiting
from heropixel.journal.postgres_link import AnyConnection, GroupConnection
from heropixel.journal.postgres_standbys import Standbys
from heropixel.journal.postgres_tables import SHIFT

_LEASE: Final = 60.0  # seconds for an adopted sub-journal: a batch may take long
_LOOK_SECONDS: Final = 2.0  # between looks for sub-journals that nobody holds
_GROUPS: Final = 200  # of one query: a group of one entry and one of a thousand cost the same to find


class Loading:
    """The loader's end of a node."""

    def __init__(self, link: GroupConnection, standbys: Standbys, node: str) -> None:
        self._link = link
        self._standbys = standbys
        self._node = node
        self._looked_at = float("-inf")

    def take(self, limit: int) -> Batch | None:
        """See `Journal.take`."""
        connection = self._link.connection
        self._standbys.look(connection)
        self._adopt(connection)
        for journal, sealed, loaded, taken_last in connection.execute(_HELD, (self._node,)).fetchall():
            batch = _read(connection, journal, loaded, taken_last, limit)
            if batch is not None and (taken_last is not None or _is_first_to_take(connection, loaded, batch)):
                if sealed:
                    connection.execute(_GO_ON, (_LEASE, journal, self._node))
                return batch
        return None

    def release(self, batch: Batch, later: bytes) -> None:
        """See `Journal.release`."""
        connection, values = self._link.connection, (batch.last + 1, batch.first >> SHIFT, batch.last)
        if not later:
            connection.execute(_RELEASE, values)
            return
        with connection.transaction():
            connection.execute(_RELEASE, values)
            connection.execute(_KEEP, (self._node, later))

    def later(self) -> Mapping[int, bytes]:
        """See `Journal.later`."""
        return dict(self._link.connection.execute(_LATER, (self._node,), binary=True).fetchall())

    def done(self, number: int) -> None:
        """See `Journal.done`."""
        self._link.connection.execute("DELETE FROM journal_later WHERE id = %s", (number,))

    def _adopt(self, connection: AnyConnection) -> None:
        """Hold what nobody holds any more, and let go of what is loaded. No earlier holder can append to it then."""
        if time.monotonic() - self._looked_at < _LOOK_SECONDS:
            return
        self._looked_at = time.monotonic()
        connection.execute(_LET_GO, (self._node,))
        connection.execute(_ADOPT, (self._node, _LEASE, self._node))


# A batch that was taken before goes first; then what is left of others.
_HELD: Final = """
    SELECT j.id, j.sealed, l.loaded, l.taken_last FROM journals j JOIN journal_loads l ON l.journal = j.id
    WHERE j.holder = %s AND l.loaded < j.next ORDER BY l.taken_last IS NULL, j.sealed DESC, j.id
"""
_ADOPT: Final = """
    UPDATE journals SET holder = %s, sealed = true, epoch = epoch + 1,
        lease_until = clock_timestamp() + %s * interval '1 second'
    WHERE id IN (
        SELECT j.id FROM journals j JOIN journal_loads l ON l.journal = j.id
        WHERE j.lease_until < clock_timestamp() AND j.holder <> %s AND l.loaded < j.next
        FOR UPDATE OF j SKIP LOCKED
    )
"""
_LET_GO: Final = """
    UPDATE journals j SET lease_until = clock_timestamp() FROM journal_loads l
    WHERE l.journal = j.id AND j.holder = %s AND j.sealed AND l.loaded = j.next AND j.lease_until > clock_timestamp()
"""
_GO_ON: Final = """
    UPDATE journals SET lease_until = clock_timestamp() + %s * interval '1 second' WHERE id = %s AND holder = %s
"""
_TAKE: Final = """
    UPDATE journal_loads SET taken_last = %s
    WHERE journal = %s AND taken_last IS NULL AND loaded = %s RETURNING journal
"""
_RELEASE: Final = """
    UPDATE journal_loads SET loaded = %s, taken_last = NULL WHERE journal = %s AND taken_last = %s
"""
_KEEP: Final = "INSERT INTO journal_later (node, what) VALUES (%s, %b)"
_LATER: Final = """
    SELECT id, what FROM journal_later l
    WHERE node = %s OR NOT EXISTS (SELECT FROM journals WHERE holder = l.node AND lease_until > clock_timestamp())
    ORDER BY id
"""
_NEXT_GROUPS: Final = (
    "SELECT first, count, lines FROM journal_groups WHERE first BETWEEN %s AND %s ORDER BY first LIMIT %s"
)


def _read(connection: AnyConnection, journal: int, loaded: int, taken_last: int | None, limit: int) -> Batch | None:
    """All entries up to a position, or else whole groups until there are about `limit` entries or `MAX_BYTES`."""
    last_possible = ((journal + 1) << SHIFT) - 1 if taken_last is None else taken_last
    payloads: list[bytes] = []
    position, size = loaded, 0
    while taken_last is not None or (len(payloads) < limit and size < MAX_BYTES):
        groups = connection.execute(_NEXT_GROUPS, (position, last_possible, _GROUPS), binary=True).fetchall()
        for first, count, packed in groups:
            if taken_last is None and (len(payloads) >= limit or size >= MAX_BYTES):
                break
            lines = lz4.block.decompress(packed)
            size += len(lines)
            payloads += lines.split(b"\n")[:-1]
            position = first + count
        if len(groups) < _GROUPS:
            break
    if not payloads:
        return None
    return Batch(loaded, position - 1, payloads, repeated=taken_last is not None)


def _is_first_to_take(connection: AnyConnection, loaded: int, batch: Batch) -> bool:
    values = (batch.last, batch.first >> SHIFT, loaded)
    return connection.execute(_TAKE, values).fetchone() is not None


def waiting_on(connection: AnyConnection) -> Waiting:
    """See `waiting_in`."""
    entries: Any
    (entries,) = connection.execute(_ENTRIES).fetchone() or (0,)
    if not entries:
        return Waiting(0, None)
    oldest = connection.execute(_OLDEST, binary=True).fetchone()
    return Waiting(int(entries), None if oldest is None else lz4.block.decompress(oldest[0]).partition(b"\n")[0])


_ENTRIES: Final = "SELECT coalesce(sum(j.next - l.loaded), 0) FROM journals j JOIN journal_loads l ON l.journal = j.id"
_OLDEST: Final = """
    SELECT g.lines FROM journal_loads l CROSS JOIN LATERAL (
        SELECT at, lines FROM journal_groups WHERE first BETWEEN l.loaded AND ((l.journal + 1) << 44) - 1
        ORDER BY first LIMIT 1
    ) g ORDER BY g.at LIMIT 1
"""
