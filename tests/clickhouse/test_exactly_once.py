"""Each pageview is in the event store exactly once, whatever becomes of the requests that bring it there."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from heropixel.errors import EventsUnavailable
from heropixel.events import Events
from heropixel.events.pageviews import export
from heropixel.journal import Journal
from heropixel.recording.loader import Loader
from tests.clickhouse.server import CUT, FAULTS, LOST_AFTER, SLOW, ClickHouseServer
from tests.recording.no_links import NO_LINKS

NOW = 1_800_000_000_000
MONTH = 31 * 86_400_000
ROW = (
    '{"app":1,"pixel_id":1,"timestamp":"%d","received":"1800000000000","event_id":"e-%d",'
    '"resolution":"FOUND","domain":"example.com","user_id":%d,"visitor_id":"v-%d"}\n'
)
INSERT, COMPARE, LINK = "^INSERT INTO pageviews", "^SELECT journal_position FROM", "INSERT INTO links"


@pytest.fixture(scope="module", params=["clickhouse", "replica"])
def server(request: pytest.FixtureRequest) -> ClickHouseServer:
    server: ClickHouseServer = request.getfixturevalue(request.param)
    return server


@pytest.fixture(scope="module")
def url(server: ClickHouseServer) -> str:
    cluster = "&cluster=here" * server.is_replica
    return server.new_store(f"send_receive_timeout=1{cluster}")


@pytest.fixture(scope="module")
def looking(url: str) -> Iterator[Events]:
    """The connection that a test looks with, beside that of the loader."""
    with closing(Events(url)) as events:
        yield events


@pytest.fixture
def loader(journals: tuple[Journal, Journal], url: str, looking: Events) -> Iterator[Loader]:
    """A loader of pageviews of two months, which are two parts of one insert."""
    appender, loading = journals
    for table in ("pageviews", "links"):
        looking.change(f"TRUNCATE TABLE {table}")
    lines = [ROW % (NOW - MONTH * (number % 2), number, number, number) for number in range(1, 7)]
    appender.append("".join(lines).encode(), {}, NOW)
    loader = Loader(loading, NO_LINKS, lambda: Events(url), lambda: NOW)
    yield loader
    loader.close()


def load(loader: Loader) -> int:
    """Load as a server does: again after a failure. How often it failed."""
    failed = 0
    while True:
        try:
            loader.load_all()
        except EventsUnavailable:
            failed += 1
        else:
            return failed


def check(events: Events) -> None:
    assert sorted(row["eventId"] for row in export(events, {})) == [f"e-{number}" for number in range(1, 7)]
    linked = events.ask("SELECT visitor_id, user_id FROM links FINAL ORDER BY user_id")
    assert [tuple(row) for row in linked] == [(f"v-{number}", number) for number in range(1, 7)]


# Five times: the client repeats some requests by itself. A slow one takes longer than the client waits.
@pytest.mark.parametrize(("kind", "times"), [(kind, 1 if kind == SLOW else 5) for kind in FAULTS])
def test_nothing_is_lost_and_nothing_comes_twice_whatever_becomes_of_an_insert(
    server: ClickHouseServer, loader: Loader, looking: Events, kind: str, times: int
) -> None:
    server.fail(kind, INSERT, times)
    load(loader)
    server.asked()
    check(looking)


@pytest.mark.parametrize("what", [COMPARE, LINK])
@pytest.mark.parametrize("kind", [LOST_AFTER, CUT])
def test_nothing_comes_twice_whatever_becomes_of_what_follows_an_insert_of_unknown_outcome(
    server: ClickHouseServer, loader: Loader, looking: Events, kind: str, what: str
) -> None:
    server.fail(CUT, INSERT)
    with pytest.raises(EventsUnavailable):
        loader.load_all()
    server.fail(kind, what, 3)
    load(loader)
    server.asked()
    check(looking)


def test_an_insert_is_one_block_that_waits_for_the_disks_and_carries_its_token(
    server: ClickHouseServer, loader: Loader, url: str
) -> None:
    server.asked()
    load(loader)
    (insert,) = (each["asked"] for each in server.asked() if each["statement"].startswith("INSERT INTO pageviews"))
    assert insert["insert_deduplication_token"].partition("-")[0].isdigit()
    assert (insert["async_insert"], insert["input_format_parallel_parsing"]) == ("0", "0")
    assert insert.get("insert_quorum") == ("auto" if "cluster=" in url else None)


def test_what_the_store_has_is_not_sent_again_when_it_has_forgotten_the_token(
    server: ClickHouseServer, loader: Loader, looking: Events
) -> None:
    server.fail(CUT, INSERT)
    with pytest.raises(EventsUnavailable):
        loader.load_all()
    server.asked()
    load(loader)
    assert not [each for each in server.asked() if each["statement"].startswith("INSERT INTO pageviews")]
    check(looking)
