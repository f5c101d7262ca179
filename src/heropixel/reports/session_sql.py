"""The sessions of a question as SQL: their columns, and the pageviews in them. Pure.

Sessions are of the pageviews on the pixels of the question; see events/sessions.py for where one ends.
"""

from collections.abc import Sequence
from typing import Final

from heropixel.events import sessions as cut
from heropixel.reports.dimensions import name_in_sql

ENTRY_PAGE: Final = name_in_sql("ENTRY_PAGE")
EXIT_PAGE: Final = name_in_sql("EXIT_PAGE")
_PAGES: Final = {ENTRY_PAGE: cut.of_first, EXIT_PAGE: cut.of_last}


def pageviews_in_sessions(source: str, names: Sequence[str], kept: Sequence[str], begun: str | None = None) -> str:
    """Each pageview with `person`, `at` and its `kept` columns, and with the columns `names` of its session.

    The source has `person`, `at`, `journal_position`, `path` for the pages of sessions, and the kept columns.
    """
    columns = ["journal_position", *(["path"] if {*names} & {*_PAGES} else []), *kept]
    own = {"at": "times"} | {name: _column(name, columns) for name in kept}
    return cut.pageviews_in_sessions(source, columns, own | _expressions(names, columns), begun)


def sessions(source: str, names: Sequence[str], begun: str | None = None) -> str:
    """Each session with `person` and its columns `names`; the source as above."""
    columns = ["journal_position", "path"] if {*names} & {*_PAGES} else []
    return cut.sessions(source, columns, _expressions(names, columns), begun)


def _expressions(names: Sequence[str], columns: Sequence[str]) -> dict[str, str]:
    return {
        name: cut.FIGURES[name] if name in cut.FIGURES else _PAGES[name](_column("path", columns)) for name in names
    }


def _column(name: str, columns: Sequence[str]) -> str:
    return f"seen.{columns.index(name) + 2}"  # counted from 1, and the time is the first
