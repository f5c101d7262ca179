"""Invented visitors come to the sample site while its server runs, and only then."""

import threading
from itertools import takewhile

import pytest

from heropixel.directory.apps import NewApp
from heropixel.sample.live import BUSY, DOCUMENT, timed, variables_of, visit_from_now_on
from tests.sample.made import customers
from tests.world import Server, World, free_port, running

HOUR = 3600.0
COMING = [*takewhile(lambda timed_event: timed_event[0] < BUSY + HOUR, timed(1, customers()))]


def test_somebody_comes_at_once_and_then_every_few_seconds() -> None:
    times = [at for at, _ in COMING]
    assert times[0] == 0
    assert times == sorted(times)
    begun = [at for at, event in COMING if "app.example.com" not in (event.referrer or "") and at < BUSY]
    assert len(begun) > 60
    assert all(event.timestamp is None for _, event in COMING)  # it happens when it is sent


def test_later_it_is_quieter_so_that_the_day_stays_believable() -> None:
    assert sum(at >= BUSY for at, _ in COMING) < 5 * HOUR / 60


def test_customers_and_newcomers_come() -> None:
    named = {event.external_id for _, event in COMING if event.external_id}
    assert named <= {person.external_id for person in customers()}
    assert len(named) > 10
    assert len({event.visitor_id for _, event in COMING}) > 60


def check_a_sign_up(server: Server) -> None:
    """Who signs up while the server runs has a name at once."""
    event = next(event for _, event in timed(1, []) if event.email)
    variables = {"auth": server.world.auth, **variables_of(event)}
    assert server.graphql(DOCUMENT, variables)["data"] == {"pageview": {"code": 200}, "identify": {"code": 200}}
    found = server.pageview(email=event.email)
    assert (found["message"], found["data"]["city"]) == ("User Found", event.city)
    assert {"first_name", "last_name", "plan"} <= {*found["data"]}


def visits(url: str, app: NewApp) -> threading.Thread:
    """Visits from another thread, in place of the process that a server gives them."""
    thread = threading.Thread(target=visit_from_now_on, args=(url, app, []), daemon=True)
    thread.start()
    return thread


@pytest.mark.process
def test_the_visits_are_recorded_until_they_are_refused(world: World) -> None:
    with running(world) as server:
        visiting = visits(server.url, NewApp(world.app_id, world.secret))
        server.loaded(1)
        check_a_sign_up(server)
        refused = visits(server.url, NewApp(world.app_id, "hps_revoked"))
        refused.join(30)
        assert visiting.is_alive()
        assert not refused.is_alive()


def test_the_visits_end_with_their_server() -> None:
    visiting = visits(f"http://127.0.0.1:{free_port()}", NewApp("app_x", "hps_x"))
    visiting.join(30)
    assert not visiting.is_alive()
