"""All that a view shows is in its address: reload, share and back bring it again."""

from urllib.parse import urlsplit

import pytest

from tests.chromium.dashboard.conftest import Look

pytestmark = pytest.mark.asyncio(loop_scope="session")

# What somebody does one after the other: (the text clicked on, where).
WALK = [
    ("Bounce rate", ".figures"),
    ("by week", ".under-chart"),
    ("As a table", ".under-chart"),
    ("Sources", "section[aria-label='Where from']"),
    ("Entry", "section[aria-label=Pages]"),
    ("Bounced", "section[aria-label=Pages]"),
    ("Bounced", "section[aria-label=Pages]"),
    ("Bots", "section[aria-label=Devices]"),
    ("Last 30 days", ".top"),
    ("Last 90 days", ".top"),
    ("vs. same weekdays", ".top"),
    ("vs. year before", ".top"),
    ("Germany", "section[aria-label=Places]"),
    ("Languages", "section[aria-label=Places]"),
    ("English", "section[aria-label=Places]"),
    ("/shop", "section[aria-label=Pages]"),
]

# After so many steps the address is opened anew. What a step has put into the address is still in one of the three.
OPENED_AFTER = (6, 12, len(WALK))

ADDRESSES = [
    "#/?period=last-7-days",
    "#/pixels/1?period=2026-01-01..2026-01-31&compare=none",
    "#/pixels/1?period=today&compare=previous-year",
    "#/pixels/1?filter=page~like~/s*|country~is-not~DE~AT&filter=source~not-like~Goo*",
    "#/pixels/1/table/cities?sort.cities=pageviews-asc&filter=browser~is~Chrome",
    "#/pixels/1/table/bots",
    "#/pixels/1/shares?filter=country~is~CH",
    "#/pixels/1/nothing",
    "#/nothing",
]


async def test_every_step_of_a_walk_is_in_the_address_never_in_a_servers_log_and_a_reload_shows_the_same(
    look: Look,
) -> None:
    window = await look()
    other = await look("#/setup")
    shown = [(window.page.url, await window.read())]
    for done, (text, where) in enumerate(WALK, 1):
        await window.click(text, within=where)
        url = window.page.url
        if url != shown[-1][0]:
            shown.append((url, await window.read()))
        if done in OPENED_AFTER:
            await other.open(url[url.index("#") :])
            assert await other.read() == shown[-1][1], f"after {text}: {url}"
    assert len(shown) == len(WALK) - 1, "two steps only open a menu, one is the beginning"
    for url, text in shown[-2:-7:-1]:
        await window.page.go_back()
        assert (window.page.url, await window.read()) == (url, text)
    asked = {urlsplit(request.url) for request in window.requests}
    assert not any(each.query for each in asked), "what somebody does never reaches the log of a server"


async def test_an_address_stays_what_it_is_and_shows_the_same_again(look: Look) -> None:
    window = await look("#/setup")
    for fragment in ADDRESSES:
        await window.go(fragment)
        text = await window.read()
        await window.page.reload()
        assert await window.read() == text, fragment
        assert window.page.url.endswith(fragment)


async def test_another_view_is_seen_from_its_top_and_who_goes_back_finds_their_place_again(look: Look) -> None:
    window = await look(viewport={"width": 1440, "height": 600})
    page = window.page
    await page.evaluate("() => scrollTo(0, document.body.scrollHeight)")
    place = await page.evaluate("() => scrollY")
    assert place > 0
    await page.get_by_role("region", name="Devices").get_by_role("link", name="All ").click()
    await window.drawn()
    assert await page.evaluate("() => scrollY") == 0
    await page.go_back()
    await page.wait_for_function("place => scrollY === place", arg=place)


async def test_keys_choose_the_period_the_comparison_and_the_filter_and_can_be_switched_off(look: Look) -> None:
    window = await look("#/pixels/1/table/pages")
    for key, part in (("w", "period=last-7-days"), ("x", "compare=none"), ("m", "period=this-month"), ("x", "")):
        await window.page.keyboard.press(key)
        await window.drawn()
        assert part in window.page.url
    assert "compare" not in window.page.url
    await window.page.keyboard.press("/")
    await window.page.locator("form.filter-form").get_by_label("Values", exact=True).fill("dwmx")
    assert "period=this-month" in window.page.url, "keys are not taken from a field"
    await window.page.keyboard.press("Escape")
    await window.page.keyboard.press("?")
    await window.page.get_by_label("Single keys are on").uncheck()
    await window.page.keyboard.press("Escape")
    await window.page.keyboard.press("w")
    assert "period=this-month" in window.page.url
