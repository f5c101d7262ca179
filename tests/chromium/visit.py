"""A visitor with Chromium: what the script sends, what it stores, and the errors of the page."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request

from tests.chromium.site import Site

# The script waits 100 ms for a title or a redirect, and no longer for anything. A timer of the page that begins now
# comes after all of its timers, however busy the machine is.
SETTLED = "new Promise(done => setTimeout(done, 120))"

# Chromium itself says so in the console; the script has no word in it.
BY_THE_BROWSER = "Failed to load resource"


class Visit:
    """One visitor: a browser without a past, and a page."""

    def __init__(self, context: BrowserContext, page: Page, site: Site) -> None:
        self.context = context
        self.page = page
        self.site = site
        self.beacons: list[dict[str, Any]] = []
        self.statuses: list[int] = []
        self.troubles: list[str] = []
        context.on("request", self._note)
        context.on("response", lambda response: self._note_answer(response.status, response.request))
        context.on("weberror", lambda error: self.troubles.append(str(error.error)))
        context.on("console", self._hear)

    def _note(self, request: Request) -> None:
        if request.method == "POST":
            self.beacons.append(json.loads(request.post_data or "{}"))

    def _note_answer(self, status: int, request: Request) -> None:
        if request.method == "POST":
            self.statuses.append(status)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(BY_THE_BROWSER):
            self.troubles.append(message.text)

    async def go(self, path: str = "/", host: str = "shop.localhost") -> None:
        await self.page.goto(self.site.url(path, host))

    async def run(self, script: str, argument: object = None) -> Any:
        """Run JavaScript in the page."""
        return await self.page.evaluate(script, argument)

    async def sent(self, count: int) -> list[dict[str, Any]]:
        """Wait until so many beacons have been sent in all, and that no more are; they are returned."""
        await eventually(lambda: len(self.beacons) >= count, lambda: self.beacons)
        await self.settled()
        assert len(self.beacons) == count, self.beacons
        return self.beacons

    async def settled(self) -> None:
        """Wait until the script has done what it has begun."""
        await self.run(SETTLED)

    async def answered(self, count: int) -> None:
        """Wait until so many beacons have been taken."""
        await eventually(lambda: len(self.statuses) >= count, lambda: self.statuses)
        assert set(self.statuses) <= {204}, self.statuses

    async def cookie(self) -> dict[str, Any] | None:
        """Our cookie, if there is one."""
        found = [cookie for cookie in await self.context.cookies() if cookie.get("name") == "heropixel"]
        assert len(found) <= 1, found
        return dict(found[0]) if found else None

    async def kept(self) -> dict[str, Any]:
        """Everything that a page of the site can keep in a browser, by where it is."""
        kept: dict[str, Any] = await self.run(STORES)
        return {where: what for where, what in kept.items() if what}


STORES = """async () => ({
    cookies: document.cookie,
    localStorage: Object.keys(localStorage).join(),
    sessionStorage: Object.keys(sessionStorage).join(),
    databases: (await indexedDB.databases()).map(database => database.name).join(),
    caches: (await caches.keys()).join(),
    workers: (await navigator.serviceWorker.getRegistrations()).length,
    window: window.name,
})"""


async def eventually(is_so: Callable[[], bool], told: Callable[[], object] = lambda: "", seconds: float = 10) -> None:
    """Wait until something is so."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, told()
        await asyncio.sleep(0.02)
