"""The map of countries beside its table: an additional look at the same figures."""

import time

import pytest
from playwright.async_api import Page, expect

from tests.chromium.dashboard.conftest import RECORD, Look
from tests.chromium.dashboard.looking import Looking
from tests.chromium.dashboard.test_access import SHIFTS, THEMES
from tests.chromium.dashboard.test_sharing import made, visited
from tests.world import Server, through_operators_door

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLACES = "section[aria-label=Places]"
CHUNK = "/WorldMap-"
SCREENS = ((1440, 900), (768, 900), (390, 844))

# How much darker or lighter than the card a shape is: the sum over the three colours.
_STRENGTH = """shape => { const [at, card] = [shape.querySelector('path:last-child'), document.querySelector('.card')];
    const numbers = (text) => { const c = document.createElement('canvas').getContext('2d'); c.fillStyle = text;
        c.fillRect(0, 0, 1, 1); return [...c.getImageData(0, 0, 1, 1).data].slice(0, 3) };
    const ground = numbers(getComputedStyle(card).backgroundColor);
    return numbers(getComputedStyle(at).fill).reduce((sum, one, place) => sum + Math.abs(one - ground[place]), 0) }"""


@pytest.fixture(scope="module")
def second(shown: Server) -> str:
    """The overview of the second site, which has a visitor in Singapore, too."""
    event = {
        "pixelId": 2,
        "domain": "example.com",
        "timestamp": time.time() - 86_400,
        "country": "SG",
        "visitorId": "sg",
    }
    event["url"] = "https://example.com/"
    answer = shown.graphql(RECORD, {"auth": shown.world.auth, "events": [event]})
    assert answer["data"]["pageviews"]["code"] == 200, answer
    through_operators_door(shown.world, "POST", "/operator/catch-up")
    return "#/pixels/2"


async def seen(page: Page) -> None:
    """Look at the panel of countries until its map is there."""
    await page.locator(PLACES).scroll_into_view_if_needed()
    await page.wait_for_selector(".land svg")


async def test_countries_are_shaded_by_their_figure_the_legend_says_the_numbers_and_a_click_filters_by_a_country(
    look: Look,
) -> None:
    window = await look()
    await seen(window.page)
    await _shades_and_legend(window.page)
    await _a_country_that_is_pointed_at_is_named_with_its_figure_and_a_click_filters_by_it(window)


async def _shades_and_legend(page: Page) -> None:
    rows = page.locator(f"{PLACES} tbody tr")
    figures = {
        await row.locator("a").inner_text(): int(await row.locator("td").first.inner_text()) for row in await rows.all()
    }
    figures.pop("Unknown", None)  # of other tests: what came from no country known is in the table alone
    labels = await page.locator(".land a").evaluate_all("shapes => shapes.map(one => one.getAttribute('aria-label'))")
    assert labels == [f"{name}: {figure} Visitors" for name, figure in figures.items()]
    most, *_, least = [await shape.evaluate(_STRENGTH) for shape in await page.locator(".land a").all()]
    assert most > least > 0
    legend = await page.locator(".legend li").all_inner_texts()
    assert legend[:2] == ["Visitors", "None"]
    assert legend[2].split("–")[0] == str(min(figures.values()))
    assert legend[-1].split("–")[-1] == str(max(figures.values()))


async def _a_country_that_is_pointed_at_is_named_with_its_figure_and_a_click_filters_by_it(window: Looking) -> None:
    page = window.page
    row = page.locator(f"{PLACES} tbody tr").filter(has_text="Germany")
    href = await row.locator("a").get_attribute("href")
    germany = page.locator(".land a[data-code=DE]")
    await germany.hover()
    tip = page.locator(".land .tip")
    await expect(tip).to_contain_text(f"Germany{await row.locator('td').first.inner_text()}Visitors")
    await page.locator(".land [data-code=BR]").hover()
    await expect(tip).to_contain_text("Brazil0Visitors")
    assert await page.locator(".land a[data-code=BR]").count() == 0
    await germany.click()
    await window.drawn()
    assert page.url.endswith(str(href))
    assert await page.locator(".land a").count() == await page.locator(f"{PLACES} tbody tr").count() == 1


