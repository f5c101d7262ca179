"""Each visitor with Chromium is new; browser, server and site are the same for all (`tests/engines/fixtures.py`)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.chromium.chromium import CLIENT_HINTS, LOCALE, USER_AGENT
from tests.chromium.site import Site
from tests.chromium.visit import Visit

Arrive = Callable[..., Awaitable[Visit]]

expect.set_options(timeout=30_000)  # a busy machine may need long for an answer; where it comes, nothing waits


@pytest_asyncio.fixture(loop_scope="session")
async def arrive(chromium: Browser, site: Site) -> AsyncIterator[Arrive]:
    """Makes a visitor, with the options of a browser context. At the end their pages must be free of errors."""
    async with AsyncExitStack() as stack:
        visits: list[Visit] = []

        async def arrive(**options: Any) -> Visit:
            headers = CLIENT_HINTS | options.pop("extra_http_headers", {})
            given = {"user_agent": USER_AGENT, "locale": LOCALE, "extra_http_headers": headers} | options
            context = await stack.enter_async_context(await chromium.new_context(**given))
            visits.append(Visit(context, await context.new_page(), site))
            return visits[-1]

        yield arrive
        for visit in visits:
            assert visit.troubles == []


@pytest_asyncio.fixture(loop_scope="session")
async def visit(arrive: Arrive) -> Visit:
    """An ordinary visitor."""
    return await arrive()
