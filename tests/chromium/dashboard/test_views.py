"""What holds for every view of people, of now, of setting up and of the settings."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, StorageState, ViewportSize, expect

from tests.chromium.dashboard.conftest import Look, local
from tests.chromium.dashboard.looking import Looking
from tests.chromium.dashboard.persons import Person, known
from tests.world import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")

VIEWS = (
    "#/pixels/1/people",
    "#/pixels/1/people?search=hanna",
    "#/people",
    "#/pixels/1/person/ID",
    "#/pixels/1/now",
    "#/setup",
    "#/pixels/2/setup?how=gtm",
    "#/pixels/1/settings",
    "#/settings",
    *(
        f"#/settings/{section}"
        for section in ("suppressions", "erasures", "merges", "members", "keys", "audit", "account")
    ),
)
MOVED_SIDEWAYS = """() => [...document.querySelectorAll('.across')]
    .filter((list) => list.scrollWidth > list.clientWidth).map((list) => list.innerText)"""

SCREENS: tuple[ViewportSize, ...] = (
    {"width": 1440, "height": 900},
    {"width": 768, "height": 900},
    {"width": 390, "height": 844},
)


@pytest.fixture(scope="session")
def hanna(shown: Server) -> Person:
    """Somebody to look at."""
    return known(shown, "Hanna", "Ilg")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def one_window(chromium: Browser, shown: Server, signed_in: StorageState) -> AsyncIterator[Looking]:
    """The window in which all views are looked at, one after the other."""
    async with await chromium.new_context(storage_state=signed_in) as context:
        window = Looking(context, await context.new_page(), local(shown))
        await window.open("#/pixels/1/table/pages")
        yield window


@pytest.mark.parametrize("fragment", VIEWS)
async def test_a_view_is_one_request_fits_each_screen_axe_finds_nothing_and_a_reload_shows_the_same(
    one_window: Looking, hanna: Person, fragment: str
) -> None:
    window = one_window
    await window.page.set_viewport_size(SCREENS[0])
    await window.go(fragment.replace("ID", hanna.id))
    before = await window.read()
    window.requests.clear()
    await window.page.reload()
    assert _still(await window.read()) == _still(before)
    asked = [each["query"].split("(")[0].split("{")[0].strip() for each in window.asked()]
    assert len(asked) == 1, asked

    for summary in await window.page.locator("summary:visible").all():
        await summary.click()
    for screen in SCREENS:
        await window.page.set_viewport_size(screen)
        overflow = await window.page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0, f"{fragment} is wider than the screen {screen}"
    assert await window.page.evaluate(MOVED_SIDEWAYS) == [], f"{fragment} hides a part of a list on a telephone"
    await window.page.emulate_media(color_scheme="light")
    assert await window.axe() == [], f"{fragment}, light, narrow"
    await window.page.set_viewport_size(SCREENS[0])
    await window.page.emulate_media(color_scheme="dark")
    assert await window.axe() == [], f"{fragment}, dark, wide"
    assert window.troubles == []


def _still(text: str) -> str:
    """Without what is true of a moment only."""
    return re.sub(r"\d+ visitors? in the last.*|Live", "", text)


async def test_what_asks_before_it_is_done_is_accessible_and_closes_by_escape(look: Look, hanna: Person) -> None:
    window = await look(f"#/pixels/1/person/{hanna.id}")
    for name in ("Forget", "Merge with", "Suppress"):
        button = window.page.get_by_role("button", name=name)
        await button.click()
        assert await window.axe() == [], name
        await window.page.keyboard.press("Escape")
        await expect(window.page.get_by_role("dialog")).to_have_count(0)
        await expect(button).to_be_focused()


async def test_the_keyboard_alone_finds_a_person_and_why_a_pageview_is_theirs(look: Look, hanna: Person) -> None:
    window = await look("#/pixels/1")
    keyboard = window.page.keyboard

    async def reach(text: str, tag: str) -> None:
        for _ in range(60):
            await keyboard.press("Tab")
            found = await window.page.evaluate(
                "() => [document.activeElement].map((one) => [one.tagName, one.ariaLabel || one.innerText])[0]"
            )
            if found[0] == tag and text in found[1]:
                return
        raise AssertionError(f"Tab does not reach {text}")

    await reach("People", "A")
    await keyboard.press("Enter")
    await expect(window.page.get_by_role("heading", name="People")).to_have_count(1)
    await window.drawn()
    await reach("Search people", "INPUT")
    await keyboard.type("ilg")
    await keyboard.press("Enter")
    await expect(window.page.locator("tbody tr")).to_have_count(1)
    await reach(hanna.name, "A")
    await keyboard.press("Enter")
    await expect(window.page.get_by_role("heading", name=hanna.name)).to_have_count(1)
    await reach("/signup", "SUMMARY")
    await keyboard.press("Enter")
    await expect(window.page.locator(".why:visible")).to_contain_text("Theirs by an identifier that it gave")


async def test_what_was_shown_stays_while_the_server_is_away(look: Look, hanna: Person) -> None:
    window = await look("#/pixels/1/people")
    await window.context.route("**/graphql", lambda route: route.abort())
    await window.page.get_by_role("searchbox").fill("ilg")
    await expect(window.page.get_by_role("alert").first).to_contain_text("The server does not answer.")
    await expect(window.page.get_by_role("link", name=hanna.name)).to_have_count(1)
    await window.context.unroute("**/graphql")
    await window.page.get_by_role("button", name="Try again").click()
    await expect(window.page.get_by_text("The server does not answer.")).to_have_count(0)
    await expect(window.page.locator("tbody tr")).to_have_count(1)
