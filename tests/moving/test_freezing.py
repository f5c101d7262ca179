"""A move that ends while the event store is being frozen for it leaves nothing behind."""

import asyncio
import socket
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from heropixel.events import Events
from heropixel.journal import Journal
from heropixel.moving.frozen import FOLDER, freeze
from heropixel.operating import moving as module
from heropixel.operating.moving import FREEZE, HOLD, MovableFiles, Moving
from heropixel.recording.loader import Loader
from heropixel.upkeep.upkeep import Upkeep
from tests.recording.no_links import NO_LINKS

NOW = 1_800_000_000_000
ROW = b'{"app":1,"pixel_id":1,"timestamp":"1800000000000","received":"1800000000000","event_id":"e","domain":"a.com"}\n'


class Freezing:
    """The freezing of an event store, which takes as long as the test wants."""

    def __init__(self, freeze: Any) -> None:
        self._freeze = freeze
        self.began, self.may_go_on = threading.Event(), threading.Event()

    def __call__(self, *of: Any) -> None:
        self.began.set()
        assert self.may_go_on.wait(20)
        self._freeze(*of)


async def ask(app: Starlette, method: str, path: str, hung_up: asyncio.Event) -> int:
    """Send a request, and wait for the end of the answer; its status."""
    said: list[Any] = []

    async def receive() -> dict[str, Any]:
        await hung_up.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        said.append(message)

    scope = {"type": "http", "method": method, "path": path, "query_string": b"attempt=one", "headers": []}
    await app(scope, receive, send)
    return int(said[0]["status"])


async def test_a_command_that_ends_while_the_store_is_frozen_for_it_leaves_the_loader_loading_and_no_folder(
    tmp_path: Path, events: Events, journals: tuple[Journal, Journal], monkeypatch: pytest.MonkeyPatch
) -> None:
    appending, loading = journals
    freezing = Freezing(freeze)
    monkeypatch.setattr(module, "freeze", freezing)
    store = Path(events.url.removeprefix("chdb://"))
    files = MovableFiles(tmp_path, tmp_path / "no-directory", tmp_path / "no-journal", store)
    asking, asked = socket.socketpair()
    with (
        asking,
        asked,
        closing(Loader(loading, NO_LINKS, lambda: Events(events.url), lambda: NOW)) as loader,
    ):
        upkeep = Upkeep(None, None, None, None, loader, lambda: NOW)  # type: ignore[arg-type]  # it only rests
        app = Starlette(routes=Moving(loader, upkeep, files, asking).routes())
        hung_up = asyncio.Event()
        holding = asyncio.create_task(ask(app, "GET", HOLD, hung_up))
        frozen = asyncio.create_task(ask(app, "POST", FREEZE, asyncio.Event()))
        await asyncio.to_thread(freezing.began.wait, 20)
        hung_up.set()
        for _ in range(10):  # the server hears of it before the store is frozen
            await asyncio.sleep(0)
        freezing.may_go_on.set()
        assert [await holding, await frozen] == [200, 200]

        appending.append(ROW, {}, NOW)
        assert await loader.between_batches(lambda _: loader.load_batch()) == 1
        async with asyncio.timeout(30), upkeep.resting():
            pass
        assert not (tmp_path / FOLDER).exists()
        assert not [*(store / "shadow").glob("moving_*")]
