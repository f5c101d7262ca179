"""The copy of an event store has the same rows, whatever becomes of a request, and is compared."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from heropixel.errors import EventsUnavailable
from heropixel.events import Events
from heropixel.moving import events_copy
from heropixel.moving.events_copy import compare, copy_events, empty
from tests.clickhouse.server import CUT, LOST_AFTER, LOST_BEFORE, UNAVAILABLE, ClickHouseServer

pytestmark = pytest.mark.process


def _row(position: int, month: int) -> bytes:
    at = f"2026-{month:02}-03 10:00:{position % 60:02}.000"
    row = {"app": 1, "pixel_id": 1, "timestamp": at, "received": at, "journal_position": position}
    row |= {"event_id": f"e-{position}", "resolution": "FOUND", "matched_on": "EMAIL", "domain": "example.com"}
    return json.dumps(row | {"user_id": 1 + position % 3, "visitor_id": f"v-{position % 5}"}).encode()


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Events]:
    with closing(Events(f"chdb://{tmp_path / 'events'}")) as events:
        events.insert(_row(1, 8), "one row")  # the engine finds nothing by place in a set of one row
        for month in (9, 10):
            events.insert(b"\n".join(_row(month * 100 + number, month) for number in range(20)), f"of {month}")
        events.change("ALTER TABLE links DELETE WHERE user_id = 2")  # as an erasure does
        yield events


@pytest.fixture(params=["clickhouse", "replica"])
def target(request: pytest.FixtureRequest) -> Iterator[tuple[Events, ClickHouseServer]]:
    server: ClickHouseServer = request.getfixturevalue(request.param)
    url = server.new_store("cluster=here" if server.is_replica else "")
    with closing(Events(url)) as events:
        yield events, server
    server.asked()


def test_it_has_every_row_once_though_answers_are_lost(
    source: Events, target: tuple[Events, ClickHouseServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    events, server = target
    monkeypatch.setattr(events_copy, "_RETRIES", (0.0, 0.0, 0.0, 0.0))
    monkeypatch.setattr(events_copy, "_BLOCK", 7)
    for kind in (LOST_BEFORE, LOST_AFTER, CUT, UNAVAILABLE):
        empty(events)
        server.fail(kind, "INSERT INTO pageviews", 2)
        assert copy_events(source, events, kind, lambda _: None) == 41
    compare(source, events)
    links = "SELECT visitor_id, user_id, min(linked_at) FROM links GROUP BY ALL ORDER BY ALL"
    assert events.ask(links) == source.ask(links)
    assert not events.ask("SELECT 1 FROM links WHERE user_id = 2"), "pageviews made links again that were gone"


def test_a_copy_that_is_not_equal_is_refused(
    source: Events, target: tuple[Events, ClickHouseServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events_copy, "_REPLICA_SECONDS", 0)
    events, _ = target
    copy_events(source, events, "whole", lambda _: None)
    events.change("ALTER TABLE pageviews UPDATE visitor_id = 'another' WHERE journal_position = 905")
    with pytest.raises(EventsUnavailable, match="of 41 rows of pageviews 41 are there, or they are not the same"):
        compare(source, events)
