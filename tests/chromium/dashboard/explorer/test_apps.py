"""Where there are two apps, and the schema is closed: who calls decides what explorer and dashboard show."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.async_api import Browser, expect

from heropixel.directory import open_directory
from heropixel.directory.apps import create_app
from tests.chromium.chromium import need_dashboard
from tests.chromium.dashboard.conftest import link_of, local
from tests.chromium.dashboard.explorer.exploring import Exploring
from tests.world import Server, make_world, running

pytestmark = pytest.mark.asyncio(loop_scope="session")

APP = "{ app { code app { name } } }"


@pytest.fixture(scope="module")
def two_apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with two apps, whose schema is closed."""
    need_dashboard()
    world = make_world(tmp_path_factory.mktemp("two") / "data")
    with closing(open_directory(world.settings.url_of_directory())) as directory, directory.writing() as connection:
        create_app(connection, "Another", now=1)
    with running(world, public_schema="false") as server:
        yield server


async def test_a_member_of_two_apps_chooses_for_which_the_explorer_calls(chromium: Browser, two_apps: Server) -> None:
    context = await chromium.new_context()
    window = Exploring(context, await context.new_page(), local(two_apps))
    await window.page.goto(f"{window.url}/{link_of(two_apps)}")
    await window.page.wait_for_selector(".pixel")
    await window.open()
    names = set()
    for _ in range(2):
        await window.write(APP)
        named = (await window.run())["data"]["app"]["app"]["name"]
        await expect(window.page.locator(".caller")).to_contain_text(named)
        names.add(named)
        await window.page.locator("header").get_by_role("button", name="Who calls").click()
        await window.page.get_by_role("combobox", name="App").select_option("Another" if named == "Test" else "Test")
        await window.page.keyboard.press("Escape")
        await expect(window.page.locator(".caller")).not_to_contain_text(named)
    assert names == {"Test", "Another"}
    assert window.troubles == []
    await context.close()


async def test_a_closed_schema_is_shown_once_somebody_says_who_calls(chromium: Browser, two_apps: Server) -> None:
    context = await chromium.new_context(viewport={"width": 1440, "height": 900})
    window = Exploring(context, await context.new_page(), local(two_apps))
    await window.page.goto(f"{window.url}/explore")
    await expect(window.page.locator(".notice")).to_contain_text("only to callers with credentials")
    await window.page.get_by_role("button", name="Nobody is signed in").click()
    await window.page.get_by_label("appId").fill(two_apps.world.app_id)
    await window.page.get_by_label("appSecret, or a key").fill(two_apps.world.secret)
    await window.button("Use them").click()
    await window.drawn()
    await expect(window.page.locator(".notice")).to_have_count(0)
    await expect(window.page.locator("#docs")).to_contain_text("Queries")
    assert window.troubles == []
    await context.close()


async def test_an_address_without_an_app_is_of_the_one_that_was_looked_at_last(
    chromium: Browser, two_apps: Server
) -> None:
    context = await chromium.new_context()
    page = await context.new_page()
    await page.goto(f"{local(two_apps)}/{link_of(two_apps)}")
    app = await (await page.wait_for_function("() => JSON.parse(localStorage.heropixel ?? '{}').app")).json_value()
    asked: list[str | None] = []
    context.on("request", lambda sent: asked.append(sent.headers.get("heropixel-app")) if sent.post_data else None)
    for kept, first in ((app, app), ("app_of_somebody_else", "app_of_somebody_else")):
        await page.goto(f"{local(two_apps)}/health")  # no dashboard is open which would keep its own app
        await page.evaluate("app => localStorage.setItem('heropixel', JSON.stringify({ app }))", kept)
        asked.clear()
        await page.goto(f"{local(two_apps)}/")
        await page.wait_for_url(f"**/#/?app={app}")
        await expect(page.locator(".blank")).to_have_count(0)
        assert (asked[0], asked[-1]) == (first, app)
    await context.close()
