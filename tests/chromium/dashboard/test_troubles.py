"""What goes wrong is said with what to do, and keeps what was there; who is not signed in is asked to."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.chromium.dashboard.conftest import Look, link_of, local
from tests.chromium.dashboard.looking import Looking
from tests.world import Server, World, running

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_while_the_server_is_away_what_was_there_stays_and_comes_back_by_itself(look: Look) -> None:
    window = await look()
    figures = await window.page.locator(".figures").inner_text()
    await window.page.clock.install()
    await window.context.set_offline(True)
    await window.page.keyboard.press("w")
    notice = window.page.locator(".notice")
    await notice.wait_for()
    assert "The server does not answer" in await notice.inner_text()
    assert await window.page.locator(".figures").inner_text() == figures
    assert await window.page.get_by_role("status").inner_text() == "", "they are not said to be new"
    await window.context.set_offline(False)
    await notice.get_by_role("button", name="Try again").click()
    await notice.wait_for(state="detached")
    await window.drawn()
    assert await window.page.locator(".figures").inner_text() != figures


async def test_while_the_engine_is_started_again_what_was_there_stays_and_comes_back_by_itself(
    look: Look, shown: Server
) -> None:
    window = await look()
    figures = window.page.locator(".figures")
    before = await figures.inner_text()
    notice = window.page.locator(".notice")
    with engine_away(shown.process.pid):
        await window.page.keyboard.press("w")
        await notice.wait_for()
        said = await notice.inner_text()
        assert "the event store is not reachable. Try again in a moment. The figures below are those" in said
        assert await figures.inner_text() == before
    await notice.wait_for(state="detached")
    await window.drawn()
    assert await figures.inner_text() != before


async def test_people_of_before_are_not_said_to_be_of_the_period_that_cannot_be_read(look: Look) -> None:
    window = await look("#/pixels/1/people")
    said = window.page.get_by_role("status")
    before = await said.inner_text()
    assert before.endswith("were here: last 30 days")
    await window.context.set_offline(True)
    await window.page.keyboard.press("w")
    await window.page.locator(".notice").wait_for()
    assert await said.inner_text() == before
    await window.context.set_offline(False)
    await window.page.get_by_role("button", name="Try again").click()
    await window.page.locator(".notice").wait_for(state="detached")
    assert (await said.inner_text()).endswith("last 7 days")


@contextmanager
def engine_away(parent: int) -> Iterator[None]:
    """kill -9 the engine of a server. Its parent starts another one afterwards."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    (engine,) = [int(pid) for pid in children if Path(f"/proc/{pid}/comm").read_text() == "hp:engine\n"]
    os.kill(parent, signal.SIGSTOP)
    try:
        os.kill(engine, signal.SIGKILL)
        yield
    finally:
        os.kill(parent, signal.SIGCONT)


async def test_while_the_event_store_is_away_the_pixels_are_there_and_the_view_says_so(
    chromium: Browser, world: World
) -> None:
    with running(world, events_url="clickhouse://127.0.0.1:1") as server:
        context = await chromium.new_context()
        window = Looking(context, await context.new_page(), local(server))
        await window.open(link_of(server))
        await window.page.locator("main").get_by_text("event store is not reachable").first.wait_for()
        assert await window.page.locator(".pixel").inner_text() == "Site"
        assert window.troubles == []
        await context.close()


async def test_a_link_signs_in_once_and_its_token_leaves_the_address(look: Look, shown: Server) -> None:
    link = link_of(shown)
    window = await look(link, storage_state=None)
    assert "sign-in" not in window.page.url
    assert await window.page.get_by_text("Second site").is_visible()
    again = await look(link, storage_state=None)
    assert "does not work any more" in await again.page.locator("form").inner_text()
    new = link_of(shown)
    await again.page.evaluate("(link) => { location.hash = link }", new)  # pasted into the address of the open page
    await again.page.get_by_text("Second site").wait_for()
    assert "sign-in" not in again.page.url


async def test_a_wrong_password_is_refused_in_words_and_signing_out_shows_no_figures(look: Look, shown: Server) -> None:
    window = await look("#/pixels/1?period=last-7-days", storage_state=None)
    await window.page.get_by_label("Email").fill("owner@example.com")
    await window.page.get_by_label("Password").fill("not this one")
    await window.page.keyboard.press("Enter")
    await window.page.get_by_role("alert").get_by_text("The email or the password is wrong").wait_for()
    await expect(window.page.get_by_label("Password")).to_be_focused()
    await window.open(link_of(shown))
    await window.page.get_by_role("button", name="Display and keys").click()
    await window.page.get_by_text("Sign out", exact=True).click()
    await window.page.get_by_label("Password").wait_for()
    assert await window.page.locator(".figures").count() == 0
    assert await window.page.get_by_role("alert").inner_text() == "", "the link is not used a second time"
    await window.open("#/pixels/1")
    assert await window.page.get_by_label("Password").is_visible()
