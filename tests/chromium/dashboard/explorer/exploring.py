"""Somebody who explores the API: a browser at `/explore`, with what stands in its editors."""

import json
import re
from typing import Any

from playwright.async_api import Locator

from tests.chromium.dashboard.looking import Looking

# Everything that a browser keeps for this page, and what it shows others of it.
_KEPT = """async () => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href,
    history.state, await caches.keys(), (await indexedDB.databases()).map(({ name }) => name)])"""


class Exploring(Looking):
    """One browser window with the explorer."""

    path = "/explore"

    async def open(self, fragment: str = "") -> None:
        """Open the explorer anew, and wait until it knows who calls and has the schema."""
        await super().open(fragment)

    async def drawn(self) -> None:
        """Wait until the editors, the caller and the schema are there."""
        await self.page.wait_for_selector(".document .cm-line:not(:empty):not(:has(.cm-placeholder))")
        await self.page.wait_for_selector("header .caller:not(:text-is('Who calls'))")
        await self.page.wait_for_selector("#docs:not(:has-text('Loading the schema'))", state="attached")

    def button(self, name: str) -> Locator:
        """A button by its whole name."""
        return self.page.get_by_role("button", name=name, exact=True)

    async def write(self, query: str, variables: str = "") -> None:
        """Put a request into the editors, as pasting does."""
        for label, text in (("Request", query), ("Variables, as JSON", variables)):
            editor = self.page.get_by_role("textbox", name=label)
            await editor.click()
            await self.page.keyboard.press("Control+a")
            await self.page.keyboard.press("Delete")
            await self.page.keyboard.insert_text(text)

    async def written(self, label: str = "Request") -> str:
        """What stands in an editor."""
        lines = await self.page.get_by_role("textbox", name=label).locator(".cm-line").all_inner_texts()
        return "\n".join(line.rstrip("\n") for line in lines)

    async def run(self) -> dict[str, Any]:
        """Run the request; its answer as the page shows it."""
        async with self.page.expect_response(lambda response: response.request.method == "POST") as answered:
            await self.button("Run").click()
        body: dict[str, Any] = await (await answered.value).json()
        await self.page.wait_for_selector(".status:has-text('HTTP')")
        shown = "".join((await self.answer()).split())  # of a long answer, what fits on the screen
        told = re.sub(r"\b(\d+)\.0\b", r"\1", json.dumps(body, ensure_ascii=False))  # as JavaScript writes numbers
        assert "".join(told.split()).startswith(shown)
        return body

    async def answer(self) -> str:
        """The text of the answer."""
        lines = await self.page.locator(".answer .cm-line").all_inner_texts()
        return "\n".join(lines)

    async def example(self, name: str) -> None:
        """Choose an example."""
        await self.button("Examples").click()
        await self.page.locator(".choices").get_by_role("button", name=name).click()

    async def kept(self) -> str:
        """Everything that the browser keeps of the page."""
        return str(await self.page.evaluate(_KEPT))
