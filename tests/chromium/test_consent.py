"""Consent in a real browser: what is stored and sent before consent, with it, without it, and after it is withdrawn."""

import json
import re
import time
from typing import Any

import pytest
from playwright.async_api import Route

from tests.chromium.recorded import recorded
from tests.chromium.site import IMPLIED, NONE, REQUIRED, SHOP, Site
from tests.chromium.visit import Visit
from tests.world import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")

ID = re.compile("hp1\\.[0-9a-f]{32}")
LIFE = 34_190_000  # seconds

# Where the product is, seen from the page.
OWN_PATH, SAME_SITE, THIRD_PARTY = "", f"t.{SHOP}", "pixel.localhost"


def carries_an_identity(beacon: dict[str, Any]) -> bool:
    return any(beacon.get(name) for name in ("visitorId", "sha256", "externalId"))


@pytest.mark.parametrize("host", [OWN_PATH, SAME_SITE])
async def test_with_consent_the_server_sets_the_cookie_of_a_first_party(site: Site, visit: Visit, host: str) -> None:
    site.put("/", site.tag(host=host))
    await visit.go()
    await visit.sent(1)
    await visit.run("delete Document.prototype.cookie; heropixel.consent(true)")  # the script can set none
    beacon = (await visit.sent(2))[1]
    assert (beacon["event"], beacon["consent"]) == ("consent", True)
    await visit.answered(2)
    cookie = await visit.cookie()
    assert cookie
    assert ID.fullmatch(cookie["value"])
    assert cookie["domain"] == f".{SHOP}"
    assert (cookie["path"], cookie["sameSite"], cookie["httpOnly"]) == ("/", "Lax", False)
    assert abs(cookie["expires"] - time.time() - LIFE) < 60


@pytest.mark.parametrize("host", [OWN_PATH, SAME_SITE, THIRD_PARTY])
async def test_the_visitor_is_the_same_on_every_page_and_for_both(
    site: Site, visit: Visit, product: Server, host: str
) -> None:
    path = f"/consented-{host}"
    site.put(path, site.tag(host=host), "<script>(heropixel = window.heropixel || []).push(['consent', true])</script>")
    site.put("/next", site.tag(host=host))
    await visit.go(path)
    first = (await visit.sent(1))[0]
    assert first["consent"] is True
    await visit.answered(1)
    cookie = await visit.cookie()
    await visit.go("/next")
    second = (await visit.sent(2))[1]
    await visit.answered(2)
    assert second["consent"] is True
    assert cookie
    assert first["visitorId"] == second["visitorId"] == cookie["value"]
    assert await visit.cookie() == cookie, "its life is renewed"
    (row,) = recorded(product, REQUIRED, site.url(path))
    assert (row["visitorId"], row["consent"]) == (cookie["value"], True)


@pytest.mark.parametrize("host", [OWN_PATH, THIRD_PARTY])
async def test_withdrawing_consent_deletes_everything(site: Site, visit: Visit, host: str) -> None:
    site.put("/", site.tag(host=host), "<script>(heropixel = window.heropixel || []).push(['consent', true])</script>")
    site.put("/next", site.tag(host=host))
    await visit.go()
    await visit.sent(1)
    await visit.answered(1)
    await visit.run("heropixel.consent(false)")
    beacon = (await visit.sent(2))[1]
    assert (beacon["event"], beacon["consent"]) == ("consent", False)
    assert not carries_an_identity(beacon)
    await visit.answered(2)
    assert await visit.kept() == {}
    await visit.go("/next")
    beacon = (await visit.sent(3))[2]
    assert not carries_an_identity(beacon)
    assert "consent" not in beacon
    assert await visit.kept() == {}


async def test_an_answer_that_is_late_brings_no_cookie_back(site: Site, visit: Visit) -> None:
    site.put("/", site.tag(auto="false"))
    await visit.go()
    await visit.run("heropixel.consent(true); heropixel.pageview(); heropixel.consent(false)")
    await visit.sent(3)
    await visit.answered(3)
    assert await visit.kept() == {}


async def consent_on_a_page(site: Site, visit: Visit) -> None:
    """Two beacons: a pageview, and that she consents."""
    site.put("/", site.tag())
    await visit.go()
    await visit.sent(1)
    await visit.run("heropixel.consent(true)")
    await visit.sent(2)
    await visit.answered(2)


