"""The writer tells subscribers of this node what the other nodes record."""

import asyncio
import json

import pytest
import structlog.testing

from heropixel.errors import JournalUnavailable
from heropixel.processes.steps import running
from heropixel.recording import writer
from heropixel.recording.recorder import Recorder
from tests.recording.doors import Doors, Everything


class Told:
    """Other nodes, whose entries a test gives."""

    def __init__(self, *said: list[bytes] | Exception) -> None:
        self.said = [*said]

    def read(self) -> list[bytes]:
        one = self.said.pop(0) if self.said else []
        if isinstance(one, Exception):
            raise one
        return one

    def rest(self) -> None:
        pass


def entry(event_id: str, app: int = 1, **more: object) -> bytes:
    row = {"app": app, "pixel_id": 1, "received": "1", "timestamp": "1", "event_id": event_id, "domain": "example.com"}
    return json.dumps(row | more).encode()


async def test_subscribers_hear_of_other_nodes_also_after_the_journal_was_away_and_after_a_fault(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_FOLLOW_SECONDS", 0.01)
    others = Told(
        [entry("e-1"), entry("not theirs", app=2), b"no entry"],
        JournalUnavailable("away"),
        ValueError("a fault"),
        [entry("past", imported=1), entry("e-2", user_id=4711)],
    )
    live = Everything()
    listening = Recorder(doors.doors[0]._path, live=live)
    with structlog.testing.capture_logs() as said:
        async with running(doors.writer.keep_telling(others)):
            await asyncio.sleep(0.05)
            assert len(others.said) == 4, "while nobody listens it does not look"
            async with running(listening.keep_connected()), asyncio.timeout(30):
                while len(live.heard) < 2:  # noqa: ASYNC110 - nothing says when it is sent
                    await asyncio.sleep(0.01)
    assert live.heard == ["e-1", "e-2"]
    assert [line["event"] for line in said if line["log_level"] == "error"] == [
        "pageviews of other nodes cannot be sent live"
    ]
