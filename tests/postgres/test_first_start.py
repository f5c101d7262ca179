"""Nodes that start for the first time at once, on an empty database."""

import threading
from contextlib import closing

import psycopg

from heropixel.journal.postgres_tables import make_tables
from heropixel.postgres import Lock

WAITING = """
    SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def test_a_node_that_waited_for_another_to_make_the_journal_finds_it_made(postgres_url: str) -> None:
    failed: list[Exception] = []

    def start() -> None:
        with closing(psycopg.connect(postgres_url, autocommit=True)) as connection:
            try:
                make_tables(connection, "here")
            except psycopg.Error as error:
                failed.append(error)

    with (
        closing(psycopg.connect(postgres_url, autocommit=True)) as first,
        closing(psycopg.connect(postgres_url, autocommit=True)) as looking,
    ):
        with first.transaction():
            first.execute("SELECT pg_advisory_xact_lock(%s)", (Lock.MIGRATE.value,))
            second = threading.Thread(target=start)
            second.start()
            while not looking.execute(WAITING).fetchone():
                pass
            make_tables(first, "here")
        second.join()
    assert failed == []
