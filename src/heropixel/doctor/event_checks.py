"""Checks of the event store. It is never opened: that would make or migrate it."""

import time
from contextlib import closing

from heropixel.doctor.database_checks import judged_clocks
from heropixel.doctor.diagnosis import Diagnosis, Subject, broken, ok, unknown, warning
from heropixel.errors import EventsUnavailable
from heropixel.events.connecting import connect, unavailable
from heropixel.events.place import EventsPlace
from heropixel.postgres import without_secrets
from heropixel.processes.upgrading import files_of


def event_store(subject: Subject) -> Diagnosis:
    """Whether it can be used: the running server is asked, else a ClickHouse server itself."""
    place = EventsPlace.of(subject.settings.url_of_events())
    to_do = "Pageviews wait in the journal meanwhile. Correct the cause; the server tries again by itself."
    if subject.state and subject.state.events:
        return broken(f"it cannot be used now: {subject.state.events}", to_do)
    if not place.is_embedded:
        return _on_server(place, to_do)
    if subject.state:
        return ok("the server reaches it")
    is_there = files_of(subject.settings).events
    return unknown("only a server may open it, and none runs") if is_there else ok("none yet")


def _on_server(place: EventsPlace, to_do: str) -> Diagnosis:
    shown = without_secrets(place.url)
    try:
        with unavailable(), closing(connect(place)) as client:
            before = time.time()
            ((version, its),) = client.query("SELECT version(), toFloat64(now64(3))").result_rows
            ahead = (before + time.time()) / 2 - its
    except EventsUnavailable as error:
        return broken(f"{shown} cannot be used: {str(error)[:_MOST]}", to_do)
    clocks = judged_clocks(ahead, "the event store")
    if clocks.to_do:
        return warning(f"ClickHouse {version} at {shown}; {clocks.found}", clocks.to_do)
    if not place.has_replicas:
        found = f"ClickHouse {version} at {shown}, without replicas: its loss loses the pageviews that were loaded"
        return warning(found, "Name a cluster in the URL (?cluster=name), or take backups of it, see docs/scale.md.")
    return ok(f"ClickHouse {version} at {shown}")


_MOST = 500  # characters: a message may quote a whole query
