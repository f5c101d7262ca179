"""Temporary tables of what is known of visits: their origins, and the visits themselves. Their maker drops them."""

from collections.abc import Collection
from itertools import count
from typing import Any, Final, NamedTuple

from heropixel.events import Events
from heropixel.events.lookups import LookupTable
from heropixel.events.sessions import LONGEST, SMALL, SMALL_WITHIN
from heropixel.reports.dimensions import OF_ORIGIN, PAGES, name_in_sql
from heropixel.reports.origins import Origins, columns_in_sql, origin_in_sql, rows_in_sql
from heropixel.reports.people import PersonScope, Visits
from heropixel.reports.question import Question
from heropixel.reports.ranges import Range
from heropixel.reports.session_sql import INSIDE, placed
from heropixel.reports.source_sql import AsksOfPixels, bound_in_source, pageviews_in_sql
from heropixel.reports.sql import visits

_NUMBERS: Final = count(1)  # a temporary table belongs to a connection, and there may be several groups


class Chosen(NamedTuple):
    """A condition on pageviews in SQL, and its bound values."""

    where: str
    bound: dict[str, Any]


def columns_of_origins(dimensions: Collection[str]) -> tuple[str, ...]:
    """The columns of pageviews that these dimensions of visits are made of; other dimensions have none."""
    return tuple(column for dimension, column in OF_ORIGIN.items() if dimension in dimensions)


def make_origins(
    events: Events,
    of: AsksOfPixels,
    range_: Range,
    scope: PersonScope,
    columns: tuple[str, ...],
    only: Chosen | None = None,
) -> Origins:
    """A table of the origins that the pageviews of a range say: all of them, or those chosen.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    number = "origin" if scope.seen else origin_in_sql(columns)
    said = {"origin": number} | {column: column for column in columns}
    pageviews = pageviews_in_sql(scope, said, around=LONGEST, where=only.where if only else "true")
    bound = bound_in_source(of, range_) | (only.bound if only else {})
    origins = Origins(events.make_lookup("origins", columns_in_sql(columns)), columns)
    try:
        events.select_into(origins.table, rows_in_sql(columns, pageviews), **bound)
    except BaseException:
        drop(events, [origins.table])
        raise
    return origins._replace(few=_few(events, origins, range_)) if scope.seen else origins


def _few(events: Events, origins: Origins, range_: Range) -> tuple[int, ...]:
    """The numbers of origins, if there are few in a range that is not too long to count through them; else none."""
    if range_.end - range_.start >= SMALL_WITHIN - 2 * LONGEST:
        return ()
    found = events.ask(f"SELECT origin FROM {origins.table} WHERE origin != 0 ORDER BY origin LIMIT {SMALL}")  # noqa: S608 - a name of ours
    return tuple(number for (number,) in found) if len(found) < SMALL else ()


def make_visits(
    events: Events, question: Question, range_: Range, scope: PersonScope, dimensions: Collection[str], *, inside: bool
) -> Visits:
    """A table of the visits of a range, with all their figures and these dimensions of sessions.

    `inside`: also how many pageviews of each are in the range.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    table = f"visits_{next(_NUMBERS)}"
    made = visits(question, range_, scope, sorted(dimensions), inside=inside)
    types = _columns_of_visits(dimensions, made.counts)
    columns = ", ".join(f"{name} {kind}" for name, kind in types.items())
    # Made first and filled then: made as a query, the query would be planned once more for the types alone.
    events.prepare(f"CREATE TEMPORARY TABLE {table} ({columns}) ENGINE = Memory")
    try:
        events.prepare(f"INSERT INTO {table} {made.text}", **made.parameters)
    except BaseException:
        drop(events, [table])
        raise
    return Visits(table, frozenset(types))


def make_placed(
    events: Events, question: Question, range_: Range, scope: PersonScope, visits: Visits, kept: Collection[str]
) -> Visits:
    """A table of the pageviews of a range, which have been read, with these columns and those of their visits.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    table = f"placed_{next(_NUMBERS)}"
    source = pageviews_in_sql(scope, {column: column for column in kept}, around=LONGEST)
    made = placed(source, sorted(kept), visits, scope)
    events.prepare(f"CREATE TEMPORARY TABLE {table} ENGINE = Memory AS {made}", **bound_in_source(question, range_))
    return Visits(table, visits.columns - {INSIDE})


def _columns_of_visits(dimensions: Collection[str], figures: Collection[str]) -> dict[str, str]:
    """The columns of `visits` with their types, in its order."""
    types = {"person": "UInt64"} | dict.fromkeys(figures, "Int64")
    types |= {name_in_sql(name): "String" for name in PAGES if name in dimensions}
    return types | {name_in_sql(name): "LowCardinality(String)" for name in OF_ORIGIN if name in dimensions}


def drop(events: Events, tables: Collection[str]) -> None:
    """Drop such tables.

    Raises:
        EventsUnavailable: some may be left until the connection is closed.
    """
    for table in tables:
        if isinstance(table, LookupTable):
            events.drop(table)
        else:
            events.prepare(f"DROP TABLE IF EXISTS {table}")