async def test_by_the_keyboard_alone_a_country_is_reached_and_filters(look: Look) -> None:
    window = await look()
    page = window.page
    await seen(page)
    labels = await page.locator(".land a").evaluate_all("shapes => shapes.map(one => one.getAttribute('aria-label'))")
    await page.locator(f"{PLACES} .tabs a").last.focus()
    await page.keyboard.press("Tab")
    focused = "() => document.activeElement.getAttribute('aria-label')"
    assert await page.evaluate(focused) == labels[0]
    await page.keyboard.press("ArrowRight")
    assert await page.evaluate(focused) == labels[1]
    name = labels[1].partition(":")[0]
    await expect(page.locator(".land .tip")).to_contain_text(name)
    await page.keyboard.press("Enter")
    await expect(page.get_by_label(f"Remove the filter: Country is {name}")).to_be_visible()


async def test_axe_finds_nothing_in_the_map_where_a_country_too_small_for_a_shape_is_a_dot_that_can_be_clicked(
    look: Look, second: str
) -> None:
    window = await look(second)
    await seen(window.page)
    await _axe_finds_nothing_on_each_screen_in_both_themes_and_in_forced_colours(window)
    singapore = window.page.locator(".land a[data-code=SG]")
    await singapore.hover()
    await expect(window.page.locator(".land .tip")).to_contain_text("Singapore1Visitors")
    await singapore.click()
    await window.drawn()
    assert "filter=country~is~SG" in window.page.url


async def test_on_a_telephone_the_map_shows_a_part_of_the_world_large_enough_to_point_at(
    look: Look, second: str
) -> None:
    window = await look(second, viewport={"width": 390, "height": 844})
    page = window.page
    await seen(page)
    france = page.locator(".land a[data-code=FR]")
    before = await france.bounding_box()
    panel = await page.locator(PLACES).bounding_box()
    await page.get_by_label("Part of the map").focus()
    await page.keyboard.press("E")
    assert "map=europe" in page.url
    after = await france.bounding_box()
    assert before
    assert after
    assert after["width"] > 3 * before["width"]
    assert after["width"] >= 20
    assert await page.locator(PLACES).bounding_box() == panel, "nothing moves"
    assert not await page.locator(".land a[data-code=SG]").count(), "Tab does not lead to what is not shown"
    await page.reload()
    await seen(page)
    await france.click()
    await window.drawn()
    assert "filter=country~is~FR" in page.url


async def test_the_map_is_loaded_once_its_place_is_seen_and_moves_nothing(look: Look) -> None:
    for width, height in SCREENS:
        window = await look(viewport={"width": width, "height": 500})
        page = window.page
        await page.wait_for_selector(".plot canvas")
        assert not any(CHUNK in request.url for request in window.requests)
        await page.set_viewport_size({"width": width, "height": height})
        before = await page.locator(PLACES).bounding_box()
        await seen(page)
        after = await page.locator(PLACES).bounding_box()
        assert before
        assert after
        assert abs(before["height"] - after["height"]) < 1, f"the panel grew at {width}"
        assert await page.evaluate(SHIFTS) < 0.02, width
        assert len(window.asked()) == 1, "the map has the figures of its panel"


async def test_a_map_that_cannot_be_loaded_leaves_the_table(look: Look) -> None:
    window = await look("#/pixels/1?places=cities")
    page = window.page
    await page.locator(PLACES).scroll_into_view_if_needed()
    assert not any(CHUNK in request.url for request in window.requests), "no other tab has a map"
    await page.route(f"**{CHUNK}*", lambda route: route.abort())
    await window.click("Countries", within=PLACES)
    await expect(page.get_by_text("The map could not be loaded.")).to_be_visible()
    await expect(page.locator(f"{PLACES} tbody")).to_contain_text("Germany")


async def _axe_finds_nothing_on_each_screen_in_both_themes_and_in_forced_colours(window: Looking) -> None:
    page = window.page
    for width, height in SCREENS:
        await page.set_viewport_size({"width": width, "height": height})
        for theme in THEMES:
            await page.emulate_media(color_scheme=theme)
            assert await window.axe() == [], f"{width}, {theme}"
        assert await page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0, width
    await page.emulate_media(forced_colors="active")
    shapes = page.locator(".land a")
    assert await shapes.first.evaluate(_STRENGTH) > 0, "a forced colour makes all countries the same"
    await page.emulate_media(forced_colors="none", media="print")
    assert await shapes.first.is_visible()
    await page.emulate_media(media="screen")
    await page.set_viewport_size({"width": 1440, "height": 900})


async def test_a_share_has_the_map(look: Look, shown: Server) -> None:
    window = await visited(look, made(shown, "With the map"))
    await seen(window.page)
    await window.page.locator(".land a[data-code=FR]").click()
    await window.drawn()
    assert "filter=country~is~FR" in window.page.url
