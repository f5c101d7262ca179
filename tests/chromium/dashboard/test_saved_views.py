"""Saved views and suggested values in Chromium, by mouse and by keyboard alone."""

import pytest
from playwright.async_api import expect

from tests.chromium.dashboard.conftest import Look

pytestmark = pytest.mark.asyncio(loop_scope="session")

SHOWN = "#/pixels/1?period=last-7-days&compare=none&filter=country~is~CH&from=sources&metric=pageviews"


async def test_a_view_is_saved_opened_renamed_overwritten_and_removed(look: Look) -> None:
    window = await look(SHOWN)
    page = window.page
    await page.get_by_role("button", name="Saved views").click()
    menu = page.locator(".saved")
    await expect(menu.get_by_text("No view is saved yet.")).to_be_visible()
    assert await window.axe() == []
    await menu.get_by_label("Name of what is shown now").fill("Switzerland")
    await menu.get_by_label("For everybody of the app").check()
    await menu.get_by_role("button", name="Save", exact=True).click()
    await expect(menu.get_by_role("link", name="Switzerland everybody")).to_have_attribute("aria-current", "true")

    await window.open("#/pixels/1")
    await page.keyboard.press("v")
    await expect(menu.get_by_role("link", name="Switzerland")).to_be_focused()
    await page.keyboard.press("Enter")
    await window.drawn()
    assert page.url.endswith(SHOWN)

    await window.open("#/pixels/1/table/pages?period=today")
    await page.get_by_role("button", name="Saved views").click()
    await menu.get_by_role("button", name="Change Switzerland").click()
    await menu.get_by_label("New name of Switzerland").fill("Today's pages")
    await menu.get_by_role("button", name="Rename").click()
    await menu.get_by_role("button", name="Change Today's pages").click()
    await menu.get_by_role("button", name="Save what is shown now to it").click()
    await expect(menu.get_by_role("link", name="Today's pages")).to_have_attribute("aria-current", "true")
    assert await window.axe() == []

    await menu.get_by_role("button", name="Change Today's pages").click()
    await menu.get_by_role("button", name="Remove").click()
    await expect(menu.get_by_text("is removed for everybody of the app. This cannot be undone.")).to_be_visible()
    await menu.get_by_role("button", name="Remove").click()
    await expect(menu.get_by_text("No view is saved yet.")).to_be_visible()


async def test_values_are_suggested_by_one_request_after_a_pause_and_taken_by_keys(look: Look) -> None:
    window = await look("#/pixels/1/table/pages")
    page, form = window.page, window.page.locator("form.filter-form")
    window.requests.clear()
    await page.keyboard.press("/")
    field = form.get_by_role("combobox", name="Values")
    await field.focus()
    options = form.locator(".suggested [role=option]")
    await expect(options.first).to_contain_text("/")
    await page.keyboard.type("sho")
    await expect(options).to_have_count(1)
    assert len(window.asked()) == 2, "one for all values, and one for those with what was typed"
    assert await window.axe() == []
    await page.keyboard.press("ArrowDown")
    active = await field.get_attribute("aria-activedescendant")
    assert await options.first.get_attribute("id") == active
    await page.keyboard.press("Escape")
    await expect(form.locator(".suggested")).to_be_hidden()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.keyboard.type("anything else")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await window.drawn()
    assert page.url.endswith("filter=page~is~/shop~anything+else")


async def test_countries_are_suggested_by_their_names_and_a_failure_does_not_stop_the_form(look: Look) -> None:
    window = await look("#/pixels/1/table/pages")
    page, form = window.page, window.page.locator("form.filter-form")
    await page.keyboard.press("/")
    await form.get_by_label("What").first.select_option("Country")
    await form.get_by_role("combobox", name="Values").fill("ger")
    await form.get_by_role("option", name="Germany").click()
    await form.get_by_role("button", name="Remove Germany").wait_for()
    await page.route("**/graphql", lambda route: route.abort())
    await form.get_by_label("What").first.select_option("City")
    await form.get_by_role("button", name="Remove DE").click()
    await form.get_by_role("combobox", name="Values").fill("Bern")
    await page.wait_for_timeout(400)
    await page.unroute("**/graphql")
    await form.get_by_role("button", name="Apply").click()
    await window.drawn()
    assert page.url.endswith("filter=city~is~Bern")
