"""The tables of the event store are made and changed by the files of `sql/events/`, in order and once.

On a server several nodes may start at once, and an answer may be lost. So every statement may be repeated there: what
is made is made if it is not there, and what is copied is copied into a table that keeps one row of each. A lock, where
the caller has one to give, keeps nodes from doing the same work twice. ClickHouse itself has none.
"""

from contextlib import AbstractContextManager
from importlib import resources
from typing import TYPE_CHECKING

import structlog

from heropixel.errors import EventsUnavailable
from heropixel.events.connecting import unavailable
from heropixel.events.engines import engine, statement_for
from heropixel.events.place import EventsPlace
from heropixel.postgres import without_secrets
from heropixel.troubles import FolderFromNewerVersion

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

log = structlog.get_logger()

# Seconds that each statement for a cluster waits for its servers. One that is down runs it when it is back.
_PATIENCE = 15


def migrations() -> list[tuple[int, str, str]]:
    """Number, name and statement of each migration, in order."""
    files = (resources.files("heropixel") / "sql" / "events").iterdir()
    named = sorted((file.name, file.read_text()) for file in files if file.name.endswith(".sql"))
    return [(int(name[:4]), name, text) for name, text in named]


class Migrating:
    """Brings the tables of a place up to this version."""

    def __init__(self, client: "Client", place: EventsPlace, lock: AbstractContextManager[object]) -> None:
        self._client = client
        self._place = place
        self._lock = lock

    def migrate(self) -> int:
        """Apply what has not been applied yet; the number of the newest migration.

        Raises:
            FolderFromNewerVersion: a later version of heropixel has written to it.
            EventsUnavailable: some of it may be done; repeat the call to complete it.
        """
        known = migrations()
        if self._place.is_embedded or self._missing():
            with self._lock:
                self._make_database()
                self._apply(known)
        self._client.database = self._place.database
        return known[-1][0]

    def _missing(self) -> bool:
        """Whether anything is to be done on a server: most connections find all done, and need no lock."""
        numbers = {number for number, _, _ in migrations()}
        there = self._client.query(
            "SELECT count() FROM system.tables WHERE database = {database:String} AND name = 'migrations'",
            parameters={"database": self._place.database},
        ).result_rows[0][0]
        return not there or self._applied() != numbers

    def _applied(self) -> set[int]:
        rows = self._client.query(f"SELECT number FROM {self._place.database}.migrations").result_rows  # noqa: S608 - a checked name
        return {number for (number,) in rows}

    def _make_database(self) -> None:
        place = self._place
        self._run(f"CREATE DATABASE IF NOT EXISTS {place.database}{place.on_cluster}")
        self._run(
            f"CREATE TABLE IF NOT EXISTS {place.database}.migrations{place.on_cluster} (number UInt32, name String)"
            f" ENGINE = {engine(place, 'MergeTree', 'migrations')} ORDER BY number"
        )

    def _apply(self, known: list[tuple[int, str, str]]) -> None:
        applied = self._applied()
        if applied - {number for number, _, _ in known}:
            raise FolderFromNewerVersion(store="The event store", where=without_secrets(self._place.url))
        # The client's `insert` is not used: it loads pandas and numpy to check for their frames, 45 MB.
        note = f"INSERT INTO {self._place.database}.migrations VALUES ({{number:UInt32}}, {{name:String}})"  # noqa: S608 - a checked name
        for number, name, statement in known:
            if number not in applied:
                self._run(statement_for(self._place, statement))
                self._client.command(
                    note, parameters={"number": number, "name": name}, settings=dict(self._place.inserting)
                )

    def _run(self, statement: str) -> None:
        """Run a statement; on a cluster it is done when the cluster's own queue says so."""
        if self._place.on_cluster not in statement or not self._place.cluster:
            self._client.command(statement)
            return
        settings = {"distributed_ddl_output_mode": "null_status_on_timeout", "distributed_ddl_task_timeout": _PATIENCE}
        self._client.command(statement, settings=settings)
        self._check_queue()

    def _check_queue(self) -> None:
        """Check what became of the statements for this database on each server.

        Raises:
            EventsUnavailable: one failed, or no server has done it yet.
        """
        with unavailable():
            rows = self._client.query(
                _QUEUE, parameters={"cluster": self._place.cluster, "database": self._place.database}
            ).result_rows
        failed = [f"{host}: {text}" for host, status, code, text in rows if status == "Finished" and code]
        if failed:
            raise EventsUnavailable(f"a migration failed on {'; '.join(failed)}")
        waiting = sorted({host for host, status, _, _ in rows if status != "Finished"})
        done = {host for host, status, _, _ in rows if status == "Finished"} - {*waiting}
        if waiting and not done:
            raise EventsUnavailable(f"no server of the cluster has done the migration yet: {', '.join(waiting)}")
        if waiting:
            log.warning("servers of the event store are behind: they migrate when they are back", servers=waiting)


# The last statement for this database: earlier ones were checked after they ran.
_QUEUE = """
    SELECT coalesce(host, ''), toString(coalesce(status, 'Unknown')), coalesce(exception_code, 0),
        coalesce(exception_text, '')
    FROM system.distributed_ddl_queue
    WHERE cluster = {cluster:String} AND position(query, {database:String}) > 0
    QUALIFY entry = max(entry) OVER ()
"""
