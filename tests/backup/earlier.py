"""A folder as an earlier version left it, and processes that are killed at a chosen point."""

import multiprocessing
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.launcher import run
from tests.world import World

REVISION, NUMBER = "0009", 15  # of the directory and of the event store


def make_earlier(world: World) -> None:
    """Undo the last migrations of a folder that nobody has open."""
    with closing(sqlite3.connect(world.folder / "directory.sqlite3")) as connection:
        connection.executescript(
            "DROP TABLE pairs; ALTER TABLE merges DROP COLUMN given_back;"
            f" UPDATE alembic_version SET version_num = '{REVISION}'; PRAGMA wal_checkpoint(TRUNCATE)"
        )
    # The engine opens one folder a process; a process of its own leaves this one free.
    child = multiprocessing.get_context("spawn").Process(target=_undo, args=(str(world.folder / "events"),))
    child.start()
    child.join()
    assert child.exitcode == 0
    (world.folder / "events" / "schema-version").unlink()


def _undo(path: str) -> None:
    import clickhouse_connect

    client = clickhouse_connect.get_client(dsn=f"chdb://{path}")
    client.command(f"DELETE FROM heropixel.migrations WHERE number > {NUMBER}")
    client.close()


def revision(folder: Path) -> str:
    """The schema of the directory in a folder."""
    with closing(sqlite3.connect(folder / "directory.sqlite3")) as connection:
        (found,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(found)


def killed(world: World, before: str, *words: str) -> None:
    """Run a command that is killed as soon as it calls a function, such as `heropixel.folder.sync`."""
    module, _, _function = before.rpartition(".")
    script = (
        f"import os, {module}\n"
        f"{before} = lambda *_, **__: os.kill(os.getpid(), {signal.SIGKILL.value})\n"
        "from heropixel.cli import main\nmain()"
    )
    done = run("--data", str(world.folder), *words, environment=os.environ, script=script)
    assert done.returncode == -signal.SIGKILL, done.stderr
