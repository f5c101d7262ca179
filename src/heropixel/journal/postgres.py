"""The journal on PostgreSQL: a sub-journal a node, a row a group, and receipts that all nodes share.

A node holds its sub-journal by a lease, and each group carries the epoch of the lease. So a node that was taken for
dead appends nothing: another may have adopted its sub-journal, to load the rest (`postgres_loading.py`).
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import wraps
from typing import Final, NamedTuple, ParamSpec, TypeVar

import lz4.block
import psycopg
from sqlalchemy.exc import DBAPIError

from heropixel.errors import JournalUnavailable, JournalUnsure
from heropixel.journal import Batch, Positions, Waiting
from heropixel.journal.postgres_link import AnyConnection, GroupConnection, OwnConnection, sqlstate_of
from heropixel.journal.postgres_loading import Loading, waiting_on
from heropixel.journal.postgres_standbys import Standbys
from heropixel.journal.postgres_tables import (
    HOUR,
    HOURS_OF,
    MILLISECONDS,
    NEW_SUB_JOURNAL,
    drop_partitions,
    make_partitions,
    make_tables,
)
from heropixel.postgres import Lock, address_of, connect

LEASE: Final = 10.0  # seconds without a sign of life, until another node loads what a node has accepted
DAY: Final = 86_400_000  # milliseconds

_TIDY_SECONDS: Final = 30.0  # between looks for partitions to make or to drop
_ATTEMPTS: Final = 20  # of a group that is in the way of others, each a little later
_AGAIN: Final = ("40001", "40P01")  # a serialisation failure, a deadlock
_NO_PARTITION: Final = "23514"
_ROOM: Final = 1 << 40  # positions that a sub-journal must have left for a node that begins

P = ParamSpec("P")
R = TypeVar("R")


class _Lease(NamedTuple):
    """The sub-journal that this node appends to."""

    id: int
    epoch: int


class _UnderWay(NamedTuple):
    """The transaction that is open."""

    connection: AnyConnection
    own: _Lease
    hour: int  # in which it began
    first_hour: int  # the first whose receipts may not be visible yet


class _Again(Exception):  # noqa: N818 - it is no error: the group is written once more
    """Another node was in the way."""


def _or_unavailable(method: Callable[P, R]) -> Callable[P, R]:
    """Turn every error of the driver into one exception of ours."""

    @wraps(method)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(*args, **kwargs)
        except (psycopg.Error, DBAPIError) as error:
            raise JournalUnavailable(str(error)) from error

    return guarded


class PostgresJournal:
    """See `Journal`. An object is used by one thread at a time; each thread opens its own."""

    def __init__(self, url: str, node: str, link: GroupConnection | None = None) -> None:
        """`link` is the connection on which a group is written; left out: one of its own.

        Raises:
            FolderFromNewerVersion: a later version of heropixel has made the tables.
            JournalUnavailable: the server cannot be reached.
        """
        address = address_of(url)
        self._link = link or OwnConnection(address)
        self._node = node
        self._lock = _LOCK.format(self._link.revision)
        self._append = _APPEND.format(self._link.revision)
        self._append_with_receipts = _APPEND_WITH_RECEIPTS.format(self._link.revision)
        self.revision = 0  # of apps and pixels, in the transaction of the group that is open
        self._own: _Lease | None = None
        self._group: _UnderWay | None = None
        self._settled = 0  # all groups that were appended in hours before it are complete
        self._has_partition = False  # of this hour, as far as is known
        self._tidied_at = float("-inf")
        self._watched: AnyConnection | None = None
        self._warnings = 0  # of the server, since a group was ready to commit
        self._standbys = Standbys()
        self._loading = Loading(self._link, self._standbys, node)
        try:
            self._set_up(address.shown)
        except BaseException:
            self._link.close()
            raise

    @_or_unavailable
    def _set_up(self, shown: str) -> None:
        make_tables(self._link.connection, shown)

    def together(self, work: Callable[[], R]) -> R:
        """See `Journal.together`."""
        for _ in range(_ATTEMPTS):
            try:
                return self._once(work)
            except _Again:
                continue
        raise JournalUnavailable("other nodes were in the way of the group, again and again")

    def _once(self, work: Callable[[], R]) -> R:
        connection, own = self._prepare()
        is_done = False
        try:
            with self._link.group():
                self._group = self._begun(connection, own)
                result = work()
                self._warnings = 0
                is_done = True
        except Exception as error:
            self._explain(error, maybe_committed=is_done and connection.closed)
            raise
        finally:
            self._group = None
        if self._warnings:  # an administrator has cancelled its wait for standbys
            raise JournalUnsure("the standbys may not have it")
        return result

    def _explain(self, error: Exception, *, maybe_committed: bool) -> None:
        """Raise what the error of a group means; return where it is what it says."""
        state = sqlstate_of(error)
        if maybe_committed:
            raise JournalUnsure(str(error)) from error
        if state in _AGAIN:
            raise _Again from error
        if state == _NO_PARTITION and self._has_partition:
            self._has_partition = False  # nobody has made one ahead
            raise _Again from error
        if isinstance(error, psycopg.Error):
            raise JournalUnavailable(str(error)) from error

    def _note_warning(self, notice: psycopg.errors.Diagnostic) -> None:
        if notice.severity_nonlocalized == "WARNING":
            self._warnings += 1

    @_or_unavailable
    def _prepare(self) -> tuple[AnyConnection, _Lease]:
        """What a group needs, outside its transaction."""
        connection = self._link.connection
        if connection is not self._watched:
            connection.add_notice_handler(self._note_warning)
            self._watched = connection
        self._standbys.look(connection)
        if not self._has_partition:
            make_partitions(connection)
            self._has_partition = True
        if self._own is None:
            self._own = self._claimed(connection)
        return connection, self._own

    def _claimed(self, connection: AnyConnection) -> _Lease:
        """This node's sub-journal, else one that nobody needs, else a new one."""
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (Lock.CLAIM_JOURNAL.value,))
            for query in (_CLAIM_OWN, _CLAIM_FREE, NEW_SUB_JOURNAL):
                found = connection.execute(query, {"node": self._node, "lease": LEASE, "room": _ROOM}).fetchone()
                if found is not None:
                    return _Lease(*found)
        raise JournalUnavailable("no sub-journal could be made")

    def _begun(self, connection: AnyConnection, own: _Lease) -> _UnderWay:
        """Lock the sub-journal. Whoever locks it waits for this group, and sees it then."""
        found = connection.execute(self._lock, tuple(own), prepare=True).fetchone()
        if found is None:  # another node has adopted it
            self._own = None
            raise _Again
        hour, self.revision = found
        if self._settled < hour:
            self._settle(connection, own, hour)
        return _UnderWay(connection, own, hour, hour if self._settled >= hour else hour - 1)

    def _settle(self, connection: AnyConnection, own: _Lease, hour: int) -> None:
        """Notice that all groups of earlier hours are complete.

        Until then, receipts are kept for the hour before, too. Keys are unique in each partition, so one of two groups
        at the turn of an hour meets the other, however long the other waits for standbys to commit.
        """
        if self._settled < hour - 1:  # this node had nothing to do for an hour
            connection.execute(_WAIT_FOR_EARLIER, (own.id, hour - 1))
            self._settled = hour - 1
        found = connection.execute(_EARLIER_UNDER_WAY, (own.id, hour, own.id, hour)).fetchone()
        if found == (0,):
            self._settled = hour

    @_or_unavailable
    def append(self, lines: bytes, receipts: Mapping[bytes, bytes], now: int, replaced: Sequence[bytes] = ()) -> None:
        """See `Journal.append`. `now` is not used: the database has a clock, too."""
        group = self._group
        if group is None:
            self.together(lambda: self.append(lines, receipts, now, replaced))
            return
        values = (lines.count(b"\n"), group.own.id, LEASE, bytes(lz4.block.compress(lines)))
        if receipts or replaced:
            guards = [*receipts]
            others = [key for key in replaced if key not in receipts]
            contents = [*receipts.values(), *[b""] * len(others)]
            with_receipts = (*values, group.first_hour, guards + others, contents, guards)
            found = group.connection.execute(self._append_with_receipts, with_receipts, prepare=True).fetchone()
        else:
            found = group.connection.execute(self._append, values, prepare=True).fetchone()
        hour, revision, partitions, kept = found or (0, 0, 0, 0)
        if hour > group.hour + 1:
            raise JournalUnavailable("the group took more than an hour: whether its event ids are new is not known")
        if kept < len(receipts) * partitions:  # another node has just recorded one of these
            raise _Again
        # It was read before the wait for the lock. Whoever has changed it since may have seen the sub-journal's end.
        if revision != self.revision:
            raise _Again

    @_or_unavailable
    def receipts(self, keys: Sequence[bytes], now: int) -> dict[bytes, bytes]:  # noqa: ARG002 - the journal's protocol
        """See `Journal.receipts`. `now` is not used."""
        return dict(self._link.connection.execute(_RECEIPTS, ([*keys],), prepare=True).fetchall())

    def take(self, limit: int) -> Batch | None:
        """See `Journal.take`."""
        return _or_unavailable(self._loading.take)(limit)

    def release(self, batch: Batch, later: bytes = b"") -> None:
        """See `Journal.release`."""
        _or_unavailable(self._loading.release)(batch, later)

    def later(self) -> Mapping[int, bytes]:
        """See `Journal.later`."""
        return _or_unavailable(self._loading.later)()

    def done(self, number: int) -> None:
        """See `Journal.done`."""
        _or_unavailable(self._loading.done)(number)

    @_or_unavailable
    def length(self) -> int:
        """See `Journal.length`."""
        return waiting_on(self._link.connection).entries

    @_or_unavailable
    def end(self) -> Positions:
        """See `Journal.end`. It waits for the groups under way of all nodes."""
        connection = self._link.connection
        with connection.transaction():
            connection.execute("SET LOCAL synchronous_commit = off")  # nothing is written, and no standby is waited for
            return dict(connection.execute("SELECT id, next FROM journals ORDER BY id FOR SHARE").fetchall())

    @_or_unavailable
    def loaded(self) -> Positions:
        """See `Journal.loaded`."""
        return dict(self._link.connection.execute("SELECT journal, loaded FROM journal_loads").fetchall())

    @_or_unavailable
    def expire(self, now: int) -> None:  # noqa: ARG002 - the journal's protocol
        """See `Journal.expire`. Whole partitions are dropped, and those of the next hours made. `now` is not used."""
        if time.monotonic() - self._tidied_at >= _TIDY_SECONDS:
            self._tidied_at = time.monotonic()
            with suppress(psycopg.errors.LockNotAvailable):  # the next time is soon enough
                make_partitions(self._link.connection)
            drop_partitions(self._link.connection)

    @_or_unavailable
    def hold(self) -> None:
        """See `Journal.hold`."""
        if self._own is not None and not self._lease(LEASE, self._own):
            self._own = None

    def close(self) -> None:
        """See `Journal.close`. What is left may be adopted at once."""
        if self._own is not None:
            with suppress(psycopg.Error, DBAPIError):  # then its lease ends later
                self._lease(0.0, self._own)
        self._link.close()

    def _lease(self, seconds: float, own: _Lease) -> bool:
        """Let the lease end in so many seconds. Returns whether the sub-journal is still this node's."""
        connection = self._link.connection
        with connection.transaction():
            # What a crash makes of a lease, does no harm. So no standby is waited for.
            connection.execute("SET LOCAL synchronous_commit = off")
            return connection.execute(_LEASE, (seconds, *own)).fetchone() is not None


