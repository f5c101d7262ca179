"""Live pageviews: queues are bounded, subscribers do not affect each other, and lost permission ends a subscription."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from heropixel import metrics
from heropixel.columns import Row
from heropixel.directory.registry import Pixel
from heropixel.errors import PixelNotFound, Refusal
from heropixel.identity.resolve import NOT_KNOWN
from heropixel.recording import live as module
from heropixel.recording.live import Live, LiveChannel
from heropixel.recording.pageview import Pageview, PageviewEvent
from tests.recording.place import Place

PIXELS = {number: Pixel(number, 1, frozenset(), frozenset({"example.com"})) for number in (1, 2)}


class Listener:
    def __init__(self) -> None:
        self.heard: list[str] = []
        self.ended: Refusal | None = None
        self.leave: Callable[[], None] = lambda: None

    def hear(self, payload: str) -> None:
        self.heard.append(payload)

    def end(self, refusal: Refusal) -> None:
        self.ended = refusal
        self.leave()


class Telling:
    """A hub, and the pageviews that it gets."""

    def __init__(self) -> None:
        self.revision = object()
        self.live = Live(lambda: self.revision)
        self.number = 0
        self.closed: set[str] = set()

    def listen(self, name: str, pixels: set[int] | None, app: int = 1) -> Listener:
        def payload(row: Row) -> str | None:
            if name == "fails":
                raise ValueError(row.event_id)
            return None if row.event_id == "unwanted" else row.event_id

        def check() -> None:
            if name in self.closed:
                raise PixelNotFound

        listener = Listener()
        channel = LiveChannel(app, None if pixels is None else frozenset(pixels), payload, check)
        listener.leave = self.live.join(name, lambda: channel, listener)
        return listener

    def tell(self, *event_ids: str, pixel: int = 1) -> None:
        self.live.tell((recorded(event_id, pixel), NOT_KNOWN) for event_id in event_ids)

    async def told(self) -> None:
        async with asyncio.timeout(30):
            while self.live._waiting:  # noqa: ASYNC110 - it has no event for what only a test waits for
                await asyncio.sleep(0)


def recorded(event_id: str, pixel: int = 1) -> Row:
    event = PageviewEvent(pixel_id=pixel, domain="example.com", event_id=event_id)
    return Pageview.parse(event, PIXELS[pixel], 1_800_000_000_000).row


async def test_each_subscriber_receives_its_pageviews_in_order() -> None:
    telling = Telling()
    one, every, other = telling.listen("one", {1}), telling.listen("every", None), telling.listen("other", None, app=2)
    telling.tell("a", "unwanted", "b")
    telling.tell("c", pixel=2)
    await telling.told()
    assert (one.heard, every.heard, other.heard) == (["a", "b"], ["a", "b", "c"], [])
    for listener in (one, every, other):
        listener.leave()
        listener.leave()  # as often as one likes
    assert telling.live.wanted == (frozenset(), frozenset())
    assert metrics.live_subscribers._value.get() == 0


async def test_more_pageviews_than_can_be_sent_end_only_their_subscribers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_WAITING", 3)
    telling = Telling()
    busy, quiet = telling.listen("busy", {1}), telling.listen("quiet", {2})
    dropped = metrics.live_dropped._value.get()
    telling.tell("a", pixel=2)
    telling.tell("b", "c", "d", "e")
    assert busy.ended is not None
    assert busy.ended.reason == "TOO_MANY_TO_TELL"
    assert metrics.live_dropped._value.get() == dropped + 1
    await telling.told()
    telling.tell("f", pixel=2)
    await telling.told()
    assert (quiet.heard, quiet.ended) == (["a", "f"], None)


async def test_a_subscription_that_fails_ends_and_spoils_no_other() -> None:
    telling = Telling()
    fails, works = telling.listen("fails", {1}), telling.listen("works", {1})
    telling.tell("a", "b")
    await telling.told()
    assert fails.ended is not None
    assert fails.ended.reason == "INTERNAL_ERROR"
    assert works.heard == ["a", "b"]


async def test_who_may_not_hear_any_more_ends_before_the_next_pageview() -> None:
    telling = Telling()
    closed, open_ = telling.listen("closed", {1}), telling.listen("open", {1})
    telling.tell("a")
    await telling.told()
    telling.closed.add("closed")
    telling.revision = object()
    telling.tell("b")
    await telling.told()
    assert (closed.heard, open_.heard) == (["a"], ["a", "b"])
    assert isinstance(closed.ended, PixelNotFound)


async def test_telling_gives_way_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLICE", 0.0)
    telling = Telling()
    listener = telling.listen("one", {1})
    telling.tell("a", "b", "c")
    turns = 0
    while len(listener.heard) < 3:
        await asyncio.sleep(0)
        turns += 1
    assert turns >= 3


async def test_thousands_of_subscribers_are_told_in_small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLICE", 0.0)
    telling = Telling()
    listeners = [telling.listen("one", {1}) for _ in range(500)] + [telling.listen(str(n), {1}) for n in range(50)]
    telling.tell("a", "b")
    turns = 0
    while any(len(listener.heard) < 2 for listener in listeners):
        await asyncio.sleep(0)
        turns += 1
    assert turns > 2 * (500 / 50 + 50)
    assert all(listener.heard == ["a", "b"] for listener in listeners)


async def test_nothing_is_told_while_the_writers_are_behind() -> None:
    telling = Telling()
    listener = telling.listen("one", {1})
    allowed = [asyncio.create_task(telling.live.pace.turn()) for _ in range(200)]
    await asyncio.sleep(0)
    telling.tell("a")
    await asyncio.sleep(0)
    assert telling.live.pace.is_behind
    assert listener.heard == []
    await asyncio.gather(*allowed)
    await telling.told()
    assert listener.heard == ["a"]


async def test_the_recorder_sends_durable_pageviews_live_once_and_no_imports(tmp_path: Path) -> None:
    telling = Telling()
    place = await Place(tmp_path, live=telling.live).open()
    listener = telling.listen("one", {1})
    try:
        await place.record(event_id="a")
        await place.record(event_id="a")
        await place.recorder.record([place.pageview(event_id="b")], live=False)
        await place.record(event_id="c")
        async with asyncio.timeout(30):
            while len(listener.heard) < 2:  # noqa: ASYNC110 - nothing says when it is sent
                await asyncio.sleep(0)
        assert listener.heard == ["a", "c"]
    finally:
        await place.close()
