"""Salts as a table: what is particular to a database."""

from pathlib import Path

import psycopg
import pytest

from heropixel.browser.salt_table import SaltTable
from tests.postgres.server import PostgresServer

DAY = 20_783
SALT = b"a salt that nobody may find again"[:32]


def test_the_table_is_in_no_log_and_so_on_no_standby_and_in_no_base_backup(postgres_url: str) -> None:
    SaltTable(postgres_url).share(DAY, SALT)
    with psycopg.connect(postgres_url) as connection:
        kind = connection.execute("SELECT relpersistence FROM pg_class WHERE relname = 'salts'").fetchone()
    assert kind == ("u",)


@pytest.mark.process
def test_the_bytes_of_a_destroyed_salt_are_in_no_file_of_the_database() -> None:
    with PostgresServer() as server:
        table = SaltTable(server.url())
        table.share(DAY, SALT)
        table.share(DAY + 1, bytes(reversed(SALT)))
        server.stop()  # which writes what is in its memory
        assert is_in_files(SALT, server.folder)
        server.start()
        table.destroy(DAY)
        assert table.days() == {DAY + 1}
        assert table.find(DAY + 1) == bytes(reversed(SALT))
        server.stop()
        assert not is_in_files(SALT, server.folder)


def is_in_files(salt: bytes, folder: Path) -> bool:
    return any(salt in path.read_bytes() for path in folder.rglob("*") if path.is_file())
