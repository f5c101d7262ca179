"""What happens now, as it happens."""

import re

import pytest
from playwright.async_api import expect

from tests.chromium.dashboard.conftest import Look
from tests.chromium.dashboard.persons import record
from tests.world import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_pageviews_are_shown_as_they_happen_and_wait_while_it_is_paused(look: Look, shown: Server) -> None:
    window = await look("#/pixels/1/now")
    page = window.page
    await window.stream()
    list_of = page.get_by_role("region", name="Pageviews as they happen")
    record(shown, visitorId="now-1", url="https://example.com/press", country="NO")
    first = list_of.locator("tbody tr").first
    await expect(first).to_contain_text("/press")
    await expect(first).to_contain_text("Norway")
    await expect(page.get_by_role("region", name="Countries")).to_contain_text("Norway")

    await page.get_by_role("button", name="Pause").click()
    assert await page.locator("h1").get_attribute("aria-live") == "off"
    asked = len(window.asked())
    record(shown, visitorId="now-2", url="https://example.com/jobs")
    await expect(list_of.get_by_role("status")).to_have_text(re.compile("Paused, 1 new pageview"))
    await expect(list_of).not_to_contain_text("/jobs")
    assert len(window.asked()) == asked
    await page.get_by_role("button", name="Go on").click()
    await expect(first).to_contain_text("/jobs")


async def test_nothing_moves_for_those_who_want_less_motion(look: Look) -> None:
    window = await look("#/pixels/1/now", reduced_motion="reduce")
    running = "() => document.getAnimations().filter((one) => one.playState === 'running').length"
    assert await window.page.evaluate(running) == 0
