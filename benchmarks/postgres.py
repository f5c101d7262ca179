"""A PostgreSQL server for comparison: its files are in `.bench/`, and it listens on a Unix socket only."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

import psycopg

# For 2 cores and 24 GB, without another process that needs them.
TUNING: Final[Mapping[str, str]] = {
    "shared_buffers": "4GB",
    "effective_cache_size": "16GB",
    "work_mem": "512MB",
    "hash_mem_multiplier": "2",
    "maintenance_work_mem": "2GB",
    "max_parallel_workers_per_gather": "2",
    "max_parallel_workers": "2",
    "max_parallel_maintenance_workers": "2",
    "parallel_setup_cost": "100",  # otherwise it scans and joins on one core: it overestimates the cost of passing rows
    "parallel_tuple_cost": "0.01",
    "random_page_cost": "1.1",
    "effective_io_concurrency": "200",
    "default_statistics_target": "500",
    "max_wal_size": "8GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",  # each of three processes would compile each of nine statements again
    "timezone": "UTC",
    "autovacuum": "off",  # it was vacuumed when it was filled, and nothing changes
}

_INSTALLED = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")
_PATIENCE = 60.0  # seconds


class PostgresMissing(Exception):  # noqa: N818 - as the product's are named
    """No PostgreSQL server is installed: install the package `postgresql`."""

    def __str__(self) -> str:
        return str(self.__doc__)


class Postgres:
    """A running server on a folder. The folder is made if it does not exist.

    Raises:
        PostgresMissing: nothing to run.
    """

    def __init__(self, folder: Path) -> None:
        self._programs = _programs()
        self._folder = folder
        self._as = _somebody()
        # Not in the folder: the path of a socket has 107 characters at most.
        self._socket = Path(tempfile.mkdtemp(prefix="bench-"))
        self._own(self._socket)
        if not (folder / "PG_VERSION").exists():
            self._initialise()
        options = [f"-c{name}={value}" for name, value in TUNING.items()]
        command = [str(self._programs / "postgres"), "-D", str(folder), "-k", str(self._socket), "-h", "", *options]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self._as)
        self._wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop the server, and wait until it has ended."""
        self._process.send_signal(signal.SIGINT)  # "fast": it does not wait for clients
        self._process.wait(_PATIENCE)
        shutil.rmtree(self._socket)

    @property
    def address(self) -> str:
        """The address for clients."""
        return f"host={self._socket} user=bench dbname=postgres"

    def connect(self) -> "psycopg.Connection[tuple[Any, ...]]":
        """A connection in autocommit mode."""
        return psycopg.connect(self.address, autocommit=True)

    @property
    def _log(self) -> Path:
        return self._folder.with_suffix(".log")

    def _initialise(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, mode=0o700)
        self._own(self._folder)
        how = ("--username=bench", "--encoding=UTF8", "--locale=C", "--auth=trust")
        command = [str(self._programs / "initdb"), "-D", str(self._folder), *how]
        with self._log.open("wb") as log:
            made = subprocess.run(command, stdout=log, stderr=log, check=False, **self._as)
        if made.returncode:
            raise RuntimeError(f"PostgreSQL could not make its folder: {self._last_words}")

    @property
    def _last_words(self) -> str:
        return self._log.read_text(errors="replace")[-2000:]

    def _own(self, folder: Path) -> None:
        if self._as:
            shutil.chown(folder, self._as["user"], self._as["group"])

    def _wait(self) -> None:
        give_up = time.monotonic() + _PATIENCE
        while True:
            try:
                self.connect().close()
            except psycopg.OperationalError as error:
                if self._process.poll() is not None or time.monotonic() > give_up:
                    raise RuntimeError(f"PostgreSQL did not start: {self._last_words}") from error
                time.sleep(0.05)
            else:
                return


def _programs() -> Path:
    """The folder of the server's programs: Debian does not put it on the path."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    installed = [folder for pattern in _INSTALLED for folder in Path("/").glob(pattern.lstrip("/"))]
    installed = [folder for folder in installed if (folder / "initdb").exists()]
    if not installed:
        raise PostgresMissing
    return max(installed)


def _somebody() -> dict[str, Any]:
    """The user it runs as, as arguments of `subprocess`: it refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    known = {user.pw_name: user.pw_gid for user in pwd.getpwall()}
    name = "postgres" if "postgres" in known else "nobody"
    return {"user": name, "group": known[name], "extra_groups": []}
