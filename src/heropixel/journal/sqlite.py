"""The journal in one SQLite file: one row a group, `synchronous=FULL`."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from functools import lru_cache, wraps
from itertools import chain
from pathlib import Path
from typing import ParamSpec, TypeVar
from urllib.parse import quote

import lz4.block

from heropixel.errors import JournalUnavailable
from heropixel.journal import MAX_BYTES, Batch, Positions, Waiting
from heropixel.troubles import FolderFromNewerVersion

SCHEMA_VERSION = 1
DAY = 86_400_000  # milliseconds

_SCHEMA = (
    # One row a group of entries, its lines in LZ4: to SQLite a group of 100 costs what one costs.
    """
    CREATE TABLE groups (
        first   INTEGER PRIMARY KEY,  -- position of its first entry
        count   INTEGER NOT NULL,
        lines   BLOB NOT NULL
    )
    """,
    """
    CREATE TRIGGER number_the_next AFTER INSERT ON groups
        BEGIN UPDATE state SET next = new.first + new.count; END
    """,
    # What was answered to a key. By day first, so that a day is found, and forgotten, in one piece.
    """
    CREATE TABLE receipts (
        day     INTEGER NOT NULL,     -- of Unix time
        key     BLOB NOT NULL,
        at      INTEGER NOT NULL,     -- Unix milliseconds
        receipt BLOB NOT NULL,
        PRIMARY KEY (day, key)
    ) WITHOUT ROWID
    """,
    # The batch that a loader has taken and not released; and the position the next entry gets.
    """
    CREATE TABLE state (
        id         INTEGER PRIMARY KEY CHECK (id = 1),
        taken_last INTEGER,
        next       INTEGER NOT NULL
    )
    """,
)

# Appends go into this view, so that one statement fills both tables: after each statement the driver has to wait for
# the interpreter lock. The kind of a row says what it is. Rows without a kind are padding.
_APPENDING = """
    CREATE TEMP TABLE places (place INTEGER PRIMARY KEY);
    WITH RECURSIVE counting (place) AS (SELECT 0 UNION ALL SELECT place + 1 FROM counting LIMIT 4096)
    INSERT INTO places SELECT place FROM counting;
    CREATE TEMP VIEW appending AS SELECT NULL AS kind, NULL AS number, NULL AS keys, NULL AS value;
    CREATE TEMP TRIGGER append_group INSTEAD OF INSERT ON appending WHEN new.kind = 1
        BEGIN INSERT INTO groups SELECT next, new.number, new.value FROM state; END;
    CREATE TEMP TRIGGER append_receipt INSTEAD OF INSERT ON appending WHEN new.kind = 2
        BEGIN INSERT OR REPLACE INTO receipts VALUES (new.number / 86400000, new.keys, new.number, new.value); END;
    CREATE TEMP TRIGGER append_empty_receipts INSTEAD OF INSERT ON appending WHEN new.kind = 3
        BEGIN
            INSERT OR REPLACE INTO receipts
            SELECT new.number / 86400000, substr(new.keys, 16 * place + 1, 16), new.number, new.value
            FROM temp.places WHERE place < length(new.keys) / 16;
        END;
