"""Chromium, driven by Playwright."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright

from tests.chromium.chromium import ARGUMENTS, CHROMIUM, CLIENT_HINTS, LOCALE, USER_AGENT
from tests.chromium.visit import BY_THE_BROWSER
from tests.engines.engine import Browsing, Cookie, Engine


class Tab(Browsing):
    """A context with one page."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        super().__init__()
        self._context = context
        self._page = page

    async def _open(self, url: str) -> None:
        await self._page.goto(url)

    async def run(self, script: str, argument: object = None) -> Any:
        return await self._page.evaluate(script, argument)

    async def back(self) -> None:
        await self._page.go_back(wait_until="commit")

    async def close_tab(self) -> None:
        await self._page.close()
        self._page = await self._context.new_page()

    async def _delete_cookies(self) -> None:
        await self._context.clear_cookies()

    async def end(self) -> None:
        await self._context.close()

    async def cookies(self) -> list[Cookie]:
        return [{**cookie, "expiry": cookie.get("expires")} for cookie in await self._context.cookies(self._page.url)]


class Chromium(Engine):
    """A running Chromium."""

    name = "chromium"

    def __init__(self, browser: Browser) -> None:
        super().__init__()
        self._browser = browser

    def hear(self, message: ConsoleMessage) -> None:
        """Note what the console says."""
        if message.type in ("error", "warning") and not message.text.startswith(BY_THE_BROWSER):
            self.troubles.append(message.text)

    async def _begin(self) -> Browsing:
        context = await self._browser.new_context(user_agent=USER_AGENT, locale=LOCALE, extra_http_headers=CLIENT_HINTS)
        context.on("console", self.hear)
        context.on("weberror", lambda error: self.troubles.append(str(error.error)))
        return Tab(context, await context.new_page())


@asynccontextmanager
async def running_chromium(program: str | None = CHROMIUM) -> AsyncIterator[Browser]:
    """A Chromium; a whole one (`WHOLE`) has a back-forward cache, as people have it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=ARGUMENTS, ignore_default_args=["--disable-back-forward-cache"]
        )
        yield browser
        await browser.close()
