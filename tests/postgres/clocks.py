"""Databases with a clock that a test sets."""

from datetime import UTC, datetime, timedelta

import psycopg


class ClockedDatabase:
    """A new database. What asks `clock_timestamp()` there by the URL is told what the test has set."""

    def __init__(self, url: str) -> None:
        self._plain = url
        self.url = f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3Dpublic,set_by_tests,pg_catalog"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE SCHEMA set_by_tests")
            connection.execute("CREATE TABLE set_by_tests.clock (time timestamptz)")
            connection.execute("INSERT INTO set_by_tests.clock VALUES (NULL)")
            connection.execute(_CLOCK)

    def set_clock(self, milliseconds: int) -> None:
        """Stop the clock at an instant of Unix time."""
        time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
        with psycopg.connect(self._plain, autocommit=True) as connection:
            connection.execute("UPDATE set_by_tests.clock SET time = %s", (time,))

    def let_clock_run(self) -> None:
        """Have the server's own time again."""
        with psycopg.connect(self._plain, autocommit=True) as connection:
            connection.execute("UPDATE set_by_tests.clock SET time = NULL")


_CLOCK = """
    CREATE FUNCTION set_by_tests.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
    AS 'SELECT coalesce((SELECT time FROM set_by_tests.clock), pg_catalog.clock_timestamp())'
"""
