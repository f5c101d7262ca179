"""What can be read in the stores of a directory."""

from pathlib import Path

from heropixel.directory import Directory
from heropixel.directory.member_tables import members


def all_that_is_stored(directory: Directory) -> bytes:
    """Of SQLite every byte of its files. Of PostgreSQL every row: its files keep what was deleted for a while."""
    engine = directory.connection.engine
    if engine.dialect.name == "sqlite":
        file = Path(engine.url.database or "")
        return b"".join(one.read_bytes() for one in file.parent.glob(f"{file.name}*"))
    rows = (directory.connection.execute(table.select()) for table in members.metadata.sorted_tables)
    return repr([tuple(row) for some in rows for row in some]).encode()
