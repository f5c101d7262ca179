"""How many pageviews are kept when the visitor leaves at once: by a link or by closing the tab, in three engines.

A visitor leaves some milliseconds after a page has loaded, or after a route of a single-page application has changed.
What the product has recorded is compared with what was visited: each page should be there, and none twice.

A link is followed by a timer of the page, to the millisecond. A tab is closed by the driver of the browser, which adds
some milliseconds. The engines are driven as in the tests.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import product
from typing import NamedTuple

from tests.chromium.chromium import NO_WHOLE, WHOLE
from tests.chromium.site import REQUIRED, SCRIPT, SHOP, Site, serving
from tests.engines.chromium import Chromium, running_chromium
from tests.engines.engine import Browsing, Engine
from tests.engines.firefox import NO_FIREFOX, running_firefox
from tests.engines.webkit import NO_WEBKIT, running_webkit
from tests.world import Server, World, exported, make_world, running

from benchmarks.line import Line
from benchmarks.stage import RUN, Stage
from heropixel.directory import open_directory
from heropixel.directory.apps import app_number
from heropixel.directory.pixels import create_pixel

AFTER = (10, 50, 200)  # milliseconds
MOMENTS = ("load", "a route")
WAYS = ("a link", "closing")
SETTLED = 0.4  # seconds after load: by then the first page of the application is counted
ARRIVED = 1.0  # seconds after the last visit

UNTIL_ROUTED = """new Promise(done => {
    const timer = setInterval(() => location.pathname.endsWith("/route") && (clearInterval(timer), done()), 1);
})"""


class Leaving(NamedTuple):
    """One way to leave a page."""

    moment: str
    way: str
    after: int

    def path(self, number: int) -> str:
        """The page that is left, or with a route the page before."""
        return f"/{MOMENTS.index(self.moment)}{WAYS.index(self.way)}-{self.after}-{number}"

    def left(self, number: int) -> str:
        """The page that should be counted."""
        return self.path(number) + ("/route" if self.moment == "a route" else "")


def measure(stage: Stage) -> Iterator[Line]:
    """One engine after the other, each with a world of its own."""
    for name, missing, start in ENGINES:
        if missing or not SCRIPT.exists():
            note = f"not measured. {missing or 'There is no pixel.js (see make setup).'}"
            yield Line(f"leaving, {name}", 0, "", "visits", 0, note=note)
        else:
            yield from _lines(name, _counted(name, start, stage.scale.visits), stage.scale.visits)


def _lines(name: str, counted: Counter[str], visits: int) -> Iterator[Line]:
    for moment, way in product(MOMENTS, WAYS):
        kept = {after: _kept(Leaving(moment, way, after), counted, visits) for after in AFTER}
        note = ", ".join(f"{after} ms: {count}" for after, count in kept.items())
        fewest = min(kept.values())
        yield Line(f"leaving, {name}, {way} after {moment}", fewest, "", "visits", visits, ">=", 1.0, note=note)
    twice = sum(count - 1 for count in counted.values())
    yield Line(f"leaving, {name}, counted again", twice, "", "pageviews", counted.total(), "<=", 0, "measured")


def _kept(leaving: Leaving, counted: Counter[str], visits: int) -> int:
    return sum(leaving.left(number) in counted for number in range(visits))


Start = Callable[[], AbstractAsyncContextManager[Engine]]


def _counted(name: str, start: Start, visits: int) -> Counter[str]:
    """How often each page was recorded."""
    world = make_world(RUN / f"leaving-{name}")
    _add_pixel(world)
    with running(world, address_rate="0", pixel_rate="0") as server, serving(server) as site:
        asyncio.run(_visit_all(site, start, visits))
        time.sleep(ARRIVED)
        start_of_path = len(site.url("", SHOP))
        return Counter(str(row["url"])[start_of_path:] for row in _rows(server))


def _add_pixel(world: World) -> None:
    directory = open_directory(world.settings.url_of_directory())
    with directory.writing() as connection:
        made = create_pixel(connection, app_number(connection, world.app_id), "Shop", [SHOP], 1)
    directory.close()
    assert made == REQUIRED


def _rows(server: Server) -> list[dict[str, object]]:
    return [row for row in exported(server.world) if row["pixelId"] == REQUIRED]


async def _visit_all(site: Site, start: Start, visits: int) -> None:
    site.put("/")
    async with start() as engine, engine.visitor() as browsing:
        for moment, way, after in product(MOMENTS, WAYS, AFTER):
            for number in range(visits):
                await _visit(site, browsing, Leaving(moment, way, after), number)


async def _visit(site: Site, browsing: Browsing, leaving: Leaving, number: int) -> None:
    path = leaving.path(number)
    by_link = leaving.way == "a link"
    following = f"setTimeout(() => document.querySelector('a').click(), {leaving.after})" if by_link else ""
    route = f"history.pushState(null, '', '{leaving.left(number)}')" if leaving.moment == "a route" else ""
    steps = f"setTimeout(() => {{ {route}; {following} }}, {SETTLED * 1000})" if route else following
    body = f"<a href='/?after={path}'>Next</a><script>addEventListener('load', () => {{ {steps} }})</script>"
    await browsing.open(site.put(path, site.tag(), body))
    if by_link:
        await browsing.arrived(f"/?after={path}")
        return
    if route:
        await browsing.run(UNTIL_ROUTED)
    await asyncio.sleep(leaving.after / 1000)
    await browsing.close_tab()


@asynccontextmanager
async def _chromium() -> AsyncIterator[Engine]:
    async with running_chromium(WHOLE) as browser:
        yield Chromium(browser)


@asynccontextmanager
async def _firefox() -> AsyncIterator[Engine]:
    profile = RUN / "firefox"
    profile.mkdir()
    async with running_firefox(profile) as firefox:
        yield firefox


ENGINES: tuple[tuple[str, str, Start], ...] = (
    ("Chromium", NO_WHOLE, _chromium),
    ("Firefox", NO_FIREFOX, _firefox),
    ("WebKit", NO_WEBKIT, running_webkit),
)
