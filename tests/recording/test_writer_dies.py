"""A writer that dies, stays away or does not answer: nothing is recorded twice, and no answer is false."""

import asyncio
import threading
from pathlib import Path

import pytest

from heropixel.errors import JournalUnavailable, OutcomeUnknown, StorageUnavailable
from heropixel.processes.sockets import opened_sockets
from heropixel.processes.steps import running
from heropixel.recording import recorder as module
from heropixel.recording.recorder import Recorder
from heropixel.recording.talk import ENCODER, Ready
from tests.recording.doors import Doors
from tests.recording.place import Place
from tests.recording.writers import serving


async def test_a_pageview_with_an_event_id_is_recorded_once_though_the_writer_dies_before_it_answers(
    doors: Doors,
) -> None:
    doors.interrupting.cut = doors.cut
    (answer,) = await doors.doors[0].record([doors.pageview(event_id="e-1", email="ann@example.com")])
    assert answer.user is not None
    assert doors.loading.length() == 1


async def test_a_caller_without_an_event_id_is_told_that_nobody_knows(doors: Doors) -> None:
    doors.interrupting.cut = doors.cut
    with pytest.raises(OutcomeUnknown, match="may not have been recorded"):
        await doors.doors[0].record([doors.pageview()])
    (answer,) = await doors.doors[0].record([doors.pageview(event_id="e-1")])
    assert not answer.repeated
    assert doors.loading.length() == 2


async def test_a_writer_that_stays_away_is_said_and_nothing_was_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    place = Place(tmp_path)
    with opened_sockets() as sockets:  # nobody answers there
        recorder = Recorder(sockets.writer)
        async with running(recorder.keep_connected()):
            with pytest.raises(StorageUnavailable):
                await recorder.record([place.pageview()])
            assert recorder.why_not() == "the part of the server that writes pageviews is away"
            with pytest.raises(StorageUnavailable):
                await recorder.record([place.pageview()])
            with pytest.raises(JournalUnavailable):
                await recorder.accepted()
            assert recorder.waiting() == 0

            with serving(place.resolver, place.appender, lambda: place.now, sockets):
                async with asyncio.timeout(30):
                    while recorder.why_not():  # noqa: ASYNC110 - nothing says when it is there
                        await asyncio.sleep(0.01)
                await recorder.record([place.pageview()])
    place.close_stores()


async def test_a_writer_that_does_not_answer_is_said(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STUCK", 0.05)
    goes_on = threading.Event()
    doors.interrupting.cut = goes_on.wait
    one = doors.doors[0]
    recording = asyncio.ensure_future(one.record([doors.pageview()]))
    async with asyncio.timeout(30):
        while not one.why_not():  # noqa: ASYNC110 - nothing says when it is too long
            await asyncio.sleep(0.01)
    goes_on.set()
    await recording
    assert one.why_not() == ""


async def test_callers_with_an_event_id_are_recorded_once_beside_one_without_when_the_writer_dies(doors: Doors) -> None:
    doors.interrupting.cut = doors.cut
    one = doors.doors[0]
    sure, unsure = await asyncio.gather(
        one.record([doors.pageview(event_id="e-1")]), one.record([doors.pageview()]), return_exceptions=True
    )
    assert isinstance(sure, list)
    assert isinstance(unsure, OutcomeUnknown)
    assert doors.loading.length() == 2


async def test_a_writer_that_dies_again_before_it_is_ready_is_forgotten_once_another_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 1.0)
    place = Place(tmp_path)
    with opened_sockets() as sockets:

        async def die() -> None:
            accepted, _ = await asyncio.to_thread(sockets.to_writer.accept)
            accepted.close()

        recorder = Recorder(sockets.writer)
        async with running(recorder.keep_connected()):
            for _ in range(2):
                await die()
            with serving(place.resolver, place.appender, lambda: place.now, sockets):
                await recorder.record([place.pageview(event_id="e-1")])
                await asyncio.sleep(1.1)
                assert recorder.why_not() == ""
                await recorder.record([place.pageview(event_id="e-2")])
    place.close_stores()


async def test_what_was_sent_to_a_writer_that_stays_away_may_have_been_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    place = Place(tmp_path)
    with opened_sockets() as sockets:
        recorder = Recorder(sockets.writer)
        async with running(recorder.keep_connected()):
            accepted, _ = await asyncio.to_thread(sockets.to_writer.accept)
            ready = ENCODER.encode(Ready())
            accepted.sendall(len(ready).to_bytes(4, "little") + ready)
            recording = asyncio.ensure_future(recorder.record([place.pageview(event_id="e-1")]))
            await asyncio.to_thread(accepted.recv, 4)  # it was sent
            accepted.close()
            sockets.to_writer.close()
            with pytest.raises(OutcomeUnknown):
                await recording
    place.close_stores()
