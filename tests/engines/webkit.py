"""Debian's WebKitGTK, driven over WebDriver (https://www.w3.org/TR/webdriver2/) on a display that nobody sees."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.chromium.site import BLANK
from tests.chromium.visit import STORES
from tests.engines.bidi import ANSWERS_WITHIN
from tests.engines.engine import EVALUATE, Browsing, Cookie, Engine
from tests.world import free_port

WEBKIT, XVFB = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
NO_WEBKIT = (
    "" if WEBKIT and XVFB else "There is no WebKit or no display for it (Debian: apt install webkit2gtk-driver xvfb)."
)

ENVIRONMENT = {"GDK_BACKEND": "x11", "LANG": "en_US.UTF-8"}

EMPTY = "localStorage.clear(); sessionStorage.clear(); name = ''"

_RUN = f"""const [script, argument, done] = arguments;
({EVALUATE})(script, argument).then(value => done({{value}}), error => done({{error: String(error)}}))"""


class Tab(Browsing):
    """A session with one tab for all visitors: to start a browser costs more than most tests."""

    def __init__(self, client: httpx.AsyncClient, session: str) -> None:
        self._client = client
        self._session = session
        self._spare = ""
        self._been_on: set[str] = set()  # origins

    async def _ask(self, method: str, path: str, **given: object) -> Any:
        address = f"/session/{self._session}/{path}"
        answer = await self._client.request(method, address, json=given if method == "POST" else None)
        value = answer.json()["value"]
        assert answer.status_code == 200, value
        return value

    async def open(self, url: str) -> None:
        self._been_on.add("{0.scheme}://{0.netloc}".format(urlsplit(url)))
        await self._ask("POST", "url", url=url)

    async def forget(self) -> None:
        """Become a visitor who has never been on any page. What cannot be emptied is an error."""
        for origin in self._been_on.copy():
            await self.open(origin + BLANK)
            await self._ask("DELETE", "cookie")
            kept = await self.run(f"(() => {{ {EMPTY}; return ({STORES})() }})()")
            assert not any(kept.values()), kept
        self._been_on.clear()

    async def end(self) -> None:
        """End its browser."""
        await self._client.delete(f"/session/{self._session}")

    async def run(self, script: str, argument: object = None) -> Any:
        answer = await self._ask("POST", "execute/async", script=_RUN, args=[script, json.dumps(argument)])
        assert "error" not in answer, answer["error"]
        return json.loads(answer.get("value") or "null")

    async def back(self) -> None:
        await self._ask("POST", "back")

    async def close_tab(self) -> None:
        # The last tab that is closed would end the browser. A tab is made before, so that closing takes no longer.
        other = self._spare or await self._another()
        await self._ask("DELETE", "window")
        await self._ask("POST", "window", handle=other)
        self._spare = await self._another()

    async def _another(self) -> str:
        handle: str = (await self._ask("POST", "window/new", type="tab"))["handle"]
        return handle

    async def cookies(self) -> list[Cookie]:
        found: list[Cookie] = await self._ask("GET", "cookie")
        return found


class WebKit(Engine):
    """A running WebKitWebDriver."""

    name = "webkit"

    def __init__(self, client: httpx.AsyncClient) -> None:
        super().__init__()
        self._client = client
        self._tab: Tab | None = None

    @asynccontextmanager
    async def visitor(self) -> AsyncIterator[Browsing]:
        self.troubles.clear()
        self._tab = self._tab or await self._begin()
        try:
            yield self._tab
            await self._tab.forget()
        except BaseException:  # nobody knows what is left in it
            await self.end()
            raise

    async def _begin(self) -> Tab:
        answer = await self._client.post("/session", json={"capabilities": {}})
        assert answer.status_code == 200, answer.text
        return Tab(self._client, answer.json()["value"]["sessionId"])

    async def end(self) -> None:
        """End the browser, if there is one."""
        if self._tab is not None:
            await self._tab.end()
        self._tab = None


@asynccontextmanager
async def running_webkit() -> AsyncIterator[WebKit]:
    """A driver that starts a browser for all visitors, with a display for it."""
    port = free_port()
    async with _display() as display:
        driver = await asyncio.create_subprocess_exec(
            WEBKIT or "",
            f"--port={port}",
            env={**os.environ, **ENVIRONMENT, "DISPLAY": display},
            stderr=asyncio.subprocess.DEVNULL,  # says of every browser that the locale is not installed
        )
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=ANSWERS_WITHIN) as client:
                await _listening(client)
                webkit = WebKit(client)
                yield webkit
                await webkit.end()
        finally:
            driver.terminate()
            await driver.wait()


async def _listening(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(ANSWERS_WITHIN):
        while True:
            with suppress(httpx.TransportError):
                await client.get("/status")
                return
            await asyncio.sleep(0.02)


@asynccontextmanager
async def _display() -> AsyncIterator[str]:
    """A virtual display: the engine has no mode without one."""
    reading, writing = os.pipe()
    process = await asyncio.create_subprocess_exec(
        XVFB or "",
        *("-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp"),
        pass_fds=[writing],
        stderr=asyncio.subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as number:
            yield ":" + (await asyncio.to_thread(number.readline)).strip()
    finally:
        process.terminate()
        await process.wait()
