"""From the first start to the first pageview: an empty world leads by the hand."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.async_api import Browser, expect

from heropixel.directory import open_directory
from heropixel.directory.pixels import delete_pixel
from tests.chromium.chromium import CLIENT_HINTS, LOCALE, USER_AGENT, need_dashboard
from tests.chromium.dashboard.conftest import Look, link_of, local
from tests.chromium.site import Site, serving
from tests.world import Server, make_world, running

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def site(empty: Server) -> Iterator[Site]:
    """The site of the owner."""
    with serving(empty) as site:
        yield site


@pytest.fixture
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on a world without a pixel."""
    need_dashboard()
    world = make_world(tmp_path_factory.mktemp("first") / "data")
    with closing(open_directory(world.settings.url_of_directory())) as directory, directory.writing() as connection:
        delete_pixel(connection, world.pixel, erase=False, origin="test", now=1)
    with running(world) as server:
        yield server


async def test_from_the_first_start_which_leads_to_making_a_pixel_to_the_first_pageview(
    look: Look, empty: Server, site: Site, chromium: Browser
) -> None:
    window = await look(link_of(empty), url=local(empty), storage_state=None)
    page = window.page
    await expect(page.get_by_role("heading", name="Make a pixel")).to_have_count(1)
    assert await page.locator(".notice").count() == 0
    await page.get_by_role("link", name="People").click()
    await expect(page.locator("main")).to_contain_text("Nobody is known yet. People are known once")
    await page.get_by_role("link", name="Settings").click()
    await expect(page.locator("main")).to_contain_text("No pixel yet. Make one")
    await page.get_by_role("link", name="Pixels").first.click()
    await expect(page.get_by_role("heading", name="Make a pixel")).to_have_count(1)
    await page.get_by_label("Domain").fill("shop.localhost")
    await page.get_by_role("button", name="Make the pixel").click()
    await expect(page.get_by_role("heading", name="Waiting for the first pageview")).to_have_count(1)
    assert await window.axe() == []
    tags = {}
    for way in ("Tag manager", "WordPress", "From your server", "HTML"):
        await page.get_by_role("link", name=way, exact=True).click()
        await expect(page.get_by_role("link", name=way, exact=True)).to_have_attribute("aria-current", "true")
        tags[way] = (await page.get_by_label("The tag", exact=True).inner_text()).strip()
    assert "data-pixel" not in tags["Tag manager"]
    assert "pixel.js?pixel=" in tags["Tag manager"]
    assert "wp_head" in tags["WordPress"]
    assert "Bearer hpk_" in tags["From your server"]

    # What is wrong, while nothing comes.
    await page.get_by_label("Address of the page").fill(site.url())
    await page.get_by_role("button", name="Check the page").click()
    checks = page.locator(".checks")
    await expect(checks.locator("li.bad")).to_have_count(1)
    await expect(checks).to_contain_text("Wrong:")

    site.put("/hello", head=tags["HTML"])
    visitor = await chromium.new_context(user_agent=USER_AGENT, locale=LOCALE, extra_http_headers=CLIENT_HINTS)
    await (await visitor.new_page()).goto(site.url("/hello"))
    await expect(page.get_by_role("heading", name="The first pageview is here")).to_have_count(1)
    await expect(page.get_by_role("status").filter(has_text="first pageview")).to_contain_text("shop.localhost/hello")
    await visitor.close()
    await page.get_by_role("link", name="See the overview").click()
    await window.drawn()
    await expect(page.get_by_role("region", name="Pages")).to_contain_text("/hello")
