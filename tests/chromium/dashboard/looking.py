"""Somebody who looks at the dashboard: a browser in which a member is signed in, what it asks, and its errors."""

import json
import re
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request

AXE = Path(__file__).parents[3] / "dashboard/node_modules/axe-core/axe.min.js"

DRAWN = ".figure b:not(.blank), .figures-table tbody tr:not(.blank), .message, .notice, .empty, .profile h1, .setup h1"
DRAWN += ", .block[aria-busy=false], .here b:not(.blank), .shares[aria-busy=false]"
_OFFLINE = "Failed to load resource"  # the browser's own word for a request that a test lets fail

# Everything that a person reads, of the view and around it, but for how many are here now, and for the legend of the
# map, which is there once somebody has seen its place.
_READ = """() => [...document.querySelectorAll('.filters, .top .button, .pixel, main')]
    .map((part) => part.innerText.replace(part.querySelector('.world')?.innerText || '', '').replace(/\\n+/g, '\\n'))
    .join('\\n')"""

# As a new window would open it: from the top, and without a word to the page. Chromium starts no other process for it.
_ELSEWHERE = "fragment => { history.replaceState(null, '', fragment); scrollTo(0, 0) }"

# As somebody types it over the address of the open page. A frame later the page has heard of it.
_GO = """fragment => new Promise(done => {
    addEventListener('hashchange', () => requestAnimationFrame(() => requestAnimationFrame(done)), { once: true });
    location.hash = fragment;
})"""

_AXE = """async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`))"""


class Looking:
    """One browser window."""

    path = "/"

    def __init__(self, context: BrowserContext, page: Page, url: str) -> None:
        self.context = context
        self.page = page
        self.url = url
        self.requests: list[Request] = []
        self.troubles: list[str] = []
        context.on("request", self._note)
        context.on("weberror", lambda error: self.troubles.append(str(error.error)))
        context.on("console", self._hear)

    def _note(self, request: Request) -> None:
        self.requests.append(request)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_OFFLINE):
            self.troubles.append(message.text)

    async def open(self, fragment: str = "#/pixels/1") -> None:
        """Open an address anew, and wait until it is drawn."""
        self.requests.clear()
        address = f"{self.url}{self.path}"
        if self.page.url.partition("#")[0] == address:  # to the browser it is the same page, which it would keep
            await self.page.evaluate(_ELSEWHERE, fragment)
            await self.page.reload()
        else:
            await self.page.goto(address + fragment)
        await self.drawn()

    async def go(self, fragment: str) -> None:
        """Go to another address in the open page, and wait until it is drawn."""
        await self.page.evaluate(_GO, fragment)
        await self.drawn()

    async def drawn(self) -> None:
        """Wait until what is on its way is there."""
        await self.page.wait_for_selector(DRAWN)
        await self.page.wait_for_function(
            "() => !document.querySelector('[role=progressbar], [aria-busy=true], tbody .blank')",
            polling=30,
        )

    async def read(self) -> str:
        """What a person reads, without how long ago something was: that goes on between two looks."""
        await self.drawn()
        return re.sub(r"\d+ (sec|min|hr)\.? ago|\bnow\b", "", str(await self.page.evaluate(_READ)))

    async def click(self, text: str, within: str = "body") -> None:
        """Click on the first with exactly this text, and wait until what follows is drawn."""
        await self.page.locator(within).get_by_text(text, exact=True).first.click()
        await self.drawn()

    def asked(self) -> list[dict[str, Any]]:
        """The GraphQL requests, without subscriptions."""
        posts = [request for request in self.requests if request.method == "POST"]
        return [json.loads(request.post_data or "{}") for request in posts if not self._is_stream(request)]

    async def stream(self) -> Request:
        """The request of the subscription, once it is open."""
        if not any(map(self._is_stream, self.requests)):
            await self.context.wait_for_event("response", lambda response: self._is_stream(response.request))
        return next(filter(self._is_stream, self.requests))

    @staticmethod
    def _is_stream(request: Request) -> bool:
        return "event-stream" in request.headers.get("accept", "")

    async def axe(self) -> list[str]:
        """What axe-core finds."""
        if not await self.page.evaluate("() => 'axe' in window"):
            session = await self.context.new_cdp_session(self.page)  # a script element would be against the policy
            await session.send("Runtime.evaluate", {"expression": AXE.read_text()})
            await session.detach()
        found: list[str] = await self.page.evaluate(_AXE)
        return found