# Its own; for an appender that starts again in the same node. Any earlier one cannot append then.
_CLAIM_OWN: Final = """
    UPDATE journals SET epoch = epoch + 1, lease_until = clock_timestamp() + %(lease)s * interval '1 second'
    WHERE holder = %(node)s AND NOT sealed RETURNING id, epoch
"""
_CLAIM_FREE: Final = """
    UPDATE journals SET holder = %(node)s, sealed = false, epoch = epoch + 1,
        lease_until = clock_timestamp() + %(lease)s * interval '1 second'
    WHERE id = (
        SELECT id FROM journals j JOIN journal_loads l ON l.journal = j.id
        WHERE lease_until < clock_timestamp() AND l.loaded = j.next AND (j.id + 1) << 44 > j.next + %(room)s
        ORDER BY id LIMIT 1 FOR UPDATE OF j SKIP LOCKED
    )
    RETURNING id, epoch
"""
_LEASE: Final = """
    UPDATE journals SET lease_until = clock_timestamp() + %s * interval '1 second'
    WHERE id = %s AND epoch = %s RETURNING id
"""
_LOCK: Final = f"SELECT greatest(hour, {HOUR}), {{}} FROM journals WHERE id = %s AND epoch = %s FOR UPDATE"  # noqa: S608 - constants
_WAIT_FOR_EARLIER: Final = "SELECT 1 FROM journals WHERE id <> %s AND hour < %s FOR SHARE"
# A node that has nothing to do has an early hour, too. Its row can be locked: no group is under way there.
_EARLIER_UNDER_WAY: Final = """
    SELECT (SELECT count(*) FROM journals WHERE id <> %s AND hour < %s)
        - (SELECT count(*) FROM (SELECT 1 FROM journals WHERE id <> %s AND hour < %s FOR SHARE SKIP LOCKED) idle)
"""
_APPENDED: Final = f"""
    WITH own AS MATERIALIZED (
        SELECT id, next, %s::int AS count, greatest(hour, {HOUR}) AS hour FROM journals WHERE id = %s
    ), moved AS (
        UPDATE journals j SET next = own.next + own.count, hour = own.hour,
            lease_until = clock_timestamp() + %s * interval '1 second'
        FROM own WHERE j.id = own.id
    ), appended AS (
        INSERT INTO journal_groups (hour, first, count, at, lines) SELECT hour, next, count, {MILLISECONDS}, %b FROM own
    )
"""  # noqa: S608 - constants
_APPEND: Final = _APPENDED + "SELECT hour, {}, 0, 0 FROM own"  # noqa: S608 - constants
# In one order of keys, so that two groups do not wait for each other.
_APPEND_WITH_RECEIPTS: Final = f"""
    {_APPENDED}, partitions AS (
        SELECT DISTINCT one - one %% {HOURS_OF["receipts"]} AS hour
        FROM own, generate_series(least(%s::int, hour), hour) AS one
    ), kept AS (
        INSERT INTO receipts (hour, key, at, receipt)
        SELECT hour, key, {MILLISECONDS}, receipt
        FROM partitions, unnest(%b::bytea[], %b::bytea[]) AS given (key, receipt) ORDER BY hour, key
        ON CONFLICT DO NOTHING RETURNING key
    )
    SELECT hour, {{}}, (SELECT count(*) FROM partitions),
        (SELECT count(*) FROM kept JOIN unnest(%b::bytea[]) AS guards (key) USING (key))
    FROM own
"""  # noqa: S608 - constants
_RECEIPTS: Final = f"""
    SELECT key, receipt FROM receipts
    WHERE key = ANY (%b::bytea[]) AND at > {MILLISECONDS} - {DAY}
"""  # noqa: S608 - constants


@_or_unavailable
def waiting_at(url: str) -> Waiting:
    """See `waiting_in`."""
    with connect(address_of(url), "journal") as connection:
        return waiting_on(connection)
