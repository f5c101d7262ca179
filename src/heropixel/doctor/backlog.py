"""Checks whether pageviews come from the journal into the event store."""

from typing import Any

import msgspec

from heropixel.doctor.database_checks import where_there_is_one
from heropixel.doctor.diagnosis import Diagnosis, Subject, broken, ok, warning
from heropixel.journal import Waiting, waiting_in
from heropixel.postgres import is_postgres
from heropixel.processes.measures import age_of
from heropixel.settings import sqlite_file


def backlog(subject: Subject) -> Diagnosis | None:
    """How many pageviews wait in the journal, and since when."""
    url = subject.settings.url_of_journal()
    if is_postgres(url):
        return _of_database(subject)
    if sqlite_file(url) is None:
        return None
    return _judged(waiting_in(url), is_loading=subject.state is not None)


@where_there_is_one
def _of_database(_shown: str, connection: Any) -> Diagnosis:  # noqa: ANN401 - psycopg's, which is loaded late
    from heropixel.journal.postgres_loading import waiting_on  # noqa: PLC0415 - only where a URL asks for it

    (is_there,) = connection.execute("SELECT to_regclass('journal_loads') IS NOT NULL").fetchone()
    # Whether a node runs is not known here. One should.
    return (
        _judged(waiting_on(connection), is_loading=True) if is_there else ok("no journal yet: the first node makes it")
    )


def _judged(waiting: Waiting, *, is_loading: bool) -> Diagnosis:
    try:
        seconds = age_of(waiting.oldest)
    except (msgspec.MsgspecError, ValueError):
        to_do = "Keep a copy of the journal, and look into the log of the server."
        return broken("the oldest entry of the journal cannot be read", to_do)
    return judged_backlog(waiting.entries, seconds, is_loading=is_loading)


def judged_backlog(entries: int, seconds: float, *, is_loading: bool) -> Diagnosis:
    """What so many entries that wait mean, the oldest for so many seconds."""
    if not entries:
        return ok("no pageview waits to be loaded")
    found = f"{entries:,} pageviews wait to be loaded, the oldest for {seconds:,.0f} s"
    if not is_loading:
        return ok(f"{found}; they are loaded when a server runs")
    if seconds > _BEHIND:
        to_do = "The log of the server says why. If it says nothing, it has too much to do: see docs/operate.md."
        return warning(f"{found}: reports are behind", to_do)
    return ok(found)


_BEHIND = 60.0  # seconds
