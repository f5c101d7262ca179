"""A page that is left: everything is sent at once, in a way that outlives the page, and once."""

import asyncio
from typing import Any

import pytest

from tests.chromium.recorded import recorded
from tests.chromium.site import REQUIRED, Site
from tests.chromium.visit import QUIET, Visit, eventually
from tests.world import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _settled(site: Site, count: int) -> None:
    """Wait until so many beacons have come, and no more are to come. Of a page that is left only the site sees them."""
    await eventually(lambda: len(site.beacons()) >= count, site.beacons)
    await asyncio.sleep(QUIET)
    assert len(site.beacons()) == count, site.beacons()


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
    site: Site, visit: Visit, data: dict[str, Any], before: str
) -> None:
    site.put("/leaving", AT_ONCE % before + site.tag(**data))
    site.put("/next")
    await visit.go("/leaving")
    await visit.page.wait_for_url("**/next")
    await _settled(site, 1)
    assert {cookie.get("name"): cookie.get("value") for cookie in await visit.context.cookies()}["posted"] == "1"


@pytest.mark.parametrize("after", [10, 50])
async def test_a_visitor_who_leaves_by_a_link_before_the_page_is_looked_at_is_counted_once(
    site: Site, visit: Visit, after: int
) -> None:
    follow = f"<script>addEventListener('load', () => setTimeout(() => location = '/second', {after}))</script>"
    site.put("/first", site.tag() + follow)
    site.put("/second", site.tag())
    for count in range(2, 6, 2):
        await visit.go("/first")
        await visit.page.wait_for_url("**/second")
        await _settled(site, count)
    assert [beacon["url"] for beacon in site.beacons()] == [site.url("/first"), site.url("/second")] * 2


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


async def test_a_look_that_is_due_when_the_page_is_left_counts_nothing_again(site: Site, visit: Visit) -> None:
    site.put("/awake", STILL_AWAKE + site.tag())
    site.put("/next")
    await visit.go("/awake")
    await _settled(site, 1)
    assert [beacon["url"] for beacon in site.beacons()] == [site.url("/awake")]


async def test_a_page_that_comes_back_again_and_again_is_counted_each_time(site: Site, visit: Visit) -> None:
    site.put("/kept", site.tag() + "<script>window.loads = 1</script>")
    site.put("/two")
    await visit.go("/kept")
    await visit.sent(1)
    await visit.run("window.mark = 1")
    for count in (2, 3):
        await visit.go("/two")
        await visit.page.go_back(wait_until="commit")
        assert await visit.run("window.mark") == 1, "the browser made the page anew"
        await visit.sent(count)


async def test_where_fetch_would_be_cancelled_with_its_page_a_beacon_is_sent_in_another_way(
    site: Site, visit: Visit, product: Server
) -> None:
    no_keepalive = """<script>
        delete Request.prototype.keepalive;
        const {sendBeacon} = Navigator.prototype;
        window.ways = [];
        Navigator.prototype.sendBeacon = function (...given) { ways.push(1); return sendBeacon.apply(this, given) };
    </script>"""
    site.put("/no-keepalive", no_keepalive + site.tag())
    await visit.go("/no-keepalive")
    await eventually(lambda: bool(site.beacons()))
    assert await visit.run("ways.length") == 1
    recorded(product, REQUIRED, site.url("/no-keepalive"))
    await visit.run("heropixel.consent(true)")
    await eventually(lambda: len(site.beacons()) == 2)
    cookie = await visit.cookie()
    assert cookie
    assert cookie["value"] == site.beacons()[1]["visitorId"]
