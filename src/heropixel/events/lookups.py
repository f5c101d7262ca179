"""Small tables of what a report has found out first, such as who is whom, for the questions that follow.

The embedded engine keeps them as temporary tables of the connection. A server's requests have no connection in common:
a load balancer may send each to another replica. So there the rows are kept here, and sent along with every question
that names them. A question looks values up by `LookupTable.get`, whichever it is.
"""

from collections.abc import Mapping
from itertools import count
from re import findall
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from heropixel.events.binding import in_pieces

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client
    from clickhouse_connect.driver.external import ExternalData

ROW_BINARY: Final = "RowBinary"
JSON_LINES: Final = "JSONEachRow"

_NUMBERS: Final = count(1)


class LookupTable(str):
    """The name of such a table. Its first column is the key; the empty name is a table of nothing."""

    def __new__(
        cls, name: str = "", columns: Mapping[str, str] | None = None, *, is_sent: bool = False
    ) -> "LookupTable":
        """`columns` are the types of the columns, by their names."""
        made = super().__new__(cls, name)
        made.columns = dict(columns or {})
        made.is_sent = is_sent
        return made

    columns: Mapping[str, str]
    is_sent: bool

    def get(self, column: str, key: str) -> str:
        """The value of a column at a key, in SQL: 0 or the empty text where the table does not have the key."""
        if not self.is_sent:
            return f"joinGet('{self}', '{column}', {key})"
        # Sorted: the two arrays must be in one order, and are read one after the other.
        pairs = f"(SELECT arraySort(groupArray(({next(iter(self.columns))}, {column}))) FROM {self})"  # noqa: S608 - names are ours
        nothing = "''" if "String" in self.columns[column] else f"CAST(0 AS {self.columns[column]})"
        return f"transform({key}, {pairs}.1, {pairs}.2, {nothing})"


class LookupTables(Protocol):
    """The lookups of a connection to the event store. What it raises are errors of the client."""

    def make(self, kind: str, columns: Mapping[str, str]) -> LookupTable:
        """A new table without rows. `columns` are types by names; the first one is the key."""

    def select_into(self, lookup: LookupTable, question: str, bound: Mapping[str, Any]) -> None:
        """Add the rows of a SELECT, which names its columns as the table does."""

    def load(self, lookup: LookupTable, rows: bytes, written: str) -> None:
        """Add rows, written as RowBinary or as JSON Lines; in one table all rows are written alike."""

    def is_empty(self, lookup: LookupTable) -> bool:
        """Whether a table has no rows."""

    def drop(self, lookup: LookupTable) -> None:
        """Forget a table; one that is not there is none."""

    def named_in(self, question: str) -> "ExternalData | None":
        """What has to be sent along with a question."""


class KeptTables:
    """Lookup tables as temporary tables of a connection; see `LookupTables`."""

    def __init__(self, client: "Client") -> None:
        self._client = client

    def make(self, kind: str, columns: Mapping[str, str]) -> LookupTable:
        """See `LookupTables.make`."""
        lookup = LookupTable(f"{kind}_{next(_NUMBERS)}", columns)
        listed = ", ".join(f"{name} {type_}" for name, type_ in columns.items())
        self._client.command(
            f"CREATE TEMPORARY TABLE {lookup} ({listed}) ENGINE = Join(ANY, LEFT, {next(iter(columns))})"
        )
        return lookup

    def select_into(self, lookup: LookupTable, question: str, bound: Mapping[str, Any]) -> None:
        """See `LookupTables.select_into`."""
        self._client.command(f"INSERT INTO {lookup} {question}", parameters=dict(bound))

    def load(self, lookup: LookupTable, rows: bytes, written: str) -> None:
        """See `LookupTables.load`."""
        self._client.raw_insert(lookup, insert_block=rows, fmt=written)

    def is_empty(self, lookup: LookupTable) -> bool:
        """See `LookupTables.is_empty`."""
        return not self._client.query(f"SELECT count() FROM {lookup}").result_rows[0][0]  # noqa: S608 - a name of ours

    def drop(self, lookup: LookupTable) -> None:
        """See `LookupTables.drop`."""
        self._client.command(f"DROP TABLE IF EXISTS {lookup}")

    def named_in(self, question: str) -> None:
        """See `LookupTables.named_in`: the engine has them."""


class _SentTable(NamedTuple):
    lookup: LookupTable
    pieces: list[bytes]
    written: list[str]  # how: the last one holds


class SentTables:
    """Lookup tables whose rows are sent with each question; see `LookupTables`."""

    def __init__(self, client: "Client") -> None:
        self._client = client
        self._sent: dict[str, _SentTable] = {}

    def make(self, kind: str, columns: Mapping[str, str]) -> LookupTable:
        """See `LookupTables.make`."""
        plain = {name: type_.removeprefix("LowCardinality(").rstrip(")") for name, type_ in columns.items()}
        lookup = LookupTable(f"{kind}_{next(_NUMBERS)}", plain, is_sent=True)
        self._sent[lookup] = _SentTable(lookup, [], [ROW_BINARY])
        return lookup

    def select_into(self, lookup: LookupTable, question: str, bound: Mapping[str, Any]) -> None:
        """See `LookupTables.select_into`."""
        columns = ", ".join(f"CAST({name} AS {type_})" for name, type_ in lookup.columns.items())
        asked, given = in_pieces(f"SELECT {columns} FROM ({question})", bound)  # noqa: S608 - names are ours
        rows = self._client.raw_query(asked, parameters=given, fmt=ROW_BINARY, external_data=self.named_in(question))
        self.load(lookup, rows, ROW_BINARY)

    def load(self, lookup: LookupTable, rows: bytes, written: str) -> None:
        """See `LookupTables.load`."""
        _, pieces, how = self._sent[lookup]
        if rows:
            how.append(written)
            pieces.append(rows if written == ROW_BINARY else rows + b"\n")

    def is_empty(self, lookup: LookupTable) -> bool:
        """See `LookupTables.is_empty`."""
        return not self._sent[lookup].pieces

    def drop(self, lookup: LookupTable) -> None:
        """See `LookupTables.drop`."""
        self._sent.pop(lookup, None)

    def named_in(self, question: str) -> "ExternalData | None":
        """See `LookupTables.named_in`."""
        from clickhouse_connect.driver.external import ExternalData  # noqa: PLC0415 - as in connecting.py

        named = [self._sent[name] for name in dict.fromkeys(findall(r"\w+", question)) if name in self._sent]
        if not named:
            return None
        external = ExternalData()
        for lookup, pieces, written in named:
            structure = [f"{name} {type_}" for name, type_ in lookup.columns.items()]
            external.add_file(file_name=str(lookup), data=b"".join(pieces), fmt=written[-1], structure=structure)
        return external
