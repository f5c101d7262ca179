"""Which pages are counted in every engine, and what is told of them."""

import asyncio
from urllib.parse import quote

import pytest

from tests.chromium.recorded import recorded
from tests.chromium.site import IMPLIED, REQUIRED, Site
from tests.engines.visitor import Visitor
from tests.world import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")

NEWSLETTER = "utm_source=newsletter&utm_medium=email"


async def test_a_page_is_sent_with_every_field_and_recorded(site: Site, visitor: Visitor, product: Server) -> None:
    path = f"/first-{visitor.engine}"
    site.put("/")
    site.put(path, site.tag() + "<link rel=canonical href='/shoes'>", title="Shoes")
    await visitor.go()
    await visitor.follow(f"{path}?{NEWSLETTER}#red")
    (beacon,) = await visitor.sent(1)
    page = await visitor.run(
        """({language: navigator.language, timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
             screen: screen.width + "x" + screen.height, viewport: innerWidth + "x" + innerHeight})"""
    )
    url = site.url(f"{path}?{NEWSLETTER}")
    told = {"url": url, "title": "Shoes", "referrer": site.url("/"), **page}
    canonical = site.url("/shoes")
    assert beacon == {"pixelId": REQUIRED, "id": beacon["id"], "canonical": canonical, "properties": {}, **told}
    (row,) = recorded(product, REQUIRED, site.url(path))
    assert {name: row[name] for name in told} == told
    assert (row["utmSource"], row["channel"], row["visitorId"][:6]) == ("newsletter", "EMAIL", "daily:")


ROUTER = """
<script>
    function visit(path, title) { history.pushState({}, "", path); setTimeout(() => document.title = title, 40) }
</script>
"""


async def test_a_single_page_application_is_counted_as_it_is_navigated(site: Site, visitor: Visitor) -> None:
    site.put("/app", site.tag() + ROUTER, title="Start")
    await visitor.go("/app")
    await visitor.sent(1)
    for count, step in enumerate(
        ["visit('/app/a', 'A')", "history.replaceState({}, '', '/app/b?x=1')", "history.back()", "history.forward()"], 2
    ):
        await visitor.run(step)
        await visitor.sent(count)
    told = [(beacon["url"], beacon["referrer"]) for beacon in site.beacons()]
    start, a, b = site.url("/app"), site.url("/app/a"), site.url("/app/b?x=1")
    assert told == [(start, ""), (a, start), (b, a), (start, b), (b, start)]
    assert [beacon["title"] for beacon in site.beacons()[:2]] == ["Start", "A"]


NO_OTHER_PAGE = [
    "history.pushState({page: 2}, '')",
    "history.replaceState({}, '', location.href)",
    "location.hash = 'part'",
    "history.pushState({}, '', '#other')",
    "history.pushState({}, '', '/elsewhere'); history.replaceState({}, '', '/quiet')",  # a redirect back
    "history.replaceState({}, '', '?lat=46.1&zoom=9')",  # a map that keeps its state there
    "history.replaceState({}, '', '?lat=46.2&zoom=9')",
]


async def test_what_leads_to_the_same_page_is_no_pageview(site: Site, visitor: Visitor) -> None:
    site.put("/quiet", site.tag())
    await visitor.go("/quiet")
    await visitor.sent(1)
    for step in NO_OTHER_PAGE:
        await visitor.run(step)
        await asyncio.sleep(0.15)  # longer than the script waits for a redirect
    await visitor.sent(1)


async def test_a_pushed_query_and_another_path_in_its_place_are_other_pages(site: Site, visitor: Visitor) -> None:
    site.put("/list", site.tag())
    await visitor.go("/list")
    await visitor.sent(1)
    await visitor.run("history.pushState(null, '', '?page=2'); history.replaceState(null, '', '?page=2&sort=up')")
    await visitor.sent(2)
    await visitor.run("history.replaceState(null, '', '/other?page=2')")
    urls = [beacon["url"] for beacon in await visitor.sent(3)]
    assert urls == [site.url(path) for path in ("/list", "/list?page=2&sort=up", "/other?page=2")]


