"""`heropixel doctor --events URL`: an event store is tried with rows of nobody, in a database that is made for it.

It uses what a server uses, and nothing else: tables, inserts with tokens, reports, erasures. The database has a new
name, and is dropped at the end. Nothing is read of other databases, and nothing is changed in them.
"""

import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import partial
from typing import Final, TypeVar
from urllib.parse import unquote, urlsplit, urlunsplit

from heropixel.directory.registry import Pixel
from heropixel.doctor.checkup import NamedDiagnosis
from heropixel.doctor.diagnosis import Diagnosis, broken, ok, unknown, warning
from heropixel.errors import EventsUnavailable
from heropixel.events import Events, migrations
from heropixel.events.connecting import connect, unavailable
from heropixel.events.erasing import erase_pixel, erase_users
from heropixel.events.pageviews import export
from heropixel.events.place import EventsPlace
from heropixel.events.replicas import still_to_do
from heropixel.outages import loggable
from heropixel.postgres import without_secrets
from heropixel.reports.ask import EVERYTHING, ask
from heropixel.reports.asked import operators_question
from heropixel.reports.people import PersonScopes
from heropixel.reports.question import Metric, ReportInput
from heropixel.reports.ranges import RangeInput
from heropixel.troubles import EventsUrlUnusable

T = TypeVar("T")

_ATTEMPTS: Final = 4  # a server would go on for ever
_PAUSE_SECONDS: Final = 0.5
_REPLICAS_SECONDS: Final = 20.0  # for what replicas do by themselves

# Rows: an hour of a site in November 2026, of one person and of a browser that is theirs, and of another site.
_APP, _SITE, _OTHER, _PERSON = 1, 1, 2, 7
_AT: Final = 1_794_826_800_000
_ROWS, _OTHERS = 6, 2


class Trial:
    """One event store, a database of its own in it, and how often it was asked again."""

    def __init__(self, url: str) -> None:
        """The URL is one as in HEROPIXEL_EVENTS_URL. Its database is not used.

        Raises:
            UnknownStore, EventsUrlUnusable: the URL cannot be used.
        """
        if EventsPlace.of(url).is_embedded:
            why = "an embedded event store needs no trial. Give the URL of a ClickHouse server"
            raise EventsUrlUnusable(url=url, why=why)
        self.database = f"heropixel_doctor_{secrets.token_hex(6)}"
        self.url = urlunsplit(urlsplit(url)._replace(path=f"/{self.database}"))
        self.place = EventsPlace.of(self.url)
        self.shown = without_secrets(url)
        self.repeated = 0
        self.patience = _REPLICAS_SECONDS if self.place.has_replicas else 0.0  # with answers that are not as expected
        self._events: Events | None = None

    @property
    def events(self) -> Events:
        """The connection, which makes the tables."""
        self._events = self._events or Events(self.url)
        return self._events

    def answered(self, work: Callable[[], T]) -> T:
        """Do something, and again where there was no answer, as a server does.

        Raises:
            EventsUnavailable: it was not answered in several attempts.
        """
        for _ in range(_ATTEMPTS - 1):
            try:
                return work()
            except EventsUnavailable:
                self.repeated += 1
                time.sleep(_PAUSE_SECONDS)
        return work()

    def without_password(self, text: str) -> str:
        """A message of the server, in which the password might be."""
        given = urlsplit(self.url).password or ""
        for secret in filter(None, (given, unquote(given))):
            text = text.replace(secret, "***")
        return text

    def drop(self) -> Diagnosis:
        """Drop the database. It is nobody else's: its name was made here."""

        def dropped() -> None:
            with unavailable(), closing(connect(self.place)) as client:
                client.command(f"DROP DATABASE IF EXISTS {self.database}{self.place.on_cluster}")

        if self._events:
            self._events.close()
        try:
            self.answered(dropped)
        except EventsUnavailable as error:
            to_do = f"Run: DROP DATABASE IF EXISTS {self.database}{self.place.on_cluster}"
            return warning(f"{self.database} is left: {self.without_password(loggable(error))}", to_do)
        again = f"; {self.repeated} requests were repeated" if self.repeated else ""
        return ok(f"{self.database} is dropped, and its files go within minutes{again}")


