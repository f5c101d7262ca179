"""Debian's WebKitGTK, driven over WebDriver (https://www.w3.org/TR/webdriver2/) on a display that nobody sees."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx

from tests.engines.bidi import ANSWERS_WITHIN
from tests.engines.engine import EVALUATE, Browsing, Cookie, Engine
from tests.world import free_port

WEBKIT, XVFB = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
NO_WEBKIT = (
    "" if WEBKIT and XVFB else "There is no WebKit or no display for it (Debian: apt install webkit2gtk-driver xvfb)."
)

ENVIRONMENT = {"GDK_BACKEND": "x11", "LANG": "en_US.UTF-8"}

_RUN = f"""const [script, argument, done] = arguments;
({EVALUATE})(script, argument).then(value => done({{value}}), error => done({{error: String(error)}}))"""


class Tab(Browsing):
    """A session: its browser is a process of its own."""

    def __init__(self, client: httpx.AsyncClient, session: str) -> None:
        super().__init__()
        self._client = client
        self._session = session
        self._spare = ""

    async def _ask(self, method: str, path: str, **given: object) -> Any:
        address = f"/session/{self._session}/{path}"
        answer = await self._client.request(method, address, json=given if method == "POST" else None)
        value = answer.json()["value"]
        assert answer.status_code == 200, value
        return value

    async def _open(self, url: str) -> None:
        await self._ask("POST", "url", url=url)

    async def _delete_cookies(self) -> None:
        await self._ask("DELETE", "cookie")

    async def end(self) -> None:
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

    async def _begin(self) -> Tab:
        answer = await self._client.post("/session", json={"capabilities": {}})
        assert answer.status_code == 200, answer.text
        return Tab(self._client, answer.json()["value"]["sessionId"])


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
            async with httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{port}", timeout=ANSWERS_WITHIN, verify=False
            ) as client:
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
