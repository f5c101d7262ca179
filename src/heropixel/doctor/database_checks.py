"""Checks of the PostgreSQL database that the nodes of a cluster share."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from heropixel.doctor.diagnosis import Check, Diagnosis, Subject, broken, ok, warning
from heropixel.postgres import address_of, connect, is_postgres
from heropixel.processes.stores import accepted_of


def where_there_is_one(check: Callable[[str, Any], Diagnosis]) -> Check:
    """The check, with the address as it may be shown, and a connection."""

    @wraps(check)
    def checked(subject: Subject) -> Diagnosis | None:
        url = subject.settings.url_of_directory()
        if not is_postgres(url):
            return None
        import psycopg  # noqa: PLC0415 - only where a URL asks for it

        address = address_of(url)
        try:
            with connect(address, "directory") as connection:
                return check(address.shown, connection)
        except psycopg.Error as error:
            to_do = "Start the database, or correct HEROPIXEL_DIRECTORY_URL and HEROPIXEL_JOURNAL_URL."
            return broken(f"{address.shown} cannot be used: {' '.join(str(error).split())}", to_do)

    return checked


@where_there_is_one
def database(shown: str, connection: Any) -> Diagnosis:  # noqa: ANN401 - psycopg's, which is loaded late
    """Whether it can be reached, is one that can be written, and how far away it is."""
    version, is_standby = connection.execute("SELECT current_setting('server_version'), pg_is_in_recovery()").fetchone()
    if is_standby:
        return broken(f"{shown} is a standby", "Name the primary, or add target_session_attrs=read-write to the URL.")
    took = _round_trip(connection)
    found = f"PostgreSQL {version.partition(' ')[0]} at {shown}, {took * 1000:.2g} ms away"
    if took > _FAR:
        return warning(f"{found}: each group of pageviews waits several times so long", "Move the nodes nearer to it.")
    return ok(found)


_FAR = 0.02  # seconds


def _round_trip(connection: Any) -> float:  # noqa: ANN401 - as above
    times = []
    for _ in range(5):
        began = time.perf_counter()
        connection.execute("SELECT 1")
        times.append(time.perf_counter() - began)
    return min(times)


def durability(subject: Subject) -> Diagnosis | None:
    """Whether what is answered is on the disks of a majority; and that directory and journal are one database."""
    settings = subject.settings
    urls = settings.url_of_directory(), settings.url_of_journal()
    if not any(is_postgres(url) for url in urls):
        return None
    accepted = accepted_of(settings)  # raises what stops a start
    if accepted:
        found = f"accepted by durability=single: {' '.join(accepted)}"
        return warning(found, "To keep a pageview when a machine is lost, see docs/scale.md.")
    return ok("a commit is on the disks of a majority")


@where_there_is_one
def clock_of_database(_shown: str, connection: Any) -> Diagnosis:  # noqa: ANN401 - as above
    """Whether the clock of this machine and that of the database go together."""
    before = time.time()
    (its,) = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
    return judged_clocks((before + time.time()) / 2 - its, "the database")


def judged_clocks(ahead: float, other: str) -> Diagnosis:
    """What it means that this machine's clock is so many seconds ahead of another's."""
    if abs(ahead) > _APART:
        way = "ahead of" if ahead > 0 else "behind"
        found = f"this machine's clock is {abs(ahead):,.1f} s {way} that of {other}"
        return warning(found, "Run a time service on both: a pageview has the time of the node that took it.")
    return ok(f"the clocks of this machine and of {other} go together")


_APART = 1.0  # seconds
