"""A connection to the event store: it opens and migrates the store, inserts, and queries.

The tables and their changes are the files of `sql/events/`, applied in order and once.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from heropixel.errors import EventsTooSlow, EventsUnavailable
from heropixel.events.engine import check_damage, check_engine, note_schema
from heropixel.events.native import Block
from heropixel.troubles import FolderFromNewerVersion, UnknownStore

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

DATABASE = "heropixel"

# Where it may, the engine fills one cache of gigabytes after the other. A server that shares its machine must not.
_ENGINE_OPTIONS = {
    "mark_cache_size": 64 << 20,
    "index_mark_cache_size": 16 << 20,
    "primary_index_cache_size": 64 << 20,
    "query_condition_cache_size": 16 << 20,
    "compiled_expression_cache_size": 16 << 20,
    # With several threads the embedded engine now and then fails to open a table ("recursive_mutex lock failed").
    "tables_loader_foreground_pool_size": 1,
    "tables_loader_background_pool_size": 1,
}
_SESSION = {"date_time_input_format": "basic", "max_insert_threads": "1", "max_threads": "2"}

_APPLIED = f"SELECT number FROM {DATABASE}.migrations"  # noqa: S608 - a constant
# The client's `insert` is not used: it loads pandas and numpy to check for their frames, 45 MB.
_APPLY = f"INSERT INTO {DATABASE}.migrations VALUES ({{number:UInt32}}, {{name:String}})"  # noqa: S608 - a constant

# What a group of pageviews shows of a link, as in directory/link_evidence.py. Migrations repeat it: they never change.
EVIDENCE = """
    max(if(matched_on = 'VISITOR_ID', 0,
        (281474976710656 - toUnixTimestamp64Milli(least(timestamp, received))) * 256
        + if(imported = 1, 3, if(startsWith(event_id, 'beacon:'), 2, 1)) * 16
        + if(resolution = 'CREATED', 2, indexOf(['EXTERNAL_ID', 'EMAIL', 'SHA256', 'SHA1', 'MD5', 'PHONE'], matched_on))
    ))
"""

_LINK = f"""
    INSERT INTO {DATABASE}.links (app, visitor_id, user_id, linked_at, evidence)
    SELECT app, visitor_id, user_id, min(least(timestamp, received)), {EVIDENCE}
    FROM {DATABASE}.pageviews
    WHERE journal_position BETWEEN {{first:UInt64}} AND {{last:UInt64}}
        AND user_id != 0 AND visitor_id != '' AND unlinked_from = 0
    GROUP BY app, visitor_id, user_id
