"""Group commit: durable before the answer, once for each event id, with a bounded queue."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
import structlog.testing
from msgspec import structs

from heropixel.directory.users import User
from heropixel.errors import Overloaded, StorageUnavailable
from heropixel.recording.calls import MOST_TOGETHER
from heropixel.recording.pageview import Pageview
from tests.recording.place import Place


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    place = await Place(tmp_path).open()
    yield place
    await place.close()


async def test_what_is_answered_is_in_the_journal(place: Place) -> None:
    await place.record()
    assert place.loading.length() == 1


async def test_callers_that_come_together_share_one_sync(place: Place) -> None:
    await asyncio.gather(*(place.record(visitor_id=f"v-{number}") for number in range(200)))
    assert sum(place.journal.groups) == 200
    assert len(place.journal.groups) <= 3


async def test_a_group_has_a_largest_size_but_takes_a_call_whole(place: Place) -> None:
    calls = [[place.pageview() for _ in range(size)] for size in (MOST_TOGETHER - 1, 10, MOST_TOGETHER + 500)]
    answers = await asyncio.gather(*(place.recorder.record(call) for call in calls))
    assert [len(answer) for answer in answers] == [len(call) for call in calls]
    assert place.journal.groups == [len(call) for call in calls]


async def test_an_event_id_is_recorded_once_and_answered_alike(place: Place) -> None:
    first = await place.record(event_id="e-1", email="anna@example.com")
    second = await place.record(event_id="e-1", email="anna@example.com")
    third = await place.record(event_id="e-2", email="anna@example.com")
    assert (first.created, second.created, third.found) == (True, True, True)
    assert first.user == second.user
    assert place.loading.length() == 2


async def test_an_event_id_is_answered_alike_after_a_restart(place: Place) -> None:
    first = await place.record(event_id="e-1", email="anna@example.com", visitor_id="v-1")
    await place.close()
    place.open_stores()
    await place.open()
    again = await place.record(event_id="e-1", email="anna@example.com", visitor_id="v-1")
    assert structs.replace(again, repeated=False) == first
    assert place.loading.length() == 1


async def test_an_event_id_twice_in_one_group_is_recorded_once(place: Place) -> None:
    twice = [place.pageview(event_id="e-1", email="anna@example.com") for _ in range(2)]
    answers = await place.recorder.record(twice)
    assert [answer.created for answer in answers] == [True, True]
    assert [answer.repeated for answer in answers] == [False, True]
    assert place.loading.length() == 1


@pytest.mark.parametrize("from_browser", [False, True])
async def test_a_repeated_pageview_is_answered_as_repeated(place: Place, *, from_browser: bool) -> None:
    def of(*ids: str) -> list[Pageview]:
        return [place.pageview(event_id=event_id, from_browser=from_browser, visitor_id="v") for event_id in ids]

    async def repeated(*ids: str) -> list[bool]:
        return [answer.repeated for answer in await place.recorder.record(of(*ids))]

    assert await repeated("a", "", "a", "b", "") == [False, False, True, False, False]
    assert await repeated("b", "c", "", "a", "c") == [True, False, False, True, True]
    await place.close()
    place.open_stores()
    await place.open()
    assert await repeated("a", "b", "c", "d") == [True, True, True, False]
    place.now += 86_400_000
    assert await repeated("a", "d") == [False, False]
    assert place.loading.length() == 9


async def test_a_replay_from_a_browser_looks_up_no_user(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    await place.record(email="anna@example.com")
    beacon = place.pageview(event_id="b", sha256=hashlib.sha256(b"anna@example.com").hexdigest(), from_browser=True)
    await place.recorder.record([beacon])
    asked: list[Sequence[int]] = []

    def users(ids: Sequence[int]) -> dict[int, User]:
        asked.append(ids)
        return {}

    monkeypatch.setattr(place.resolver, "users", users)
    (again,) = await place.recorder.record([beacon])
    assert (again.repeated, again.user, asked) == (True, None, [[]])


async def test_event_ids_of_the_visitors_door_never_meet_those_of_the_api(place: Place) -> None:
    await place.record(event_id="e-1")
    (beacon,) = await place.recorder.record([place.pageview(event_id="e-1", from_browser=True)])
    assert not beacon.repeated
    assert place.loading.length() == 2


@pytest.mark.parametrize("event_id", ["e-1", "1795707190613b10356d7ebccea18338"])
async def test_a_beacon_that_an_export_brings_again_is_recorded_already_and_has_no_user(
    place: Place, event_id: str
) -> None:
    await place.recorder.record([place.pageview(event_id=event_id, visitor_id="v", from_browser=True)])
    again = await place.record(event_id=f"beacon:{event_id}", email="ann@example.com")
    assert (again.repeated, again.user, again.miss) == (True, None, "NOT_KNOWN")
    assert place.loading.length() == 1


async def test_it_remembers_which_event_ids_it_has_recorded(place: Place) -> None:
    await place.record(event_id="e-1")
    some = [place.pageview(event_id="e-1"), place.pageview(event_id="e-2"), place.pageview(2, event_id="e-1")]
    assert await place.recorder.remembers(some) == [True, False, False]
    assert place.loading.length() == 1
    place.now += 86_400_000
    assert await place.recorder.remembers(some) == [False, False, False]


async def test_an_event_id_is_its_pixels_own(place: Place) -> None:
    await place.record(event_id="e-1")
    await place.record(2, event_id="e-1")
    assert place.loading.length() == 2


async def test_after_24_hours_an_event_id_is_another_pageview(place: Place) -> None:
    await place.record(event_id="e-1")
    place.now += 86_400_000
    await place.record(event_id="e-1")
    assert place.loading.length() == 2


async def test_a_clock_that_jumps_back_records_all_the_same(place: Place) -> None:
    await place.record(event_id="e-1")
    place.now -= 3_600_000
    await place.record(event_id="e-1")
    await place.record(event_id="e-2")
    assert place.loading.length() == 2


async def test_a_full_queue_is_refused_at_once_and_the_rest_is_recorded(tmp_path: Path) -> None:
    place = await Place(tmp_path, max_waiting=10).open()
    calls = [place.recorder.record([place.pageview()]) for _ in range(15)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(answer, Overloaded) for answer in answers) == 5
    assert place.loading.length() == 10
    await place.record()
    await place.close()


async def test_a_journal_that_fails_refuses_pageviews_is_logged_once_and_works_again(place: Place) -> None:
    place.journal.failing = True
    with structlog.testing.capture_logs() as said:
        for _ in range(3):
            with pytest.raises(StorageUnavailable):
                await place.record(event_id="e-1")
        place.journal.failing = False
        await place.record(event_id="e-1")
    assert [entry["log_level"] for entry in said] == ["error", "info"]
    assert place.loading.length() == 1


async def test_a_caller_that_goes_away_does_not_hold_up_the_others(place: Place) -> None:
    leaving = asyncio.create_task(place.record(event_id="e-1"))
    staying = asyncio.create_task(place.record(event_id="e-2"))
    await asyncio.sleep(0)
    leaving.cancel()
    await staying
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert place.loading.length() == 2


async def test_a_user_that_was_erased_is_not_answered_again(place: Place) -> None:
    from sqlalchemy import text

    await place.record(event_id="e-1", email="anna@example.com")
    with place.directory.writing() as connection:
        connection.execute(text("DELETE FROM users"))
    again = await place.record(event_id="e-1", email="anna@example.com")
    assert (again.user, again.created) == (None, False)
