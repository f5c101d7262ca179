"""Debian's Firefox, driven over WebDriver BiDi, which it speaks itself."""

import asyncio
import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.engines.bidi import Connection, Message, connected
from tests.engines.engine import EVALUATE, Browsing, Cookie, Engine

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
NO_FIREFOX = "" if FIREFOX else "There is no Firefox (Debian: apt install firefox-esr)."

# It asks nobody but this machine.
PREFERENCES = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.safebrowsing.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.enabled": False,
    # It does nothing ahead, and draws nothing that moves, of its own interface.
    "browser.newtab.preload": False,
    "browser.newtabpage.enabled": False,
    "dom.ipc.processPrelaunch.enabled": False,
    "ui.prefersReducedMotion": 1,
}
ARGUMENTS = ["--headless", "--no-remote", "--remote-debugging-port=0", "--remote-allow-system-access"]


class Tab(Browsing):
    """A container with one tab."""

    def __init__(self, connection: Connection, container: str) -> None:
        super().__init__()
        self._connection = connection
        self._container = container
        self._context = ""

    async def renew(self) -> None:
        """Have a new tab in front."""
        made = await self._connection.ask("browsingContext.create", type="tab", userContext=self._container)
        self._context = made["context"]

    async def _open(self, url: str) -> None:
        await self._connection.ask("browsingContext.navigate", context=self._context, url=url, wait="complete")

    async def run(self, script: str, argument: object = None) -> Any:
        given = [{"type": "string", "value": text} for text in (script, json.dumps(argument))]
        answer = await self._connection.ask(
            "script.callFunction",
            functionDeclaration=EVALUATE,
            arguments=given,
            target={"context": self._context},
            awaitPromise=True,
        )
        assert answer["type"] == "success", answer["exceptionDetails"]["text"]
        return json.loads(answer["result"].get("value", "null"))

    async def back(self) -> None:
        await self._connection.ask("browsingContext.traverseHistory", context=self._context, delta=-1)

    async def close_tab(self) -> None:
        await self._connection.ask("browsingContext.close", context=self._context)
        await self.renew()

    async def _delete_cookies(self) -> None:
        await self._connection.ask("storage.deleteCookies", partition={"type": "context", "context": self._context})

    async def end(self) -> None:
        await self._connection.ask("browser.removeUserContext", userContext=self._container)

    async def cookies(self) -> list[Cookie]:
        partition = {"type": "context", "context": self._context}
        found = (await self._connection.ask("storage.getCookies", partition=partition))["cookies"]
        return [{**cookie, "value": cookie["value"]["value"]} for cookie in found]


class Firefox(Engine):
    """A running Firefox."""

    name = "firefox"

    def __init__(self) -> None:
        super().__init__()
        self.connection: Connection

    def hear(self, message: Message) -> None:
        """Note what the console says."""
        if message["params"]["level"] in ("warn", "error"):
            self.troubles.append(message["params"]["text"] or "")

    async def _begin(self) -> Browsing:
        container = (await self.connection.ask("browser.createUserContext"))["userContext"]
        tab = Tab(self.connection, container)
        await tab.renew()
        return tab

    async def prefer(self, name: str, value: bool | None) -> None:
        """Set a preference, or take back what was set."""
        tree = await self.connection.ask("browsingContext.getTree", **{"moz:scope": "chrome"})
        change = f"Services.prefs.setBoolPref('{name}', {json.dumps(value)})"
        await self.connection.ask(
            "script.evaluate",
            expression=change if value is not None else f"Services.prefs.clearUserPref('{name}')",
            target={"context": tree["contexts"][0]["context"]},
            awaitPromise=False,
        )


@asynccontextmanager
async def running_firefox(profile: Path) -> AsyncIterator[Firefox]:
    """A Firefox with a new profile in an empty folder."""
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items())
    (profile / "user.js").write_text("".join(lines))
    process = await asyncio.create_subprocess_exec(
        FIREFOX or "",
        *("--profile", str(profile), *ARGUMENTS),
        env={**os.environ, "HOME": str(profile)},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr
    reading: asyncio.Task[None] | None = None
    try:
        firefox = Firefox()
        address = await _address(process.stderr)
        reading = asyncio.create_task(_read_on(process.stderr))
        async with connected(f"{address}/session", firefox.hear) as firefox.connection:
            await firefox.connection.ask("session.subscribe", events=["log.entryAdded"])
            yield firefox
            await firefox.connection.ask("browser.close")
            await asyncio.wait_for(process.wait(), 20)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        if reading is not None:
            reading.cancel()


async def _address(said_by_it: asyncio.StreamReader) -> str:
    """Where it listens, which it says itself."""
    said = ""
    while line := (await said_by_it.readline()).decode():
        if found := re.search(r"listening on (ws://\S+)", line):
            return found[1]
        said += line
    raise AssertionError(f"Firefox did not start: {said}")


async def _read_on(said_by_it: asyncio.StreamReader) -> None:
    """Read what nobody needs: a browser whose words nobody takes waits."""
    while await said_by_it.read(1 << 16):
        pass
