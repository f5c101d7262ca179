"""For everybody: axe-core finds nothing, the keyboard is enough, nothing moves that was shown."""

from typing import Final, Literal

import pytest
from playwright.async_api import Route, ViewportSize, expect

from tests.chromium.dashboard.conftest import Look
from tests.chromium.dashboard.looking import Looking

pytestmark = pytest.mark.asyncio(loop_scope="session")

VIEWS = (
    "#/",
    "#/pixels/1",
    "#/pixels/1?chart=table&filter=country~is~CH",
    "#/pixels/1/table/pages",
    "#/pixels/1/shares?filter=country~is~CH",
    "#/pixels/1/nothing",
)
SCREENS: tuple[ViewportSize, ...] = ({"width": 1440, "height": 900}, {"width": 390, "height": 844})

THEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")

# The sum of what moved without being asked to: https://web.dev/articles/cls
SHIFTS = """() => new Promise((told) => new PerformanceObserver((list) =>
    told(list.getEntries().reduce((sum, { value, hadRecentInput }) => sum + (hadRecentInput ? 0 : value), 0)))
    .observe({ type: 'layout-shift', buffered: true }) || setTimeout(() => told(0), 300))"""


async def _axe_in_both_themes(window: Looking, where: str) -> None:
    for theme in THEMES:
        await window.page.emulate_media(color_scheme=theme)
        assert await window.axe() == [], f"{where}, {theme}"


@pytest.mark.parametrize("fragment", VIEWS)
async def test_axe_finds_nothing_in_any_view_in_both_themes(look: Look, fragment: str) -> None:
    window = await look(fragment)
    for screen in SCREENS:
        await window.page.set_viewport_size(screen)
        await _axe_in_both_themes(window, f"{fragment} at {screen}")
        overflow = await window.page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0, f"{fragment} is wider than the screen {screen}"


async def test_axe_finds_nothing_in_menus_the_filter_form_and_the_sign_in(look: Look) -> None:
    window = await look()
    for name in ("Choose a pixel", "Period:", "Comparison:", "Add filter", "Display and keys"):
        await window.page.get_by_role("button", name=name).click()
        await _axe_in_both_themes(window, name)
        await window.page.keyboard.press("Escape")
    stranger = await look("#/", storage_state=None)
    await _axe_in_both_themes(stranger, "signing in")


async def test_the_theme_can_be_chosen_and_is_kept(look: Look) -> None:
    window = await look("#/settings/account", color_scheme="light")
    ground = "() => getComputedStyle(document.body).backgroundColor"
    light = await window.page.evaluate(ground)
    await window.page.get_by_role("button", name="Display and keys").click()
    await window.page.get_by_label("Dark").check()
    dark = await window.page.evaluate(ground)
    assert dark != light
    await window.page.reload()
    await window.drawn()
    assert await window.page.evaluate(ground) == dark


async def test_a_pixel_a_period_a_filter_and_a_table_are_reached_by_the_keyboard_alone(look: Look) -> None:
    window = await look("#/")
    keyboard = window.page.keyboard

    async def reach(text: str, key: str = "Tab") -> None:
        for _ in range(80):
            await keyboard.press(key)
            focused = await window.page.evaluate(
                "() => document.activeElement.getAttribute('aria-label') || document.activeElement.innerText || ''"
            )
            if focused.startswith(text):
                outline = await window.page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
                assert outline == "solid", f"the focus on {text} cannot be seen"
                return
        raise AssertionError(f"{text} is not reached")

    await reach("Site")
    await keyboard.press("Enter")
    await window.drawn()
    assert "#/pixels/1" in window.page.url
    await reach("Period")
    await keyboard.press("Enter")
    await reach("Last 7 days", key="Shift+Tab")
    await keyboard.press("Enter")
    await window.drawn()
    assert "period=last-7-days" in window.page.url
    assert (
        await window.page.evaluate("() => document.activeElement.getAttribute('aria-label')") == "Period: Last 7 days"
    )
    await reach("Add filter")
    await keyboard.press("Enter")
    await window.page.wait_for_selector("form.filter-form select:focus")
    await keyboard.type("Cou")
    await keyboard.press("Tab")
    await keyboard.press("Tab")
    await keyboard.type("CH")
    await reach("Apply")
    await keyboard.press("Enter")
    await window.drawn()
    assert "filter=country~is~CH" in window.page.url
    await reach("Remove the filter: Country is Switzerland", key="Shift+Tab")
    await keyboard.press("Enter")
    await window.drawn()
    assert "filter" not in window.page.url
    await reach("Bounce rate")
    await keyboard.press("Enter")
    await reach("All ")
    await keyboard.press("Enter")
    await window.drawn()
    assert "/table/channels" in window.page.url


