"""The origin of a visit in reports: its source, channel, referrer and campaign; see events/origins.py. Pure.

The texts of an origin are one number here. Putting 2,400,000 pageviews in the order of their persons takes 0.5 s of
processor time with it, and 0.95 s with three texts. A table gives the texts back.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from heropixel.events.origins import DIRECTLY, FROM_INSIDE, INTERNAL
from heropixel.events.sessions import firsts, of_first
from heropixel.reports.dimensions import OF_ORIGIN, name_in_sql

# The number of an origin: 0 from the site itself, below this directly, from this on from somewhere else.
_ELSEWHERE: Final = 1 << 63


class Origins(NamedTuple):
    """The origins of the pageviews of a range."""

    table: str  # its column `origin` is the number
    columns: tuple[str, ...]  # of pageviews, which the numbers tell apart


def origin_in_sql(columns: Sequence[str]) -> str:
    """The number of what a pageview itself said, in SQL."""
    hashed = f"cityHash64({', '.join(f'cityHash64({column})' for column in columns)})"
    # Not multiIf, which would compute each for a part of the rows: that is slower than for all.
    outside = f"if({DIRECTLY}, bitOr(intDiv({hashed}, 2), 1), bitOr({hashed}, {_ELSEWHERE}))"
    return f"if({FROM_INSIDE}, 0, 1) * {outside}"


def of_each_pageview(origins: str) -> str:
    """For each pageview, the number of the origin of its visit; see events/sessions.py."""
    return of_first(_better(*_found(origins)))


def of_each_visit(origins: str) -> str:
    """For each visit, the number of its origin."""
    return _better(*map(firsts, _found(origins)))


def _found(origins: str) -> tuple[str, str]:
    """For each pageview, the first origin from elsewhere in the rest of its visit, and the first from outside."""
    return (
        f"arrayReverseFill((origin, ends) -> origin >= {_ELSEWHERE} OR ends, {origins}, endings)",
        f"arrayReverseFill((origin, ends) -> origin != 0 OR ends, {origins}, endings)",
    )


def _better(elsewhere: str, outside: str) -> str:
    return f"arrayMap((one, other) -> if(one >= {_ELSEWHERE}, one, other), {elsewhere}, {outside})"


def texts_in_sql(dimensions: Sequence[str], origins: Origins) -> list[str]:
    """The values of these dimensions, each under its name, from the column `origin`."""
    return [
        f"joinGet('{origins.table}', '{OF_ORIGIN[dimension]}', origin) AS {name_in_sql(dimension)}"
        for dimension in dimensions
    ]


def table_in_sql(origins: Origins) -> str:
    """The statement that makes the table, still empty."""
    texts = ", ".join(f"{column} LowCardinality(String)" for column in origins.columns)
    return f"CREATE TEMPORARY TABLE {origins.table} (origin UInt64, {texts}) ENGINE = Join(ANY, LEFT, origin)"


def filling_in_sql(origins: Origins, source: str) -> str:
    """The statement that fills the table from pageviews with `origin` and the columns."""
    found = ", ".join(f"any({column})" for column in origins.columns)
    inside = ", ".join(f"'{INTERNAL if column == 'channel' else ''}'" for column in origins.columns)
    return (
        f"INSERT INTO {origins.table} SELECT origin, {found} FROM ({source}) WHERE origin != 0 GROUP BY origin"  # noqa: S608 - names are ours
        f" UNION ALL SELECT 0, {inside}"
    )
