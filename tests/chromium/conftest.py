"""One browser, one server and one site for all tests of the script; each visitor is new."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from heropixel.directory import open_directory
from heropixel.directory.apps import app_number
from heropixel.directory.consent_modes import ConsentMode
from heropixel.directory.pixels import create_pixel
from tests.chromium.chromium import ARGUMENTS, CHROMIUM, USER_AGENT, need_chromium
from tests.chromium.site import ADDRESS, IMPLIED, NONE, ONE_LABEL, OTHER, REQUIRED, SHOP, UNSHARED, Site, serving
from tests.chromium.visit import Visit
from tests.world import Server, World, make_world, running


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a pixel of each consent mode for two sites."""
    world = make_world(tmp_path_factory.mktemp("browser") / "data")
    _add_pixels(world)
    with running(world) as server:
        yield server


def _add_pixels(world: World) -> None:
    directory = open_directory(world.settings.url_of_directory())
    with directory.writing() as connection:
        number = app_number(connection, world.app_id)
        made = [create_pixel(connection, number, mode, [SHOP, OTHER], 1, mode) for mode in ConsentMode]
        made.append(create_pixel(connection, number, "Unshared", [ONE_LABEL, ADDRESS], 1))
    directory.close()
    assert made == [REQUIRED, IMPLIED, NONE, UNSHARED]


@pytest.fixture(scope="session")
def _site(product: Server) -> Iterator[Site]:
    with serving(product) as site:
        yield site


@pytest.fixture
def site(_site: Site) -> Site:
    """The owner's site, empty."""
    _site.pages.clear()
    _site.asked.clear()
    return _site


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """A browser."""
    need_chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS, ignore_default_args=["--disable-back-forward-cache"]
        )
        yield browser
        await browser.close()


Arrive = Callable[..., Awaitable[Visit]]


@pytest_asyncio.fixture(loop_scope="session")
async def arrive(chromium: Browser, site: Site) -> AsyncIterator[Arrive]:
    """Makes a visitor, with the options of a browser context. At the end their pages must be free of errors."""
    async with AsyncExitStack() as stack:
        visits: list[Visit] = []

        async def arrive(**options: Any) -> Visit:
            context = await stack.enter_async_context(await chromium.new_context(user_agent=USER_AGENT, **options))
            visits.append(Visit(context, await context.new_page(), site))
            return visits[-1]

        yield arrive
        for visit in visits:
            assert visit.troubles == []


@pytest_asyncio.fixture(loop_scope="session")
async def visit(arrive: Arrive) -> Visit:
    """An ordinary visitor."""
    return await arrive()
