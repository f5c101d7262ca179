"""What differs between the SQL of SQLite and of PostgreSQL. Statements of the directory take it from here.

SQLAlchemy translates its own statements. This is for those that are written as text: for speed (`groups.py`), or
because they read JSON. Such a statement is a function of the dialect. The same rows come in the same order from both:
texts are in the order of their bytes, and only ASCII letters have a case.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, Boolean, Connection, LargeBinary, SmallInteger, Table


class Dialect(ABC):
    """Pieces of SQL. A parameter is a piece of SQL too, unless its name says what it is."""

    mark: str  # a parameter of the driver
    most_values: int  # of `among`

    @abstractmethod
    def among(self, values: Sequence[bytes] | Sequence[int]) -> tuple[str, tuple[Any, ...]]:
        """What follows a column to say that it is one of these values, and the parameters of that."""

    @abstractmethod
    def sought(self, table: str, column: str, keys: Sequence[bytes]) -> "Sought":
        """The rows of a table whose column has one of these keys, which have 16 bytes each."""

    @abstractmethod
    def inserts(self, into: "Into", rows: Sequence[tuple[Any, ...]]) -> Sequence[tuple[str, tuple[Any, ...]]]:
        """Statements that insert rows, each with its parameters."""

    @abstractmethod
    def hex(self, of: str) -> str:
        """Bytes as text."""

    @abstractmethod
    def array(self, *values: str) -> str:
        """A JSON array of these."""

    @abstractmethod
    def object(self, **values: str) -> str:
        """A JSON object of these, as text."""

    @abstractmethod
    def listed(self, value: str) -> str:
        """The JSON array of a value in every row, as text."""

    @abstractmethod
    def joined(self, text: str) -> str:
        """The text in every row as one text, in the order of `listed`, with SEPARATOR between them; null of none."""

    @abstractmethod
    def numbers(self, json: str, name: str) -> str:
        """A table with a column `value`: the numbers in a JSON array, which may be a column of an earlier table."""

    @abstractmethod
    def rows(self, json: str, columns: Mapping[str, str]) -> str:
        """A query of the rows in a JSON array of arrays. The columns have the types `bigint` and `boolean`."""

    @abstractmethod
    def least(self, one: str, other: str) -> str:
        """The lesser of two values."""

    @abstractmethod
    def lower(self, of: str) -> str:
        """A text with its ASCII letters in lower case."""

    @abstractmethod
    def contains(self, of: str, part: str) -> str:
        """Whether a text contains another."""

    @abstractmethod
    def matches(self, of: str, pattern: str) -> str:
        """Whether a text matches a constant pattern of GLOB."""

    @abstractmethod
    def is_day(self, of: str, day: str) -> str:
        """Whether a text is an instant of a day: it begins with the day and a `T` or a space."""

    @abstractmethod
    def members(self, json: str, name: str) -> str:
        """A table of the members of a JSON object: `key`, `type` as SQLite names it, `atom` and `value` as text.

        `type` may be `real` for `integer`, and `text` is a string.
        """

    @abstractmethod
    def tree(self, json: str, name: str) -> str:
        """The same of all values at any depth. For `key` it has `fullkey`, the keys that lead to the value."""

    @abstractmethod
    def number(self, name: str) -> str:
        """The number of a row of `members`; null if it has none."""

    @abstractmethod
    def whole(self, number: str) -> str:
        """A number without its fraction."""


Statement = Callable[[Dialect], str]


SEPARATOR: Final = "\x1e"  # no JSON text has this character
_KEY_BYTES = 16


class Sought(NamedTuple):
    """Rows that are looked up by keys, as pieces of a query."""

    rows: str  # what follows FROM
    condition: str  # what follows WHERE
    key: str  # says which key found a row: its place among the keys, or its hexadecimal digits
    bound: tuple[Any, ...]  # the parameters


class Into(NamedTuple):
    """The columns of a table that rows are inserted into, and what becomes of a row that is there (`ON CONFLICT`)."""

    table: Table
    columns: tuple[str, ...]
    otherwise: str = ""

    @property
    def head(self) -> str:
        """The beginning of the statement."""
        return f"INSERT INTO {self.table.name} ({', '.join(self.columns)})"

    @property
    def replaces(self) -> bool:
        """Whether a row replaces one with the same key, which is the first column. Of several the last counts."""
        return "DO UPDATE" in self.otherwise


class Sqlite(Dialect):
    """SQLite."""

    mark = "?"
    most_values = 16_384  # it takes 32,766 parameters
    _MOST_PARAMETERS = 32_000

    def among(self, values: Sequence[bytes] | Sequence[int]) -> tuple[str, tuple[Any, ...]]:
        # Padded to the next power of two: the database prepares fifteen statements, not one for each size of a batch.
        missing = (1 << (len(values) - 1).bit_length()) - len(values)
        padded = (*values, *([values[0]] * missing))
        return f"IN ({_marks(len(padded))})", padded

    def sought(self, table: str, column: str, keys: Sequence[bytes]) -> Sought:
        # One parameter costs less than one for each key, which SQLite sorts; and one statement serves any number.
        counting = "WITH RECURSIVE c (place) AS (SELECT 0 UNION ALL SELECT place + 1 FROM c WHERE place + 1 < ?2)"
        return Sought(
            f"({counting} SELECT place FROM c) sought CROSS JOIN {table}",  # noqa: S608 - constants
            f"{column} = substr(?1, {_KEY_BYTES} * sought.place + 1, {_KEY_BYTES})",
            "sought.place",
            (b"".join(keys), len(keys)),
        )

    def inserts(self, into: Into, rows: Sequence[tuple[Any, ...]]) -> Sequence[tuple[str, tuple[Any, ...]]]:
        width = len(into.columns)
        at_once = self._MOST_PARAMETERS // width
        parts = (rows[start : start + at_once] for start in range(0, len(rows), at_once))
        return [
            (f"{into.head} VALUES {_rows_of_marks(width, len(some))} {into.otherwise}", (*chain.from_iterable(some),))
            for some in parts
        ]

    def hex(self, of: str) -> str:
        return f"hex({of})"

    def array(self, *values: str) -> str:
        return f"json_array({', '.join(values)})"

    def object(self, **values: str) -> str:
        return f"json_object({_pairs(values)})"

    def listed(self, value: str) -> str:
        return f"json_group_array({value})"

    def joined(self, text: str) -> str:
        return f"group_concat({text}, char({ord(SEPARATOR)}))"

    def numbers(self, json: str, name: str) -> str:
        return f"json_each({json}) {name}"

    def rows(self, json: str, columns: Mapping[str, str]) -> str:
        taken = (f"json_extract(value, '$[{place}]') AS {name}" for place, name in enumerate(columns))
        return f"SELECT {', '.join(taken)} FROM json_each({json})"  # noqa: S608 - constants

    def least(self, one: str, other: str) -> str:
        return f"min({one}, {other})"

    def lower(self, of: str) -> str:
        return f"lower({of})"

    def contains(self, of: str, part: str) -> str:
        return f"instr({of}, {part})"

    def matches(self, of: str, pattern: str) -> str:
        return f"{of} GLOB '{pattern}'"

    def is_day(self, of: str, day: str) -> str:
        return f"{of} GLOB {day} || '[T ]*'"

    def members(self, json: str, name: str) -> str:
        return f"json_each({json}) {name}"

    def tree(self, json: str, name: str) -> str:
        return f"json_tree({json}) {name}"

    def number(self, name: str) -> str:
        return f"CASE WHEN {name}.type IN ('integer', 'real') THEN {name}.atom END"

    def whole(self, number: str) -> str:
        return f"CAST({number} AS INTEGER)"


class Postgres(Dialect):
    """PostgreSQL 14 or later."""

    mark = "%s"
    most_values = 1 << 30  # one array takes them all, so that a group is one statement

    def among(self, values: Sequence[bytes] | Sequence[int]) -> tuple[str, tuple[Any, ...]]:
        # %b: the driver sends bytes as they are, not as hexadecimal digits.
        array = "%b::bytea[]" if isinstance(values[0], bytes) else "%s::bigint[]"
        return f"= ANY({array})", ([*values],)

    def sought(self, table: str, column: str, keys: Sequence[bytes]) -> Sought:
        among, bound = self.among(keys)
        return Sought(table, f"{column} {among}", self.hex(column), bound)

    def inserts(self, into: Into, rows: Sequence[tuple[Any, ...]]) -> Sequence[tuple[str, tuple[Any, ...]]]:
        if into.replaces:  # the server refuses to change a row twice in one statement
            rows = [*{row[0]: row for row in rows}.values()]
        # An array for each column: the statement is the same for any number of rows, so it is prepared once.
        arrays = ", ".join(f"%s::{_type_of(into.table.c[name].type)}[]" for name in into.columns)
        statement = f"{into.head} SELECT * FROM unnest({arrays}) {into.otherwise}"  # noqa: S608 - constants
        return [(statement, tuple([*column] for column in zip(*rows, strict=True)))]

    def hex(self, of: str) -> str:
        return f"encode({of}, 'hex')"

    def array(self, *values: str) -> str:
        return f"json_build_array({', '.join(values)})"

    def object(self, **values: str) -> str:
        return f"CAST(json_build_object({_pairs(values)}) AS text)"

    def listed(self, value: str) -> str:
        return f"CAST(coalesce(json_agg({value}), '[]') AS text)"

    def joined(self, text: str) -> str:
        return f"string_agg({text}, chr({ord(SEPARATOR)}))"

    def numbers(self, json: str, name: str) -> str:
        each = f"json_array_elements_text(CAST({json} AS json)) AS j(value)"
        return f"LATERAL (SELECT CAST(j.value AS bigint) AS value FROM {each}) {name}"  # noqa: S608 - constants

    def rows(self, json: str, columns: Mapping[str, str]) -> str:
        taken = (f"CAST(value ->> {n} AS {type_}) AS {name}" for n, (name, type_) in enumerate(columns.items()))
        return f"SELECT {', '.join(taken)} FROM json_array_elements(CAST({json} AS json))"  # noqa: S608 - constants

    def least(self, one: str, other: str) -> str:
        return f"least({one}, {other})"

    def lower(self, of: str) -> str:
        return f'lower({of} COLLATE "C")'

    def contains(self, of: str, part: str) -> str:
        return f"strpos({of}, {part}) > 0"

    def matches(self, of: str, pattern: str) -> str:
        return f"{of} ~ '{_regular(pattern)}'"

    def is_day(self, of: str, day: str) -> str:
        return f"{of} ~ ('^' || CAST({day} AS text) || '[T ]')"

    def members(self, json: str, name: str) -> str:
        each = f"json_each(CAST({json} AS json))"
        return f"LATERAL (SELECT key, {_TYPE_AND_TEXT} FROM {each}) {name}"  # noqa: S608 - constants

    def tree(self, json: str, name: str) -> str:
        return f"LATERAL ({_TREE.format(json)}) {name}"

    def number(self, name: str) -> str:
        return f"CASE WHEN {name}.type = 'real' THEN CAST({name}.atom AS numeric) END"

    def whole(self, number: str) -> str:
        return f"trunc({number})"


_TYPE_AND_TEXT = """
    CASE json_typeof(value) WHEN 'boolean' THEN CAST(value AS text) WHEN 'number' THEN 'real'
        WHEN 'string' THEN 'text' ELSE json_typeof(value) END AS type,
    value #>> '{}' AS atom, value #>> '{}' AS value
