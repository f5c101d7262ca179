"""Sessions for a question, to SQL: what is told of them, and of the pageviews in them. Pure.

Those of the pageviews on the pixels that are asked for; when one ends, events/sessions.py says.
"""

from collections.abc import Sequence
from typing import Final

from heropixel.events import sessions as cut
from heropixel.reports.dimensions import name_in_sql

ENTRY_PAGE: Final = name_in_sql("ENTRY_PAGE")
EXIT_PAGE: Final = name_in_sql("EXIT_PAGE")
_PAGES: Final = {ENTRY_PAGE: cut.of_first, EXIT_PAGE: cut.of_last}


def pageviews_in_sessions(source: str, names: Sequence[str], kept: Sequence[str]) -> str:
    """Each pageview with `person`, `at` and what is `kept` of it, and with `names` of its session.

    The source has `person`, `at`, `journal_position`, `path` for the pages of sessions, and what is kept.
    """
    columns = ["journal_position", *(["path"] if {*names} & {*_PAGES} else []), *kept]
    own = {"at": "times"} | {name: _column(name, columns) for name in kept}
    return cut.pageviews_in_sessions(source, columns, own | _told(names, columns))


def sessions(source: str, names: Sequence[str]) -> str:
    """Each session with `person` and `names` of it; the source as above."""
    columns = ["journal_position", "path"] if {*names} & {*_PAGES} else []
    return cut.sessions(source, columns, _told(names, columns))


def _told(names: Sequence[str], columns: Sequence[str]) -> dict[str, str]:
    return {
        name: cut.FIGURES[name] if name in cut.FIGURES else _PAGES[name](_column("path", columns)) for name in names
    }


def _column(name: str, columns: Sequence[str]) -> str:
    return f"seen.{columns.index(name) + 2}"  # counted from 1, and the time is the first
