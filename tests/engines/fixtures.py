"""Browsers, a server and a site for all tests of the script: one of each in a process of tests."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from heropixel.directory import open_directory
from heropixel.directory.apps import app_number
from heropixel.directory.consent_modes import ConsentMode
from heropixel.directory.pixels import create_pixel
from tests.chromium.chromium import need, need_chromium, need_script
from tests.chromium.site import ADDRESS, IMPLIED, NONE, ONE_LABEL, OTHER, REQUIRED, SHOP, UNSHARED, Site, serving
from tests.engines.firefox import NO_FIREFOX, Firefox, running_firefox
from tests.engines.webkit import NO_WEBKIT, WebKit, running_webkit
from tests.world import Server, World, make_world, running

if TYPE_CHECKING:
    from playwright.async_api import Browser

ENGINES = Path(__file__).parent
WITH_CHROMIUM_ALONE = ENGINES.parent / "chromium"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the tests of the script together.

    xdist hands out neighbours to one process. These then start one browser and one server, and not three or four.
    """
    alone = [item for item in items if item.path.parent == WITH_CHROMIUM_ALONE]
    others = [item for item in items if item.path.parent != WITH_CHROMIUM_ALONE]
    place = next((at for at, item in enumerate(others) if item.path.parent == ENGINES), None)
    if place is not None:
        items[:] = [*others[:place], *alone, *others[place:]]


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a pixel of each consent mode for two sites."""
    world = make_world(tmp_path_factory.mktemp("browser") / "data")
    _add_pixels(world)
    with running(world, address_rate="0", pixel_rate="0") as server:  # one address has all these visitors
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
    _site.clear()
    return _site


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator["Browser"]:
    """A browser."""
    need_chromium()
    from tests.engines.chromium import running_chromium  # not at the top: every run of tests reads this file

    async with running_chromium() as browser:
        yield browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def firefox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Firefox]:
    """Another browser."""
    need_script()
    need(not NO_FIREFOX, NO_FIREFOX)
    async with running_firefox(tmp_path_factory.mktemp("firefox")) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def webkit() -> AsyncIterator[WebKit]:
    """A third one."""
    need_script()
    need(not NO_WEBKIT, NO_WEBKIT)
    async with running_webkit() as running:
        yield running