async def test_what_was_lost_before_a_no_and_is_sent_again_after_it_brings_no_cookie_back(
    site: Site, visit: Visit
) -> None:
    lost: list[Route] = []

    async def lose_pageviews(route: Route) -> None:
        if "event" in json.loads(route.request.post_data or "{}"):
            await route.continue_()
        else:
            lost.append(route)

    await consent_on_a_page(site, visit)
    await visit.context.route("**/collect", lose_pageviews)
    await visit.run("heropixel.pageview()")
    await visit.sent(3)
    await visit.run("heropixel.consent(false)")
    await visit.sent(4)
    for route in lost:
        await route.abort()
    await visit.context.unroute("**/collect")
    await visit.run("heropixel.pageview()")
    assert (await visit.sent(6))[4] == visit.beacons[2]
    await visit.answered(5)
    assert await visit.kept() == {}


@pytest.mark.parametrize("word", ["undefined", "null", "0", "false", "'denied'", "{granted: false}"])
async def test_whatever_else_a_banner_hands_over_is_a_no(site: Site, visit: Visit, word: str) -> None:
    await consent_on_a_page(site, visit)
    await visit.run(f"heropixel.consent({word})")
    assert (await visit.sent(3))[2]["consent"] is False
    await visit.answered(3)
    assert await visit.kept() == {}


@pytest.mark.parametrize("word", ["'granted'", "1", "{}", "'true'", "{granted: 'yes'}"])
async def test_only_true_is_consent(site: Site, visit: Visit, word: str) -> None:
    # Before the pageview, with which it goes.
    site.put("/", site.tag(), f"<script>(heropixel = window.heropixel || []).push(['consent', {word}])</script>")
    await visit.go()
    (beacon,) = await visit.sent(1)
    assert beacon["consent"] is False
    await visit.answered(1)
    assert await visit.kept() == {}


async def test_consent_repeated_on_every_page_is_sent_once(site: Site, visit: Visit) -> None:
    site.put("/", site.tag())
    await visit.go()
    await visit.sent(1)
    for _ in range(3):
        await visit.run("heropixel.consent(true)")
    await visit.sent(2)
    await visit.go()
    await visit.sent(3)
    await visit.run("heropixel.consent(true)")
    await visit.sent(3)


async def test_where_consent_is_implied_an_id_is_there_until_it_is_refused(
    site: Site, visit: Visit, product: Server
) -> None:
    site.put("/implied", site.tag(pixel=IMPLIED, consent="implied"))
    await visit.go("/implied")
    (beacon,) = await visit.sent(1)
    assert ID.fullmatch(beacon["visitorId"])
    assert "consent" not in beacon
    await visit.answered(1)
    cookie = await visit.cookie()
    assert cookie
    assert cookie["value"] == beacon["visitorId"]
    await visit.run("heropixel.consent(false)")
    await visit.sent(2)
    await visit.answered(2)
    for count in (3, 4):
        await visit.go("/implied")
        beacon = (await visit.sent(count))[-1]
        assert not carries_an_identity(beacon)
        assert beacon["consent"] is False
        assert await visit.kept() == {"cookies": "heropixel=no"}
    await visit.run("heropixel.consent(true)")
    await visit.sent(5)
    await visit.answered(5)
    cookie = await visit.cookie()
    assert cookie
    assert ID.fullmatch(cookie["value"])
    rows = recorded(product, IMPLIED, site.url("/implied"), 3)
    assert [row["consent"] for row in rows] == [False, False, None]


async def test_with_consent_mode_none_a_visitor_never_gets_an_id(site: Site, visit: Visit) -> None:
    site.put("/", site.tag(pixel=NONE, consent="none", external_id="c-1"))
    await visit.go()
    await visit.run("heropixel.consent(true); heropixel.identify({sha256: 'ab'.repeat(32)})")
    (beacon,) = await visit.sent(1)
    assert not carries_an_identity(beacon)
    assert "consent" not in beacon
    await visit.answered(1)
    assert await visit.kept() == {}


async def test_whoever_has_opted_out_sends_nothing_any_more(site: Site, visit: Visit) -> None:
    site.put("/", site.tag())
    await visit.go()
    await visit.sent(1)
    await visit.run("heropixel.consent(true)")
    await visit.sent(2)
    await visit.run("heropixel.optOut()")
    last = (await visit.sent(3))[2]  # that she does, and nothing of her
    assert (last["event"], last["consent"]) == ("consent", False)
    assert not carries_an_identity(last)
    await visit.run("heropixel.pageview(); heropixel.consent(true); heropixel.identify({externalId: 'c-1'})")
    await visit.run("heropixel.optOut(); history.pushState({}, '', '/other')")
    await visit.sent(3)
    await visit.go()
    await visit.run("heropixel.consent(true); heropixel.consent(false); heropixel.optOut(); heropixel.pageview()")
    await visit.sent(3)
    assert await visit.kept() == {"cookies": "heropixel=out"}
    cookie = await visit.cookie()
    assert cookie
    assert abs(cookie["expires"] - time.time() - LIFE) < 60


