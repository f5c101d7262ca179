"""Windows at the explorer, on a server of its own: what is recorded here changes no figure of the dashboard's tests."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, StorageState

from tests.chromium.chromium import need_dashboard
from tests.chromium.dashboard.conftest import link_of, local
from tests.chromium.dashboard.explorer.exploring import Exploring
from tests.world import Server, make_world, running

Explore = Callable[..., Awaitable[Exploring]]


@pytest.fixture(scope="session")
def explored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with one pixel, on which the tests record what they like."""
    need_dashboard()
    with running(make_world(tmp_path_factory.mktemp("explorer") / "data")) as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def explorer_signed_in(chromium: Browser, explored: Server) -> StorageState:
    """What a browser keeps in which the owner is signed in there."""
    context = await chromium.new_context()
    page = await context.new_page()
    await page.goto(f"{local(explored)}/{link_of(explored)}")
    await page.wait_for_selector(".pixel")
    state = await context.storage_state()
    await context.close()
    return state


@pytest_asyncio.fixture(loop_scope="session")
async def explore(chromium: Browser, explored: Server, explorer_signed_in: StorageState) -> AsyncIterator[Explore]:
    """Opens a window, with the options of a browser context. At the end its pages must be free of errors."""
    async with AsyncExitStack() as stack:
        windows: list[Exploring] = []

        async def explore(fragment: str = "", url: str = "", **options: Any) -> Exploring:
            usual = {"storage_state": explorer_signed_in, "viewport": {"width": 1440, "height": 900}}
            context = await stack.enter_async_context(await chromium.new_context(**{**usual, **options}))
            windows.append(Exploring(context, await context.new_page(), url or local(explored)))
            await windows[-1].open(fragment)
            return windows[-1]

        yield explore
        for window in windows:
            assert window.troubles == []
