"""What holds between doors and the writer: exactly once while it dies, and one order over all doors."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from heropixel.columns import Row
from heropixel.errors import JournalUnavailable, OutcomeUnknown, StorageUnavailable
from heropixel.identity.resolve import Resolution
from heropixel.journal import Journal
from heropixel.processes.sockets import Sockets, opened_sockets
from heropixel.processes.steps import running
from heropixel.processes.writer import on_thread
from heropixel.recording import recorder as module
from heropixel.recording.live import Live
from heropixel.recording.recorder import Recorder
from heropixel.recording.writer import Writer
from tests.recording.test_recorder import Place


class Interrupting:
    """Stands before a journal. After the next append it cuts the writer's connections, as if the writer had died."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.cut: Callable[[], object] | None = None

    def append(self, lines: bytes, receipts: Mapping[bytes, bytes], now: int) -> None:
        self.journal.append(lines, receipts, now)
        if self.cut:
            self.cut()
            self.cut = None

    def receipts(self, keys: Sequence[bytes], now: int) -> dict[bytes, bytes]:
        return self.journal.receipts(keys, now)

    def end(self) -> int:
        return self.journal.end()


class Doors(Place):
    """Two doors and their writer."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.interrupting = Interrupting(self.appender)
        self.refreshed = 0

    @asynccontextmanager
    async def opened(self, sockets: Sockets) -> AsyncIterator["Doors"]:
        self.writer = Writer(self.resolver, self.interrupting, lambda: self.now)  # type: ignore[arg-type]  # stands before a journal
        async with AsyncExitStack() as stack:
            stack.enter_context(on_thread(lambda stopping: self.writer.serve(sockets.to_writer, stopping)))
            self.doors = [Recorder(sockets.writer, refresh=self.refresh) for _ in range(2)]
            for door in self.doors:
                stack.enter_context(running(door.keep_connected()))
            yield self
            for door in self.doors:
                await door.drain()
        for part in (self.directory, self.appender, self.loading):
            part.close()

    async def refresh(self) -> None:
        self.refreshed += 1

    def cut(self) -> None:
        for door in self.writer._doors:
            assert door._transport
            door._transport.abort()


@pytest.fixture
async def doors(tmp_path: Path) -> AsyncIterator[Doors]:
    with opened_sockets() as sockets:
        async with Doors(tmp_path).opened(sockets) as doors:
            yield doors


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


async def test_the_same_event_id_at_two_doors_at_once_is_recorded_once(doors: Doors) -> None:
    answers = await asyncio.gather(
        *(door.record([doors.pageview(event_id=f"e-{number}")]) for number in range(50) for door in doors.doors)
    )
    assert sum(answer.repeated for (answer,) in answers) == 50
    assert doors.loading.length() == 50


async def test_the_end_is_behind_all_that_every_door_accepted_before(doors: Doors) -> None:
    one, other = doors.doors
    await asyncio.gather(*(door.remembers([]) for door in doors.doors))  # both are connected
    recording = [asyncio.ensure_future(other.record([doors.pageview()])) for _ in range(100)]
    await asyncio.sleep(0)  # accepted, and not sent
    begun = doors.loading.end()
    assert await one.accepted() >= begun + 100
    assert doors.refreshed == 2, "a door hands over by the newest state of the directory"
    await asyncio.gather(*recording)


async def test_a_door_that_dies_holds_up_no_hand_over(doors: Doors) -> None:
    one, _ = doors.doors

    async def never() -> None:
        await asyncio.Event().wait()

    with running(_other_door(doors, never)):
        await asyncio.sleep(0.05)
        asking = asyncio.ensure_future(one.accepted())
        await asyncio.sleep(0.05)
        assert not asking.done()
    assert await asking == doors.loading.end()


async def _other_door(doors: Doors, refresh: Callable[[], Any]) -> None:
    await Recorder(doors.doors[0]._path, refresh=refresh).keep_connected()


async def test_a_writer_that_stays_away_is_said_and_nothing_was_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    place = Place(tmp_path)
    with opened_sockets() as sockets:  # nobody answers there
        recorder = Recorder(sockets.writer)
        with running(recorder.keep_connected()):
            with pytest.raises(StorageUnavailable):
                await recorder.record([place.pageview()])
            assert recorder.why_not() == "the part of the server that writes pageviews is away"
            with pytest.raises(StorageUnavailable):
                await recorder.record([place.pageview()])
            with pytest.raises(JournalUnavailable):
                await recorder.accepted()
            assert recorder.waiting() == 0

            async def serve(stopping: asyncio.Event) -> None:
                await Writer(place.resolver, place.appender, lambda: place.now).serve(sockets.to_writer, stopping)

            with on_thread(serve):
                async with asyncio.timeout(5):
                    while recorder.why_not():  # noqa: ASYNC110 - nothing says when it is there
                        await asyncio.sleep(0.01)
                await recorder.record([place.pageview()])
    for part in (place.directory, place.appender, place.loading):
        part.close()


async def test_a_writer_that_does_not_answer_is_said(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STUCK", 0.05)
    goes_on = threading.Event()
    doors.interrupting.cut = goes_on.wait
    one = doors.doors[0]
    recording = asyncio.ensure_future(one.record([doors.pageview()]))
    async with asyncio.timeout(5):
        while not one.why_not():  # noqa: ASYNC110 - nothing says when it is too long
            await asyncio.sleep(0.01)
    goes_on.set()
    await recording
    assert one.why_not() == ""


async def test_a_subscriber_at_one_door_hears_of_every_door_in_order_and_once(doors: Doors) -> None:
    heard: list[str] = []

    class Everything(Live):
        wanted = (frozenset({1}), frozenset())  # of app 1

        def tell(self, recorded: Iterable[tuple[Row, Resolution]]) -> None:
            heard.extend(row.event_id for row, _ in recorded)

    listening = Recorder(doors.doors[0]._path, live=Everything(lambda: None))
    with running(listening.keep_connected()):
        await listening.remembers([])  # the writer knows of it
        names = [f"e-{number}" for number in range(30)]
        for number, name in enumerate(names):
            await [*doors.doors, listening][number % 3].record([doors.pageview(event_id=name)])
            await doors.doors[0].record([doors.pageview(event_id=name)])  # again, at another door
        async with asyncio.timeout(5):
            while len(heard) < 30:  # noqa: ASYNC110 - nothing says when it is sent
                await asyncio.sleep(0.01)
    assert heard == names
