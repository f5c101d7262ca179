"""A newer version: this one, with a migration more of the directory and of the event store. And processes that die."""

import os
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

from heropixel.directory.schema import MIGRATIONS, NEWEST
from tests.launcher import run
from tests.launcher.launch import Done
from tests.world import World

LATER = "9999"  # the migration

_DIRECTORY = f'''
import sqlalchemy as sa
from alembic import op

revision = "{LATER}"
down_revision = "{NEWEST}"


def upgrade() -> None:
    op.create_table("newer", sa.Column("id", sa.Integer, primary_key=True))
'''

_SCRIPT = f"""
from pathlib import Path
from heropixel.cli import main
from heropixel.directory import schema
from heropixel.events import migrating
from heropixel.processes import upgrading

schema.MIGRATIONS = Path("MIGRATIONS")
schema._STEPS = [*schema._STEPS, "{LATER}"]
schema.NEWEST = upgrading.NEWEST = "{LATER}"
known = [*migrating.migrations(), ({LATER}, "newer", "ALTER TABLE {{database}}.links ADD COLUMN newer UInt8")]
migrating.migrations = upgrading.migrations = lambda: known
"""


def newer_version(folder: Path) -> str:
    """The script that runs the newer version, whose files are made in an empty folder."""
    shutil.copytree(MIGRATIONS, folder / "migrations")
    (folder / "migrations" / "versions" / f"{LATER}_newer.py").write_text(_DIRECTORY)
    return _SCRIPT.replace('MIGRATIONS"', f'{folder / "migrations"}"') + "main()\n"


def revision(folder: Path) -> str:
    """The schema of the directory in a folder."""
    with closing(sqlite3.connect(folder / "directory.sqlite3")) as connection:
        (found,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(found)


def run_script(world: World, script: str, *words: str, **environment: str) -> Done:
    """Run a command by a script."""
    return run("--data", str(world.folder), *words, environment=os.environ | environment, script=script)


def killed(world: World, before: str, *words: str, script: str = "from heropixel.cli import main\nmain()\n") -> None:
    """Run a command that is killed as soon as it calls a function, such as `heropixel.folder.sync`.

    A server calls it in a process of its own, and says that this was killed.
    """
    module, _, _function = before.rpartition(".")
    dies = f"import os, {module}\n{before} = lambda *_, **__: os.kill(os.getpid(), {signal.SIGKILL.value})\n"
    done = run_script(world, script.replace("main()\n", f"{dies}main()\n"), *words)
    assert done.returncode == -signal.SIGKILL or "ended by SIGKILL" in done.stderr, done.stderr