"""
_GROUP, _RECEIPT, _EMPTY_RECEIPTS = 1, 2, 3
_KEY_BYTES = 16

_ONLY = 0  # there is no other sub-journal

_MAX_KEYS = 16_384  # SQLite takes 32,766 parameters in one statement
_MAX_ROWS = 4_096  # of four parameters; and as many keys in one row
_RELEASE_GROUPS = 200  # a transaction that deletes more blocks the appender for longer than a sync takes
_EXPIRE_TRANSACTIONS = 20  # of 1,000 receipts each, a call: the rest next time

P = ParamSpec("P")
R = TypeVar("R")


def _or_unavailable(method: Callable[P, R]) -> Callable[P, R]:
    """Turn every error of SQLite into one exception of ours."""

    @wraps(method)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(*args, **kwargs)
        except sqlite3.Error as error:
            raise JournalUnavailable(str(error)) from error

    return guarded


class SqliteJournal:
    """See `Journal`. An object is used by one thread at a time; each thread opens its own."""

    def __init__(self, path: str) -> None:
        self._connection = _connect(path)
        _set_up(self._connection, path)

    def together(self, work: Callable[[], R]) -> R:
        """See `Journal.together`. Directory and journal have a transaction each: a user may be learned in vain."""
        return work()

    @_or_unavailable
    def append(self, lines: bytes, receipts: Mapping[bytes, bytes], now: int, replaced: Sequence[bytes] = ()) -> None:
        """See `Journal.append`."""
        if replaced:
            receipts = {**receipts, **dict.fromkeys(replaced, b"")}
        # LZ4 takes 0.05 us an entry and leaves a fifth to be synced; of 1,000 entries the sync is then half as long.
        packed = bytes(lz4.block.compress(lines))
        count = lines.count(b"\n")
        if not receipts:
            self._connection.execute("INSERT INTO groups SELECT next, ?, ? FROM state", (count, packed))
            return
        rows: list[_Appended] = [(_GROUP, count, None, packed), *_receipts_as_rows(receipts, now)]
        # One statement is a transaction by itself.
        with self._transaction() if len(rows) > _MAX_ROWS else nullcontext():
            for some in _slices(rows, _MAX_ROWS):
                padded = some + [_NOTHING] * (_padded(len(some)) - len(some))
                self._connection.execute(
                    f"INSERT INTO appending VALUES {_marks('(?,?,?,?)', len(padded))}",  # noqa: S608 - question marks; values are bound
                    [*chain.from_iterable(padded)],
                )

    @_or_unavailable
    def receipts(self, keys: Sequence[bytes], now: int) -> dict[bytes, bytes]:
        """See `Journal.receipts`."""
        found: dict[bytes, bytes] = {}
        for some in _slices(keys, _MAX_KEYS):
            rows = self._connection.execute(
                "SELECT key, receipt FROM receipts WHERE day IN (?, ?) AND at > ?"  # noqa: S608 - as above
                f" AND key IN ({_marks('?', _padded(len(some)))})",
                (now // DAY - 1, now // DAY, now - DAY, *some, *[some[0]] * (_padded(len(some)) - len(some))),
            )
            found.update(rows.fetchall())
        return found

    @_or_unavailable
    def take(self, limit: int) -> Batch | None:
        """See `Journal.take`."""
        (taken_last,) = self._connection.execute("SELECT taken_last FROM state").fetchone()
        if taken_last is not None:  # the event store may be gone for days: nothing is released, the log must not grow
            self._checkpoint()
        batch = self._read(limit, up_to=taken_last)
        if batch is None:
            return None
        if taken_last is None:
            with self._transaction() as connection:
                connection.execute("UPDATE state SET taken_last = ?", (batch.last,))
        return batch._replace(repeated=taken_last is not None)

    def _read(self, limit: int, up_to: int | None) -> Batch | None:
        """All entries up to a position, or else whole groups until there are about `limit` entries or `MAX_BYTES`."""
        first = last = None
        size = 0
        payloads: list[bytes] = []
        for position, count, packed in self._connection.execute("SELECT * FROM groups ORDER BY first"):
            past = len(payloads) >= limit or size >= MAX_BYTES if up_to is None else position > up_to
            if past:
                break
            first = position if first is None else first
            last = position + count - 1
            lines = lz4.block.decompress(packed)
            size += len(lines)
            payloads += lines.split(b"\n")[:-1]
        if first is None or last is None:
            return None
        return Batch(first, last, payloads, repeated=False)

    @_or_unavailable
    def release(self, batch: Batch, later: bytes = b"") -> None:  # noqa: ARG002 - the journal's protocol
        """See `Journal.release`. `later` is not kept."""
        while True:
            with self._transaction() as connection:
                connection.execute(
                    "DELETE FROM groups WHERE first IN"
                    " (SELECT first FROM groups WHERE first <= ? ORDER BY first LIMIT ?)",
                    (batch.last, _RELEASE_GROUPS),
                )
                left = connection.execute("SELECT 1 FROM groups WHERE first <= ?", (batch.last,)).fetchone()
                if left is None:
                    connection.execute("UPDATE state SET taken_last = NULL")
            if left is None:
                break
        self._checkpoint()

    def later(self) -> Mapping[int, bytes]:
        """See `Journal.later`."""
        return {}

    def done(self, number: int) -> None:
        """See `Journal.done`."""

    @_or_unavailable
    def length(self) -> int:
        """See `Journal.length`."""
        return _waiting(self._connection).entries

    @_or_unavailable
    def end(self) -> Positions:
        """See `Journal.end`."""
        (position,) = self._connection.execute("SELECT next FROM state").fetchone()
        return {_ONLY: position}

    @_or_unavailable
    def loaded(self) -> Positions:
        """See `Journal.loaded`."""
        (position,) = self._connection.execute(
            "SELECT coalesce((SELECT min(first) FROM groups), next) FROM state"
        ).fetchone()
        return {_ONLY: position}

    def hold(self) -> None:
        """See `Journal.hold`. Nobody else could load it."""

    @_or_unavailable
    def expire(self, now: int) -> None:
        """See `Journal.expire`."""
        for _ in range(_EXPIRE_TRANSACTIONS):
            old = self._connection.execute("SELECT 1 FROM receipts WHERE day < ? LIMIT 1", (now // DAY - 1,)).fetchone()
            if old is None:
                return
            self._connection.execute(
                "DELETE FROM receipts WHERE (day, key) IN (SELECT day, key FROM receipts WHERE day < ? LIMIT 1000)",
                (now // DAY - 1,),
            )

    def close(self) -> None:
        """See `Journal.close`."""
        self._connection.close()

    def _checkpoint(self) -> None:
        # Most of it while the appender goes on; then the few pages it wrote meanwhile, so that the log starts again.
        self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
            self._connection.execute("COMMIT")
        except BaseException:
            # After a full disk SQLite has rolled back by itself. A second ROLLBACK would hide the reason.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise


def version_of(file: Path) -> int | None:
    """The schema of the journal in a file; None where there is no journal yet, or a damaged one."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True)) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.DatabaseError:  # opening it says what is wrong
        return None
    return version or None