class _UnexpectedError(Exception):
    """The store answered, and not what it has to."""


def _expect(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise _UnexpectedError(f"{what}: {found!r} instead of {expected!r}")


def try_events(trial: Trial) -> Iterator[NamedDiagnosis]:
    """Try each step, and drop the database in any case. Without its tables the other steps are not tried."""
    try:
        for name, step in STEPS.items():
            diagnosis = _tried(step, trial)
            yield NamedDiagnosis(name, diagnosis)
            if diagnosis.verdict == "BROKEN" and step is _tables:
                break
    finally:
        last = trial.drop()
    yield NamedDiagnosis("nothing stays", last)


def _tried(step: Callable[[Trial], Diagnosis], trial: Trial) -> Diagnosis:
    try:
        return _expected(step, trial)
    except EventsUnavailable as error:
        return broken(trial.without_password(loggable(error)), "Look into the log of the ClickHouse server.")
    except _UnexpectedError as error:
        trial.patience = 0.0
        to_do = "Do not keep pageviews in this event store. Please report it, with the version of the server."
        return broken(str(error), to_do)


def _expected(step: Callable[[Trial], Diagnosis], trial: Trial) -> Diagnosis:
    """The step once more while its answer may be that of a replica that has not followed yet. Each can be repeated.

    Raises:
        EventsUnavailable, _UnexpectedError: it stays so.
    """
    until = time.monotonic() + trial.patience
    while True:
        try:
            return step(trial)
        except _UnexpectedError:
            if time.monotonic() >= until:
                raise
            time.sleep(_PAUSE_SECONDS)


def _tables(trial: Trial) -> Diagnosis:
    trial.answered(lambda: trial.events)
    ((version,),) = trial.events.ask("SELECT version()")
    Events(trial.url).close()  # of another node, which finds all done
    numbers = [number for (number,) in trial.events.ask("SELECT DISTINCT number FROM migrations ORDER BY number")]
    _expect("migrations", numbers, [number for number, _, _ in migrations()])
    engines = {engine for (engine,) in trial.events.ask(_ENGINES, database=trial.database)}
    return ok(f"{len(numbers)} migrations on ClickHouse {version} at {trial.shown}: {', '.join(sorted(engines))}")


_ENGINES: Final = "SELECT DISTINCT engine FROM system.tables WHERE database = {database:String} AND engine LIKE '%Tree'"


def _insert(trial: Trial) -> Diagnosis:
    rows = [
        *(_row(number, _SITE, user_id=_PERSON, visitor_id="browser", title="Doctor") for number in range(3)),
        *(_row(number, _SITE, visitor_id="browser", resolution="NOT_KNOWN") for number in range(3, _ROWS)),
        *(_row(number, _OTHER, visitor_id="other") for number in range(_ROWS, _ROWS + _OTHERS)),
    ]
    trial.answered(lambda: trial.events.insert(b"\n".join(rows), _TOKEN))
    return _is_there_once(trial, "inserted, with one token")


def _repeat(trial: Trial) -> Diagnosis:
    """What a server does whose insert was not answered."""
    rows = b"\n".join(_row(number, _SITE, visitor_id="browser", resolution="NOT_KNOWN") for number in range(_ROWS))
    trial.answered(lambda: trial.events.insert(rows, _TOKEN))
    return _is_there_once(trial, "the same token again inserted nothing")


_TOKEN: Final = "heropixel-doctor-1"  # noqa: S105 - of an insert, no secret


def _is_there_once(trial: Trial, found: str) -> Diagnosis:
    last = _ROWS + _OTHERS
    _expect("positions", trial.answered(lambda: trial.events.positions(0, last)), {*range(last)})
    _expect("rows", [*trial.events.ask("SELECT count() FROM pageviews")[0]], [last])
    return ok(f"{last} rows, {found}")


def _row(number: int, pixel: int, **more: str | int) -> bytes:
    """A pageview of the trial, as the loader inserts it."""
    row = {
        "app": _APP,
        "pixel_id": pixel,
        "timestamp": str(_AT + number * 60_000),
        "received": str(_AT + number * 60_000),
        "event_id": f"doctor-{number}",
        "resolution": "FOUND",
        "domain": "doctor.example",
        "journal_position": number,
    }
    return json.dumps(row | more).encode()


def _report(trial: Trial) -> Diagnosis:
    pixels = {_SITE: Pixel(_SITE, _APP, frozenset(), frozenset())}
    given = ReportInput(
        pixel_ids=[_SITE],
        range=RangeInput(from_=_AT, to=_AT + 3_600_000),
        metrics=[Metric.PAGEVIEWS, Metric.VISITORS, Metric.SESSIONS],
        dimensions=["CHANNEL"],
    )
    app, question = operators_question(given, pixels, _AT + 3_600_000)
    people = PersonScopes(lambda _: {}, lambda _app, _name: ())

    scope_of = partial(people.scope, trial.events, app, question.pixels)
    totals = trial.answered(lambda: ask(trial.events, scope_of, question, EVERYTHING)).totals
    assert totals is not None  # noqa: S101 - they are wanted
    found = (totals.pageviews, totals.visitors and totals.visitors.count, totals.sessions)
    _expect("pageviews, visitors and visits", found, (_ROWS, 1, 1))
    return ok(f"{_ROWS} pageviews, 1 visitor, 1 visit: the anonymous pageviews of their browser are theirs")


def _erase(trial: Trial) -> Diagnosis:
    trial.answered(lambda: erase_users(trial.events, _APP, [[_PERSON]]))
    rows = trial.answered(lambda: [row for row in export(trial.events, {}) if row["pixelId"] == _SITE])
    _expect("pageviews that are left", len(rows), _ROWS)
    naming = [row for row in rows if row["userId"] or row["visitorId"] or row["title"]]
    _expect("pageviews that name somebody", len(naming), 0)
    return ok(f"{_ROWS} pageviews of a person are counted still, and name nobody")


def _delete(trial: Trial) -> Diagnosis:
    trial.answered(lambda: erase_pixel(trial.events, _OTHER))
    left = trial.answered(lambda: trial.events.ask("SELECT count() FROM pageviews"))
    _expect("rows that are left", left[0][0], _ROWS)
    return ok(f"the {_OTHERS} pageviews of a pixel are deleted, those of others stay")


def _replicas(trial: Trial) -> Diagnosis:
    if not trial.place.has_replicas:
        to_do = "Name a cluster in the URL (?cluster=name), or take backups of it, see docs/scale.md."
        return warning("none: its loss loses the pageviews that were loaded", to_do)
    until = time.monotonic() + _REPLICAS_SECONDS
    while waits := trial.answered(lambda: still_to_do(trial.events)):
        if time.monotonic() > until:
            to_do = "Start them. Erasures are pending until all replicas have done them."
            return warning(trial.without_password(waits), to_do)
        time.sleep(_PAUSE_SECONDS)
    if not trial.place.cluster:
        return unknown("those of ClickHouse's cloud are not counted from here")
    rows = trial.answered(lambda: trial.events.ask(_ON_EACH.format(table=trial.place.all_replicas_of("pageviews"))))
    counts = {host: count for host, count in rows}  # noqa: C416 - rows are no pairs to mypy
    _expect("rows on each replica", {*counts.values()}, {_ROWS})
    return ok(f"{len(counts)} of cluster {trial.place.cluster} have the same rows, and have done all changes")


_ON_EACH: Final = "SELECT hostName(), count() FROM {table} GROUP BY hostName()"

# A later step needs what those before it have done.
STEPS: Final[Mapping[str, Callable[[Trial], Diagnosis]]] = {
    "tables": _tables,
    "insert": _insert,
    "once": _repeat,
    "report": _report,
    "erase": _erase,
    "delete": _delete,
    "replicas": _replicas,
}
