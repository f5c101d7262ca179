"""The checks of the endpoint, the policy and the consent: findings, and what to write."""

import pytest

from tests.installation.sites import (
    Reply,
    Site,
    page,
    preflight,
    redirect,
)
from tests.installation.verifying import BEHIND, TAG, assert_says, said, verify

TO_COLLECT = "to /collect of this server"


@pytest.mark.parametrize(
    ("attributes", "path", "reply", "found", "to_do"),
    [
        ("", "/collect", Reply(b"", 404), "answers a preflight (OPTIONS) with 404, not with 204", TO_COLLECT),
        ("", "/collect", Reply(b"", 405), "answers a preflight (OPTIONS) with 405, not with 204", TO_COLLECT),
        ("", "/collect", redirect("/there"), "answers a preflight (OPTIONS) with 302, not with 204", TO_COLLECT),
        ("", "/collect", page("<p>"), "does not allow http://shop.example", TO_COLLECT),
        ("", "/collect", preflight("*"), "does not allow http://shop.example", TO_COLLECT),
        ("", "/collect", preflight("http://another.example"), "does not allow http://shop.example", TO_COLLECT),
        ("", "/collect", Reply(b"", 502), "answers 502: a proxy answers, but heropixel behind it does not", BEHIND),
        ("data-endpoint=/t/c", "/t/c", Reply(b"", 500), "/t/c answers a preflight (OPTIONS) with 500", TO_COLLECT),
        ("data-endpoint=http://px.example:3/c", "/x", Reply(), "px.example:3/c refuses", "at px.example:3, or"),
    ],
)
async def test_an_endpoint_that_accepts_nothing_is_reported(
    shop: Site, attributes: str, path: str, reply: Reply, found: str, to_do: str
) -> None:
    html = TAG.replace("defer", f"defer {attributes}")
    verification = await verify(shop, page(html), others={path: reply})
    assert_says(said(verification, "ENDPOINT_REACHABLE"), False, found, to_do)


async def test_an_endpoint_that_is_no_url_is_reported(shop: Site) -> None:
    verification = await verify(shop, page(TAG.replace("defer", "data-endpoint='ftp://x/'")))
    assert_says(said(verification, "ENDPOINT_REACHABLE"), False, "cannot be opened", TAG)


async def test_an_endpoint_that_rejects_the_cookie_is_reported(shop: Site) -> None:
    origin = shop.url("", "shop.example")
    wrong = preflight(origin, access_control_allow_credentials="false")
    verification = await verify(shop, page(TAG), others={"/collect": wrong})
    assert_says(said(verification, "ENDPOINT_REACHABLE"), False, "does not allow the cookie", "to /collect")


async def test_the_endpoint_is_asked_as_a_browser_asks(shop: Site) -> None:
    await verify(shop, page(TAG))
    (asked,) = (asked for asked in shop.asked if asked.method == "OPTIONS")
    assert asked.path == "/collect"
    assert asked.headers["Origin"] == shop.url("", "shop.example")
    assert asked.headers["Access-Control-Request-Method"] == "POST"
    assert asked.headers["Access-Control-Request-Headers"] == "content-type"


META = '<meta http-equiv="content-security-policy" content="{}">'
NOSCRIPT = "<noscript><img src='/pixel.gif?pixelId=1'></noscript>"
IN_HEADER = "In the header Content-Security-Policy, write: "
IN_META = "In the meta Content-Security-Policy, write: "
ALLOWS = "allows the script and what it sends"


@pytest.mark.parametrize(
    ("before", "after", "header", "passes", "found", "to_do"),
    [
        ("", "", "", True, "has no content security policy", ""),
        ("", "", "default-src *", True, ALLOWS, ""),
        ("", "", "script-src PX; connect-src PX", True, ALLOWS, ""),
        ("", "", "script-src 'self'", False, "forbids the script (", f"{IN_HEADER}script-src 'self' PX"),
        ("", "", "connect-src 'self'", False, "forbids the endpoint (", f"{IN_HEADER}connect-src 'self' PX"),
        ("", "", "default-src a", False, ") and the endpoint (", f"{IN_HEADER}script-src a PX; connect-src a PX"),
        ("", "", "script-src 'strict-dynamic' 'nonce-abc'", False, "the script (", "'nonce-...'"),
        ("", "", "script-src 'nonce-here'; connect-src *", True, ALLOWS, ""),
        ("", "", "script-src *, script-src 'none'", False, "the script (", f"{IN_HEADER}script-src PX"),
        ("", "", "sandbox allow-forms", False, "the script (", f"{IN_HEADER}sandbox allow-forms allow-scripts"),
        (META.format("script-src a"), "", "", False, "the script (", f"{IN_META}script-src a PX"),
        ("", META.format("script-src a"), "", True, ALLOWS, ""),  # it comes too late
        ("", META.format("connect-src a"), "", False, "the endpoint (", f"{IN_META}connect-src a PX"),
        ("", NOSCRIPT, "img-src data:", False, "the image (", f"{IN_HEADER}img-src data: 'self'"),
        ("", NOSCRIPT, "img-src 'self'", True, ALLOWS, ""),
        (META.format("img-src 'none'"), "", "script-src 'none'", False, "the script (", IN_HEADER),
    ],
)
async def test_a_forbidding_policy_is_reported_with_the_line_to_write(
    shop: Site, before: str, after: str, header: str, passes: bool, found: str, to_do: str
) -> None:
    px = shop.url("", "px.example")
    tag = f"<script src='{px}/pixel.js' nonce=here data-pixel=1></script>"
    headers = {"content_security_policy": header.replace("PX", px)} if header else {}
    answer = page(f"{before}{tag}{after}", content_security_policy_report_only="default-src 'none'", **headers)
    assert_says(said(await verify(shop, answer), "POLICY_ALLOWS"), passes, found, to_do.replace("PX", px))


@pytest.mark.parametrize(
    ("pixel", "attribute", "found", "paste"),
    [
        (1, 'data-consent="implied"', "Consent is implied in the tag, and required for pixel 1", 'data-pixel="1">'),
        (1, 'data-consent="none"', "Consent is none in the tag, and required for pixel 1", 'data-pixel="1">'),
        (1, 'data-consent="Required"', "Consent is Required in the tag", 'data-pixel="1">'),
        (3, "", "Consent is required in the tag, and implied for pixel 3", 'data-pixel="3" data-consent="implied">'),
        (3, 'data-consent="IMPLIED"', "Consent is IMPLIED in the tag", 'data-pixel="3" data-consent="implied">'),
    ],
)
async def test_different_consent_of_tag_and_pixel_is_reported(
    shop: Site, pixel: int, attribute: str, found: str, paste: str
) -> None:
    html = f'<script src="/pixel.js" data-pixel="{pixel}" {attribute}></script>'
    assert_says(said(await verify(shop, page(html)), "CONSENT_AGREES"), False, found, paste)