@pytest.mark.parametrize(
    ("calls", "word"),
    [
        (["heropixel.consent(false)"], "no"),
        (["heropixel.optOut()"], "out"),
        (["heropixel.consent(false)", "heropixel.optOut()"], "out"),
        (["heropixel.consent(true)", "heropixel.optOut()"], "out"),
    ],
)
async def test_a_no_and_an_opt_out_are_set_by_the_server_since_safari_forgets_what_a_script_sets(
    site: Site, visit: Visit, calls: list[str], word: str
) -> None:
    site.put("/", site.tag(pixel=IMPLIED, consent="implied"))
    await visit.go()
    await visit.sent(1)
    await visit.answered(1)
    for number, call in enumerate(calls, 2):
        async with visit.page.expect_response("**/collect") as answered:
            await visit.run(call)
        await visit.sent(number)
    headers = await (await answered.value).all_headers()
    assert headers["set-cookie"].startswith(f"heropixel={word}; Max-Age={LIFE}; Domain={SHOP}; ")


BLOCKED = """
for (const [owner, name] of [[Document.prototype, "cookie"], [window, "localStorage"], [window, "sessionStorage"]])
    Object.defineProperty(owner, name, {
        get() { throw new DOMException("blocked", "SecurityError") },
        set() { throw new DOMException("blocked", "SecurityError") },
    })
"""
IGNORED = "Object.defineProperty(Document.prototype, 'cookie', {get: () => '', set() {}})"


@pytest.mark.parametrize("blocking", [BLOCKED, IGNORED], ids=["throws", "is ignored"])
@pytest.mark.parametrize(("pixel", "mode"), [(REQUIRED, "required"), (IMPLIED, "implied")])
async def test_where_storage_is_blocked_a_visitor_is_counted_without_an_id(
    site: Site, visit: Visit, blocking: str, pixel: int, mode: str
) -> None:
    await visit.context.add_init_script(blocking)
    site.put("/", site.tag(host=THIRD_PARTY, pixel=pixel, consent=mode))
    await visit.go()
    await visit.sent(1)
    await visit.run("heropixel.consent(true); heropixel.pageview({url: '/x'})")
    for beacon in (await visit.sent(3))[1:]:
        assert not beacon.get("visitorId")
    await visit.run("heropixel.optOut()")
    await visit.run("heropixel.pageview()")
    await visit.sent(4)


async def test_a_page_in_a_sandbox_sends_its_pageview_without_an_id(site: Site, visit: Visit) -> None:
    site.put("/outer", body=f"<iframe sandbox='allow-scripts' src='{site.url('/inner')}'></iframe>")
    site.put(
        "/inner", site.tag(host=THIRD_PARTY, pixel=IMPLIED, consent="implied"),
        "<script>(heropixel = window.heropixel || []).push(['consent', true])</script>",
    )  # fmt: skip
    await visit.go("/outer")
    (beacon,) = await visit.sent(1)
    assert not beacon.get("visitorId")


async def test_in_a_frame_of_another_site_no_id_is_made_that_could_not_be_kept(site: Site, visit: Visit) -> None:
    site.put("/outer", body=f"<iframe src='{site.url('/inner', 'other.localhost')}'></iframe>")
    site.put("/inner", site.tag(host=THIRD_PARTY, pixel=IMPLIED, consent="implied"))
    await visit.go("/outer")
    (beacon,) = await visit.sent(1)
    assert beacon["visitorId"] == ""
    await visit.answered(1)


async def test_consent_given_in_another_tab_counts_in_this_one(site: Site, visit: Visit) -> None:
    await consent_on_a_page(site, visit)
    other = await visit.context.new_page()
    await other.goto(site.url())
    await visit.sent(3)
    assert carries_an_identity(visit.beacons[2])
    await other.evaluate("heropixel.consent(false)")
    await visit.sent(4)
    await visit.run("heropixel.pageview()")
    assert not carries_an_identity((await visit.sent(5))[4])
    await visit.answered(5)
    assert await visit.kept() == {}


async def test_consent_links_the_user_that_the_page_has_identified_before(
    site: Site, visit: Visit, product: Server
) -> None:
    site.put("/linked", site.tag())
    await visit.go("/linked")
    await visit.sent(1)
    await visit.run("heropixel.identify({sha256: 'cd'.repeat(32)})")
    await visit.sent(1)
    await visit.run("heropixel.consent(true)")
    beacons = await visit.sent(3)
    assert [beacon.get("event") for beacon in beacons] == [None, "consent", "identify"]
    assert beacons[2]["sha256"] == "cd" * 32
    assert beacons[2]["visitorId"] == beacons[1]["visitorId"]
    await visit.answered(3)
