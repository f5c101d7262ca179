"""The engine of a server apart from its doors: what they ask of it, and what they do while it is away."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
import pytest_asyncio
import structlog.testing

from heropixel.folder import make
from heropixel.journal import waiting_in
from heropixel.processes.door_parts import opened_door
from heropixel.processes.endpoints import served
from heropixel.processes.engine import be_engine
from heropixel.processes.foundation import Foundation, founded
from heropixel.processes.stores import make_stores
from heropixel.processes.writer import on_thread, write
from heropixel.recording.backlog import Backlog
from heropixel.settings import Settings
from tests.api.inside import ShopAtDoor, new_shop_at

REPORT = "query ($report: ReportInput!) { report(report: $report) { code reason message rows { pageviews } } }"
FORGET = "mutation ($by: UserSelector!) { forget(by: $by) { code erasure { id done } } }"
DONE = "query ($id: ID!) { erasure(id: $id) { erasure { done } } }"


class Apart(NamedTuple):
    """A shop at a door, and the engine beside it."""

    shop: ShopAtDoor
    foundation: Foundation

    async def engine(self, stack: AsyncExitStack) -> None:
        """Start the engine; it is stopped with the stack."""
        started, stopping = asyncio.Event(), asyncio.Event()
        engine = asyncio.create_task(be_engine(self.foundation, stopping, started.set))

        async def stop() -> None:
            stopping.set()
            await engine

        stack.push_async_callback(stop)
        await started.wait()

    async def report(self) -> Any:
        """The answer to a report of the pageviews of the last days."""
        asked = {"pixelIds": [self.shop.pixel], "range": {"name": "LAST_7_DAYS"}, "metrics": ["PAGEVIEWS"]}
        return await self.shop.ask(REPORT, report=asked)

    def operators(self) -> httpx.AsyncClient:
        """A client as commands have."""
        transport = httpx.AsyncHTTPTransport(uds=str(self.foundation.sockets.operators))
        return httpx.AsyncClient(transport=transport, base_url="http://heropixel", timeout=30)

    def waiting(self) -> int:
        """How many pageviews wait in the journal."""
        return waiting_in(self.foundation.settings.url_of_journal()).entries


@asynccontextmanager
async def apart_at(folder: Path) -> AsyncIterator[Apart]:
    """A shop at a door, and no engine yet."""
    settings = Settings(data=make(folder / "data"))
    make_stores(settings)
    with (
        founded(settings) as foundation,
        on_thread(partial(write, settings, foundation.joint.node, foundation.sockets.to_writer)),
    ):
        async with opened_door(foundation) as parts, served(settings, parts) as doors:
            yield Apart(await new_shop_at(parts, doors.application), foundation)


@pytest_asyncio.fixture
async def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Apart]:
    monkeypatch.setattr("heropixel.channels.calling._CONNECT_SECONDS", 0.5)  # for an engine that is away
    async with apart_at(tmp_path) as apart:
        yield apart


async def test_while_the_engine_is_away_pageviews_are_recorded_and_reports_say_so_and_come_back(apart: Apart) -> None:
    await apart.shop.pageview(eventId="e-1")
    answer = await apart.report()
    assert (answer["code"], answer["reason"]) == (500, "EVENT_STORE_UNAVAILABLE")
    async with AsyncExitStack() as stack:
        await apart.engine(stack)
        async with apart.operators() as operators:
            (await operators.post("/operator/catch-up")).raise_for_status()
        assert (await apart.report())["rows"] == [{"pageviews": 1}]
    answer = await apart.report()
    assert (answer["code"], answer["reason"]) == (500, "EVENT_STORE_UNAVAILABLE")


async def test_an_engine_that_is_told_to_stop_loads_the_rest_of_the_journal(apart: Apart) -> None:
    async with AsyncExitStack() as stack:
        await apart.engine(stack)
        for number in range(3):
            await apart.shop.pageview(eventId=f"e-{number}")
    assert apart.waiting() == 0


@pytest.mark.parametrize("moment", ["as it starts", "once it has started", "a little later"])
async def test_an_engine_that_is_told_to_stop_at_any_moment_of_its_start_logs_nothing(
    apart: Apart, moment: str
) -> None:
    await apart.shop.pageview(email="ann@example.com")
    with structlog.testing.capture_logs() as said:
        if moment == "as it starts":
            stopping = asyncio.Event()
            stopping.set()
            await be_engine(apart.foundation, stopping)
        else:
            async with AsyncExitStack() as stack:
                await apart.engine(stack)
                await asyncio.sleep(0.02 if moment == "a little later" else 0)
        await asyncio.sleep(0.01)  # what is left of its tasks runs now
    assert [line for line in said if line["log_level"] != "info"] == []


async def test_while_the_engine_is_away_an_erasure_is_accepted_and_done_once_it_is_back(apart: Apart) -> None:
    await apart.shop.pageview(email="ann@example.com")
    forgotten = await apart.shop.ask(FORGET, by={"email": "ann@example.com"})
    assert (forgotten["code"], forgotten["erasure"]["done"]) == (200, False)
    async with AsyncExitStack() as stack:
        await apart.engine(stack)
        async with apart.operators() as operators:
            (await operators.get("/operator/pageviews")).raise_for_status()  # after all that was accepted
    assert (await apart.shop.ask(DONE, id=forgotten["erasure"]["id"]))["erasure"]["done"]


async def test_a_door_has_what_was_accepted_loaded_and_what_was_changed_applied(apart: Apart) -> None:
    async with AsyncExitStack() as stack:
        await apart.engine(stack)
        await apart.shop.pageview(email="ben@example.com")
        parts = apart.shop.parts
        await Backlog(parts.recorder.accepted, parts.engine.catching_up.reach).drain(30)
        assert (await apart.report())["rows"] == [{"pageviews": 1}]
        forgotten = await apart.shop.ask(FORGET, by={"email": "ben@example.com"})
        done = forgotten["erasure"]["done"]
        for _ in range(0 if done else 600):  # on a busy machine it is answered before it is done
            await asyncio.sleep(0.05)
            done = (await apart.shop.ask(DONE, id=forgotten["erasure"]["id"]))["erasure"]["done"]
            if done:
                break
        assert done


DOOR = """
import asyncio, sys
from pathlib import Path
from tests.processes.test_engine import apart_at

async def main():
    async with apart_at(Path(sys.argv[1])) as apart:
        await apart.shop.pageview(eventId="e-1")
        print((await apart.report())["reason"])
    print(*sorted(name for name in sys.modules if name.partition(".")[0] in ("chdb", "clickhouse_connect")))

asyncio.run(main())
"""


@pytest.mark.cold
@pytest.mark.process
def test_a_door_never_loads_the_event_engine_or_its_client(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DOOR, tmp_path], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split("\n") == ["EVENT_STORE_UNAVAILABLE", "", ""]
