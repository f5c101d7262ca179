"""Consent, the cookie, privacy signals and identities in every engine: what is kept, and what is sent."""

import json
import re
import time

import pytest

from tests.chromium.recorded import recorded
from tests.chromium.site import ADDRESS, IMPLIED, ONE_LABEL, REQUIRED, SHOP, UNSHARED, Site
from tests.chromium.test_calls import ANNA, EMAILS, queue
from tests.chromium.test_consent import carries_an_identity
from tests.chromium.test_privacy import DNT, GPC
from tests.engines.firefox import Firefox
from tests.engines.visitor import Visitor
from tests.world import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")

ID = re.compile("hp1\\.[0-9a-f]{32}")
LIFE = 34_190_000  # seconds
CONSENTING = "<script>(heropixel = window.heropixel || []).push(['consent', true])</script>"


async def test_without_an_answer_on_consent_nothing_is_stored_and_nobody_is_identified(
    site: Site, visitor: Visitor
) -> None:
    site.put("/", site.tag(sha256="1a" * 32))
    await visitor.go()
    await visitor.run("heropixel.identify({externalId: 'c-1'})")
    (beacon,) = await visitor.sent(1)
    assert not carries_an_identity(beacon)
    assert "consent" not in beacon
    assert await visitor.kept() == {}


async def test_with_consent_the_server_sets_the_cookie_of_a_first_party(site: Site, visitor: Visitor) -> None:
    site.put("/", site.tag())
    await visitor.go()
    await visitor.sent(1)
    await visitor.run("delete Document.prototype.cookie; heropixel.consent(true)")  # the script can set none
    beacon = (await visitor.sent(2))[1]
    assert (beacon["event"], beacon["consent"]) == ("consent", True)
    cookie = await visitor.cookie()
    assert cookie
    assert ID.fullmatch(cookie["value"])
    assert cookie["domain"] == f".{SHOP}"
    assert (cookie["path"], cookie["sameSite"].lower(), cookie["httpOnly"]) == ("/", "lax", False)
    assert abs(cookie["expiry"] - time.time() - LIFE) < 60


async def test_before_a_third_party_the_script_sets_the_cookie_and_takes_it_away(site: Site, visitor: Visitor) -> None:
    site.put("/", site.foreign_tag())
    await visitor.go("/", f"www.{SHOP}")
    await visitor.sent(1)
    await visitor.run("heropixel.consent(true)")
    beacon = (await visitor.sent(2))[1]
    cookie = await visitor.cookie()
    assert cookie
    assert (cookie["domain"], cookie["value"]) == (f".{SHOP}", beacon["visitorId"])
    assert (cookie["path"], cookie["sameSite"].lower(), cookie["httpOnly"]) == ("/", "lax", False)
    assert abs(cookie["expiry"] - time.time() - LIFE) < 60
    assert {*await visitor.kept()} == {"cookies"}
    await visitor.go()
    assert (await visitor.sent(3))[2]["visitorId"] == cookie["value"], "it is of the whole site"
    await visitor.run("heropixel.consent(false)")
    assert not carries_an_identity((await visitor.sent(4))[3])
    assert await visitor.kept() == {}


@pytest.mark.parametrize("host", [ONE_LABEL, ADDRESS])
async def test_on_one_label_and_on_an_ip_address_the_cookie_is_of_the_host_and_what_was_lost_is_sent_again(
    site: Site, visitor: Visitor, host: str
) -> None:
    site.put("/", site.foreign_tag(pixel=UNSHARED), CONSENTING)
    await visitor.go("/", host)
    (beacon,) = await visitor.sent(1)
    cookie = await visitor.cookie()
    assert cookie
    assert (cookie["domain"], cookie["value"]) == (host, beacon["visitorId"])
    site.is_cut_off = True
    await visitor.run("heropixel.pageview({title: 'Lost'})")
    await visitor.sent(1)
    site.is_cut_off = False
    await visitor.go("/", host)
    assert sorted(beacon["title"] for beacon in await visitor.sent(3)) == ["Lost", "Shop", "Shop"]
    await visitor.run("heropixel.consent(false)")
    await visitor.sent(4)
    assert await visitor.kept() == {}


async def test_where_consent_is_implied_an_id_is_there_until_it_is_refused(site: Site, visitor: Visitor) -> None:
    site.put("/", site.tag(pixel=IMPLIED, consent="implied"))
    await visitor.go()
    (beacon,) = await visitor.sent(1)
    cookie = await visitor.cookie()
    assert cookie
    assert cookie["value"] == beacon["visitorId"]
    await visitor.run("heropixel.consent(false)")
    await visitor.sent(2)
    await visitor.go()
    beacon = (await visitor.sent(3))[2]
    assert not carries_an_identity(beacon)
    assert beacon["consent"] is False
    assert await visitor.kept() == {"cookies": "heropixel=no"}
    await visitor.run("heropixel.optOut(); heropixel.pageview(); history.pushState({}, '', '/other')")
    await visitor.sent(4)
    await visitor.go()
    await visitor.run("heropixel.consent(true); heropixel.pageview()")
    await visitor.sent(4)
    assert await visitor.kept() == {"cookies": "heropixel=out"}


