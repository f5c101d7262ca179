"""A page that is left, in every engine: it is sent at once, in a way that outlives the page, and once."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.chromium.chromium import WHOLE, need_whole_chromium
from tests.chromium.recorded import recorded
from tests.chromium.site import REQUIRED, Site
from tests.chromium.visit import eventually
from tests.engines.chromium import running_chromium
from tests.engines.visitor import Visitor
from tests.world import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """A whole Chromium: it keeps pages that are left."""
    need_whole_chromium()
    async with running_chromium(WHOLE) as browser:
        yield browser


# How many beacons are on their way when the script's last listener returns: Firefox drops the rest, even what a
# promise sends that was there before.
AT_ONCE = """
<script>
    let posted = 0;
    const send = window.fetch, listen = window.addEventListener;
    window.fetch = (...given) => { posted++; return send(...given) };
    window.addEventListener = (name, work) => listen(name, name != "pagehide" ? work : event => {
        work(event);
        document.cookie = "posted=" + posted;
    });
    listen("load", () => setTimeout(() => { %s; location = "/next" }, 0));
</script>
"""


@pytest.mark.parametrize(
    ("data", "before"),
    [
        ({}, ""),
        ({}, "history.pushState(null, '', '/leaving/elsewhere')"),
        ({"email": "anna@example.com"}, ""),
        ({}, "heropixel.identify({email: 'anna@example.com'})"),
        ({"auto": "false"}, "heropixel.identify({email: 'anna@example.com'}); heropixel.pageview()"),
    ],
    ids=["a page", "a route", "a tag with an email", "an email", "a call"],
)
async def test_what_is_sent_when_a_page_is_left_is_sent_at_once(
    site: Site, visitor: Visitor, data: dict[str, Any], before: str
) -> None:
    site.put("/leaving", AT_ONCE % before + site.tag(**data))
    site.put("/next")
    await visitor.go("/leaving")
    await visitor.browsing.arrived("/next")
    await visitor.sent(1)
    assert await visitor.run("document.cookie") == "posted=1"


async def test_a_visitor_who_leaves_by_a_link_before_the_page_is_looked_at_is_counted_once(
    site: Site, visitor: Visitor
) -> None:
    for after in (10, 50):
        follow = f"<script>addEventListener('load', () => setTimeout(() => location = '/second', {after}))</script>"
        site.put(f"/first-{after}", site.tag() + follow)
    site.put("/second", site.tag())
    for count, after in ((2, 10), (4, 50)):
        await visitor.go(f"/first-{after}")
        await visitor.browsing.arrived("/second")
        await visitor.sent(count)
    told = [site.url(path) for path in ("/first-10", "/first-50", "/second", "/second")]
    assert sorted(beacon["url"] for beacon in site.beacons()) == told


async def test_a_page_whose_tab_is_closed_is_counted_once(site: Site, visitor: Visitor) -> None:
    site.put("/closed", site.tag())
    await visitor.go("/closed")
    if visitor.engine == "firefox":  # earlier, it leaves the script two milliseconds, which a busy machine has not
        await asyncio.sleep(0.2)
    await visitor.browsing.close_tab()
    (beacon,) = await visitor.sent(1)
    assert beacon["url"] == site.url("/closed")


# Chromium runs the timers of a page that it keeps, until it freezes it. Here they run in any case.
STILL_AWAKE = """
<script>
    const original = window.setTimeout, due = [];
    window.setTimeout = (work, ...rest) => { due.push(work); return original(work, ...rest) };
    addEventListener("load", () => {
        addEventListener("pagehide", () => due.map(work => work()));
        location = "/next";
    });
</script>
"""


async def test_a_look_that_is_due_when_the_page_is_left_counts_nothing_again(site: Site, visitor: Visitor) -> None:
    site.put("/awake", STILL_AWAKE + site.tag())
    site.put("/next")
    await visitor.go("/awake")
    await visitor.browsing.arrived("/next")
    (beacon,) = await visitor.sent(1)
    assert beacon["url"] == site.url("/awake")


async def test_a_page_of_the_back_forward_cache_is_counted_each_time_it_is_shown(site: Site, visitor: Visitor) -> None:
    site.put("/kept", site.tag())
    site.put("/two")
    await visitor.go("/kept")
    await visitor.sent(1)
    await visitor.run("window.mark = 1")
    for count in (2, 3):
        await visitor.follow("/two")
        await visitor.browsing.back()
        await visitor.browsing.arrived("/kept")
        assert await visitor.run("window.mark") == 1, "the browser made the page anew"
        await visitor.sent(count)


NO_KEEPALIVE = """<script>
    delete Request.prototype.keepalive;
    const {sendBeacon} = Navigator.prototype;
    window.ways = [];
    Navigator.prototype.sendBeacon = function (...given) { ways.push(1); return sendBeacon.apply(this, given) };
</script>"""


async def test_where_fetch_would_be_cancelled_with_its_page_a_beacon_is_sent_in_another_way(
    site: Site, visitor: Visitor, product: Server
) -> None:
    path = f"/no-keepalive-{visitor.engine}"
    site.put(path, NO_KEEPALIVE + site.tag())
    site.put("/next")
    await visitor.go(path)
    await visitor.sent(1)
    assert await visitor.run("ways.length") == 1
    recorded(product, REQUIRED, site.url(path))
    await visitor.run("heropixel.consent(true)")
    beacon = (await visitor.sent(2))[1]
    await eventually(lambda: beacon["visitorId"] != "")
    cookie = await visitor.cookie()
    assert cookie
    assert cookie["value"] == beacon["visitorId"]
    await visitor.run("history.pushState({}, '', '/last'); location = '/next'")
    await visitor.browsing.arrived("/next")
    assert (await visitor.sent(3))[2]["url"] == site.url("/last"), "the page that is left"


async def test_what_found_no_network_is_sent_with_the_next_page_of_an_application(
    site: Site, visitor: Visitor, product: Server
) -> None:
    path = f"/offline-{visitor.engine}"
    site.put(path, site.tag())
    await visitor.go(path)
    await visitor.sent(1)
    site.is_cut_off = True
    await visitor.run(f"history.pushState({{}}, '', '{path}/a')")
    await visitor.sent(1)
    assert await visitor.kept() == {}, "without consent it is kept in memory"
    site.is_cut_off = False
    await visitor.run(f"history.pushState({{}}, '', '{path}/b')")
    urls = sorted(beacon["url"] for beacon in await visitor.sent(3))
    assert urls == [site.url(path + page) for page in ("", "/a", "/b")]
    recorded(product, REQUIRED, site.url(path), 3)
