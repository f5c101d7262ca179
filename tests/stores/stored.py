"""What can be read in the stores of a directory."""

from pathlib import Path

import psycopg

from heropixel.directory import Directory


def all_that_is_stored(directory: Directory) -> bytes:
    """Of SQLite every byte of its files. Of PostgreSQL every row, since its files keep what was deleted."""
    engine = directory.connection.engine
    if engine.dialect.name == "sqlite":
        file = Path(engine.url.database or "")
        return b"".join(one.read_bytes() for one in file.parent.glob(f"{file.name}*"))
    connection = directory.connection.connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    tables = connection.execute(
        "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relname !~ '^(pg|sql)_'"
    )
    return b"\n".join(
        value if isinstance(value, bytes) else str(value).encode()
        for (table,) in tables.fetchall()
        for row in connection.execute(f"SELECT * FROM {table}".encode())
        for value in row
    )
