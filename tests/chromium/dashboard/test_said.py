"""What the dashboard says of the server: that its figures are behind, and to owners what it does not promise."""

import json
from typing import Any

import pytest
from playwright.async_api import Route

from tests.chromium.dashboard.conftest import Look
from tests.chromium.dashboard.looking import Looking
from tests.chromium.dashboard.test_access import THEMES

pytestmark = pytest.mark.asyncio(loop_scope="session")

ONE_DISK = (
    "This server keeps new pageviews on one disk only, and may lose them with it. The operator can change that: add"
    " standbys to PostgreSQL (synchronous_standby_names), and remove durability=single from HEROPIXEL_DIRECTORY_URL and"
    " HEROPIXEL_JOURNAL_URL."
)


async def told(window: Looking, **fields: Any) -> None:
    """Let the server's next answers to an overview say this too, as they do where it is so."""

    async def answered(route: Route) -> None:
        if "event-stream" in route.request.headers.get("accept", ""):
            await route.continue_()
            return
        response = await route.fetch()
        body = await response.text()
        if '"figures"' in body:
            answer = json.loads(body)
            answer["data"]["me"] |= {name: value for name, value in fields.items() if name == "notices"}
            answer["data"]["figures"] |= {name: value for name, value in fields.items() if name != "notices"}
            body = json.dumps(answer)
        await route.fulfill(response=response, body=body)

    await window.page.route("**/graphql", answered)


async def test_owners_are_told_of_one_disk_and_everybody_that_figures_are_behind(look: Look) -> None:
    window = await look()
    assert await window.page.locator(".notice").count() == 0, "all is well"
    await told(window, notices=[ONE_DISK], asOf="2026-11-12T11:03:40.000Z", secondsBehind=250)
    await window.open()
    notices = window.page.locator(".notice")
    await notices.nth(1).wait_for()
    for width, height in ((1440, 900), (768, 1024), (390, 844)):
        await window.page.set_viewport_size({"width": width, "height": height})
        assert await notices.nth(0).inner_text() == ONE_DISK
        assert await notices.nth(1).inner_text() == (
            "The figures are as of 12:03, 4 minutes behind. Later pageviews are stored, and are counted as soon as they"
            " are loaded."
        )
        assert await window.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), width
        for theme in THEMES:
            await window.page.emulate_media(color_scheme=theme)
            assert await window.axe() == [], f"{width}, {theme}"
    await window.page.keyboard.press("Tab")
    assert await window.page.evaluate("() => document.activeElement.className") == "skip", "the keys go on as before"


async def test_figures_that_are_behind_are_asked_for_again_until_they_are_not(look: Look) -> None:
    window = await look()
    await window.page.clock.install()
    await told(window, asOf="2026-11-12T11:03:40.000Z", secondsBehind=250)
    await window.page.keyboard.press("w")
    notice = window.page.locator(".notice")
    await notice.wait_for()
    await window.page.unroute_all()
    await window.page.clock.run_for(11_000)
    await notice.wait_for(state="detached")