"""
_TREE = f"""
    WITH RECURSIVE tree(fullkey, value) AS (
        SELECT CAST('$' AS text), CAST({{}} AS json)
        UNION ALL
        SELECT tree.fullkey || '.' || deeper.key, deeper.value FROM tree CROSS JOIN LATERAL (
            SELECT key, value FROM json_each(CASE json_typeof(tree.value) WHEN 'object' THEN tree.value END)
            UNION ALL
            SELECT '', value FROM json_array_elements(CASE json_typeof(tree.value) WHEN 'array' THEN tree.value END)
        ) deeper
    )
    SELECT fullkey, {_TYPE_AND_TEXT.replace("{}", "{{}}")} FROM tree
"""  # noqa: S608 - constants

_DIALECTS: Final[Mapping[str, Dialect]] = {"sqlite": Sqlite(), "postgresql": Postgres()}


def dialect_of(connection: Connection) -> Dialect:
    """The dialect of a connection."""
    return _DIALECTS[connection.dialect.name]


@lru_cache
def _marks(count: int) -> str:
    return ",".join("?" * count)


@lru_cache
def _rows_of_marks(width: int, count: int) -> str:
    return ",".join([f"({_marks(width)})"] * count)


def _pairs(values: Mapping[str, str]) -> str:
    return ", ".join(f"'{name}', {value}" for name, value in values.items())


def _type_of(column: object) -> str:
    kinds = {LargeBinary: "bytea", SmallInteger: "smallint", BigInteger: "bigint", Boolean: "boolean"}
    return next((name for kind, name in kinds.items() if isinstance(column, kind)), "text")


def _regular(pattern: str) -> str:
    """A pattern of GLOB as a regular expression."""
    parts = re.findall(r"\[[^]]+\]|.", pattern)
    return "^" + "".join(".*" if part == "*" else part if len(part) > 1 else re.escape(part) for part in parts) + "$"
