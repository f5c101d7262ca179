"""The schema of a directory must be that of this version: this checks it, and migrates an older one."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Engine, inspect

from heropixel.troubles import FolderFromNewerVersion

MIGRATIONS = Path(__file__).parent / "migrations"
# Each file is one step, named for its number and what it does. The last one is the schema of this version. Alembic
# finds the same from reading them all.
_STEPS = sorted(file.name[:4] for file in MIGRATIONS.glob("versions/[0-9]*.py"))
NEWEST = _STEPS[-1]


def migrate(engine: Engine) -> None:
    """Bring the schema up to this version.

    Raises:
        FolderFromNewerVersion: a later version of heropixel has written to it.
    """
    at = _revision(engine)
    if at == NEWEST:  # nearly always: importing Alembic would take half of a command's time
        return
    if at is not None and at not in _STEPS:
        raise FolderFromNewerVersion(store="The directory", where=engine.url.database or str(engine.url))
    _upgrade(engine)


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


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        at = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        return None if at is None else str(at)


def _upgrade(engine: Engine) -> None:
    from alembic import command  # noqa: PLC0415 - only where there is something to migrate
    from alembic.config import Config  # noqa: PLC0415 - the same

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
