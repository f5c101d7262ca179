"""Pageviews in a real browser: which pages are counted, and which fields are sent."""

import asyncio
from pathlib import Path

import pytest

from tests.chromium.chromium import ARGUMENTS, USER_AGENT, WHOLE, need_whole_chromium
from tests.chromium.conftest import Arrive
from tests.chromium.recorded import recorded
from tests.chromium.site import OTHER, REQUIRED, SHOP, Site
from tests.chromium.visit import Visit, eventually
from tests.world import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_ordinary_page_is_sent_with_every_field_and_recorded(
    site: Site, arrive: Arrive, product: Server
) -> None:
    visit = await arrive(
        locale="de-CH",
        timezone_id="Europe/Zurich",
        screen={"width": 1600, "height": 900},
        viewport={"width": 800, "height": 600},
    )
    site.put("/", body="<a href='/ordinary?utm_source=news#red'>Shoes</a>")
    site.put("/ordinary", site.tag() + "<link rel=canonical href='/shoes'>", title="Shoes")
    await visit.go()
    await visit.page.click("a")
    (beacon,) = await visit.sent(1)
    assert len(beacon["id"]) == 32
    told = {
        "url": site.url("/ordinary?utm_source=news"),
        "title": "Shoes",
        "referrer": site.url("/"),
        "language": "de-CH",
        "timezone": "Europe/Zurich",
        "screen": "1600x900",
        "viewport": "800x600",
    }
    canonical = site.url("/shoes")
    assert beacon == {"pixelId": REQUIRED, "id": beacon["id"], "canonical": canonical, "properties": {}, **told}
    await visit.answered(1)
    (row,) = recorded(product, REQUIRED, site.url("/ordinary"))
    assert {name: row[name] for name in told} == told
    assert row["visitorId"].startswith("daily:")


async def test_a_redirect_of_a_router_is_one_pageview(site: Site, visit: Visit) -> None:
    site.put("/app", site.tag())
    await visit.go("/app")
    await visit.sent(1)
    await visit.run("history.pushState({}, '', '/app/old'); history.replaceState({}, '', '/app/new')")
    assert [beacon["url"] for beacon in await visit.sent(2)] == [site.url("/app"), site.url("/app/new")]


PRERENDERING = """
<script type=speculationrules>
    {"prerender": [{"source": "list", "urls": ["/shown", "/never"], "eagerness": "immediate"}]}
</script>
<a href=/shown>Next</a>
<script>setInterval(() => fetch("/go").then(answer => answer.text()).then(
    text => text.includes("now") && document.querySelector("a").click()), 100)</script>
"""


async def test_a_prerendered_page_is_counted_once_it_shows(site: Site, tmp_path: Path) -> None:
    """In a whole browser without automation: no other prerenders."""
    need_whole_chromium()
    site.put("/", site.tag(), PRERENDERING)
    site.put("/go", title="wait")
    for path in ("/shown", "/never"):
        # A call that is made while nobody sees the page.
        site.put(
            path, site.tag(), "<script>addEventListener('load', () => heropixel.identify({externalId: 'x'}))</script>"
        )
    own = ["--headless=new", f"--user-data-dir={tmp_path}", f"--user-agent={USER_AGENT}"]
    process = await asyncio.create_subprocess_exec(
        WHOLE or "", *own, *ARGUMENTS, site.url(), stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await eventually(lambda: _prerendered(site) == {"/shown", "/never"}, lambda: site.asked, 30)
        await eventually(lambda: len(site.beacons()) == 1, site.beacons)
        await asyncio.sleep(0.8)  # eight times what the script waits
        assert [beacon["url"] for beacon in site.beacons()] == [site.url()]
        site.put("/go", title="now")
        await eventually(lambda: len(site.beacons()) == 2, site.beacons)
        assert site.beacons()[1]["url"] == site.url("/shown")
        assert len([asked for asked in site.asked if asked.path == "/shown"]) == 1, "the browser made the page anew"
    finally:
        process.terminate()
        await process.wait()


def _prerendered(site: Site) -> set[str]:
    return {
        asked.path
        for asked in site.asked
        if "prerender" in asked.headers.get("sec-purpose", "") and not asked.path.startswith("/stats")
    }


async def test_two_sites_count_for_one_pixel(site: Site, visit: Visit, product: Server) -> None:
    site.put("/two-sites", site.tag())
    for count, host in enumerate((SHOP, OTHER, f"www.{OTHER}"), 1):
        await visit.go("/two-sites", host)
        await visit.answered(count)
    hosts = [recorded(product, REQUIRED, site.url("/two-sites", host))[0]["domain"] for host in (SHOP, OTHER)]
    assert hosts == [SHOP, OTHER]


async def test_a_page_in_a_frame_is_a_page(site: Site, visit: Visit) -> None:
    site.put("/outer", site.tag(), f"<iframe src='{site.url('/inner', OTHER)}'></iframe>")
    site.put("/inner", site.tag(), title="Inner")
    await visit.go("/outer")
    beacons = await visit.sent(2)
    assert {beacon["url"] for beacon in beacons} == {site.url("/outer"), site.url("/inner", OTHER)}
    await visit.answered(2)


async def test_without_javascript_an_image_counts(site: Site, arrive: Arrive, product: Server) -> None:
    visit = await arrive(java_script_enabled=False)
    image = site.product_url(f"/pixel.gif?pixelId={REQUIRED}")
    site.put(
        "/no-script",
        site.tag(),
        f"<noscript><img src='{image}' alt='' referrerpolicy=no-referrer-when-downgrade></noscript>",
    )
    await visit.go("/no-script")
    (row,) = recorded(product, REQUIRED, site.url("/no-script"))
    assert row["domain"] == SHOP
    assert visit.beacons == []


async def test_only_calls_count_where_the_tag_says_so(site: Site, visit: Visit) -> None:
    site.put("/manual", site.tag(auto="false"))
    await visit.go("/manual")
    await visit.run("history.pushState({}, '', '/manual/2')")
    await visit.sent(0)
    await visit.run("heropixel.pageview()")
    assert (await visit.sent(1))[0]["url"] == site.url("/manual/2")


@pytest.mark.parametrize("kind", ["", "async", "defer", "type=module"])
async def test_the_tag_may_be_of_any_kind(site: Site, visit: Visit, kind: str) -> None:
    site.put("/kind", site.tag(kind=kind), title="Kind")
    await visit.go("/kind")
    (beacon,) = await visit.sent(1)
    assert (beacon["url"], beacon["title"]) == (site.url("/kind"), "Kind")


async def test_a_tag_that_a_script_puts_there_counts(site: Site, visit: Visit) -> None:
    site.put("/late")
    await visit.go("/late")
    await visit.run(
        """source => { const tag = document.createElement("script"); tag.src = source; tag.dataset.pixel = 1;
                       document.head.append(tag) }""",
        site.product_url("/pixel.js"),
    )
    await visit.sent(1)


async def test_a_tag_that_stands_twice_counts_once(site: Site, visit: Visit) -> None:
    site.put("/twice", site.tag() + site.tag())
    await visit.go("/twice")
    await visit.sent(1)


async def test_the_endpoint_is_beside_the_script_or_where_the_tag_says(site: Site, visit: Visit) -> None:
    asked: list[str] = []
    visit.context.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    site.put("/beside", site.tag(host="pixel.localhost"))
    site.put("/named", site.tag(host="pixel.localhost", endpoint="/stats/collect"))
    await visit.go("/beside")
    await visit.sent(1)
    await visit.go("/named")
    await visit.sent(2)
    assert asked == [site.product_url("/collect"), site.url("/stats/collect")]
