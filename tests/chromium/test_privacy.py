"""Privacy signals of a real browser: they override consent, also where only the script sees them."""

import pytest

from tests.chromium.conftest import Arrive
from tests.chromium.recorded import recorded
from tests.chromium.site import IMPLIED, REQUIRED, Site
from tests.chromium.test_consent import carries_an_identity
from tests.chromium.visit import Visit
from tests.world import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")

GPC = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => true})"
DNT = "Object.defineProperty(Navigator.prototype, 'doNotTrack', {get: () => '1'})"


@pytest.mark.parametrize(("signal", "header"), [(GPC, "Sec-GPC"), (DNT, "DNT")], ids=["GPC", "DNT"])
@pytest.mark.parametrize(("pixel", "mode"), [(REQUIRED, "required"), (IMPLIED, "implied")])
async def test_a_privacy_signal_of_the_browser_overrides_consent(
    site: Site, arrive: Arrive, product: Server, signal: str, header: str, pixel: int, mode: str
) -> None:
    path = f"/private-{mode}-{header}"
    visit = await arrive(extra_http_headers={header: "1"})
    await visit.context.add_init_script(signal)
    site.put(path, site.tag(pixel=pixel, consent=mode, external_id="c-1"))
    await visit.go(path)
    await visit.run("heropixel.consent(true); heropixel.identify({externalId: 'c-2'})")
    (beacon,) = await visit.sent(1)
    assert not carries_an_identity(beacon)
    assert "consent" not in beacon
    await visit.run("heropixel.consent(true); heropixel.identify({externalId: 'c-2'})")
    await visit.sent(1)
    await visit.answered(1)
    assert await visit.kept() == {}
    (row,) = recorded(product, pixel, site.url(path))
    assert (row["visitorId"][:6], row["userId"], row["consent"]) == ("daily:", None, False)


async def test_privacy_that_is_asked_for_later_takes_the_id_away(site: Site, visit: Visit) -> None:
    site.put("/", site.tag(), "<script>(heropixel = window.heropixel || []).push(['consent', true])</script>")
    await visit.go()
    await visit.sent(1)
    await visit.answered(1)
    assert await visit.cookie()
    await visit.context.add_init_script(GPC)
    await visit.go()
    beacon = (await visit.sent(2))[1]
    assert not carries_an_identity(beacon)
    await visit.answered(2)
    assert await visit.kept() == {}
