"""The named questions to the event store, for every implementation: in this process, and in another over a socket."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from typing import Any

import pytest
import pytest_asyncio

from heropixel.errors import EventStoreUnavailable
from heropixel.events import Events, EventsThread
from heropixel.events.asking import Asking, AskingHere
from heropixel.events.pageviews import ListPlace
from heropixel.events.visit_sources import Span
from heropixel.values import DAILY
from tests.channels.ends import over_a_socket

START = 1_800_000_000_000  # Unix milliseconds
MINUTE = 60_000
APP, PIXEL, ANN, BEN = 1, 3, 7, 8

Open = Callable[[str], AbstractAsyncContextManager[Asking]]


@asynccontextmanager
async def here(url: str) -> AsyncIterator[Asking]:
    with closing(EventsThread(lambda: Events(url))) as thread:
        yield AskingHere(thread)


@asynccontextmanager
async def there(url: str) -> AsyncIterator[Asking]:
    async with here(url) as implementation, over_a_socket(Asking, implementation) as asking:
        yield asking


IMPLEMENTATIONS: dict[str, Open] = {"here": here, "there": there}


@pytest.fixture(scope="module")
def url(either_events_url: str) -> Iterator[str]:
    events = Events(either_events_url)
    put(events)
    yield either_events_url
    events.close()


@pytest_asyncio.fixture(params=IMPLEMENTATIONS)
async def asking(request: pytest.FixtureRequest, url: str) -> AsyncIterator[Asking]:
    async with IMPLEMENTATIONS[request.param](url) as asking:
        yield asking


def put(events: Events) -> None:
    """Two sessions of Ann, one pageview of Ben, and a visitor of the day."""
    daily = DAILY + "0" * 32
    rows: list[dict[str, Any]] = [
        {"user_id": ANN, "timestamp": START, "visitor_id": "browser-of-ann", "matched_on": "EMAIL"},
        {"user_id": ANN, "timestamp": START + MINUTE},
        {"user_id": ANN, "timestamp": START + 60 * MINUTE},
        {"user_id": BEN, "timestamp": START + 2 * MINUTE},
        {"visitor_id": daily, "timestamp": START + 3 * MINUTE},
    ]
    common = {"app": APP, "pixel_id": PIXEL, "domain": "example.com"}
    for position, row in enumerate(rows, 1):
        row |= {**common, "journal_position": position, "event_id": f"e-{position}", "url": f"https://e.com/{position}"}
        row["resolution"] = "FOUND" if row.get("user_id") else "NO_IDENTIFIER"
        row["received"] = row["timestamp"] = str(row["timestamp"])
        row["properties"] = json.dumps({"number": position << 66, "list": [1.5, None, "ü"]})
    events.insert("\n".join(map(json.dumps, rows)).encode(), "1-5")


async def test_activity_is_given_for_each_person_and_leaves_out_people_without_pageviews(asking: Asking) -> None:
    found = await asking.activity(APP, {ANN: [ANN], 9: [9]})
    assert found.keys() == {ANN}
    assert found[ANN] == (3, START, START + 60 * MINUTE, [PIXEL])


async def test_users_who_were_merged_are_one_person(asking: Asking) -> None:
    found = await asking.activity(APP, {ANN: [ANN, BEN]})
    assert found[ANN].pageviews == 4


async def test_sessions_are_counted_and_listed_newest_first(asking: Asking) -> None:
    assert await asking.session_counts(APP, {ANN: [ANN], BEN: [BEN]}) == {ANN: 2, BEN: 1}
    sessions = await asking.sessions_of(APP, {ANN: [ANN]}, None, 10)
    assert [(session.started, session.pageviews) for session in sessions] == [(START + 60 * MINUTE, 1), (START, 2)]
    assert await asking.sessions_of(APP, {ANN: [ANN]}, START + 60 * MINUTE, 10) == sessions[1:]


async def test_pageviews_are_listed_beyond_a_place_newest_first(asking: Asking) -> None:
    rows = await asking.pageviews_of(APP, {ANN: [ANN]}, None, 2)
    assert [pageview["url"] for _, pageview in rows] == ["https://e.com/3", "https://e.com/2"]
    rest = await asking.pageviews_of(APP, {ANN: [ANN]}, rows[-1][0], 10)
    assert [place for place, _ in rest] == [ListPlace(START, 1)]


async def test_users_are_found_who_were_seen_since_an_instant(asking: Asking) -> None:
    assert sorted(await asking.seen_since(APP, START + 2 * MINUTE)) == [ANN, BEN]
    assert await asking.seen_since(APP, START + 60 * MINUTE + 1) == []


async def test_event_ids_are_known_of_a_pixel_between_two_instants(asking: Asking) -> None:
    asked = ["e-1", "e-2", "e-3", "new"]
    assert sorted(await asking.known_event_ids(PIXEL, asked, START, START + MINUTE)) == ["e-1", "e-2"]
    assert await asking.known_event_ids(PIXEL + 1, asked, START, START + MINUTE) == []


async def test_daily_hashes_are_known_with_when_they_were_seen_last(asking: Asking) -> None:
    assert await asking.last_seen(START, 10) == {DAILY + "0" * 32: START + 3 * MINUTE}
    assert await asking.last_seen(START + 4 * MINUTE, 10) == {}


LATER = ListPlace(START + 60 * MINUTE, 3)
PERSONS = {ANN: [ANN, BEN]}
SPANS: list[Span] = [(START, START + 2 * MINUTE), (START + 60 * MINUTE, START + 60 * MINUTE)]
EVERYTHING: dict[str, tuple[Any, ...]] = {
    "activity": (APP, PERSONS),
    "session_counts": (APP, PERSONS),
    "first_sources": (APP, PERSONS),
    "pageviews_of": (APP, PERSONS, LATER, 10),
    "sessions_of": (APP, PERSONS, START + MINUTE, 10),
    "sources_of_visits": (APP, PERSONS, SPANS),
    "sources_of_pageviews": (APP, PERSONS, [1, 2, 3]),
    "seen_since": (APP, START),
    "pageviews_between": (APP, PERSONS, SPANS, 10),
    "evidence": (APP, [(PIXEL, START, 1), (PIXEL, START + 3 * MINUTE, 5)]),
    "links_of": (APP, [ANN]),
    "rows_of": (APP, [ANN], None, 10),
    "known_event_ids": (PIXEL, ["e-1"], START, START + MINUTE),
    "replicas_are_level": (),
    "last_seen": (START, 10),
}


async def test_every_answer_is_the_same_from_another_process(url: str) -> None:
    assert {name for name in vars(Asking) if not name.startswith("_")} == EVERYTHING.keys()
    async with here(url) as implementation, over_a_socket(Asking, implementation) as asking:
        for name, arguments in EVERYTHING.items():
            answer = await getattr(asking, name)(*arguments)
            assert answer, name
            assert answer == await getattr(implementation, name)(*arguments), name


@pytest.mark.parametrize("name", IMPLEMENTATIONS)
async def test_an_event_store_that_is_not_reachable_is_one_refusal_whatever_is_asked(name: str) -> None:
    persons = {ANN: [ANN]}
    async with IMPLEMENTATIONS[name]("clickhouse://127.0.0.1:9/nowhere") as asking:
        for question in (
            asking.activity(APP, persons),
            asking.session_counts(APP, persons),
            asking.pageviews_of(APP, persons, None, 1),
            asking.sessions_of(APP, persons, None, 1),
            asking.seen_since(APP, START),
            asking.known_event_ids(PIXEL, ["e"], START, START),
            asking.last_seen(START, 1),
        ):
            with pytest.raises(EventStoreUnavailable):
                await question
