"""Windows at the explorer, on the server of the dashboard."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, StorageState

from tests.chromium.dashboard.conftest import local
from tests.chromium.dashboard.explorer.exploring import Exploring
from tests.world import Server

Explore = Callable[..., Awaitable[Exploring]]


@pytest_asyncio.fixture(loop_scope="session")
async def explore(chromium: Browser, shown: Server, signed_in: StorageState) -> AsyncIterator[Explore]:
    """Opens a window, with the options of a browser context. At the end its pages must be free of errors."""
    async with AsyncExitStack() as stack:
        windows: list[Exploring] = []

        async def explore(fragment: str = "", url: str = "", **options: Any) -> Exploring:
            usual = {"storage_state": signed_in, "viewport": {"width": 1440, "height": 900}}
            context = await stack.enter_async_context(await chromium.new_context(**{**usual, **options}))
            windows.append(Exploring(context, await context.new_page(), url or local(shown)))
            await windows[-1].open(fragment)
            return windows[-1]

        yield explore
        for window in windows:
            assert window.troubles == []