async def test_a_form_that_works_says_so_refuses_a_second_submit_and_keeps_the_focus(look: Look) -> None:
    window = await look("#/settings/members")
    page, held = window.page, list[Route]()

    async def hold(route: Route) -> None:
        held.append(route)

    await page.route("**/graphql", hold)
    email = page.get_by_label("Email", exact=True)
    form = page.locator("form", has=email)
    await email.fill("twice@team.example")
    await email.press("Enter")
    await expect(form).to_have_attribute("aria-busy", "true")
    await email.press("Enter")
    await expect(email).to_be_focused()
    assert len(held) == 1
    await held[0].continue_()
    await page.unroute("**/graphql")
    await page.get_by_label("Link for them", exact=True).wait_for()
    await expect(form).to_have_attribute("aria-busy", "false")
    await expect(email).to_be_focused()

    row = page.get_by_role("row", name="twice@team.example")
    await row.get_by_role("button", name="Remove").press("Enter")
    await page.get_by_role("dialog").get_by_role("button", name="Remove").press("Enter")
    await expect(row).to_have_count(0)
    await expect(page.get_by_role("group", name="Members")).to_be_focused()


async def test_what_has_the_focus_and_goes_away_leaves_it_to_what_was_around_it(look: Look) -> None:
    window = await look("#/pixels/1?filter=country~is~CH&compare=none")
    page, menu = window.page, window.page.locator(".saved")
    await page.keyboard.press("v")
    await menu.get_by_label("Name of what is shown now").fill("Mine")
    await page.keyboard.press("Enter")
    change = menu.get_by_role("button", name="Change Mine")
    await change.press("Enter")
    await menu.get_by_role("button", name="Save what is shown now to it").press("Enter")
    await expect(change).to_be_focused()
    await change.press("Enter")
    await menu.get_by_role("button", name="Remove").press("Enter")
    await expect(menu.get_by_role("button", name="Keep it")).to_be_focused()
    await menu.locator(".grave").press("Enter")
    await expect(change).to_have_count(0)
    await expect(page.locator(".sheet").filter(has=menu)).to_be_focused()  # the menu is neither closed nor left
    await page.keyboard.press("Escape")

    await page.get_by_role("button", name="Remove the filter: Country is Switzerland").press("Enter")
    await expect(page.get_by_role("region", name="Filters")).to_be_focused()
    await page.get_by_role("link", name="All ").first.press("Enter")
    await expect(page.locator("main")).to_be_focused()


async def test_nothing_moves_once_it_has_been_shown(look: Look) -> None:
    for fragment in ("#/pixels/1", "#/pixels/1?filter=country~is~CH"):
        window = await look(fragment)
        await window.page.wait_for_selector(".plot canvas")
        assert await window.page.evaluate(SHIFTS) < 0.02, fragment


async def test_who_wants_little_motion_gets_none(look: Look) -> None:
    window = await look("#/settings/account", reduced_motion="reduce")
    moving = await window.page.evaluate(
        """() => { const line = document.createElement('div'); document.querySelector('.progress').append(line);
            return getComputedStyle(line).animationName }"""
    )
    assert moving == "appear"


async def test_it_prints_without_what_nobody_can_press_on_paper(look: Look) -> None:
    window = await look(color_scheme="dark")
    await window.page.emulate_media(media="print")
    assert await window.page.locator(".figure b").first.is_visible()
    for gone in (".panel > footer", ".under-chart", ".chip.add", ".skip"):
        assert not await window.page.locator(gone).first.is_visible(), gone
    assert await window.page.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
