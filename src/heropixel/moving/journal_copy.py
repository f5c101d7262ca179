"""The journal's entries that wait, and the receipts of 24 hours, go from SQLite into a sub-journal of the cluster.

No node adopts it before the end, when its lease ends. An entry's position is as far from the first one as it was.
"""

import sqlite3
from typing import Any, Final

import psycopg
from psycopg import sql

from heropixel.journal.postgres_tables import HOUR, MILLISECONDS, NEW_SUB_JOURNAL, make_partitions
from heropixel.moving.changes import changed_keys, followed, snapshot

Pg = psycopg.Connection[Any]

HOLDER: Final = "heropixel move"
RECEIPTS: Final = {"receipts": ["day", "key"]}  # and the columns of their key
_DAY_HOURS: Final = 25
_HOUR_MILLISECONDS: Final = 3_600_000
_TABLES: Final = "journal_groups, receipts, journal_later, journal_loads, journals"


class JournalCopy:
    """Copies one journal into the sub-journal that it makes."""

    def __init__(self, source: sqlite3.Connection, target: Pg, number: int, first: int, start: int) -> None:
        self._source = source
        self._target = target
        self._number = number  # of the sub-journal
        self._first = first  # position in the source that comes to `start`
        self._start = start

    @classmethod
    def begun(cls, source: sqlite3.Connection, target: Pg) -> "JournalCopy":
        """Empty the target, and make the sub-journal. Nothing may be loaded from the source from now on."""
        make_partitions(target)
        with target.transaction():
            target.execute(f"TRUNCATE {_TABLES}")
            values = {"node": HOLDER, "lease": 0}
            number, _ = target.execute(NEW_SUB_JOURNAL, values).fetchone() or (0, 0)
            target.execute("UPDATE journals SET sealed = true, lease_until = 'infinity' WHERE id = %s", (number,))
            (start,) = target.execute("SELECT next FROM journals WHERE id = %s", (number,)).fetchone() or (0,)
        (first,) = source.execute("SELECT coalesce((SELECT min(first) FROM groups), next) FROM state").fetchone()
        return cls(source, target, number, first, start)

    @classmethod
    def continued(cls, source: sqlite3.Connection, target: Pg) -> "JournalCopy":
        """The copy that another process has begun."""
        number, start = target.execute(_BEGUN, (HOLDER,)).fetchone() or (0, 0)
        (first,) = source.execute("SELECT coalesce((SELECT min(first) FROM groups), next) FROM state").fetchone()
        return cls(source, target, number, first, start)

    def copy_receipts(self) -> int:
        """Copy all receipts of 24 hours, after `begun`; returns how many."""
        self._make_partitions()
        count = 0
        with snapshot(self._source) as last, self._target.transaction():
            (now,) = self._target.execute(f"SELECT {MILLISECONDS}").fetchone() or (0,)
            rows = self._source.execute(_RECEIPTS, (now - 24 * _HOUR_MILLISECONDS,))
            with self._target.cursor().copy(_COPY_RECEIPTS) as copying:
                for key, at, receipt in rows:
                    copying.write_row((at // _HOUR_MILLISECONDS, key, at, receipt))
                    count += 1
        followed(self._source, last)
        return count

    def copy_changes(self) -> int:
        """Copy what was appended meanwhile, in one transaction; returns how many entries."""
        make_partitions(self._target)
        with snapshot(self._source) as last, self._target.transaction():
            count = self.apply_changes()
        followed(self._source, last)
        return count

    def apply_changes(self) -> int:
        """Copy what was appended meanwhile, within a transaction of the source and of the target."""
        (reached,) = self._target.execute("SELECT next FROM journals WHERE id = %s", (self._number,)).fetchone() or (0,)
        (hour,) = self._target.execute(f"SELECT {HOUR}").fetchone() or (0,)
        (now,) = self._target.execute(f"SELECT {MILLISECONDS}").fetchone() or (0,)
        offset, position = self._start - self._first, reached
        groups = self._source.execute(_GROUPS, (reached - offset,))
        with self._target.cursor().copy(_COPY_GROUPS) as copying:
            for first, count, lines in groups:
                copying.write_row((hour, first + offset, count, now, lines))
                position = first + offset + count
        self._target.execute("UPDATE journals SET next = %s, hour = %s WHERE id = %s", (position, hour, self._number))
        self._apply_receipts()
        return int(position - reached)

    def _apply_receipts(self) -> None:
        rows = self._source.execute(_CHANGED_RECEIPTS).fetchall()
        if rows:
            self._target.execute("DELETE FROM receipts WHERE key = ANY (%s)", ([key for key, _, _ in rows],))
            with self._target.cursor().copy(_COPY_RECEIPTS) as copying:
                for key, at, receipt in rows:
                    copying.write_row((at // _HOUR_MILLISECONDS, key, at, receipt))

    def hand_over(self) -> None:
        """Let the next node that looks adopt the sub-journal."""
        self._target.execute("UPDATE journals SET lease_until = clock_timestamp() WHERE id = %s", (self._number,))

    def _make_partitions(self) -> None:
        """The partitions of the hours that receipts are from."""
        (hour,) = self._target.execute(f"SELECT {HOUR}").fetchone() or (0,)
        with self._target.transaction():
            for past in range(hour - _DAY_HOURS, hour + 1):
                name = sql.Identifier(f"receipts_{past}")
                self._target.execute(_PARTITION.format(name, sql.Literal(past)))


_PARTITION: Final = sql.SQL("CREATE TABLE IF NOT EXISTS {} PARTITION OF receipts FOR VALUES IN ({})")
_BEGUN: Final = """
    SELECT j.id, l.loaded FROM journals j JOIN journal_loads l ON l.journal = j.id
    WHERE j.holder = %s AND j.lease_until = 'infinity'
"""
# Of a key in both days the later one counts, as it did.
_RECEIPTS: Final = "SELECT key, at, receipt FROM receipts WHERE at > ?"
_CHANGED_RECEIPTS: Final = f"""
    SELECT key, max(at), receipt FROM receipts WHERE (day, key) IN ({changed_keys("receipts", 2)}) GROUP BY key
"""  # noqa: S608 - a constant
_GROUPS: Final = "SELECT first, count, lines FROM groups WHERE first >= ? ORDER BY first"
_COPY_GROUPS: Final = "COPY journal_groups (hour, first, count, at, lines) FROM STDIN"
_COPY_RECEIPTS: Final = "COPY receipts (hour, key, at, receipt) FROM STDIN"
