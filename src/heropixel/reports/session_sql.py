"""Sessions to SQL: pageviews of persons, in order, cut where a session ends. Pure.

A session is a run of a person's pageviews on the pixels that are asked for. It ends after 30 minutes without one; a run
that goes on is cut every 24 hours. Each person's pageviews become arrays, a tenth of the cost of window functions (2.6
million pageviews of 380,000 persons: 0.2 s of processor time beside 1.0).
"""

from collections.abc import Mapping, Sequence
from typing import Final

from heropixel.reports.dimensions import name_in_sql

PAUSE: Final = 30 * 60_000  # milliseconds without a pageview that end a session
LONGEST: Final = 24 * 3_600_000  # milliseconds; what belongs to a session is at most so far from its beginning

ENTRY_PAGE: Final = name_in_sql("ENTRY_PAGE")
EXIT_PAGE: Final = name_in_sql("EXIT_PAGE")

# By person: where something resumes, since nothing was before it or too long ago; from there on the time of that, and
# how many days have passed since; where sessions begin and end. What holds for all of a session is carried from its
# beginning to the right, and from its end to the left.
_CUT = f"""
    arrayMap(
        (time, before) -> time - before >= {PAUSE}, times, arrayPushFront(arrayPopBack(times), times[1] - {PAUSE})
    ) AS resumed,
    arrayFill((time, resumes) -> resumes, times, resumed) AS run,
    arrayMap((time, begun) -> intDiv(time - begun, {LONGEST}), times, run) AS piece,
    arrayMap(
        (resumes, own, before) -> resumes OR own != before, resumed, piece, arrayPushFront(arrayPopBack(piece), 0)
    ) AS beginnings,
    arrayPushBack(arrayPopFront(beginnings), true) AS endings
"""
_OF_SESSION: Final = {
    "start": "arrayFill((time, begins) -> begins, times, beginnings)",
    "finish": "arrayReverseFill((time, ends) -> ends, times, endings)",
    "length": "arrayMap((last, first) -> last - first + 1,"
    " arrayReverseFill((place, ends) -> ends, arrayEnumerate(times), endings),"
    " arrayFill((place, begins) -> begins, arrayEnumerate(times), beginnings))",
}
_PAGES: Final = {
    ENTRY_PAGE: "arrayFill((page, begins) -> begins, seen.{path}, beginnings)",
    EXIT_PAGE: "arrayReverseFill((page, ends) -> ends, seen.{path}, endings)",
}


def pageviews_in_sessions(source: str, names: Sequence[str], kept: Sequence[str]) -> str:
    """Each pageview with `person`, `at` and what is `kept` of it, and with `names` of its session.

    The source has `person`, `at`, `journal_position`, `path` for the pages of sessions, and what is kept.
    """
    columns = ["at", "journal_position", *(["path"] if {*names} & {*_PAGES} else []), *kept]
    own = {name: f"seen.{columns.index(name) + 1}" for name in ("at", *kept)}
    return _arrays(source, columns, own | _told(names, columns))


def sessions(source: str, names: Sequence[str]) -> str:
    """Each session with `person` and `names` of it; the source as above."""
    columns = ["at", "journal_position", "path"] if {*names} & {*_PAGES} else ["at"]
    told = _told(names, columns)
    first = {name: f"arrayFilter((value, begins) -> begins, {each}, beginnings)" for name, each in told.items()}
    return _arrays(source, columns, first)


def _told(names: Sequence[str], columns: Sequence[str]) -> dict[str, str]:
    path = columns.index("path") + 1 if "path" in columns else 0
    return {name: _OF_SESSION.get(name) or _PAGES[name].format(path=path) for name in names}


def _arrays(source: str, columns: Sequence[str], made: Mapping[str, str]) -> str:
    seen, times = (f"tuple({', '.join(columns)})", "seen.1") if len(columns) > 1 else ("at", "seen")
    return f"""
        SELECT person, {", ".join(made)} FROM
        (
            SELECT person, arraySort(groupArray({seen})) AS seen, {times} AS times, {_CUT},
                {", ".join(f"{array} AS each_{name}" for name, array in made.items())}
            FROM ({source}) WHERE person != 0 GROUP BY person
        )
        ARRAY JOIN {", ".join(f"each_{name} AS {name}" for name in made)}
    """  # noqa: S608 - names of ours; values are bound
