"""Daily salts in the database that all nodes share. They are in no backup and on no standby."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from heropixel.postgres import Lock, address_of, connect

if TYPE_CHECKING:
    import psycopg

# Unlogged: not in the write-ahead log, so on no standby, in no base backup and in no archive of that log. `pg_dump`
# leaves its rows out with `--no-unlogged-table-data`. After a crash of the database it is empty, and so is a standby's:
# then the day gets another salt.
_TABLE: Final = "CREATE UNLOGGED TABLE IF NOT EXISTS salts (day int PRIMARY KEY, salt bytea NOT NULL)"
_SHARE: Final = "INSERT INTO salts VALUES (%s, %s) ON CONFLICT DO NOTHING"
_FIND: Final = "SELECT salt FROM salts WHERE day = %s"
# Deleted rows stay in a table's file until that is vacuumed, and their bytes longer. So the others go into a new file.
_OTHERS: Final = "SELECT day, salt FROM salts WHERE day <> %s"
_LOCK: Final = "LOCK TABLE salts IN ACCESS EXCLUSIVE MODE"

# No request waits for long: until the database answers again, the salt is in memory.
_PATIENCE: Final = "SET statement_timeout = 2000; SET lock_timeout = 1000; SET synchronous_commit = off"


class SaltTable:
    """A row a salt. A connection lives for one call: there is about one a minute; see `SaltStore`."""

    tolerance: Final = 600_000  # nodes have a clock each; ten minutes wrong is more than any that is kept

    def __init__(self, url: str) -> None:
        self._address = address_of(url)
        self.where = self._address.shown
        self._is_made = False

    def find(self, day: int) -> bytes | None:
        """See `SaltStore.find`."""
        with self._connected() as connection:
            return _found(connection, day)

    def share(self, day: int, salt: bytes) -> bytes:
        """See `SaltStore.share`."""
        with self._connected() as connection:
            connection.execute(_SHARE, (day, salt))
            there = _found(connection, day)
        if there is None:
            raise ConnectionError("another node destroyed it at once")
        return there

    def days(self) -> set[int]:
        """See `SaltStore.days`."""
        with self._connected() as connection:
            return {day for (day,) in connection.execute("SELECT day FROM salts")}

    def destroy(self, day: int) -> None:
        """See `SaltStore.destroy`."""
        with self._connected() as connection, connection.transaction():
            connection.execute(_LOCK)
            others = connection.execute(_OTHERS, (day,)).fetchall()
            connection.execute("TRUNCATE salts")
            for other in others:
                connection.execute(_SHARE, other)

    @contextmanager
    def _connected(self) -> Iterator["psycopg.Connection[Any]"]:
        import psycopg  # noqa: PLC0415 - only where a URL asks for it

        try:
            with connect(self._address, "salts") as connection:
                connection.execute(_PATIENCE)
                if not self._is_made:
                    self._make(connection)
                yield connection
        except psycopg.Error as error:
            raise ConnectionError(" ".join(str(error).split())) from error

    def _make(self, connection: "psycopg.Connection[Any]") -> None:
        with connection.transaction():  # two nodes at once: IF NOT EXISTS alone would let one of them fail
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (Lock.MIGRATE.value,))
            connection.execute(_TABLE)
        self._is_made = True


def _found(connection: "psycopg.Connection[Any]", day: int) -> bytes | None:
    row = connection.execute(_FIND, (day,)).fetchone()
    return None if row is None else bytes(row[0])
