"""The schema of a directory must be that of this version: this checks it, and migrates an older one."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, inspect

from heropixel.postgres import Lock
from heropixel.troubles import FolderFromNewerVersion

MIGRATIONS = Path(__file__).parent / "migrations"
# Each file is one step, named for its number and what it does. The last one is the schema of this version. Alembic
# finds the same from reading them all.
_STEPS = sorted(file.name[:4] for file in MIGRATIONS.glob("versions/[0-9]*.py"))
NEWEST = _STEPS[-1]


def migrate(engine: Engine, where: str) -> None:
    """Bring the schema of a file up to this version.

    Raises:
        FolderFromNewerVersion: a later version of heropixel has written to it.
    """
    with engine.connect() as connection:
        if is_current(connection, where):  # nearly always: importing Alembic would take half of a command's time
            return
    with engine.connect() as connection:
        _upgrade(connection)
        connection.commit()


def migrate_shared(connection: Connection, where: str) -> None:
    """Bring the schema of a database that several nodes share up to this version. One node does it.

    A new one gets the newest schema at once: the steps up to 0017 are for files of SQLite.

    Raises:
        FolderFromNewerVersion: a later version of heropixel has written to it.
    """
    if is_current(connection, where):
        return
    connection.rollback()
    # The driver's connection is in autocommit mode until now. The lock is held until the commit.
    connection = connection.execution_options(isolation_level="READ COMMITTED")
    # Nor is it ended while it asks for nothing: importing Alembic alone takes seconds on a busy machine.
    connection.exec_driver_sql(
        "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
    )
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({Lock.MIGRATE:d})")
    if is_current(connection, where):  # another node was here first
        return
    if _revision(connection) is None:
        _make(connection)
    else:
        _upgrade(connection)
    connection.commit()


def is_current(connection: Connection, where: str) -> bool:
    """Whether the schema is that of this version.

    Raises:
        FolderFromNewerVersion: it is that of a later version.
    """
    at = _revision(connection)
    if at is not None and at not in _STEPS:
        raise FolderFromNewerVersion(store="The directory", where=where)
    return at == NEWEST


def revision_of(file: Path) -> str | None:
    """The schema of the directory in a file, without SQLAlchemy; None where there is none yet, or a damaged one."""
    if not file.exists():
        return None
    try:
        with closing(sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True)) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError:  # opening it says what is wrong
        return None
    return None if row is None else str(row[0])


def is_behind(revision: str | None) -> bool:
    """Whether opening a directory of this schema migrates it."""
    return revision in _STEPS[:-1]


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    at = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if at is None else str(at)


def _make(connection: Connection) -> None:
    from heropixel.directory import (  # noqa: PLC0415 - which add their tables to the metadata; few make a directory
        member_tables,  # noqa: F401 - as above
        share_tables,  # noqa: F401 - as above
        view_tables,  # noqa: F401 - as above
    )
    from heropixel.directory.tables import metadata, state  # noqa: PLC0415 - as above

    metadata.create_all(connection, checkfirst=False)
    connection.execute(state.insert().values(id=1, revision=0))
    # As Alembic makes it, which goes on from here.
    connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    connection.exec_driver_sql("INSERT INTO alembic_version VALUES (%s)", (NEWEST,))


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - only where there is something to migrate
    from alembic.config import Config  # noqa: PLC0415 - the same

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
