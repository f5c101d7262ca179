"""For everybody: axe-core finds nothing in the explorer, the keyboard is enough, and no screen is too narrow."""

import json

import pytest
from playwright.async_api import ViewportSize, expect

from tests.chromium.dashboard.explorer.conftest import Explore
from tests.chromium.dashboard.explorer.exploring import Exploring

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCREENS: tuple[ViewportSize, ...] = (
    {"width": 1440, "height": 900},
    {"width": 768, "height": 1024},
    {"width": 390, "height": 844},
)


async def _axe_in_both_themes(window: Exploring, where: str) -> None:
    for theme in ("light", "dark"):
        await window.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        assert await window.axe() == [], f"{where}, {theme}"


async def test_axe_finds_nothing_in_the_explorer_in_both_themes_on_any_screen(explore: Explore) -> None:
    window = await explore()
    await window.example("Channels of the last 30 days")
    await window.run()
    for screen in SCREENS:
        await window.page.set_viewport_size(screen)
        await _axe_in_both_themes(window, str(screen))
        overflow = await window.page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0, f"it is wider than the screen {screen}"
    await window.page.set_viewport_size(SCREENS[0])
    height = await window.page.evaluate("() => document.documentElement.scrollHeight - innerHeight")
    assert height <= 0, "the page itself scrolls, beside its editors"


async def test_axe_finds_nothing_in_menus_completion_documentation_and_notices(explore: Explore) -> None:
    window = await explore()
    await window.run()
    for name in ("Examples", "History", "Copy as"):
        await window.button(name).click()
        if name == "Copy as":
            await window.button("curl").click()
        await _axe_in_both_themes(window, name)
        await window.page.keyboard.press("Escape")
    await window.page.get_by_label("Search the schema").fill("pageview")
    await _axe_in_both_themes(window, "searching")
    await window.page.get_by_role("button", name="Mutation.pageview", exact=True).click()
    await _axe_in_both_themes(window, "documentation")
    await window.write("{ m", "[1]")
    await window.button("Run").click()
    await window.page.get_by_role("textbox", name="Request").click()
    await window.page.keyboard.press("Control+End")
    await window.page.keyboard.press("Control+Space")
    await window.page.wait_for_selector("[role=listbox]")
    await _axe_in_both_themes(window, "completing, with a notice")
    stranger = await explore(storage_state=None)
    await stranger.page.get_by_role("button", name="Nobody is signed in").click()
    await _axe_in_both_themes(stranger, "giving credentials")


async def test_an_example_is_chosen_run_looked_up_and_copied_by_the_keyboard_alone(explore: Explore) -> None:
    window = await explore()
    keyboard = window.page.keyboard

    async def reach(text: str, key: str = "Tab") -> None:
        for _ in range(80):
            focused = await window.page.evaluate(
                "() => document.activeElement.getAttribute('aria-label') || document.activeElement.innerText || ''"
            )
            if focused.startswith(text):
                return
            await keyboard.press(key)
        raise AssertionError(f"{text} is not reached")

    await reach("Examples")
    await keyboard.press("Enter")
    await reach("Who calls")
    await keyboard.press("Enter")
    assert await window.page.evaluate("() => document.activeElement.innerText") == "Examples"
    await reach("Request")
    await keyboard.press("Control+Enter")
    await expect(window.page.locator(".status")).to_contain_text("HTTP 200")
    assert json.loads(await window.answer())["data"]["me"]["kind"] == "MEMBER"
    await keyboard.press("Control+Home")
    await keyboard.press("ArrowDown")
    await keyboard.press("End")
    for _ in range(2):
        await keyboard.press("ArrowLeft")
    await keyboard.press("Alt+Enter")
    docs = window.page.get_by_role("complementary", name="Documentation")
    await expect(docs.get_by_role("heading", level=3)).to_have_text("Query.me")
    assert await window.page.evaluate("() => document.activeElement.tagName") == "H3"
    await reach("Answer", key="Shift+Tab")  # out of the documentation, through the answer
    await reach("Request", key="Shift+Tab")  # and out of an editor
    await reach("Copy as", key="Shift+Tab")
    await keyboard.press("Enter")
    await reach("curl")
    await keyboard.press("Enter")
    await expect(window.page.locator(".copies pre")).to_contain_text("curl -u")
