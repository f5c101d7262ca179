"""Takes the pictures of the dashboard that README shows, of the sample world: `make picture`."""

import asyncio
import base64
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec
from playwright.async_api import Browser, BrowserContext, Page, StorageState, ViewportSize
from rich.console import Console

from heropixel.sample import make_sample_world
from heropixel.sample.live import timed
from heropixel.sample.people import SamplePerson
from heropixel.sample.visits import PIXEL
from heropixel.settings import Settings
from tests.chromium.dashboard.conftest import RECORD, link_of, local
from tests.chromium.dashboard.looking import Looking
from tests.engines.chromium import running_chromium
from tests.world import Server, World, running, through_operators_door

ROOT = Path(__file__).parents[3]
PICTURES = ROOT / "docs/pictures"

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")

NOW = 1_793_577_600_000  # 2026-11-02T00:00:00Z: the world is always the same
DAYS = 57  # the four weeks that are shown, and those before them, in any time zone
VIEW = f"#/pixels/{PIXEL}?period=2026-10-05..2026-11-01"
HERE_NOW = 90  # seconds of visits that the sample site gets while it is looked at

SIZE: ViewportSize = {"width": 1440, "height": 886}  # the first row of panels is whole
SHARP = 2  # pixels of the picture for one of the page
QUALITY = 80  # of 100

# Two frames later all that was drawn is on the screen.
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"

console = Console()


def file_of(theme: Theme) -> Path:
    """The picture of a theme."""
    return PICTURES / f"dashboard-{theme}.webp"


def take_pictures() -> None:
    """Serve the sample world, and write a picture of its overview in each theme."""
    with _serving() as server:
        for theme, picture in asyncio.run(_pictures(server)).items():
            file_of(theme).write_bytes(picture)
            console.print(f"{file_of(theme).relative_to(ROOT)}: {len(picture):,} bytes", highlight=False)


@contextmanager
def _serving() -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        made = make_sample_world(Settings(data=data), ROOT / "samples/users.csv", DAYS, console.print, NOW)
        assert made is not None
        world = World(data, *made.app, PIXEL)
        with running(world) as server:
            _visit_now(server, made.customers)
            through_operators_door(world, "POST", "/operator/catch-up")
            yield server


def _visit_now(server: Server, customers: Sequence[SamplePerson]) -> None:
    """Send the first pageviews of visits that begin now. They are later than the period that is shown."""
    events = []
    for at, event in timed(NOW, customers):
        if at > HERE_NOW:
            break
        events.append(msgspec.to_builtins(event))
    answer = server.graphql(RECORD, {"auth": server.world.auth, "events": events})
    assert answer["data"]["pageviews"]["code"] == 200, answer


async def _pictures(server: Server) -> dict[Theme, bytes]:
    async with running_chromium() as browser:
        signed_in = await _sign_in(browser, server)
        return {theme: await picture_of(browser, server, signed_in, theme) for theme in THEMES}


async def _sign_in(browser: Browser, server: Server) -> StorageState:
    async with await browser.new_context() as context:
        await Looking(context, await context.new_page(), local(server)).open(link_of(server))
        return await context.storage_state()


async def picture_of(browser: Browser, server: Server, signed_in: StorageState, theme: Theme) -> bytes:
    """What a member sees of the overview, as WebP."""
    async with await browser.new_context(
        storage_state=signed_in,
        viewport=SIZE,
        device_scale_factor=SHARP,
        color_scheme=theme,
        locale="en-GB",
        timezone_id="Europe/Zurich",
    ) as context:
        looking = Looking(context, await context.new_page(), local(server))
        await looking.open(VIEW)
        await looking.page.wait_for_selector(".plot canvas")
        await looking.stream()
        picture = await _webp(context, looking.page)
    assert looking.troubles == []
    return picture


async def _webp(context: BrowserContext, page: Page) -> bytes:
    """What the window shows, as Chromium itself makes WebP: Playwright makes PNG, which is several times as large."""
    devtools = await context.new_cdp_session(page)
    # This session's own, or the chart is drawn for a screen of the usual sharpness while the picture is taken.
    await devtools.send("Emulation.setDeviceMetricsOverride", {**SIZE, "deviceScaleFactor": SHARP, "mobile": False})
    await page.evaluate(PAINTED)
    taken = await devtools.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    return base64.b64decode(taken["data"])


if __name__ == "__main__":
    take_pictures()
