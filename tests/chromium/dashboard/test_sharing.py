"""A share from its making to its end: the link, the password, the frame in another site's page."""

import asyncio
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.chromium.dashboard.conftest import Look, local
from tests.chromium.dashboard.looking import Looking
from tests.chromium.dashboard.test_access import THEMES
from tests.chromium.site import OTHER, SHOP, Site, serving
from tests.contract.sharing import CREATE
from tests.world import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")

PASSWORD = "correct horse battery"
SWISS = {"on": {"dimension": "COUNTRY", "is": ["CH"]}}


@pytest.fixture(scope="module")
def foreign(shown: Server) -> Iterator[Site]:
    """Pages of other sites."""
    with serving(shown) as site:
        yield site


def made(server: Server, name: str = "For the agency", **more: Any) -> str:
    """The link of a new share, on the host by which browsers are sent here."""
    variables = {"auth": server.world.auth, "pixel": 1, "name": name, **more}
    answer = server.graphql(CREATE, variables)["data"]["createShare"]
    assert answer["code"] == 200, answer
    return re.sub("^http://[^/]+", local(server), answer["link"])


async def visited(look: Look, link: str, **options: Any) -> Looking:
    """The window of a visitor, who is not signed in."""
    return await look(re.sub("^http://[^/]+/", "", link), storage_state=None, **options)


async def faults(window: Looking) -> list[str]:
    """What axe-core finds in both themes."""
    found = []
    for theme in THEMES:
        await window.page.emulate_media(color_scheme=theme)
        found += await window.axe()
    return found


async def test_an_owner_makes_a_share_with_a_password_and_a_last_day_and_a_visitor_opens_it(
    look: Look, shown: Server
) -> None:
    owner = await look("#/pixels/1/shares?filter=country~is~CH")
    page = owner.page
    assert "Country is Switzerland" in await page.locator(".shares").first.inner_text()
    await page.get_by_label("Name").fill("Swiss visits")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_label("Last day").fill("2199-12-31")
    frames = page.get_by_label("Sites that may show it in a frame")
    await frames.fill("nonsense")
    await page.get_by_role("button", name="Make a link").click()
    said = "Sites that may show it in a frame (embedOn): up to 20, such as https://example.com; nonsense is none."
    await expect(page.get_by_role("alert").filter(has_text="nonsense")).to_have_text(said)
    await frames.fill("")
    await page.get_by_role("button", name="Make a link").click()
    link = await page.get_by_label("Link", exact=True).inner_text()
    row = page.get_by_role("row").filter(has_text="Swiss visits")
    await row.wait_for()
    assert await row.inner_text() == "Swiss visits\tCountry is Switzerland\tYes\t31 Dec 2199\tNever\tNo\tRevoke"
    assert await owner.axe() == []

    window = await visited(look, link)
    await window.page.get_by_label("Password").fill("wrong horse battery")
    await window.page.get_by_role("button", name="Open").click()
    await expect(window.page.get_by_role("alert")).to_contain_text("The password is wrong")
    assert await faults(window) == []
    await window.page.get_by_label("Password").fill(PASSWORD)
    await window.page.get_by_role("button", name="Open").click()
    await window.page.wait_for_selector(".figure b:not(.blank)")
    assert await window.page.title() == "Swiss visits"
    figures = await window.page.locator(".figure b").all_inner_texts()
    owners = await look("#/pixels/1?filter=country~is~CH")
    assert await owners.page.locator(".figure b").all_inner_texts() == figures
    assert await faults(window) == []

    await row.get_by_role("button", name="Revoke").click()
    await page.get_by_role("button", name="Revoke", exact=True).click()
    await row.wait_for(state="detached")
    await window.page.get_by_role("button", name="Period:").click()
    await window.page.get_by_role("link", name="Last 7 days").click()
    await expect(window.page.get_by_role("alert")).to_contain_text("This link does not work any more")


async def test_a_share_shows_its_views_without_what_is_for_members_and_keeps_its_address(
    look: Look, shown: Server
) -> None:
    window = await visited(look, made(shown))
    page = window.page
    for gone in (
        "Choose a pixel",
        "Second site",
        "Sign in",
        "Sign out",
        "Shares",
        "Saved views",
        "Explorer",
        "example.com",
    ):
        assert not await page.get_by_text(gone, exact=True).and_(page.locator(":visible")).count(), gone
    assert len(window.asked()) == 2  # opening it, and the view
    assert all("cookie" not in request.headers for request in window.requests)
    await page.keyboard.press("/")
    await page.get_by_role("combobox", name="Values").fill("sho")
    await expect(page.locator(".suggested [role=option]")).to_contain_text(["/shop"])
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await window.click("Germany", within="section[aria-label=Places]")
    assert "filter=country~is~DE" in page.url
    narrowed = await window.read()
    await page.reload()
    assert await window.read() == narrowed
    await page.go_back()
    assert "filter" not in page.url
    await page.get_by_role("link", name="All 4").first.click()
    await window.drawn()
    assert "/table/" in page.url
    async with page.expect_download() as download:
        await page.get_by_role("button", name="as CSV").click()
    assert (await download.value).suggested_filename.endswith(".csv")


