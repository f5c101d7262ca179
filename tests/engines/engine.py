"""What a test asks of a browser, whichever its engine is.

Playwright drives Chromium. Its Firefox and its WebKit are builds of its own, and it asks Firefox ESR for commands that
this does not know. Selenium needs geckodriver, which Debian does not have. So Firefox and WebKit are driven by the
protocols of the W3C themselves: some ten commands of each are needed.
"""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from tests.chromium.site import BLANK
from tests.chromium.visit import STORES

ARRIVES_WITHIN = 20  # seconds, on a machine that has much else to do
EMPTY_WITHIN = 5  # seconds, one page
FORGETS_WITHIN = 15  # seconds, all pages

Cookie = Mapping[str, Any]  # with the names that the W3C has: `name`, `value`, `domain`, `path`, `sameSite`, `expiry`


class Browsing(ABC):
    """A browser without a past, with a tab in front."""

    def __init__(self) -> None:
        self._been_on: set[str] = set()  # origins

    async def open(self, url: str) -> None:
        """Open an address in the tab; return when the page has loaded."""
        self._been_on.add("{0.scheme}://{0.netloc}".format(urlsplit(url)))
        await self._open(url)

    async def forget(self) -> None:
        """Become a visitor who has never been on any page.

        Raises:
            Exception: something could not be emptied.
        """
        for origin in self._been_on:
            await self._open(origin + BLANK)
            await self._empty()
        self._been_on.clear()

    async def _empty(self) -> None:
        """Empty what the page in front keeps. WebKit shows a cookie for some time after it was deleted."""
        until = time.monotonic() + EMPTY_WITHIN
        while True:
            await self._delete_cookies()
            kept = await self.run(f"(() => {{ {EMPTY}; return ({STORES})() }})()")
            if not any(kept.values()):
                return
            assert time.monotonic() < until, kept
            await asyncio.sleep(0.05)

    @abstractmethod
    async def _open(self, url: str) -> None:
        pass

    @abstractmethod
    async def _delete_cookies(self) -> None:
        """Delete at least those that the page in front sends."""

    @abstractmethod
    async def end(self) -> None:
        """End, with all that is kept."""

    @abstractmethod
    async def run(self, script: str, argument: object = None) -> Any:
        """The value of an expression in the page or, if it is a function, what it returns; promises are awaited."""

    async def arrived(self, path: str) -> None:
        """Wait until the tab shows a page with this path, query and fragment, and it has loaded."""
        until = time.monotonic() + ARRIVES_WITHIN
        while (shown := await self._shown()) != path:
            assert time.monotonic() < until, shown
            await asyncio.sleep(0.02)

    async def _shown(self) -> Any:
        where = "location.pathname + location.search + location.hash"
        try:
            return await self.run(f"document.readyState == 'complete' && {where}")
        except Exception as error:  # a page that is being left answers with any error
            return error

    @abstractmethod
    async def back(self) -> None:
        """Go back in the history of the tab."""

    @abstractmethod
    async def close_tab(self) -> None:
        """Close the tab as a person does, and have another in front."""

    @abstractmethod
    async def cookies(self) -> list[Cookie]:
        """The cookies that the page in front sends."""


class Engine(ABC):
    """A running browser that serves many visitors, one after the other."""

    name: str

    def __init__(self) -> None:
        self.troubles: list[str] = []  # the warnings and errors in its console since the test began
        self._browsing: Browsing | None = None

    @asynccontextmanager
    async def visitor(self) -> AsyncIterator[Browsing]:
        """A visitor who has never been on any page. To begin a browser for each would cost more than most tests."""
        self.troubles.clear()
        self._browsing = browsing = self._browsing or await self._begin()
        try:
            yield browsing
            await self._forget(browsing)
        except BaseException:  # nobody knows what is left in it
            await self.end()
            raise

    async def _forget(self, browsing: Browsing) -> None:
        """Make room for the next visitor, who gets a new browser where a page keeps this one from being emptied."""
        try:
            await asyncio.wait_for(browsing.forget(), FORGETS_WITHIN)
        except Exception:  # of a page that goes on loading, waiting or keeping
            await self.end()

    async def end(self) -> None:
        """End the browser of the visitors, if there is one."""
        browsing, self._browsing = self._browsing, None
        if browsing is not None:
            await browsing.end()

    @abstractmethod
    async def _begin(self) -> Browsing:
        pass


EMPTY = "localStorage.clear(); sessionStorage.clear(); name = ''"

# Evaluates a script in a page; the value comes as JSON, since each protocol has another way of saying values.
EVALUATE = """async (script, argument) => {
    const made = (0, eval)(script);
    return JSON.stringify(await (typeof made == "function" ? made(JSON.parse(argument)) : made));
}"""
