"""Bad networks and other scripts: what is lost, what is sent again, and that the page is not affected."""

import asyncio

import pytest
from playwright.async_api import Route

from tests.chromium.recorded import recorded
from tests.chromium.site import REQUIRED, Site
from tests.chromium.visit import Visit, eventually
from tests.world import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")

CONSENTING = "<script>(heropixel = window.heropixel || []).push(['consent', true])</script>"


async def test_with_consent_it_is_sent_on_the_next_page(site: Site, visit: Visit, product: Server) -> None:
    site.put("/offline", site.tag(), CONSENTING)
    site.put("/online", site.tag())
    await visit.go("/offline")
    await visit.sent(1)
    await visit.answered(1)
    await visit.context.set_offline(True)
    await visit.run("heropixel.pageview({title: 'Lost'}); heropixel.pageview({title: 'Lost too'})")
    await visit.sent(3)
    assert set(await visit.kept()) == {"cookies", "sessionStorage"}
    await visit.context.set_offline(False)
    await visit.go("/online")
    beacons = await visit.sent(6)
    assert beacons[3:5] == beacons[1:3]
    assert set(await visit.kept()) == {"cookies"}
    await visit.answered(4)
    rows = recorded(product, REQUIRED, site.url("/offline"), 3)
    assert {row["title"] for row in rows} == {"Shop", "Lost", "Lost too"}


async def test_it_is_sent_once_more_and_not_for_ever(site: Site, visit: Visit) -> None:
    site.put("/app", site.tag())
    await visit.context.route("**/collect", lambda route: route.abort())
    await visit.go("/app")
    await visit.sent(1)
    for count, page in enumerate("ab"):
        await visit.run(f"history.pushState({{}}, '', '/app/{page}')")
        await visit.sent(3 + 2 * count)
    ids = [beacon["id"] for beacon in visit.beacons]
    assert [ids.count(one) for one in dict.fromkeys(ids)] == [2, 2, 1]


@pytest.mark.parametrize(
    ("status", "times"), [(503, 2), (502, 2), (504, 2), (521, 2), (429, 1), (400, 1), (500, 1), (501, 1)]
)
async def test_only_a_server_that_is_busy_or_not_there_behind_its_proxy_is_asked_again(
    site: Site, visit: Visit, status: int, times: int
) -> None:
    site.put("/app", site.tag())
    await visit.context.route("**/collect", lambda route: route.fulfill(status=status))
    await visit.go("/app")
    first = (await visit.sent(1))[0]
    await visit.context.unroute("**/collect")
    await visit.run("history.pushState({}, '', '/app/a')")
    await visit.sent(times + 1)
    assert [beacon["id"] for beacon in visit.beacons].count(first["id"]) == times


async def test_what_arrived_although_the_answer_did_not_is_recorded_once(
    site: Site, visit: Visit, product: Server
) -> None:
    lost = asyncio.Event()

    async def lose_the_answer(route: Route) -> None:
        await route.fetch(url=route.request.url.replace("shop.localhost", "127.0.0.1"))
        await route.abort()
        lost.set()

    site.put("/replayed", site.tag())
    await visit.context.route("**/collect", lose_the_answer)
    await visit.go("/replayed")
    await visit.sent(1)
    await lost.wait()
    await visit.context.unroute("**/collect")
    await visit.run("history.pushState({}, '', '/replayed/next')")
    beacons = await visit.sent(3)
    assert beacons[0] == beacons[1]
    await visit.answered(2)
    recorded(product, REQUIRED, site.url("/replayed"), 2)


async def test_withdrawing_consent_discards_what_was_not_sent(site: Site, visit: Visit) -> None:
    site.put("/", site.tag(), CONSENTING)
    await visit.go()
    await visit.sent(1)
    await visit.answered(1)
    await visit.context.set_offline(True)
    await visit.run("heropixel.pageview()")
    await visit.sent(2)
    await visit.run("heropixel.consent(false)")
    await visit.sent(3)
    assert await visit.kept() == {}
    await visit.context.set_offline(False)
    await visit.run("heropixel.pageview()")
    beacons = await visit.sent(5)
    assert beacons[3] == beacons[2]  # that consent was taken back
    assert not any(beacon.get("visitorId") for beacon in beacons[2:])


NEIGHBOURS = {
    "fetch rejects": "window.fetch = () => Promise.reject(new TypeError('blocked'))",
    "fetch answers nothing": "window.fetch = () => Promise.resolve()",
    "fetch never answers": "window.fetch = () => new Promise(() => {})",
    "fetch gives no promise": "window.fetch = () => undefined",
    "fetch throws": "window.fetch = () => { throw new Error('blocked') }",
    "there is no fetch": "delete window.fetch",
    "nothing is there": "delete window.fetch; delete Navigator.prototype.sendBeacon",
    "the beacon throws": "delete window.fetch; Navigator.prototype.sendBeacon = () => { throw new Error('blocked') }",
    "no random numbers": "Crypto.prototype.getRandomValues = () => { throw new Error('blocked') }",
    "no hashes": "Object.defineProperty(Crypto.prototype, 'subtle', {get: () => undefined})",
    "no history": "Object.freeze(history); Object.freeze(History.prototype)",
    "no time zones": "delete Intl.DateTimeFormat",
    "the name is taken": "Object.defineProperty(window, 'heropixel', {value: 5})",
    "the layer is none": "window.analyticsLayer = {push: 1}",
}
EVERY_CALL = """() => { for (const call of [
    () => heropixel.pageview({url: "http://"}), () => heropixel.pageview(null), () => heropixel.pageview({a: 1n}),
    () => heropixel.identify(), () => heropixel.identify({email: "anna@example.com"}), () => heropixel.consent(),
    () => heropixel.push(), () => heropixel.push(null, 1, ["nothing"], ["toString"], {event: "gtm.js"}),
    () => heropixel.consent(true), () => heropixel.consent(false), () => history.pushState({}, "", "/next"),
    () => heropixel.optOut(),
]) if (typeof heropixel == "object") call() }"""


@pytest.mark.parametrize("neighbour", NEIGHBOURS.values(), ids=NEIGHBOURS.keys())
async def test_no_neighbour_makes_an_error_reach_the_page(site: Site, visit: Visit, neighbour: str) -> None:
    site.put("/", f"<script>{neighbour}</script>{site.tag(consent='implied')}")
    await visit.go()
    await visit.settled()
    await visit.run(EVERY_CALL)
    await visit.settled()


async def test_a_blocked_script_leaves_only_a_queue(site: Site, visit: Visit) -> None:
    site.put("/", site.tag(), "<script>(heropixel = window.heropixel || []).push(['pageview'])</script>")
    await visit.context.route("**/pixel.js", lambda route: route.abort())
    await visit.go()
    await visit.sent(0)


@pytest.mark.parametrize("how", ["delete window.fetch", "window.fetch = () => { throw new Error('blocked') }"])
async def test_without_fetch_a_beacon_is_sent_in_another_way(
    site: Site, visit: Visit, product: Server, how: str
) -> None:
    path = f"/no-fetch-{len(how)}"
    site.put(path, f"<script>{how}</script>{site.tag()}")
    await visit.go(path)
    await eventually(lambda: bool(site.beacons()))
    recorded(product, REQUIRED, site.url(path))