async def test_who_consents_on_the_landing_page_is_one_visitor_with_its_source(
    site: Site, visitor: Visitor, product: Server
) -> None:
    path = f"/consents-{visitor.engine}"
    site.put(path, site.tag())
    await visitor.go(f"{path}?utm_source=newsletter&utm_medium=email")
    await visitor.sent(1)
    recorded(product, REQUIRED, site.url(path))  # else both rows may be there for a moment
    await visitor.run("heropixel.consent(true)")
    before, with_consent = await visitor.sent(2)
    assert with_consent["replaces"] == before["id"]
    await visitor.run(f"history.pushState(null, '', '{path}/next')")
    await visitor.sent(3)
    rows = recorded(product, REQUIRED, site.url(path), 2)
    assert {row["visitorId"] for row in rows} == {with_consent["visitorId"]}
    assert (rows[1]["utmSource"], rows[1]["channel"], rows[1]["consent"]) == ("newsletter", "EMAIL", True)


async def test_calls_that_were_made_before_the_script_was_there_go_with_the_first_pageview(
    site: Site, visitor: Visitor
) -> None:
    calls = queue("['consent', true]", "['identify', {email: ' Anna@Example.com '}]", "['identify', {externalId: 7}]")
    site.put("/", calls + site.tag())
    await visitor.go()
    (beacon,) = await visitor.sent(1)
    assert beacon["consent"] is True
    assert (beacon["sha256"], beacon["externalId"]) == (ANNA, "7")
    assert "anna" not in json.dumps(beacon).lower()
    assert beacon["visitorId"].startswith("hp1.")


# Each is sent before the next is hashed. The first is an address, so all are sent: what is none names her once more.
ONE_AFTER_THE_OTHER = """async emails => {
    const send = window.fetch;
    let posted;
    window.fetch = (...given) => { posted(); return send(...given) };
    for (const email of emails)
        await new Promise(done => { posted = done; heropixel.identify({email}) });
}"""


async def test_an_email_is_hashed_in_the_browser_as_the_server_hashes_it(site: Site, visitor: Visitor) -> None:
    site.put("/", queue("['consent', true]") + site.tag(auto="false"))
    await visitor.go()
    await visitor.run(ONE_AFTER_THE_OTHER, [email["given"] for email in EMAILS])
    told = [beacon["sha256"] for beacon in await visitor.sent(1 + len(EMAILS)) if beacon["event"] == "identify"]
    assert {*told} == {email["sha256"] for email in EMAILS if email["sha256"]}


@pytest.mark.parametrize("signal", [GPC, DNT], ids=["GPC", "DNT"])
async def test_a_privacy_signal_whose_header_a_proxy_takes_away_is_obeyed(
    site: Site, visitor: Visitor, product: Server, signal: str
) -> None:
    path = f"/private-{len(signal)}-{visitor.engine}"
    site.put(path, f"<script>{signal}</script>{site.tag(pixel=IMPLIED, consent='implied', external_id='c-1')}")
    await visitor.go(path)
    await visitor.run("heropixel.consent(true); heropixel.identify({externalId: 'c-2'})")
    (beacon,) = await visitor.sent(1)
    assert beacon["private"] is True
    assert not carries_an_identity(beacon)
    assert await visitor.kept() == {}
    assert await visitor.cookie() is None
    (row,) = recorded(product, IMPLIED, site.url(path))
    assert (row["visitorId"][:6], row["userId"], row["consent"]) == ("daily:", None, False)


@pytest.mark.parametrize("engine", ["firefox"], indirect=True)
async def test_global_privacy_control_of_firefox_itself_is_obeyed(
    site: Site, visitor: Visitor, firefox: Firefox, product: Server
) -> None:
    site.put("/gpc", site.tag(pixel=IMPLIED, consent="implied", external_id="c-1"))
    await firefox.prefer("privacy.globalprivacycontrol.enabled", True)
    try:
        await visitor.go("/gpc")
        (beacon,) = await visitor.sent(1)
    finally:
        await firefox.prefer("privacy.globalprivacycontrol.enabled", None)
    assert [asked.headers["sec-gpc"] for asked in site.asked if asked.beacon] == ["1"]
    assert beacon["private"] is True
    assert await visitor.kept() == {}
    (row,) = recorded(product, IMPLIED, site.url("/gpc"))
    assert (row["visitorId"][:6], row["consent"]) == ("daily:", False)
