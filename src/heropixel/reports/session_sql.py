"""The sessions of a question as SQL: their columns, and the pageviews in them. Pure.

Sessions are of the pageviews on the pixels of the question; see events/sessions.py for where one ends.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from heropixel.events import sessions as cut
from heropixel.reports.dimensions import OF_ORIGIN, OF_SESSION, PAGES, name_in_sql
from heropixel.reports.origins import (
    ELSEWHERE,
    number_in_sql,
    of_each_pageview,
    of_each_visit,
    place_in_sql,
    place_of_elsewhere,
    texts_in_sql,
)
from heropixel.reports.people import PersonScope, Visits

_ENTRY_PAGE, _EXIT_PAGE = map(name_in_sql, PAGES)
_ORIGINS: Final = {name_in_sql(dimension): dimension for dimension in OF_ORIGIN}
_READ_SINCE: Final = f"({{start:Int64}} - {cut.LONGEST})"  # the source has no earlier pageviews
INSIDE: Final = "inside"  # how many pageviews of a session are in the range

# By person: how many of the pageviews are before the range, and before its end.
_OF_PERSON: Final[Mapping[str, str]] = {
    "earlier": "toInt64(arrayCount(time -> time < {start:Int64}, times))",
    "until": "toInt64(arrayCount(time -> time < {end:Int64}, times))",
}
_INSIDE: Final = (
    "arrayMap((first, last) -> greatest(least(toInt64(last), until) - greatest(toInt64(first) - 1, earlier), 0),"
    " firsts, lasts)"
)


def pageviews_in_sessions(source: str, names: Sequence[str], kept: Sequence[str], scope: PersonScope) -> str:
    """Each pageview with `person`, `at` and its `kept` columns, and with the columns `names` of its session.

    The source has `person`, `at`, `journal_position`, `path` for the pages of sessions, `origin` for where they came
    from, and the kept columns. Where the pageviews are placed in their visits already, it has the columns `names`.
    """
    if is_placed(names, scope):
        return f"SELECT {', '.join(['person', 'at', *kept, *names])} FROM ({source}) WHERE person != 0"  # noqa: S608 - names are ours, and values are bound
    columns = [*dict.fromkeys(["journal_position", *_columns(names), *kept])]
    own = {"at": "times"} | {name: _column(name, columns) for name in kept}
    cut_ = cut.pageviews_in_sessions(source, columns, own | _of_pageviews(names, columns), scope.begun or None)
    return _with_texts(cut_, ["person", "at", *kept], names, scope)


def pageviews_with_sessions(source: str, names: Sequence[str], kept: Sequence[str], scope: PersonScope) -> str:
    """The same, with those that belong to nobody."""
    if is_placed(names, scope):
        return source
    shown = {name: name for name in ("person", "at", *kept)}
    in_sessions = pageviews_in_sessions(source, names, kept, scope)
    return f"{in_sessions} UNION ALL {of_nobody(source, names, shown, scope)}"


def is_placed(names: Sequence[str], scope: PersonScope) -> bool:
    """Whether there is a table of the pageviews that has these columns of their sessions; see visit_tables.py."""
    return scope.placed is not None and scope.placed.columns >= {*names}


def placed(source: str, kept: Sequence[str], visits: Visits, scope: PersonScope) -> str:
    """Each pageview with `person`, `at`, its `kept` columns and those of its visit: the last one that began by then.

    The pageviews of one instant are of one visit, so this is never in doubt. Pageviews of nobody are as in `of_nobody`.
    """
    names = [name for name in map(name_in_sql, OF_SESSION) if name in visits.columns]
    own = ["person", "at", *kept]
    listed = [
        *(f"pageviews.{name} AS {name}" for name in own),
        *(f"visits.{name} AS {name}" for name in [*_WHOLE, *names]),
    ]
    shown = {**{name: name for name in own}, **_WHOLE}
    return f"""
        SELECT {", ".join(listed)}
        FROM (SELECT * FROM ({source}) WHERE person != 0) AS pageviews
        ASOF JOIN {visits.table} AS visits ON pageviews.person = visits.person AND pageviews.at >= visits.start
        SETTINGS join_algorithm = 'full_sorting_merge'
        UNION ALL {of_nobody(source, names, shown, scope)}
    """  # noqa: S608 - names are ours, and values are bound


# The figures of a session, and those of a pageview of nobody.
_WHOLE: Final[Mapping[str, str]] = {"start": "at", "finish": "at", "length": "toInt64(1)"}


def sessions(source: str, names: Sequence[str], scope: PersonScope) -> str:
    """Each session with `person` and its columns `names`; the source as above."""
    own = _columns(names)
    columns, begun = (["journal_position", *own] if own else []), scope.begun or None
    of_person = _OF_PERSON if INSIDE in names else cut.NOTHING
    if own == ["origin"] and scope.seen and scope.origins and scope.origins.few:
        # A kept table has no others. Of 2,400,000 pageviews this takes 0.6 s of processor time, what is below 0.76 s.
        small = cut.Small(place_in_sql(scope.origins), _READ_SINCE)
        made = _of_sessions(names, {"origin": "numbers"}, place_of_elsewhere(scope.origins))
        cut_ = cut.sessions_with(small, source, made, begun, of_person)
        return _with_texts(cut_, ["person"], names, scope, number_in_sql(scope.origins))
    if own == ["origin"]:
        cut_ = cut.sessions_with("origin", source, _of_sessions(names, {"origin": "numbers"}), begun, of_person)
    else:
        arrays = {name: _column(name, columns) for name in own}
        cut_ = cut.sessions(source, columns, _of_sessions(names, arrays), begun, of_person)
    return _with_texts(cut_, ["person"], names, scope)


def of_nobody(source: str, names: Sequence[str], shown: Mapping[str, str], scope: PersonScope) -> str:
    """The pageviews that belong to nobody, with `shown`, and the columns `names`. They are in no session.

    Each came from where it says itself, and has no entry and exit page.
    """
    no_pages = {name: "''" for name in names if name in (_ENTRY_PAGE, _EXIT_PAGE)}
    columns = ", ".join(f"{value} AS {name}" for name, value in {**shown, **no_pages}.items())
    return f"SELECT {', '.join([columns, *_texts(names, scope)])} FROM ({source}) WHERE person = 0"  # noqa: S608 - names are ours, and values are bound


def columns_of_sessions(names: Sequence[str]) -> set[str]:
    """The columns of pageviews that these columns of sessions are made of, besides times and persons."""
    return {"journal_position", *_columns(names)} if _columns(names) else set()


def _columns(names: Sequence[str]) -> list[str]:
    return ["path"] * bool({*names} & {_ENTRY_PAGE, _EXIT_PAGE}) + ["origin"] * bool({*names} & {*_ORIGINS})


def _of_pageviews(names: Sequence[str], columns: Sequence[str]) -> dict[str, str]:
    """The columns of its session for each pageview."""
    made = {name: cut.FIGURES[name] for name in names if name in cut.FIGURES}
    if _ENTRY_PAGE in names:
        made[_ENTRY_PAGE] = cut.of_first(_column("path", columns))
    if _EXIT_PAGE in names:
        made[_EXIT_PAGE] = cut.of_last(_column("path", columns))
    if "origin" in columns:
        made["origin"] = of_each_pageview(_column("origin", columns))
    return made


def _of_sessions(names: Sequence[str], arrays: Mapping[str, str], elsewhere: int = ELSEWHERE) -> dict[str, str]:
    """The columns for each session, of the arrays of its pageviews' own columns."""
    figures = {**cut.OF_SESSIONS, INSIDE: _INSIDE}
    made = {name: figures[name] for name in names if name in figures}
    if _ENTRY_PAGE in names:
        made[_ENTRY_PAGE] = cut.firsts(arrays["path"])
    if _EXIT_PAGE in names:
        made[_EXIT_PAGE] = cut.lasts(arrays["path"])
    if "origin" in arrays:
        made["origin"] = of_each_visit(arrays["origin"], elsewhere)
    return made


def _column(name: str, columns: Sequence[str]) -> str:
    return f"seen.{columns.index(name) + 2}"  # counted from 1, and the time is the first


def _with_texts(cut_: str, own: Sequence[str], names: Sequence[str], scope: PersonScope, number: str = "origin") -> str:
    """With the texts of origins, of which sessions have the numbers."""
    texts = _texts(names, scope, number)
    if not texts:
        return cut_
    listed = ", ".join([*own, *(name for name in names if name not in _ORIGINS), *texts])
    return f"SELECT {listed} FROM ({cut_})"  # noqa: S608 - names are ours, and values are bound


def _texts(names: Sequence[str], scope: PersonScope, number: str = "origin") -> list[str]:
    dimensions = [_ORIGINS[name] for name in names if name in _ORIGINS]
    return texts_in_sql(dimensions, scope.origins, number) if scope.origins else []
