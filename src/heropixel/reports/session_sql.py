"""The sessions of a question as SQL: their columns, and the pageviews in them. Pure.

Sessions are of the pageviews on the pixels of the question; see events/sessions.py for where one ends.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from heropixel.events import sessions as cut
from heropixel.reports.dimensions import OF_ORIGIN, PAGES, name_in_sql
from heropixel.reports.origins import of_visit, texts_in_sql
from heropixel.reports.people import PersonScope

_PAGES: Final = dict(zip(map(name_in_sql, PAGES), (cut.of_first, cut.of_last), strict=True))
_ORIGINS: Final = {name_in_sql(dimension): dimension for dimension in OF_ORIGIN}
INSIDE: Final = "inside"  # how many pageviews of a session are in the range

# By person: how many of the pageviews are before the range, and before its end.
_OF_PERSON: Final[Mapping[str, str]] = {
    "earlier": "toInt64(arrayCount(time -> time < {start:Int64}, times))",
    "until": "toInt64(arrayCount(time -> time < {end:Int64}, times))",
}
_INSIDE: Final = (
    "arrayMap((first, last) -> greatest(least(toInt64(last), until) - greatest(toInt64(first) - 1, earlier), 0),"
    f" arrayEnumerate(times), {cut.of_last('arrayEnumerate(times)')})"  # of a first pageview, and only used for these
)


def pageviews_in_sessions(source: str, names: Sequence[str], kept: Sequence[str], scope: PersonScope) -> str:
    """Each pageview with `person`, `at` and its `kept` columns, and with the columns `names` of its session.

    The source has `person`, `at`, `journal_position`, `path` for the pages of sessions, `origin` for where they came
    from, and the kept columns.
    """
    columns = ["journal_position", *_columns(names), *kept]
    own = {"at": "times"} | {name: _column(name, columns) for name in kept}
    cut_ = cut.pageviews_in_sessions(source, columns, own | _expressions(names, columns), scope.begun or None)
    return _with_texts(cut_, ["person", "at", *kept], names, scope)


def sessions(source: str, names: Sequence[str], scope: PersonScope) -> str:
    """Each session with `person` and its columns `names`; the source as above."""
    own = _columns(names)
    columns = ["journal_position", *own] if own else []
    of_person = _OF_PERSON if INSIDE in names else cut.NOTHING
    cut_ = cut.sessions(source, columns, _expressions(names, columns), scope.begun or None, of_person)
    return _with_texts(cut_, ["person"], names, scope)


def of_nobody(source: str, names: Sequence[str], shown: Mapping[str, str], scope: PersonScope) -> str:
    """The pageviews that belong to nobody, with `shown`, and the columns `names`. They are in no session.

    Each came from where it says itself, and has no entry and exit page.
    """
    no_pages = {name: "''" for name in names if name in _PAGES}
    columns = ", ".join(f"{value} AS {name}" for name, value in {**shown, **no_pages}.items())
    return f"SELECT {', '.join([columns, *_texts(names, scope)])} FROM ({source}) WHERE person = 0"  # noqa: S608 - names are ours, and values are bound


def columns_of_sessions(names: Sequence[str]) -> set[str]:
    """The columns of pageviews that these columns of sessions are made of, besides times and persons."""
    return {"journal_position", *_columns(names)} if _columns(names) else set()


def _columns(names: Sequence[str]) -> list[str]:
    return ["path"] * bool({*names} & {*_PAGES}) + ["origin"] * bool({*names} & {*_ORIGINS})


def _expressions(names: Sequence[str], columns: Sequence[str]) -> dict[str, str]:
    made: dict[str, str] = {}
    for name in names:
        if name in _PAGES:
            made[name] = _PAGES[name](_column("path", columns))
        elif name in _ORIGINS:
            made["origin"] = of_visit(_column("origin", columns))
        else:
            made[name] = _INSIDE if name == INSIDE else cut.FIGURES[name]
    return made


def _column(name: str, columns: Sequence[str]) -> str:
    return f"seen.{columns.index(name) + 2}"  # counted from 1, and the time is the first


def _with_texts(cut_: str, own: Sequence[str], names: Sequence[str], scope: PersonScope) -> str:
    """With the texts of origins, of which sessions have the numbers."""
    texts = _texts(names, scope)
    if not texts:
        return cut_
    listed = ", ".join([*own, *(name for name in names if name not in _ORIGINS), *texts])
    return f"SELECT {listed} FROM ({cut_})"  # noqa: S608 - names are ours, and values are bound


def _texts(names: Sequence[str], scope: PersonScope) -> list[str]:
    dimensions = [_ORIGINS[name] for name in names if name in _ORIGINS]
    return texts_in_sql(dimensions, scope.origins) if scope.origins else []