async def test_a_campaign_link_that_is_cleaned_is_one_pageview_with_its_campaign(site: Site, visitor: Visitor) -> None:
    clean = "history.replaceState(null, '', location.pathname)"
    site.put("/landing", site.tag(), f"<script>addEventListener('load', () => {clean})</script>")
    site.put("/late", site.tag(), f"<script>addEventListener('load', () => setTimeout(() => {clean}, 300))</script>")
    for count, path in enumerate(("/landing", "/late"), 1):
        await visitor.go(f"{path}?{NEWSLETTER}")
        assert (await visitor.sent(count))[-1]["url"] == site.url(f"{path}?{NEWSLETTER}")


async def test_fragments_are_pages_where_the_tag_says_so(site: Site, visitor: Visitor, product: Server) -> None:
    path = f"/hash-{visitor.engine}"
    site.put(path, site.tag(hash=""))
    await visitor.go(f"{path}#/start?{NEWSLETTER}")
    await visitor.sent(1)
    await visitor.run("location.hash = '/prices'")
    await visitor.sent(2)
    await visitor.run("history.pushState({}, '', '#/prices/42')")
    await visitor.sent(3)
    rows = recorded(product, REQUIRED, site.url(path), 3)
    assert {row["path"] for row in rows} == {path + hash_ for hash_ in ("#/start", "#/prices", "#/prices/42")}
    (landing,) = [row for row in rows if row["path"].endswith("#/start")]
    assert (landing["utmSource"], landing["channel"]) == ("newsletter", "EMAIL")


BY_A_MANAGER = """
<script>
    const tag = document.createElement("script");
    tag.async = true;
    tag.src = "/stats/pixel.js?pixel=%d";
    document.head.appendChild(tag);
    document.head.appendChild(tag.cloneNode());  // a trigger that fires again
</script>
"""


async def test_a_tag_that_a_manager_has_inserted_without_attributes_counts_all_pages(
    site: Site, visitor: Visitor
) -> None:
    site.put("/managed", BY_A_MANAGER % REQUIRED + ROUTER, title="Start")
    await visitor.go("/managed")
    await visitor.sent(1)
    await visitor.run("visit('/managed/two', 'Two')")
    beacons = await visitor.sent(2)
    assert [(beacon["pixelId"], beacon["url"]) for beacon in beacons] == [
        (REQUIRED, site.url("/managed")),
        (REQUIRED, site.url("/managed/two")),
    ]


async def test_the_options_of_the_tag_may_stand_in_its_address(site: Site, visitor: Visitor) -> None:
    site.put("/asked", f'<script defer src="/stats/pixel.js?pixel={IMPLIED}&consent=implied&hash"></script>')
    await visitor.go("/asked#/tea")
    (beacon,) = await visitor.sent(1)
    assert (beacon["pixelId"], beacon["url"]) == (IMPLIED, site.url("/asked#/tea"))
    assert beacon["visitorId"].startswith("hp1.")
    site.put("/both", f'<script defer src="/stats/pixel.js?pixel=999" data-pixel="{REQUIRED}"></script>')
    await visitor.go("/both")
    assert (await visitor.sent(2))[1]["pixelId"] == REQUIRED


# A frame without scripts, of the same site: what it holds is shown as if the browser had none.
WITHOUT_SCRIPTS = "<iframe sandbox=allow-same-origin src='%s'></iframe>"


async def test_without_javascript_an_image_counts_its_page(site: Site, visitor: Visitor, product: Server) -> None:
    own, other = f"/own-{visitor.engine}", f"/other-{visitor.engine}?a=1&b=2"
    image = f"<noscript><img alt='' referrerpolicy=no-referrer-when-downgrade src='%s/pixel.gif?pixelId={REQUIRED}%s'>"
    site.put(own, "", image % ("/stats", ""))
    # Firefox and WebKit tell an image of another site only the host: the address says the page.
    site.put(other.partition("?")[0], "", image % (site.product_url(), f"&url={quote(site.url(other), '')}"))
    site.put("/", "", "".join(WITHOUT_SCRIPTS % page for page in (own, other)))
    await visitor.go()
    for page in (own, other):
        (row,) = recorded(product, REQUIRED, site.url(page.partition("?")[0]))
        assert row["url"] == site.url(page)
    assert site.beacons() == []