@_or_unavailable
def waiting(file: Path) -> Waiting:
    """See `waiting_in`."""
    with closing(sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True)) as connection:
        return _waiting(connection)


def _waiting(connection: sqlite3.Connection) -> Waiting:
    """Positions have no holes, so entries need not be counted."""
    oldest = connection.execute("SELECT next - first, lines FROM state, groups ORDER BY first LIMIT 1").fetchone()
    if oldest is None:
        return Waiting(0, None)
    entries, packed = oldest
    return Waiting(entries, lz4.block.decompress(packed).partition(b"\n")[0])


_Appended = tuple[int | None, int | None, bytes | None, bytes | None]  # kind, number, keys, value; see _APPENDING
_NOTHING: _Appended = (None, None, None, None)


def _receipts_as_rows(receipts: Mapping[bytes, bytes], now: int) -> Iterator[_Appended]:
    """Receipts as rows. Empty receipts share a row: each costs a fifth of a row of its own."""
    empty = [key for key, receipt in receipts.items() if not receipt and len(key) == _KEY_BYTES]
    for some in _slices(empty, _MAX_ROWS):
        yield _EMPTY_RECEIPTS, now, b"".join(some), b""
    if len(empty) < len(receipts):
        shared = set(empty)
        yield from ((_RECEIPT, now, key, receipt) for key, receipt in receipts.items() if key not in shared)


def _slices(items: Sequence[R], size: int) -> Iterator[list[R]]:
    return ([*items[start : start + size]] for start in range(0, len(items), size))


def _padded(count: int) -> int:
    """The next power of two: the database prepares a dozen statements, not one for each size of a group."""
    return 1 << (count - 1).bit_length()


@lru_cache
def _marks(mark: str, count: int) -> str:
    return ",".join([mark] * count)


def _connect(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    # The loader makes checkpoints, after each release: the appender's callers wait only for their own sync.
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    return connection


def _set_up(connection: sqlite3.Connection, path: str) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > SCHEMA_VERSION:
        connection.close()
        raise FolderFromNewerVersion(store="The journal", where=path)
    if version == 0:
        _make(connection)
    connection.executescript(_APPENDING)


def _make(connection: sqlite3.Connection) -> None:
    """Make the tables, unless another process has just made them."""
    connection.execute("BEGIN IMMEDIATE")
    if connection.execute("PRAGMA user_version").fetchone() != (0,):
        connection.execute("ROLLBACK")
        return
    for statement in _SCHEMA:
        connection.execute(statement)
    # Positions start at the microsecond of creation: a journal made after a deleted one never repeats them.
    connection.execute("INSERT INTO state VALUES (1, NULL, ?)", (time.time_ns() // 1000,))
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("COMMIT")
