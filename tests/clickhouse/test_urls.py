"""The URL of the event store: what it chooses, and that its password is in no message and no log."""

import logging
import traceback
from contextlib import closing

import pytest
import structlog.testing

from heropixel.errors import EventStoreUnavailable, EventsUnavailable
from heropixel.events import Events, EventsThread
from heropixel.events.erasing import newest_receipt
from heropixel.events.place import EventsPlace
from heropixel.troubles import EventsUrlUnusable, Trouble, UnknownStore
from tests.clickhouse.server import CUT, FAULTS, PASSWORD, SLOW, ClickHouseServer
from tests.session.clickhouse import new_database


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("clickhouse://host/shop", ("clickhouse://host", "shop", "", False, False)),
        ("clickhouse://u:p%2F@host:8123", ("clickhouse://u:p%2F@host:8123", "heropixel", "", False, False)),
        ("clickhouses://host/db?cluster=main", ("clickhouse://host", "db", "main", False, True)),
        ("clickhouse://host/db?cloud=1&compress=0", ("clickhouse://host?compress=0", "db", "", True, False)),
        ("chdb:///folder/events", ("chdb:///folder/events", "heropixel", "", False, False)),
    ],
)
def test_the_url_chooses_the_database_and_the_kind_of_store(url: str, expected: tuple[object, ...]) -> None:
    assert tuple(EventsPlace.of(url)) == expected


@pytest.mark.parametrize(
    "url",
    [
        f"clickhouse://u:{PASSWORD}@host/db",  # not quoted
        "clickhouse://u:s3cret@host/a-b",
        "clickhouse://u:s3cret@host/db?cluster=a'b",
        "clickhouse://u:s3cret@host/db?cluster=a&cloud=1",
        "clickhouse://u:s3cret@host:x/db",
        "clickhouse://host/a.b?password=s3cret",
        "duckdb://u:s3cret@host/db",
    ],
)
def test_a_url_that_cannot_be_used_is_refused_with_what_to_change_and_without_its_password(url: str) -> None:
    with pytest.raises((EventsUrlUnusable, UnknownStore)) as refused:
        Events(url)
    assert "***" in str(refused.value)
    assert "s3cret" not in "".join(traceback.format_exception(refused.value))


async def test_the_log_says_once_that_a_server_is_away_and_once_that_it_is_back(
    clickhouse: ClickHouseServer, caplog: pytest.LogCaptureFixture
) -> None:
    urls = ["clickhouse://127.0.0.1:1/db"] * 2 + [clickhouse.url(new_database())]
    with structlog.testing.capture_logs() as said, closing(EventsThread(lambda: Events(urls.pop(0)))) as thread:
        for _ in range(2):
            with pytest.raises(EventStoreUnavailable):
                await thread.read(newest_receipt)
        for _ in range(2):
            await thread.read(newest_receipt)
    assert [line["event"] for line in said] == ["the event store cannot be read", "the event store can be read again"]
    assert not caplog.records


@pytest.mark.parametrize("kind", [kind for kind in FAULTS if kind != SLOW])
async def test_no_error_of_a_server_has_the_password(
    clickhouse: ClickHouseServer, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    url = clickhouse.url(new_database())
    with structlog.testing.capture_logs() as said, closing(EventsThread(lambda: Events(url))) as thread:
        await thread.read(newest_receipt)
        clickhouse.fail(kind, "max", 5)
        with pytest.raises(Exception, match="event store") as failed:
            await thread.read(newest_receipt)
    clickhouse.asked()
    check(failed.value, said, caplog)


@pytest.mark.parametrize("wrong", ["password", "port", "newer"])
def test_no_trouble_of_a_start_has_the_password(
    clickhouse: ClickHouseServer, wrong: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    database = new_database()
    url = clickhouse.url(database, password=f"{PASSWORD}-wrong" if wrong == "password" else PASSWORD)
    if wrong == "port":
        url = url.replace(f":{clickhouse.port}", ":9")
    if wrong == "newer":
        with closing(Events(url)) as events:
            events.change("INSERT INTO migrations VALUES (9999, 'later')")
    with structlog.testing.capture_logs() as said, pytest.raises((EventsUnavailable, Trouble)) as failed:
        Events(url)
    check(failed.value, said, caplog)


def check(error: BaseException, said: object, caplog: pytest.LogCaptureFixture) -> None:
    told = "".join(traceback.format_exception(error)) + repr(said) + caplog.text
    assert "s3cret" not in told


def test_two_databases_of_one_server_are_two_stores(clickhouse: ClickHouseServer) -> None:
    with closing(Events(clickhouse.url(new_database()))) as one, closing(Events(clickhouse.url("shop"))) as other:
        one.add_links(b'{"app": 1, "visitor_id": "v", "user_id": 6, "linked_at": "1900000000000"}')
        assert [len(events.ask("SELECT 1 FROM links")) for events in (one, other)] == [1, 0]
        assert not [row for row in one.ask("SHOW DATABASES") if row == ("heropixel",)]


def test_a_cut_answer_is_no_answer(clickhouse: ClickHouseServer) -> None:
    with closing(Events(clickhouse.url(new_database()))) as events:
        clickhouse.fail(CUT, "numbers", 5)
        with pytest.raises(EventsUnavailable):
            events.ask("SELECT number FROM numbers(1000)")
        clickhouse.asked()
