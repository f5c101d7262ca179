"""How soon the dashboard's first view is there, and how soon it answers a click, in headless Chromium.

A visit is a new browser context, so nothing is cached in it; the server is warm. The page itself takes the times, from
the begin of navigation: when the skeleton is painted, and when the figures are. An interaction is the click on a tab of
a panel; its time is what the browser's event timing says, from the input to the next paint.

Each visit asks for a range that is a day longer, so that no answer is shared with the visit before.
"""

import asyncio
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from statistics import median
from typing import Any, NamedTuple

from playwright.async_api import Browser, Page, StorageState
from tests.chromium.chromium import NO_CHROMIUM
from tests.engines.chromium import running_chromium

from benchmarks.line import Line
from benchmarks.quiet import wait_until_quiet
from benchmarks.report_world import END, LARGE, MEDIUM, PERIOD, kept, linked_to
from benchmarks.servers import HEROPIXEL, Server, serve_product
from benchmarks.stage import RUN, Stage
from benchmarks.world import World

SKELETON_MILLISECONDS = 100.0
LARGE_MILLISECONDS = 2000.0  # of 2,500,000 pageviews
SMALL_MILLISECONDS = 500.0  # of 50,000
INTERACTION_MILLISECONDS = 100.0
PAUSE = 2.5  # seconds before each visit: what the server shares between simultaneous reports has expired then
WARM_UP = 2  # visits that are not counted

# Notes when the first skeleton and the first figure are painted, and how long each input took.
_NOTE = """() => {
    const noted = (window.noted = { skeleton: 0, figures: 0, inputs: [] });
    const look = () => {
        if (!noted.skeleton && document.querySelector(".blank")) noted.skeleton = performance.now();
        if (!noted.figures && document.querySelector(".figure b:not(.blank)")) noted.figures = performance.now();
    };
    // Not in each frame: the server works on the same cores.
    new MutationObserver(() => noted.figures || requestAnimationFrame(look))
        .observe(document, { subtree: true, childList: true, attributeFilter: ["class"] });
    new PerformanceObserver((list) => noted.inputs.push(...list.getEntries().map(({ duration }) => duration)))
        .observe({ type: "event", durationThreshold: 16 });
}"""


class Visit(NamedTuple):
    """The times of a visit in milliseconds."""

    skeleton: float
    figures: float
    interaction: float


def measure(stage: Stage) -> Iterator[Line]:
    """Visits of the large pixel and of the medium one, in turns."""
    shape = stage.scale.reports
    if NO_CHROMIUM:
        yield Line("dashboard", 0, "", "", 0, note=f"not measured. {NO_CHROMIUM}")
        return
    world = linked_to(kept(shape), RUN / "views")
    with serve_product(world.folder) as server:
        large, small = asyncio.run(_visits(server, world, stage.scale.rounds))
    yield _line("skeleton", [visit.skeleton for visit in (*large, *small)], SKELETON_MILLISECONDS)
    yield _line(f"figures of {shape.large:,} pageviews", [visit.figures for visit in large], LARGE_MILLISECONDS)
    yield _line(f"figures of {shape.medium:,} pageviews", [visit.figures for visit in small], SMALL_MILLISECONDS)
    interactions = [visit.interaction for visit in (*large, *small)]
    yield _line("from a click to the next paint", interactions, INTERACTION_MILLISECONDS)


async def _visits(server: Server, world: World, rounds: int) -> tuple[list[Visit], list[Visit]]:
    async with running_chromium() as browser:
        state = await _signed_in(browser, server, world)
        of: dict[int, list[Visit]] = {LARGE: [], MEDIUM: []}
        for turn in range(WARM_UP + rounds):
            for pixel, visits in of.items():
                await asyncio.sleep(PAUSE)
                await asyncio.to_thread(wait_until_quiet)
                visits.append(await _visit(browser, server, state, pixel, turn))
        return of[LARGE][WARM_UP:], of[MEDIUM][WARM_UP:]


async def _signed_in(browser: Browser, server: Server, world: World) -> StorageState:
    command = [str(HEROPIXEL), "--data", str(world.folder), "sign-in-link"]
    link = (await asyncio.to_thread(subprocess.check_output, command, text=True)).strip()
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"{_address(server)}/#{link.partition('#')[2]}")
    await page.wait_for_function("() => JSON.parse(localStorage.heropixel ?? '{}').app")  # which of the member's two
    state = await context.storage_state()
    await context.close()
    return state


async def _visit(browser: Browser, server: Server, state: StorageState, pixel: int, turn: int) -> Visit:
    context = await browser.new_context(storage_state=state, viewport={"width": 1440, "height": 900})
    await context.add_init_script(f"({_NOTE})()")
    page = await context.new_page()
    begin = END - PERIOD - timedelta(days=turn)
    days = f"{begin.date()}..{(END - timedelta(days=1)).date()}"
    await page.goto(f"{_address(server)}/#/pixels/{pixel}?period={days}")
    await page.wait_for_function("() => window.noted.figures")
    await page.wait_for_function("() => !document.querySelector('[role=progressbar], [aria-busy=true], .blank')")
    noted = await _clicked(page)
    await context.close()
    return Visit(noted["skeleton"], noted["figures"], max(noted["inputs"], default=0))


async def _clicked(page: Page) -> dict[str, Any]:
    await page.locator(".tabs a:not([aria-current])").first.click()
    await page.wait_for_timeout(500)  # the browser tells of an input some time after it
    noted: dict[str, Any] = await page.evaluate("() => window.noted")
    return noted


def _address(server: Server) -> str:
    return f"http://localhost:{server.port}"  # by which browsers take a session without https


def _line(what: str, taken: list[float], limit: float) -> Line:
    shown = " ".join(f"{one:.0f}" for one in taken)
    return Line(
        f"dashboard: {what}", median(taken), "ms", "most", max(taken), "<=", limit, "measured", note=f"{shown} ms"
    )
