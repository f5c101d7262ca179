"""The origin of a visit in reports: its source, channel, referrer and campaign; see events/origins.py. Pure.

The texts of an origin are one number here. Putting 2,400,000 pageviews in the order of their persons takes 0.5 s of
processor time with it, and 0.95 s with three texts. A table gives the texts back.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final, NamedTuple

from heropixel.events.lookups import LookupTable
from heropixel.events.origins import DIRECTLY, FROM_INSIDE, INTERNAL
from heropixel.events.sessions import firsts, of_first
from heropixel.reports.dimensions import OF_ORIGIN, name_in_sql

# The number of an origin: 0 from the site itself, below this directly, from this on from somewhere else.
ELSEWHERE: Final = 1 << 63


class Origins(NamedTuple):
    """The origins of the pageviews of a range."""

    table: LookupTable  # its column `origin` is the number
    columns: tuple[str, ...]  # of pageviews, which the numbers tell apart
    few: tuple[int, ...] = ()  # the numbers but for 0 in their order, where they are few enough to be counted through


def origin_in_sql(columns: Sequence[str]) -> str:
    """The number of what a pageview itself said, in SQL."""
    hashed = f"cityHash64({', '.join(f'cityHash64({column})' for column in columns)})"
    # Not multiIf, which would compute each for a part of the rows: that is slower than for all.
    outside = f"if({DIRECTLY}, bitOr(intDiv({hashed}, 2), 1), bitOr({hashed}, {ELSEWHERE}))"
    return f"if({FROM_INSIDE}, 0, 1) * {outside}"


def of_each_pageview(origins: str) -> str:
    """For each pageview, the number of the origin of its visit; see events/sessions.py."""
    return of_first(_better(*_found(origins)))


def of_each_visit(origins: str, elsewhere: int = ELSEWHERE) -> str:
    """For each visit, the number of its origin; from `elsewhere` on it is from somewhere else."""
    found, outside = map(firsts, _found(origins, elsewhere))
    return _better(found, outside, elsewhere)


def place_in_sql(origins: Origins) -> str:
    """The place of an origin among the few, counted from 1, in SQL. The order stays, and so does 0."""
    return f"transform(origin, {[*origins.few]}, {[*range(1, len(origins.few) + 1)]}, 0)"


def number_in_sql(origins: Origins) -> str:
    """The number of an origin by its place."""
    return f"transform(origin, {[*range(1, len(origins.few) + 1)]}, {[*origins.few]}, 0)"


def place_of_elsewhere(origins: Origins) -> int:
    """From which place on an origin is from somewhere else."""
    return 1 + bisect_left(origins.few, ELSEWHERE)


def _found(origins: str, elsewhere: int = ELSEWHERE) -> tuple[str, str]:
    """For each pageview, the first origin from elsewhere in the rest of its visit, and the first from outside."""
    return (
        f"arrayReverseFill((origin, ends) -> origin >= {elsewhere} OR ends, {origins}, endings)",
        f"arrayReverseFill((origin, ends) -> origin != 0 OR ends, {origins}, endings)",
    )


def _better(found: str, outside: str, elsewhere: int = ELSEWHERE) -> str:
    return f"arrayMap((one, other) -> if(one >= {elsewhere}, one, other), {found}, {outside})"


def texts_in_sql(dimensions: Sequence[str], origins: Origins, number: str = "origin") -> list[str]:
    """The values of these dimensions, each under its name, from the number of an origin."""
    return [
        f"{origins.table.get(OF_ORIGIN[dimension], number)} AS {name_in_sql(dimension)}" for dimension in dimensions
    ]


def columns_in_sql(columns: Sequence[str]) -> dict[str, str]:
    """The columns of the table with their types: first the key."""
    return {"origin": "UInt64"} | dict.fromkeys(columns, "LowCardinality(String)")


def rows_in_sql(columns: Sequence[str], source: str) -> str:
    """The query for the rows of the table, from pageviews with `origin` and the columns."""
    found = ", ".join(f"any({column}) AS {column}" for column in columns)
    inside = ", ".join(f"'{INTERNAL if column == 'channel' else ''}'" for column in columns)
    return (
        f"SELECT origin, {found} FROM ({source}) WHERE origin != 0 GROUP BY origin"  # noqa: S608 - names are ours
        f" UNION ALL SELECT 0, {inside}"
    )
