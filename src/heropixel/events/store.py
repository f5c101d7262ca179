"""A connection to the event store: it opens and migrates the store, inserts, and queries.

The tables and their changes are the files of `sql/events/`, applied in order and once.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

from heropixel.events.binding import in_pieces
from heropixel.events.connecting import connect, unavailable
from heropixel.events.engine import check_damage, note_schema
from heropixel.events.lookups import KeptTables, LookupTable, LookupTables, SentTables
from heropixel.events.migrating import Migrating
from heropixel.events.native import Block
from heropixel.events.place import EventsPlace

# What a group of pageviews shows of a link, as in directory/link_evidence.py. Migrations repeat it: they never change.
EVIDENCE = """
    max(if(matched_on = 'VISITOR_ID', 0,
        (281474976710656 - toUnixTimestamp64Milli(least(timestamp, received))) * 256
        + if(imported = 1, 3, if(startsWith(event_id, 'beacon:'), 2, 1)) * 16
        + if(resolution = 'CREATED', 2, indexOf(['EXTERNAL_ID', 'EMAIL', 'SHA256', 'SHA1', 'MD5', 'PHONE'], matched_on))
    ))
"""

_LINK = f"""
    INSERT INTO links (app, visitor_id, user_id, linked_at, evidence)
    SELECT app, visitor_id, user_id, min(least(timestamp, received)), {EVIDENCE}
    FROM pageviews
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

    def __init__(
        self, url: str, bounds: Bounds | None = None, lock: AbstractContextManager[object] | None = None
    ) -> None:
        """`lock` is held while a server's tables are made or changed, so that one node does it at a time."""
        self.url = url
        self.place = EventsPlace.of(url)
        with unavailable():
            self._client = connect(self.place, bounds.settings if bounds else {})
            try:
                self._open(lock or nullcontext())
            except BaseException:  # a connection without an owner would keep the folder locked
                self._client.close()
                raise
        self.lookups: LookupTables = (KeptTables if self.place.is_embedded else SentTables)(self._client)

    def _open(self, lock: AbstractContextManager[object]) -> None:
        folder = self.place.folder
        try:
            newest = Migrating(self._client, self.place, lock).migrate()
        finally:  # where rows are damaged, the migration fails for another reason
            if folder:
                check_damage(folder)
        if folder:
            note_schema(folder, newest)

    @property
    def keeps_tables(self) -> bool:
        """Whether a temporary table lasts until this connection is closed. A server's requests have none in common."""
        return self.place.is_embedded

    def insert(self, rows: bytes | Block, token: str) -> None:
        """Insert rows, given as a block or as JSON Lines by column name. A token that was used before inserts nothing.

        The rows are on the disk when it returns.

        Raises:
            EventsUnavailable: none, some or all rows are there. Retry with the same token to complete it.
        """
        columns, given, form = (*rows, "Native") if isinstance(rows, Block) else (None, rows, "JSONEachRow")
        with unavailable():
            self._client.raw_insert(
                "pageviews",
                column_names=columns,
                insert_block=given,
                fmt=form,
                settings={**self.place.inserting, "insert_deduplication_token": token},
            )

    def rows_of_part(self, table: str, columns: Sequence[str], part: str, place: tuple[int, int] | None) -> bytes:
        """The rows of one set of rows of the engine, or those from one place in it to another, in Native format.

        Raises:
            EventsUnavailable: they cannot be read.
        """
        start, end = place or (0, 0)
        between = " AND _part_offset >= {start:UInt64} AND _part_offset < {end:UInt64}" if place else ""
        with unavailable():
            rows: bytes = self._client.raw_query(
                f"SELECT {', '.join(columns)} FROM {table} WHERE _part = {{part:String}}{between}",  # noqa: S608 - names of our tables
                parameters={"part": part, "start": start, "end": end},
                fmt="Native",
            )
            return rows

    def insert_block(self, table: str, columns: Sequence[str], rows: bytes, token: str) -> None:
        """Insert rows of one month into a table, in Native format, as one block. See `insert`.

        Raises:
            EventsUnavailable: none, some or all rows are there. Retry with the same token to complete it.
        """
        whole = {"min_insert_block_size_rows": "1048576", "min_insert_block_size_bytes": "0"}
        with unavailable():
            self._client.raw_insert(
                table,
                column_names=columns,
                insert_block=rows,
                fmt="Native",
                settings={**self.place.inserting, **whole, "insert_deduplication_token": token},
            )

    def positions(self, first: int, last: int) -> set[int]:
        """Which journal positions from `first` to `last` have a row.

        Raises:
            EventsUnavailable: the event store cannot be read.
        """
        with unavailable():
            result = self._client.query(
                f"SELECT journal_position FROM {self.place.all_replicas_of('pageviews')}"  # noqa: S608 - a checked name
                " WHERE journal_position BETWEEN {first:UInt64} AND {last:UInt64}",
                parameters={"first": first, "last": last},
                settings=dict(self.place.comparing),
            )
            return {row[0] for row in result.result_rows}

    def link(self, first: int, last: int) -> None:
        """Link the visitors of the pageviews at these journal positions, as inserting them does.

        Raises:
            EventsUnavailable: some may be linked; retry the same call to complete it.
        """
        with unavailable():
            self._client.command(_LINK, parameters={"first": first, "last": last}, settings=self._adding)

    @property
    def _adding(self) -> dict[str, str]:
        """How links are inserted. Replicas would take the links of an undone unlink for a repeated insert.

        A token of its own says that it is none: the setting for that has another name in each version of ClickHouse.
        """
        if self.place.is_embedded:
            return {}
        return {**self.place.inserting, "insert_deduplication_token": secrets.token_hex(8)}

    def add_links(self, rows: bytes) -> None:
        """Insert links of visitors, given as JSON Lines by column name. It is idempotent.

        The links are on the disk when it returns.

        Raises:
            EventsUnavailable: some may be there; retry the same call to complete it.
        """
        with unavailable():
            self._client.raw_insert("links", insert_block=rows, fmt="JSONEachRow", settings=self._adding)

    def insert_into(self, table: str, rows: bytes) -> None:
        """Insert rows into a working table, given as JSON Lines by column name.

        Raises:
            EventsUnavailable: some may be there.
        """
        with unavailable():
            self._client.raw_insert(table, insert_block=rows, fmt="JSONEachRow")

    def prepare(self, statement: str, **parameters: Any) -> None:  # noqa: ANN401 - what SQL can bind
        """Make, fill or drop a temporary table of this connection. It is ten times as fast as `change`: no disk sync.

        Raises:
            EventsUnavailable: some of it may be done.
        """
        with unavailable():
            self._client.command(statement, parameters=parameters)

    def make_lookup(self, kind: str, columns: Mapping[str, str]) -> LookupTable:
        """A new lookup without rows, with the types of its columns by their names; see lookups.py.

        Raises:
            EventsUnavailable: it is not made.
        """
        with unavailable():
            return self.lookups.make(kind, columns)

    def select_into(self, lookup: LookupTable, question: str, **parameters: Any) -> None:  # noqa: ANN401 - what SQL can bind
        """Add the rows of a SELECT to a lookup. The question names its columns as the lookup does.

        Raises:
            EventsUnavailable: some may be there.
        """
        with unavailable():
            self.lookups.select_into(lookup, question, parameters)

    def load(self, lookup: LookupTable, rows: bytes, written: str) -> None:
        """Add rows to a lookup, written as RowBinary or JSON Lines.

        Raises:
            EventsUnavailable: some may be there.
        """
        with unavailable():
            self.lookups.load(lookup, rows, written)

    def is_empty(self, lookup: LookupTable) -> bool:
        """Whether a lookup has no rows.

        Raises:
            EventsUnavailable: the event store cannot be read.
        """
        with unavailable():
            return self.lookups.is_empty(lookup)

    def drop(self, lookup: LookupTable) -> None:
        """Forget a lookup.

        Raises:
            EventsUnavailable: it may be left until the connection is closed.
        """
        with unavailable():
            self.lookups.drop(lookup)

    def ask(self, question: str, **parameters: Any) -> Sequence[Sequence[Any]]:  # noqa: ANN401 - what SQL can bind
        """Run a SELECT and return its rows. Its `{name:Type}` are bound.

        Raises:
            EventsUnavailable: the event store cannot be read.
        """
        with unavailable():
            external = self.lookups.named_in(question)
            question, bound = in_pieces(question, parameters)
            result = self._client.query(question, parameters=bound, external_data=external)
            rows: Sequence[Sequence[Any]] = result.result_rows
            return rows

    def stream(self, question: str, **parameters: Any) -> Iterator[Sequence[Any]]:  # noqa: ANN401 - what SQL can bind
        """As `ask`, without holding all rows in memory, and concurrently with other queries.

        Raises:
            EventsUnavailable: the event store cannot be read, or not to the end.
        """
        with unavailable():
            client = connect(self.place)  # a connection that streams answers no other query
            client.database = self.place.database
            external = self.lookups.named_in(question)
            question, bound = in_pieces(question, parameters)
            try:
                with client.query_row_block_stream(question, parameters=bound, external_data=external) as blocks:
                    for block in blocks:
                        yield from block
            finally:
                client.close()

    def change(self, statement: str, **parameters: Any) -> None:  # noqa: ANN401 - what SQL can bind
        """Run a statement that changes stored data. The change is complete and on the disk when this returns.

        Raises:
            EventsUnavailable: some of it may be done.
        """
        with unavailable():
            statement, bound = in_pieces(statement, parameters)
            # Not `command`: it puts what is bound into the address, where proxies cut it off and keep it in their logs.
            self._client.raw_query(statement, parameters=bound, settings=dict(self.place.changing))

    def freeze(self, name: str) -> None:
        """Keep the files of all rows as hard links below `shadow/NAME` of the folder. It takes milliseconds.

        Raises:
            EventsUnavailable: some of them may be there.
        """
        tables = "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'"
        for (table,) in self.ask(tables):
            self.change(f"ALTER TABLE {table} FREEZE WITH NAME '{name}'")

    def close(self) -> None:
        """Close the files or the connection."""
        self._client.close()
