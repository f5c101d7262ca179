"""A subscriber receives the user of a pageview from a browser after the answer."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from heropixel.columns import Row
from heropixel.identity.resolve import Resolution
from heropixel.recording.live import Live
from heropixel.recording.pageview import Pageview, PageviewEvent
from tests.recording.linking import ANN, Place, sha256
from tests.recording.writers import recording

pytestmark = pytest.mark.usefixtures("empty_events")


class EverySubscriber(Live):
    """A subscriber to everything of app 1."""

    def __init__(self) -> None:
        super().__init__(lambda: None)
        self.received: list[tuple[str, int, str | None]] = []

    @property
    def wanted(self) -> tuple[frozenset[int], frozenset[int]]:
        return frozenset({1}), frozenset()

    def tell(self, recorded: Iterable[tuple[Row, Resolution]]) -> None:
        self.received += [(row.event_id, resolution.via, resolution.matched_on) for row, resolution in recorded]


async def test_a_subscriber_receives_the_user_after_the_answer(place: Place) -> None:
    live = EverySubscriber()
    ann = place.user(email=ANN) or 0
    given: list[dict[str, Any]] = [
        {"event_id": "known", "sha256": sha256(ANN), "visitor_id": "v"},
        {"event_id": "stranger", "sha256": sha256("nobody@example.com"), "visitor_id": "w"},
        {"event_id": "known", "sha256": sha256(ANN), "visitor_id": "v"},
        {"event_id": "nobody"},
    ]
    beacons = [
        Pageview.parse(PageviewEvent(1, "example.com", **event), place.pixel, place.now, from_browser=True)
        for event in given
    ]
    async with recording(place.resolver, place.appender, lambda: place.now, live=live) as recorder:
        answers = await recorder.record(beacons)
        assert [(answer.user, answer.repeated) for answer in answers] == [
            (None, False),
            (None, False),
            (None, True),
            (None, False),
        ]
        async with asyncio.timeout(30):
            while len(live.received) < 3:  # noqa: ASYNC110 - nothing says when it is sent
                await asyncio.sleep(0)
    assert live.received == [("beacon:known", ann, "SHA256"), ("beacon:stranger", 0, None), ("beacon:nobody", 0, None)]
    assert place.linked_to("v") is None
