"""Rows to reprocess are read, and overwritten with the results of the current rules."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from heropixel.errors import ReprocessingUnavailable
from heropixel.events.store import Events


class Share(NamedTuple):
    """Rows of one month with neighbouring journal positions."""

    partition: str
    first: int
    last: int
    rows: int


class RowsWanted(NamedTuple):
    """Which rows are reprocessed: those that rules other than `rules` have processed, or all."""

    rules: str
    everything: bool


_SHARE = 50_000  # rows: some 50 MB of them in memory


def shares_to_reprocess(events: Events, wanted: RowsWanted) -> list[Share]:
    """All rows to reprocess, in small shares.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    return [Share(*row) for row in events.ask(_SHARES, share=_SHARE, **wanted._asdict())]


def rows_of(events: Events, share: Share, wanted: RowsWanted, columns: Sequence[str]) -> Sequence[Sequence[Any]]:
    """The rows of a share: the journal position of each, and these columns.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    named = ", ".join(columns)
    return events.ask(
        f"SELECT journal_position, {named} FROM pageviews"  # noqa: S608 - constants
        f" WHERE {_OF_RANGE} AND _partition_id = {{partition:String}}",
        partition=share.partition,
        first=share.first,
        last=share.last,
        **wanted._asdict(),
    )


class Reprocessed:
    """The new values of some rows: they are gathered in a table in memory, then written in one mutation.

    It is a table, since a statement that held the rows would be as long as they are. One mutation, since a column store
    rewrites whole parts, however few of their rows change.
    """

    def __init__(self, events: Events, columns: Sequence[str]) -> None:
        if events.place.has_replicas:  # each would run the mutation, and only one has the table
            raise ReprocessingUnavailable
        self._events = events
        # With its database: a mutation outlives the connection that it came by.
        self._table = f"{events.place.database}.{_TABLE}"
        self._columns = columns
        self._leave_out: list[int] = []
        self.gathered = 0
        # A mutation that a killed process has begun goes on when the store is opened again. Its values are lost by
        # then, and those that are gathered from here on are not its own.
        events.change(f"KILL MUTATION WHERE database = currentDatabase() AND position(command, '{_TABLE}') > 0 SYNC")
        events.change(f"DROP TABLE IF EXISTS {self._table}")
        types = ", ".join(f"{column} {_TYPES.get(column, 'String')}" for column in columns)
        events.change(
            f"CREATE TABLE {self._table} (journal_position UInt64, there Bool, {types})"
            " ENGINE = Join(ANY, LEFT, journal_position) SETTINGS persistent = 0"
        )

    def gather(self, rows: Sequence[dict[str, Any]]) -> None:
        """Add rows to change, each with its journal position and all columns."""
        if rows:
            self._events.insert_into(self._table, _ENCODER.encode_lines([{**row, "there": True} for row in rows]))
            self.gathered += len(rows)

    def leave_out(self, positions: Sequence[int]) -> None:
        """Exclude rows from the mutation, so that they are reprocessed another time."""
        self._leave_out += positions

    def put(self, partition: str, first: int, last: int, wanted: RowsWanted) -> None:
        """Write the gathered values. All rows from `first` to `last` are then marked as processed by `wanted.rules`.

        Raises:
            EventsUnavailable: some rows may be written; the rest is still to be reprocessed.
        """
        part = f"IN PARTITION ID '{int(partition)}'"
        self._events.insert_into(self._table, _ENCODER.encode({"journal_position": _MARK, "there": True}))
        is_whole = self._new_value("there", f"toUInt64({_MARK})")
        rewrite = ""
        if self.gathered:
            put = ", ".join(f"{column} = {self._new_value(column)}" for column in self._columns)
            rewrite = f"UPDATE {put} {part} WHERE {_OF_RANGE} AND {self._new_value('there')}, "
        self._events.change(
            f"ALTER TABLE pageviews {rewrite}UPDATE rules = {{rules:String}} {part} WHERE {_OF_RANGE}"
            f" AND {is_whole} AND journal_position NOT IN {{leave_out:Array(UInt64)}}",
            first=first,
            last=last,
            leave_out=self._leave_out,
            **wanted._asdict(),
        )
        self._events.change(f"TRUNCATE TABLE {self._table}")
        self._leave_out, self.gathered = [], 0

    def close(self) -> None:
        """Drop the table: it holds personal data."""
        self._events.change(f"DROP TABLE IF EXISTS {self._table}")

    def _new_value(self, column: str, key: str = "journal_position") -> str:
        return f"joinGet('{self._table}', '{column}', {key})"


_TABLE = "reprocessed"
_TYPES = {"bot_reasons": "Array(String)"}
_ENCODER = msgspec.json.Encoder()


# The table loses its rows when the process dies, and a mutation that is under way outlives it. So the mutation marks no
# row as processed unless the table still has this one, which is no pageview's.
_MARK = 0


# An erased pageview has nothing left to process: its earlier results stay.
_TO_REPROCESS = "({everything:Bool} OR rules != {rules:String}) AND resolution != 'ERASED'"
_OF_RANGE = f"{_TO_REPROCESS} AND journal_position BETWEEN {{first:UInt64}} AND {{last:UInt64}}"

_SHARES = f"""
    SELECT _partition_id, min(journal_position), max(journal_position), count()
    FROM pageviews WHERE {_TO_REPROCESS}
    GROUP BY _partition_id, intDiv(journal_position, {{share:UInt64}})
    ORDER BY 1, 2
"""  # noqa: S608 - constants
