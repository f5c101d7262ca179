"""The calls of a page to the script, in both forms, before and after the script has loaded."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.chromium.site import Site
from tests.chromium.visit import Visit

pytestmark = pytest.mark.asyncio(loop_scope="session")

EMAILS = json.loads((Path(__file__).parents[1] / "vectors/emails.json").read_text())
README = Path(__file__).parents[2] / "README.md"
ANNA = next(email["sha256"] for email in EMAILS if email["given"] == "anna@example.com")

QUEUE = "<script>window.heropixel = window.heropixel || []; {}</script>"
LAYER = "<script>window.analyticsLayer = window.analyticsLayer || []; {}</script>"


def queue(*calls: str) -> str:
    return QUEUE.replace("{}", ";".join(f"heropixel.push({call})" for call in calls))


def layer(*entries: str) -> str:
    return LAYER.replace("{}", ";".join(f"analyticsLayer.push({entry})" for entry in entries))


async def test_identify_after_the_pageview_is_sent(site: Site, visit: Visit) -> None:
    site.put("/", queue("['consent', true]") + site.tag())
    await visit.go()
    await visit.sent(1)
    await visit.run("heropixel.identify({email: 'anna@example.com'})")
    beacon = (await visit.sent(2))[1]
    assert set(beacon) == {"pixelId", "id", "event", "url", "consent", "visitorId", "sha256"}
    assert (beacon["event"], beacon["sha256"]) == ("identify", ANNA)
    await visit.run("heropixel.pageview()")
    assert (await visit.sent(3))[2]["sha256"] == ANNA, "it is remembered for the pageviews to come"
    await visit.answered(3)


async def test_the_tag_may_identify_the_visitor(site: Site, visit: Visit) -> None:
    site.put("/", queue("['consent', true]") + site.tag(email="Anna@example.com", external_id="c-1"))
    await visit.go()
    (beacon,) = await visit.sent(1)
    assert (beacon["sha256"], beacon["externalId"]) == (ANNA, "c-1")


NOBODY = ["{}", "{email: ''}", "{email: null}", "{sha256: 'abc'}", "{sha256: undefined}", "{externalId: 'undefined'}"]
NOBODY += ["{externalId: ' null '}", "{externalId: '{{user.id}}'}", "{externalId: 0}", "{externalId: NaN}", "null"]
NOBODY += [
    "{externalId: '*|EMAIL_UID|*'}",
    "{externalId: '\"undefined\"'}",
    "{email: '##EMAIL##'}",
    "{externalId: 2 ** 53}",
]
NOBODY += ["{externalId: 'not_authenticated'}", "{email: 'undefined@example.com'}", "{email: '%%EMAIL%%@example.com'}"]
NOBODY += ["{externalId: '[object Object]'}", "{sha256: '0'.repeat(64)}", "{name: 'Anna'}", "'anna@example.com'"]


async def test_an_identify_without_an_identifier_is_not_sent(site: Site, visit: Visit) -> None:
    site.put("/", queue("['consent', true]") + site.tag(external_id="", sha256="undefined"))
    await visit.go()
    await visit.sent(1)
    for nobody in NOBODY:
        await visit.run(f"heropixel.identify({nobody})")
    (beacon,) = await visit.sent(1)
    assert not {"sha256", "externalId"} & set(beacon)


async def test_a_pageview_may_override_fields_and_have_properties(site: Site, visit: Visit) -> None:
    site.put("/shop", site.tag(auto="false"))
    await visit.go("/shop")
    await visit.run(
        """heropixel.pageview({url: '/virtual?x=1', title: 'Virtual', referrer: 'https://a.example/',
                               plan: 'pro', n: [1]})"""
    )
    (beacon,) = await visit.sent(1)
    assert (beacon["url"], beacon["title"]) == (site.url("/virtual?x=1"), "Virtual")
    assert beacon["referrer"] == "https://a.example/"
    assert beacon["properties"] == {"plan": "pro", "n": [1]}
    await visit.answered(1)


async def test_a_call_for_the_page_takes_the_place_of_the_automatic_pageview(site: Site, visit: Visit) -> None:
    site.put("/", queue("['pageview', {plan: 'pro'}]") + site.tag())
    await visit.go()
    (beacon,) = await visit.sent(1)
    assert beacon["properties"] == {"plan": "pro"}


async def test_a_call_for_another_page_does_not(site: Site, visit: Visit) -> None:
    site.put("/", queue("['pageview', {url: '/virtual'}]") + site.tag())
    await visit.go()
    assert [beacon["url"] for beacon in await visit.sent(2)] == [site.url("/virtual"), site.url()]


ENTRIES = (
    "{event: 'gtm.js'}",
    "{event: 'consent', granted: true}",
    "{event: 'identify', email: 'anna@example.com'}",
    "{event: 'pageview', websiteId: 3, title: 'Layer', plan: 'pro'}",
)


async def test_the_layer_is_an_equal_way_in(site: Site, visit: Visit) -> None:
    site.put("/", layer(*ENTRIES) + site.tag(auto="false"))
    await visit.go()
    beacons = await visit.sent(3)
    assert [beacon.get("event") for beacon in beacons] == ["consent", None, "identify"]
    page = beacons[1]
    assert (page["pixelId"], page["title"], page["properties"]) == (3, "Layer", {"plan": "pro"})
    assert (page["consent"], page["sha256"]) == (True, ANNA)


@pytest.mark.parametrize("where", ["before", "at the end", "when it is loaded"])
async def test_the_layer_may_be_made_before_the_script_is_there_or_after(site: Site, visit: Visit, where: str) -> None:
    entries = layer(ENTRIES[3])
    late = "<script>addEventListener('DOMContentLoaded', () => { window.analyticsLayer = [{}] })</script>"
    head, body = {
        "before": (entries + site.tag(auto="false"), ""),
        "at the end": (site.tag(kind="", auto="false"), entries),
        "when it is loaded": (site.tag(auto="false") + late.replace("{}", ENTRIES[3]), ""),
    }[where]
    site.put("/", head, body)
    await visit.go()
    await visit.sent(1)
    assert await visit.run(f"analyticsLayer.push({ENTRIES[3]})") == 2, "it answers as a list does"
    beacons = await visit.sent(2)
    assert [beacon["title"] for beacon in beacons] == ["Layer", "Layer"]


async def test_a_layer_that_says_what_the_script_has_counted_already_counts_once(site: Site, visit: Visit) -> None:
    site.put("/", layer("{event: 'pageview', websiteId: 2}") + site.tag())
    await visit.go()
    (beacon,) = await visit.sent(1)
    assert (beacon["pixelId"], beacon["properties"]) == (2, {})


GLOBALS = "Object.getOwnPropertyNames(window)"


async def test_the_script_leaves_one_global(site: Site, visit: Visit) -> None:
    site.put("/without")
    site.put("/with", site.tag())
    await visit.go("/without")
    before: list[str] = await visit.run(GLOBALS)
    await visit.go("/with")
    await visit.sent(1)
    assert set(await visit.run(GLOBALS)) - set(before) == {"heropixel"}


async def test_methods_stand_on_their_own(site: Site, visit: Visit) -> None:
    site.put("/", site.tag(auto="false"))
    await visit.go()
    await visit.run("{ const {pageview, push} = heropixel; pageview({a: 1}) }")
    await visit.run("heropixel.push(['pageview', {a: 2}], ['pageview', {a: 3}])")
    beacons: list[dict[str, Any]] = await visit.sent(3)
    assert [beacon["properties"]["a"] for beacon in beacons] == [1, 2, 3]


async def test_the_page_of_the_readme_identifies_a_visitor_who_consents(site: Site, visit: Visit) -> None:
    section = README.read_text().partition("## On a web page")[2].partition("\n## ")[0]
    _tag, snippet = re.findall(r"```html\n(.*?)```", section, re.DOTALL)
    site.put("/", snippet, site.tag())
    await visit.go()
    assert "sha256" not in (await visit.sent(1))[0]
    await visit.run("heropixel.push(['consent', true])")
    assert (await visit.sent(3))[2]["sha256"] == ANNA