async def test_a_share_shows_people_masked_and_as_a_list_if_its_owner_says_so(look: Look, shown: Server) -> None:
    owner = await look("#/pixels/1/shares?filter=country~is~CH")
    page = owner.page
    await page.get_by_label("Name").fill("With people")
    await expect(page.get_by_text("They see no people, no single pageviews")).to_be_visible()
    await page.get_by_role("checkbox", name="Show the people who were here").focus()
    await page.keyboard.press("Space")
    await expect(page.get_by_text("Emails and telephone numbers are masked.")).to_be_visible()
    await page.get_by_role("button", name="Make a link").click()
    link = await page.get_by_label("Link", exact=True).inner_text()
    row = page.get_by_role("row").filter(has_text="With people")
    await expect(row).to_contain_text("Country is Switzerland, with people")
    assert await owner.axe() == []

    window = await visited(look, link)
    await window.page.get_by_role("link", name="People").click()
    await window.drawn()
    names = await window.page.locator(".who b").all_inner_texts()
    assert names
    assert all("•••@example.com" in name for name in names)
    assert not await window.page.locator("table a, [role=search], th.from").count()
    assert await faults(window) == []
    async with window.page.expect_download() as download:
        await window.page.get_by_role("button", name="as CSV").click()
    assert "@" in (saved := (await (await download.value).path()).read_text())
    assert "First came from" not in saved
    figures = await visited(look, made(shown))
    token = link.partition("#share=")[2]
    assert not await figures.page.get_by_role("link", name="People").count()
    await figures.page.goto(f"{link.partition('#')[0]}#/pixels/1/person/1?share={token}")
    await figures.page.wait_for_function("() => location.hash.startsWith('#/pixels/1?')")


async def test_a_visitor_cannot_reach_another_view_or_pixel_by_the_address(look: Look, shown: Server) -> None:
    link = made(shown)
    page, token = link.split("#share=")
    for fragment in (f"#/pixels/2?share={token}", f"#/?share={token}", f"#/pixels/1/shares?share={token}"):
        window = await visited(look, page + fragment)
        await window.page.wait_for_function("() => location.hash.startsWith('#/pixels/1?')")
        await window.drawn()
        assert await window.page.locator(".figure").count() == 6


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_a_share_is_shown_in_the_theme_that_its_address_names(look: Look, shown: Server, theme: str) -> None:
    link = made(shown).replace("#", f"&theme={theme}#")
    window = await visited(look, link, color_scheme="dark" if theme == "light" else "light")
    assert await window.page.evaluate("() => document.documentElement.dataset.theme") == theme


async def test_a_share_that_expires_while_somebody_looks_at_it_says_so(look: Look, shown: Server) -> None:
    ends = time.time() + 5
    link = made(shown, password=PASSWORD, expiresAt=ends)
    window = await visited(look, link)
    await window.page.get_by_label("Password").fill(PASSWORD)
    await window.page.get_by_role("button", name="Open").click()
    await window.page.wait_for_selector(".figure b:not(.blank)")
    await asyncio.sleep(max(0.0, ends - time.time()) + 0.1)
    await window.page.keyboard.press("w")
    await expect(window.page.get_by_role("alert")).to_contain_text("This link has expired")
    again = await visited(look, link)
    await expect(again.page.get_by_role("alert")).to_contain_text(
        "This link has expired. Ask the person who gave it to you"
    )


async def test_a_page_of_a_site_that_a_share_names_shows_it_in_a_frame(
    chromium: Browser, shown: Server, foreign: Site
) -> None:
    origin = foreign.url("", SHOP)
    link = made(shown, "In a frame", filter=SWISS, embedOn=[origin])
    address = foreign.put(
        "/framing", body=f'<h1>Our figures</h1><iframe src="{link}" width="1200" height="900"></iframe>'
    )
    context = await chromium.new_context()
    page = await context.new_page()
    await page.goto(address)
    frame = page.frame_locator("iframe")
    await frame.locator(".figure b:not(.blank)").first.wait_for()
    assert await frame.locator(".top .pixel").inner_text() == "In a frame"
    await frame.get_by_role("button", name="Period:").click()
    await frame.get_by_role("link", name="Last 7 days").click()
    await frame.locator(".figure b:not(.blank)").first.wait_for()
    assert await context.cookies() == []
    await context.close()


@pytest.mark.parametrize("kind", ["another site", "no site named", "another share", "the dashboard"])
async def test_no_other_page_shows_a_share_or_the_dashboard_in_a_frame(
    chromium: Browser, shown: Server, foreign: Site, kind: str
) -> None:
    framed = made(shown, "Framed", embedOn=[foreign.url("", SHOP)])
    unframed = made(shown, "Not framed")
    host, link = {
        "another site": (OTHER, framed),
        "no site named": (SHOP, unframed),
        # The page may be framed by its id, but the token is that of a share that may not.
        "another share": (SHOP, framed.partition("#")[0] + "#" + unframed.partition("#")[2]),
        "the dashboard": (SHOP, f"{local(shown)}/"),
    }[kind]
    foreign.put("/framing", body=f'<iframe src="{link}" width="1200" height="900"></iframe>')
    context = await chromium.new_context()
    page = await context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    await page.goto(foreign.url("/framing", host))
    if kind == "another share":
        told = page.frame_locator("iframe").get_by_role("alert")
        await expect(told).to_contain_text("This address is not that of a share")
    else:
        await page.wait_for_function("() => document.readyState === 'complete'")
        assert any("frame-ancestors" in text for text in said), said
        assert await page.frames[-1].locator("#app").count() == 0
    assert await page.frames[-1].locator(".figure").count() == 0
    await context.close()
