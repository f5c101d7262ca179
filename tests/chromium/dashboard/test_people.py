"""People, as a support agent, an owner and a lawyer see them."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Route, expect

from tests.chromium.dashboard.conftest import Look
from tests.chromium.dashboard.looking import Looking
from tests.chromium.dashboard.persons import USER, asked, known, member
from tests.world import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def mask_again(window: Looking) -> None:
    """Mask addresses again for the owner, as other tests expect it."""
    await window.open("#/settings/account")
    box = window.page.get_by_label("Show them to me unmasked")
    async with window.page.expect_response(lambda response: "showAddresses" in (response.request.post_data or "")):
        await box.uncheck()


async def test_a_support_agent_finds_a_person_and_why_each_pageview_is_theirs(
    look: Look, shown: Server, chromium: Browser
) -> None:
    anna = known(shown, "Anna", "Keller")
    agent = await look(
        "#/pixels/1/people", storage_state=await member(chromium, shown, "agent@team.example", "ANALYST")
    )
    page = agent.page
    await page.get_by_role("searchbox").fill("keller ann")
    await expect(page.get_by_role("status")).to_have_text("1 person matches, whenever they were here")
    assert "search=keller" in page.url
    await page.get_by_role("link", name=anna.name).click()
    profile = page.get_by_role("region", name=anna.name)
    await expect(profile).to_contain_text("a•••@people.example")
    assert anna.email not in await agent.read()
    await expect(profile).to_contain_text("pro")
    await page.locator("summary", has_text="/pricing").click()
    why = page.locator("li", has_text="/pricing").locator(".why")
    await expect(why).to_contain_text("Theirs by their browser, afterwards")
    await expect(why).to_contain_text(re.compile(r"The browser was linked at .+ by identify"))
    assert not re.search(r"\d{4}-\d\d-\d\dT", await agent.read()), "an instant is not written as a person reads it"
    assert await page.get_by_role("button", name="Unlink this browser").count() == 0
    await expect(profile).to_contain_text("Merging and suppressing people needs the role Editor.")


async def test_an_unlink_takes_the_pageviews_of_a_browser_and_is_undone(look: Look, shown: Server) -> None:
    ben = known(shown, "Ben", "Lee")
    window = await look(f"#/pixels/1/person/{ben.id}")
    page = window.page
    pricing = page.locator("summary", has_text="/pricing")
    await pricing.click()
    await page.locator(".why:visible").get_by_role("button", name="Unlink this browser").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text(ben.visitor)
    await dialog.get_by_role("button", name="Unlink this browser").click()
    await expect(dialog).to_have_count(0)
    await expect(pricing).to_have_count(0)
    await page.locator(".happened").get_by_role("button", name="Undo").click()
    await dialog.get_by_role("button", name="Give the browser back").click()
    await expect(pricing).to_have_count(1)


async def test_a_merge_is_made_and_undone_on_the_page_of_a_person(look: Look, shown: Server) -> None:
    one, other = known(shown, "Cara", "Ott"), known(shown, "Carla", "Otto")
    window = await look(f"#/pixels/1/person/{one.id}")
    page = window.page
    await page.get_by_role("button", name="Merge with").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("The other").fill("carla-otto")
    await dialog.get_by_role("button", name="Merge", exact=True).click()
    profile = page.locator(".profile")
    await expect(profile.get_by_text("c•••@people.example")).to_have_count(3)  # two, and one beside the name
    await page.locator(".happened", has_text="one").get_by_role("button", name="Undo").click()
    await dialog.get_by_role("button", name="Undo the merge").click()
    await expect(profile.get_by_text("c•••@people.example")).to_have_count(2)
    assert asked(shown, USER, "user", by={"email": other.email})["user"]["pageviewCount"] == 3


async def test_somebody_is_suppressed_and_recognised_again(look: Look, shown: Server) -> None:
    dora = known(shown, "Dora", "Berg")
    window = await look(f"#/pixels/1/person/{dora.id}")
    page = window.page
    profile, dialog = page.locator(".profile"), page.get_by_role("dialog")
    await profile.get_by_role("button", name="Show addresses").click()
    await expect(profile).to_contain_text(dora.email)
    await profile.get_by_role("button", name="Suppress").click()
    await dialog.get_by_label("Reason").fill("asked by telephone")
    await dialog.get_by_role("button", name="Suppress").click()
    await expect(profile).to_contain_text("Suppressed: counted, and not recognised")
    await window.open("#/settings/suppressions")
    await expect(page.locator("tbody tr", has_text=dora.email)).to_contain_text("asked by telephone")
    await page.get_by_role("button", name=f"Lift: {dora.email}").click()
    await dialog.get_by_role("button", name="Lift").click()
    await expect(page.locator("tbody tr", has_text=dora.email)).to_have_count(0)
    await mask_again(window)


async def test_a_lawyer_downloads_all_that_is_kept_of_a_person_and_erases_it_with_a_receipt(
    look: Look, shown: Server
) -> None:
    emil = known(shown, "Emil", "Gross", pixel=2)  # other tests look at the pages of pixel 1
    window = await look(f"#/pixels/2/person/{emil.id}")
    page = window.page
    dialog = page.get_by_role("dialog")
    await page.get_by_role("button", name="Download all data").click()
    await expect(dialog).to_contain_text("masked for you, and would be in the file")
    async with page.expect_download() as started:
        await dialog.get_by_role("button", name="Show addresses and download").click()
    file = await (await started.value).path()
    document = json.loads(Path(file).read_text())  # noqa: ASYNC240 - a file of a few kilobytes, in a test
    assert len(document["pageviews"]) == 3
    assert str(document["users"][0]["id"]) == emil.id
    assert emil.email in json.dumps(document["contacts"])
    assert {"browsers", "identifiers", "merges"} <= document.keys()

    await page.get_by_role("button", name="Forget").click()
    erase = dialog.get_by_role("button", name="Erase for good")
    await expect(erase).to_be_disabled()
    await dialog.get_by_label(f"Type {emil.name} to go on").fill("Emil")
    await expect(erase).to_be_disabled()
    await dialog.get_by_label(f"Type {emil.name} to go on").fill(emil.name)
    await erase.click()
    receipt = page.get_by_role("region", name="Receipt")
    await expect(receipt).to_contain_text("Everything is erased.")
    await expect(receipt.locator("div", has_text="Pageviews without a name now").last).to_contain_text("3")
    assert "emil" not in (await receipt.inner_text()).lower()
    gone = shown.graphql(USER, {"auth": shown.world.auth, "by": {"email": emil.email}})["data"]["user"]
    assert gone["reason"] == "USER_NOT_FOUND"
    await page.get_by_role("link", name="All erasures").click()
    await expect(page.get_by_role("table")).to_contain_text("A person")
    await mask_again(window)


async def test_people_are_those_of_the_period_and_the_filter_and_the_list_is_in_the_address(
    look: Look, shown: Server
) -> None:
    known(shown, "Fritz", "Hall")
    window = await look("#/pixels/1/people?filter=page~is~/signup&period=today")
    page = window.page
    await expect(page.get_by_role("link", name="Fritz Hall")).to_have_count(1)
    everybody = await window.read()
    await page.reload()
    assert await window.read() == everybody
    async with page.expect_download() as started:
        await page.get_by_role("button", name="Download People as CSV").click()
    file = await (await started.value).path()
    rows = [*csv.DictReader(io.StringIO(Path(file).read_text("utf-8-sig")))]  # noqa: ASYNC240 - as above
    (fritz,) = (row for row in rows if row["Name"] == "Fritz Hall")
    assert (fritz["plan"], fritz["Pageviews"]) == ("pro", "1")
    await window.open("#/pixels/1/people?filter=page~is~/nowhere")
    await expect(page.locator("main")).to_contain_text("Nobody who is known was here in this period.")
    await page.get_by_role("searchbox").fill("xyzzy")
    await expect(page.locator("main")).to_contain_text("Nobody matches.")


async def test_another_page_of_people_is_seen_from_its_top_and_a_second_press_waits_for_it(
    look: Look, shown: Server
) -> None:
    known(shown, "Gabi", "Imhof")
    window = await look("#/people", viewport={"width": 1440, "height": 400})
    page = window.page

    async def by_three(route: Route) -> None:
        given = json.loads(route.request.post_data or "")
        await route.continue_(post_data={**given, "variables": {**given["variables"], "first": 3}})

    await page.route("**/graphql", by_three)
    await page.reload()
    following = page.get_by_role("link", name="Next")
    first = await following.get_attribute("href")
    await following.press("Enter")
    await expect(page.locator(".people")).to_be_focused()
    assert await page.evaluate("() => scrollY") == 0
    await following.press("Enter")
    await window.drawn()
    assert first is not None
    assert not page.url.endswith(first), "the second press led to the page that was on its way"
    await expect(page.locator(".people")).to_be_focused()
    assert await page.evaluate("() => scrollY") == 0


async def test_a_viewer_is_not_offered_people_and_told_which_role_sees_them(
    look: Look, shown: Server, chromium: Browser
) -> None:
    state = await member(chromium, shown, "viewer@team.example", "VIEWER")
    window = await look("#/pixels/1/now", storage_state=state)
    menu = window.page.get_by_role("navigation", name="Views")
    await expect(menu.get_by_role("link", name="Now")).to_have_count(1)
    await expect(menu.get_by_role("link", name="People")).to_have_count(0)
    await expect(window.page.get_by_role("region", name="Pageviews as they happen")).to_contain_text("needs ANALYST")
    await window.open("#/pixels/1/people")
    await expect(window.page.get_by_role("alert")).to_contain_text("needs ANALYST")
