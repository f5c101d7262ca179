"""A visitor in any engine: what reaches the site from them, what their browser keeps, and the errors of its pages."""

from typing import Any

from tests.chromium.site import SHOP, Site
from tests.chromium.visit import STORES, eventually
from tests.engines.engine import Browsing, Cookie

Beacon = dict[str, Any]

# The script waits 100 ms for a title or a redirect, and no longer for anything. A timer of the page that begins now
# comes after all of its timers, however busy the machine is, and the request after it behind its beacons. A later
# beacon is noticed when the next is waited for.
SETTLED = """new Promise(done => setTimeout(() => {
    const image = new Image();
    image.onload = image.onerror = done;
    image.src = "/favicon.ico?" + Math.random();
}, 110))"""


class Visitor:
    """One visitor, whose beacons come by the site's own path."""

    def __init__(self, name: str, browsing: Browsing, site: Site) -> None:
        self.engine = name
        self.browsing = browsing
        self.site = site

    async def go(self, path: str = "/", host: str = SHOP) -> None:
        await self.browsing.open(self.site.url(path, host))

    async def run(self, script: str, argument: object = None) -> Any:
        """The value of an expression in the page."""
        return await self.browsing.run(script, argument)

    async def follow(self, path: str) -> None:
        """Leave the page by a link in it, and arrive."""
        await self.run("path => { location = path }", path)
        await self.browsing.arrived(path)

    async def sent(self, count: int) -> list[Beacon]:
        """Wait until so many beacons have been answered in all, and that no more come; they are returned."""
        await eventually(lambda: min(len(self.site.beacons()), len(self.site.statuses)) >= count, self.site.beacons)
        await self.run(SETTLED)
        assert len(self.site.beacons()) == count, self.site.beacons()
        assert {*self.site.statuses} <= {204}, self.site.statuses
        return self.site.beacons()

    async def cookie(self) -> Cookie | None:
        """Our cookie, if there is one."""
        found = [cookie for cookie in await self.browsing.cookies() if cookie["name"] == "heropixel"]
        assert len(found) <= 1, found
        return found[0] if found else None

    async def kept(self) -> dict[str, Any]:
        """Everything that a page of the site can keep in a browser, by where it is."""
        kept: dict[str, Any] = await self.run(STORES)
        return {where: what for where, what in kept.items() if what}
