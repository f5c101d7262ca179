"""A visitor with each engine, one after the other."""

from collections.abc import AsyncIterator
from functools import cache

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.chromium.site import WATCHED, Site
from tests.engines.chromium import Chromium
from tests.engines.engine import Engine
from tests.engines.visitor import Visitor

NAMES = ("chromium", "firefox", "webkit")


@pytest.fixture(params=NAMES)
def engine(request: pytest.FixtureRequest) -> Engine:
    """A running browser, started for the first test that asks for it. Where it is missing, its tests are skipped."""
    browser = request.getfixturevalue(request.param)
    return _chromium(browser) if request.param == "chromium" else browser


@cache
def _chromium(browser: Browser) -> Chromium:
    """The same for all visitors: it has the window that they share."""
    return Chromium(browser)


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(engine: Engine, site: Site) -> AsyncIterator[Visitor]:
    """A new visitor. At the end their pages must be free of errors."""
    site.head = WATCHED if engine.name == "webkit" else ""
    async with engine.visitor() as browsing:
        yield Visitor(engine.name, browsing, site)
    assert engine.troubles + site.troubles == []
