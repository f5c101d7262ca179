"""The hosts that the script sets its cookie for: the site as a whole, or one host, and hardly a try that is refused."""

import pytest

from tests.chromium.site import ADDRESS, IMPLIED, ONE_LABEL, UNSHARED, Site
from tests.chromium.visit import Visit

pytestmark = pytest.mark.asyncio(loop_scope="session")

CONSENTING = "<script>(heropixel = window.heropixel || []).push(['consent', true])</script>"

# What the script writes, on a host that the page says it has.
TRIES = """
<script>
    window.tries = [];
    Object.defineProperty(Document.prototype, "cookie", {get: () => "", set(cookie) {
        tries.push((/domain=(.*)/.exec(cookie) || ["", ""])[1]);
    }});
    String.prototype.match = new Proxy(String.prototype.match, {
        apply: (match, host, given) => match.apply(host == location.hostname ? "%s" : host, given),
    });
</script>
"""


@pytest.mark.parametrize(
    ("host", "tries"),
    [
        ("example.com", ["example.com", ""]),
        ("a.b.example.com", ["example.com", "b.example.com", "a.b.example.com", ""]),
        ("shop.example.co.uk", ["example.co.uk", "shop.example.co.uk", ""]),
        ("example.com.au", ["example.com.au", ""]),
        ("www.example.org.uk", ["org.uk", "example.org.uk", "www.example.org.uk", ""]),
        ("www.telecom.ch", ["telecom.ch", "www.telecom.ch", ""]),
        ("1.example.com", ["example.com", "1.example.com", ""]),
        ("anna.github.io", ["github.io", "anna.github.io", ""]),
        ("localhost", [""]),
        ("intranet", [""]),
        ("192.0.2.17", [""]),
        ("[2001:db8::1]", [""]),
        ("co.uk", [""]),
    ],
)
async def test_the_cookie_is_tried_on_the_site_and_then_on_less(
    site: Site, visit: Visit, host: str, tries: list[str]
) -> None:
    site.put("/", TRIES % host + site.tag(host="pixel.localhost", pixel=IMPLIED, consent="implied"))
    await visit.go()
    await visit.sent(1)
    assert (await visit.run("tries"))[: len(tries)] == tries


@pytest.mark.parametrize("host", [ONE_LABEL, ADDRESS])
async def test_on_one_label_and_on_an_ip_address_the_server_sets_the_cookie_of_the_host_alone(
    site: Site, visit: Visit, host: str
) -> None:
    site.put("/", site.tag(pixel=UNSHARED), CONSENTING)
    await visit.go("/", host)
    await visit.sent(1)
    await visit.answered(1)
    cookie = await visit.cookie()
    assert cookie
    assert (cookie["domain"], cookie["value"]) == (host, visit.beacons[0]["visitorId"])
    await visit.context.set_offline(True)
    await visit.run("heropixel.pageview()")
    lost = (await visit.sent(2))[1]
    await visit.context.set_offline(False)
    await visit.go("/", host)
    assert (await visit.sent(4))[2] == lost, "it was kept, and sent again"
    await visit.run("heropixel.consent(false)")
    await visit.sent(5)
    await visit.answered(4)
    assert await visit.kept() == {}
