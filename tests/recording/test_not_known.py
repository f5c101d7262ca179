"""A connection that is lost in COMMIT, or standbys that are away: no answer is false, and none takes for ever."""

import asyncio
import threading

import pytest

from heropixel.errors import JournalUnsure, OutcomeUnknown, StorageUnavailable
from heropixel.processes.steps import running
from heropixel.recording import recorder as module
from heropixel.recording.recorder import Recorder
from tests.recording.doors import Doors


def _lose_the_connection(doors: Doors) -> None:
    def lose() -> None:
        doors.interrupting.cut = None
        raise JournalUnsure("the connection was lost while it was committed")

    doors.interrupting.cut = lose


async def test_a_pageview_with_an_event_id_is_sent_again_if_its_commit_is_not_known_and_recorded_once(
    doors: Doors,
) -> None:
    _lose_the_connection(doors)
    (answer,) = await doors.doors[0].record([doors.pageview(event_id="e-1", email="ann@example.com")])
    assert answer.user is not None
    assert doors.loading.length() == 1


async def test_the_caller_of_one_without_an_event_id_hears_that_it_is_not_known(doors: Doors) -> None:
    _lose_the_connection(doors)
    with pytest.raises(OutcomeUnknown):
        await doors.doors[0].record([doors.pageview()])
    assert doors.loading.length() == 1


async def test_callers_of_a_writer_that_waits_for_standbys_are_answered_in_time_and_nothing_false(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STUCK", 0.05)
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0.02)
    goes_on = threading.Event()
    doors.interrupting.cut = goes_on.wait
    door = Recorder(doors.doors[0]._path, answer_within=0.1)
    async with running(door.keep_connected()):
        async with asyncio.timeout(30):
            with pytest.raises(OutcomeUnknown):
                await door.record([doors.pageview(event_id="e-1")])
            with pytest.raises(StorageUnavailable):
                await door.record([doors.pageview()])  # which the writer does not get
            assert "has not answered" in door.why_not()
            assert door.waiting() == 0
        goes_on.set()
        async with asyncio.timeout(30):
            while door.why_not():  # noqa: ASYNC110 - nothing says when it goes on
                await asyncio.sleep(0.01)
        (again,) = await doors.doors[0].record([doors.pageview(event_id="e-1")])  # which waits as long as it takes
        assert again.repeated
        assert doors.loading.length() == 1


async def test_a_journal_that_cannot_store_pageviews_is_said_for_a_moment(doors: Doors) -> None:
    def fail() -> None:
        doors.interrupting.cut = None
        raise OSError

    doors.interrupting.cut = fail
    door = doors.doors[0]
    with pytest.raises(StorageUnavailable):
        await door.record([doors.pageview()])
    assert door.why_not() == "the journal cannot store pageviews"
    await door.record([doors.pageview()])
    assert door.why_not() == ""