"""  # noqa: S608 - constants


class Bounds(NamedTuple):
    """The resources that one query may use. Beyond them it raises `EventsTooSlow`."""

    seconds: int
    memory: int  # bytes
    memory_of_groups: int  # bytes, beyond which the disk is used

    @property
    def settings(self) -> dict[str, Any]:
        """The bounds as settings of the engine."""
        return {
            "max_execution_time": self.seconds,
            "max_memory_usage": self.memory,
            "max_bytes_before_external_group_by": self.memory_of_groups,
        }


class Events:
    """A connection to the event store, for one thread at a time. Opening it creates and migrates the store.

    Raises:
        UnknownStore: no such kind of event store.
        FolderFromNewerVersion: a later version of heropixel has written to it.
        FolderFromNewerEngine: a later version of the embedded engine has written to it.
        EventStoreDamaged: the embedded engine could not read some of it.
        EventsUnavailable: the event store is not reachable now.
    """

    def __init__(self, url: str, bounds: Bounds | None = None) -> None:
        self._url = url
        with _unavailable():
            self._client = _connect(url, bounds.settings if bounds else {})
            try:
                self._open()
            except BaseException:  # a connection without an owner would keep the folder locked
                self._client.close()
                raise

    def _open(self) -> None:
        folder = folder_of(self._url)
        try:
            newest = self._migrate()
        finally:  # where rows are damaged, the migration fails for another reason
            if folder:
                check_damage(folder)
        if folder:
            note_schema(folder, newest)

    def _migrate(self) -> int:
        """Apply what has not been applied yet; the number of the newest migration."""
        self._client.command(f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
        self._client.command(
            f"CREATE TABLE IF NOT EXISTS {DATABASE}.migrations (number UInt32, name String)"
            " ENGINE = MergeTree ORDER BY number"
        )
        applied = {row[0] for row in self._client.query(_APPLIED).result_rows}
        known = migrations()
        if applied - {number for number, _, _ in known}:
            raise FolderFromNewerVersion(store="The event store", where=self._url)
        for number, name, statement in known:
            if number not in applied:
                self._client.command(statement.replace("{database}", DATABASE))
                self._client.command(_APPLY, parameters={"number": number, "name": name})
        return known[-1][0]

    def insert(self, rows: bytes | Block, token: str) -> None:
        """Insert rows, given as a block or as JSON Lines by column name. A token that was used before inserts nothing.

        The rows are on the disk when it returns.

        Raises:
            EventsUnavailable: none, some or all rows are there. Retry with the same token to complete it.
        """
        columns, given, form = (*rows, "Native") if isinstance(rows, Block) else (None, rows, "JSONEachRow")
        with _unavailable():
            self._client.raw_insert(
                f"{DATABASE}.pageviews",
                column_names=columns,
                insert_block=given,
                fmt=form,
                settings={"insert_deduplication_token": token},
            )

    def positions(self, first: int, last: int) -> set[int]:
        """Which journal positions from `first` to `last` have a row.

        Raises:
            EventsUnavailable: the event store cannot be read.
        """
        with _unavailable():
            result = self._client.query(
                f"SELECT journal_position FROM {DATABASE}.pageviews"  # noqa: S608 - a constant
                " WHERE journal_position BETWEEN {first:UInt64} AND {last:UInt64}",
                parameters={"first": first, "last": last},
            )
            return {row[0] for row in result.result_rows}

    def link(self, first: int, last: int) -> None:
        """Link the visitors of the pageviews at these journal positions, as inserting them does.

        Raises:
            EventsUnavailable: some may be linked; retry the same call to complete it.
        """
        with _unavailable():
            self._client.command(_LINK, parameters={"first": first, "last": last})

    def add_links(self, rows: bytes) -> None:
        """Insert links of visitors, given as JSON Lines by column name. It is idempotent.

        The links are on the disk when it returns.

        Raises:
            EventsUnavailable: some may be there; retry the same call to complete it.
        """
        with _unavailable():
            self._client.raw_insert(f"{DATABASE}.links", insert_block=rows, fmt="JSONEachRow")

    def insert_into(self, table: str, rows: bytes) -> None:
        """Insert rows into a temporary working table, given as JSON Lines by column name.

        Raises:
            EventsUnavailable: some may be there.
        """
        with _unavailable():
            self._client.raw_insert(table, insert_block=rows, fmt="JSONEachRow")

    def prepare(self, statement: str, **parameters: Any) -> None:  # noqa: ANN401 - what SQL can bind
        """Make, fill or drop a temporary table of this connection. It is ten times as fast as `change`: no disk sync.

        Raises:
            EventsUnavailable: some of it may be done.
        """
        with _unavailable():
            self._client.command(statement, parameters=parameters)

    def fill(self, table: str, rows: bytes) -> None:
        """Insert rows, given as RowBinary, into a table of this connection.

        Raises:
            EventsUnavailable: some may be there.
        """
        with _unavailable():
            self._client.raw_insert(table, insert_block=rows, fmt="RowBinary")

    def ask(self, question: str, **parameters: Any) -> Sequence[Sequence[Any]]:  # noqa: ANN401 - what SQL can bind
        """Run a SELECT and return its rows. Its `{name:Type}` are bound.

        Raises:
            EventsUnavailable: the event store cannot be read.
        """
        with _unavailable():
            rows: Sequence[Sequence[Any]] = self._client.query(question, parameters=parameters).result_rows
            return rows

    def stream(self, question: str, **parameters: Any) -> Iterator[Sequence[Any]]:  # noqa: ANN401 - what SQL can bind
        """As `ask`, without holding all rows in memory, and concurrently with other queries.

        Raises:
            EventsUnavailable: the event store cannot be read, or not to the end.
        """
        with _unavailable():
            client = _connect(self._url)  # a connection that streams answers no other query
            try:
                with client.query_row_block_stream(question, parameters=parameters) as blocks:
                    for block in blocks:
                        yield from block
            finally:
                client.close()

    def change(self, statement: str, **parameters: Any) -> None:  # noqa: ANN401 - what SQL can bind
        """Run a statement that changes stored data. The change is complete and on the disk when this returns.

        Raises:
            EventsUnavailable: some of it may be done.
        """
        with _unavailable():
            self._client.command(statement, parameters=parameters, settings={"mutations_sync": 2})

    def freeze(self, name: str) -> None:
        """Keep the files of all rows as hard links below `shadow/NAME` of the folder. It takes milliseconds.

        Raises:
            EventsUnavailable: some of them may be there.
        """
        tables = f"SELECT name FROM system.tables WHERE database = '{DATABASE}' AND engine LIKE '%MergeTree'"  # noqa: S608 - a constant
        for (table,) in self.ask(tables):
            self.change(f"ALTER TABLE {DATABASE}.{table} FREEZE WITH NAME '{name}'")

    def close(self) -> None:
        """Close the files or the connection."""
        self._client.close()


@contextmanager
def _unavailable() -> Iterator[None]:
    """Turn every error of the engine or the network into one exception of ours."""
    from clickhouse_connect.driver.exceptions import ClickHouseError  # noqa: PLC0415 - see _connect

    try:
        yield
    except (ClickHouseError, OSError, RuntimeError) as error:
        beyond = any(reason in str(error) for reason in ("TIMEOUT_EXCEEDED", "MEMORY_LIMIT_EXCEEDED"))
        raise (EventsTooSlow if beyond else EventsUnavailable)(str(error)) from error


def _connect(url: str, more: dict[str, Any] | None = None) -> "Client":
    import clickhouse_connect  # noqa: PLC0415 - processes that open no event store must not pay for its client

    scheme, *_ = urlsplit(url)
    settings = _SESSION | (more or {})
    if scheme == "chdb":
        if folder := folder_of(url):
            check_engine(folder)
        return clickhouse_connect.get_client(dsn=url, settings=settings, chdb_options=_ENGINE_OPTIONS)
    if scheme in ("clickhouse", "clickhouses"):
        # A page of people has more ids than fit in a URL.
        return clickhouse_connect.get_client(dsn=url, settings=settings, form_encode_query_params=True)
    raise UnknownStore(url=url, role="event store", known="chdb:///path, clickhouse://host")


def folder_of(url: str) -> Path | None:
    """The folder of an embedded event store; None where it is a server's, or all in memory."""
    scheme, host, path, *_ = urlsplit(url)
    return Path(path) if scheme == "chdb" and path and not host else None


def migrations() -> list[tuple[int, str, str]]:
    """Number, name and statement of each migration, in order."""
    files = (resources.files("heropixel") / "sql" / "events").iterdir()
    named = sorted((file.name, file.read_text()) for file in files if file.name.endswith(".sql"))
    return [(int(name[:4]), name, text) for name, text in named]
