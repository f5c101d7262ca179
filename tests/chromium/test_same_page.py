"""What is one page in a real browser: a cleaned address, a map's state, a consent in its midst; and what is three."""

import pytest

from tests.chromium.recorded import recorded
from tests.chromium.site import REQUIRED, Site
from tests.chromium.visit import Visit
from tests.world import Server, through_operators_door

pytestmark = pytest.mark.asyncio(loop_scope="session")

NEWSLETTER = "utm_source=newsletter&utm_medium=email"


def loaded(script: str, after: int = 300) -> str:
    return f"<script>addEventListener('load', () => setTimeout(() => {{ {script} }}, {after}))</script>"


MAP = """
let n = 0; const t = setInterval(() => {
    history.replaceState(null, "", "?lat=46." + n + "&zoom=9");
    if (++n == 5) { clearInterval(t); window.isDone = true } }, 60);
"""


@pytest.mark.parametrize("after", [0, 300])
async def test_a_map_that_keeps_its_state_in_the_query_is_one_pageview(site: Site, visit: Visit, after: int) -> None:
    site.put("/map", site.tag() + loaded(MAP, after))
    await visit.go("/map")
    await visit.page.wait_for_function("window.isDone")
    (beacon,) = await visit.sent(1)
    assert beacon["url"].startswith(site.url("/map"))


CLEAN = "history.replaceState(null, '', location.pathname); window.isDone = true"


@pytest.mark.parametrize(
    "head", [loaded(CLEAN), loaded(CLEAN, 0), f"<script>addEventListener('load', () => {{ {CLEAN} }})</script>"]
)
async def test_a_campaign_link_that_is_cleaned_is_one_pageview_with_its_campaign(
    site: Site, visit: Visit, head: str
) -> None:
    site.put("/landing", site.tag() + head)
    await visit.go(f"/landing?{NEWSLETTER}")
    await visit.page.wait_for_function("window.isDone")
    (beacon,) = await visit.sent(1)
    assert beacon["url"] == site.url(f"/landing?{NEWSLETTER}")


async def test_a_router_that_redirects_at_once_keeps_the_campaign(site: Site, visit: Visit) -> None:
    site.put("/enter", site.tag() + loaded("history.replaceState(null, '', '/home?tab=1')", 0))
    await visit.go(f"/enter?{NEWSLETTER}")
    (beacon,) = await visit.sent(1)
    assert beacon["url"] == site.url(f"/home?tab=1&{NEWSLETTER}")
    await visit.run("history.pushState(null, '', '/next')")
    assert (await visit.sent(2))[1]["url"] == site.url("/next"), "it is the first page's"


@pytest.mark.parametrize("hash_", [f"#{NEWSLETTER}", f"#/landing?{NEWSLETTER}"])
async def test_a_campaign_behind_the_hash_is_kept_and_is_no_page(
    site: Site, visit: Visit, product: Server, hash_: str
) -> None:
    path = f"/behind-{len(hash_)}"
    site.put(path, site.tag())
    await visit.go(path + hash_)
    await visit.sent(1)
    await visit.run("location.hash = '#elsewhere'")
    (beacon,) = await visit.sent(1)
    assert beacon["url"] == site.url(f"{path}?{NEWSLETTER}")
    await visit.answered(1)
    (row,) = recorded(product, REQUIRED, site.url(path))
    assert (row["path"], row["utmSource"], row["channel"]) == (path, "newsletter", "EMAIL")


async def test_who_consents_on_the_landing_page_is_one_visitor_who_has_her_source(
    site: Site, visit: Visit, product: Server
) -> None:
    known = {"auth": product.world.auth, "user": {"externalId": "c-landing"}}
    product.graphql(
        "mutation ($auth: AuthInput, $user: UserInput!) { identify(auth: $auth, user: $user) { code } }", known
    )
    site.put("/newcomer", site.tag())
    await visit.page.goto(site.url(f"/newcomer?{NEWSLETTER}"), referer="https://www.google.com/")
    await visit.sent(1)
    recorded(product, REQUIRED, site.url("/newcomer"))  # else both rows may be there for a moment
    await visit.run("heropixel.identify({externalId: 'c-landing'}); heropixel.consent(true)")
    before, with_consent, *_ = await visit.sent(4)
    assert with_consent["replaces"] == before["id"]
    assert (with_consent["url"], with_consent["referrer"]) == (before["url"], before["referrer"])
    await visit.run("history.pushState(null, '', '/newcomer/next')")
    await visit.sent(5)
    await visit.answered(5)
    rows = recorded(product, REQUIRED, site.url("/newcomer"), 2)
    assert None not in {row["userId"] for row in rows}
    assert len({row["visitorId"] for row in rows}) == 1
    assert rows[0]["visitorId"].startswith("hp1.")
    assert (rows[1]["utmSource"], rows[1]["channel"], rows[1]["consent"]) == ("newsletter", "EMAIL", True)


async def test_nothing_of_an_earlier_page_is_joined(site: Site, visit: Visit, product: Server) -> None:
    site.put("/earlier", site.tag())
    await visit.go("/earlier")
    await visit.sent(1)
    await visit.run("history.pushState(null, '', '/earlier/consents')")
    await visit.sent(2)
    await visit.run("heropixel.consent(true)")
    await visit.sent(3)
    await visit.answered(3)
    through_operators_door(product.world, "POST", "/operator/catch-up")
    rows = recorded(product, REQUIRED, site.url("/earlier"), 2)
    assert [row["visitorId"].partition(".")[0].partition(":")[0] for row in rows] == ["hp1", "daily"]
