"""How fast lists of users are imported, and whether memory grows with the file.

The ceiling stores the same users in plain SQLite, with the csv module and one executemany a batch. It does not check,
normalise or look up anything.
"""

import csv
import hashlib
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from benchmarks.line import Line
from benchmarks.processes import peak_megabytes
from benchmarks.stage import RUN, Stage
from benchmarks.world import World, write_csv

USERS_A_SECOND = 20_000
GROWTH = 1.15  # of the peak: it allows for noise, not for a list of users in memory
BATCH = 10_000  # rows of the ceiling's transaction


def measure(stage: Stage) -> Iterator[Line]:
    """Import two files into one world, in turns with the ceiling, then a small and a large file into new ones."""
    rows = stage.scale.imported
    path, world, plain = RUN / "users.csv", World.make(RUN / "imported"), _plain(RUN / "plain.sqlite3")
    for nth, first in (("first", 0), ("second", rows)):
        write_csv(path, range(first, first + rows))
        ceiling = _insert_plainly(plain, path)
        imported = _import(world, path)
        yield Line(
            f"import, {nth} {rows:,}: users",
            rows / imported.seconds,
            "/s",
            "plain inserts",
            rows / ceiling,
            ">=",
            USERS_A_SECOND,
            "measured",
        )
    plain.close()
    yield _growth(path, stage.scale.small_file, stage.scale.large_file)


def _growth(path: Path, few: int, many: int) -> Line:
    peaks = []
    for count in (few, many):
        write_csv(path, range(count))
        peaks.append(_import(World.make(RUN / "grown"), path).megabytes)
    path.unlink()
    small, large = peaks
    return Line(f"import, peak memory for {many:,} rows", large, "MB", f"for {few:,}", small, "<=", GROWTH)


class Imported(NamedTuple):
    """The time and the memory of an import."""

    seconds: float
    megabytes: float


def _import(world: World, path: Path) -> Imported:
    began, peak = time.perf_counter(), 0.0
    with subprocess.Popen(world.import_command(path), stdout=subprocess.DEVNULL) as process:
        # Read while it runs: the figure of wait4() includes this process before the exec.
        while process.poll() is None:
            peak = max(peak, peak_megabytes(process.pid))
            time.sleep(0.02)
    if process.returncode:
        raise RuntimeError(f"The import ended with {process.returncode}.")
    return Imported(time.perf_counter() - began, peak)


def _plain(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.executescript(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;"
        "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, traits TEXT);"
        "CREATE TABLE identifiers (key BLOB PRIMARY KEY, user INTEGER) WITHOUT ROWID;"
    )
    return connection


def _insert_plainly(connection: sqlite3.Connection, path: Path) -> float:
    began = time.perf_counter()
    (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM users").fetchone()
    with path.open(encoding="utf-8", newline="") as file:
        rows = enumerate(csv.reader(file), last)
        next(rows)
        while batch := list(islice(rows, BATCH)):
            with connection:
                connection.executemany(
                    "INSERT INTO users VALUES (?, ?, ?)",
                    [(user, row[0], ",".join(row[1:])) for user, row in batch],
                )
                connection.executemany("INSERT INTO identifiers VALUES (?, ?)", _keys(batch))
    return time.perf_counter() - began


def _keys(batch: list[tuple[int, list[str]]]) -> list[tuple[bytes, int]]:
    """Three keys a user: the number of digests of an address with one form."""
    return [
        (hashlib.blake2b(b"%d%s" % (kind, row[0].encode()), digest_size=16).digest(), user)
        for user, row in batch
        for kind in range(3)
    ]
