"""The result of each check: a table of pages of a real site, with findings and lines to paste."""

import asyncio
import base64
import hashlib
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from heropixel.browser.script import NOT_BUILT
from heropixel.directory.registry import Pixel
from heropixel.errors import AddressForbidden, InvalidUrl, PixelNotFound, VerificationsBusy
from heropixel.installation.addresses import is_no_link, is_public
from heropixel.installation.fetch import Fetcher
from heropixel.installation.verify import MAX_AT_ONCE, Verification, Verifier
from tests.installation.sites import (
    OUR_SCRIPT,
    Reply,
    Site,
    certificates,
    here,
    page,
    preflight,
    redirect,
    script,
    site,
)

PIXELS = {
    1: Pixel(1, 1, frozenset(), frozenset({"shop.example"}), name="Web"),
    2: Pixel(2, 1, frozenset({"www.other.example"}), frozenset()),
    3: Pixel(3, 1, frozenset(), frozenset({"shop.example"}), "IMPLIED", "Shop"),
}
TAG = '<script defer src="/pixel.js" data-pixel="1"></script>'
PUSH = "<script>analyticsLayer.push({event: 'pageview', websiteId: 1})</script>"
INTEGRITY = "sha384-" + base64.b64encode(hashlib.sha384(OUR_SCRIPT).digest()).decode()
WRONG = "sha384-" + base64.b64encode(hashlib.sha384(b"another").digest()).decode()

ORDER = [
    "PAGE_REACHABLE",
    "TAG_FOUND",
    "PIXEL_KNOWN",
    "DOMAIN_AUTHORIZED",
    "SCRIPT_REACHABLE",
    "INTEGRITY",
    "ENDPOINT_REACHABLE",
    "POLICY_ALLOWS",
    "CONSENT_AGREES",
]


@pytest.fixture
def shop() -> Iterator[Site]:
    with site() as running:
        running.answers["/pixel.js"] = script()
        yield running


async def verify(
    shop: Site,
    answer: Reply | Callable[[BaseHTTPRequestHandler], None],
    *,
    host: str = "shop.example",
    wanted: int | None = None,
    pixels: Mapping[int, Pixel] = PIXELS,
    others: Mapping[str, Reply] | None = None,
) -> Verification:
    """Verify a page, with other answers of the site by path."""
    shop.answers |= {"/": answer, **(others or {})}
    return await Verifier(Fetcher(is_no_link, here), 5).verify(shop.url(host=host), pixels, wanted)


def said(verification: Verification, name: str) -> tuple[bool | None, str, str]:
    assert [check.name for check in verification.checks] == ORDER
    (check,) = (check for check in verification.checks if check.name == name)
    return check.passed, check.found, check.to_do or ""


def passed(verification: Verification) -> dict[str, bool | None]:
    """What has not passed."""
    return {check.name: check.passed for check in verification.checks if not check.passed}


@pytest.mark.parametrize(
    ("answer", "host", "wanted"),
    [
        (page(TAG), "shop.example", None),
        (page(TAG), "www.shop.example", 1),
        (page(f"<!doctype html><html><head>{TAG}</head><body></body></html>"), "shop.example", 1),
        (page(f"{TAG}<noscript><img src='/pixel.gif?pixelId=1' alt=''></noscript>"), "shop.example", 1),
        (page(TAG, content_security_policy="default-src 'self'"), "shop.example", None),
        (page(TAG.replace("1", "2")), "www.other.example", None),
        (page(TAG.replace('"1"', '"3" data-consent="implied"')), "shop.example", 3),
        (page(TAG.replace('"1"', '"1" data-consent="required"')), "shop.example", 1),
        (page(TAG.replace('"1"', '"1" data-endpoint="/collect"')), "shop.example", 1),
        (page(TAG.replace('"1"', f'"1" integrity="{INTEGRITY}"')), "shop.example", 1),
        (page(TAG.replace('"1"', f'"1" integrity="sha256-x {INTEGRITY}"')), "shop.example", 1),
        (page(f"{TAG}<script src='https://elsewhere.example/pixel.js'></script>"), "shop.example", 1),
        (page(f"<script src='https://elsewhere.example/pixel.js'></script>{TAG}"), "shop.example", 1),
        (page(f"{TAG}{TAG}"), "shop.example", 1),
        (page(f'<script src="/pixel.js"></script>{PUSH}'), "shop.example", 1),
    ],
)
async def test_a_page_with_everything_right_passes_every_check(
    shop: Site, answer: Reply, host: str, wanted: int | None
) -> None:
    verification = await verify(shop, answer, host=host, wanted=wanted)
    assert passed(verification) == {}
    assert verification.ok
    assert verification.url == shop.url(host=host)
    assert all(check.to_do is None and check.found for check in verification.checks)


@pytest.mark.parametrize(
    ("answer", "wanted", "message"),
    [
        (page(TAG), None, "Installation verified"),
        (page(TAG), 2, "2 checks have failed"),
        (page(TAG.replace("defer", "nomodule")), None, "1 check could not be made"),
        (page("<script src='https://www.googletagmanager.com/gtm.js'></script>"), 1, "7 checks could not be made"),
        (page(TAG.replace('"1"', '"7"')), None, "1 check has failed, 2 could not be made"),
        (Reply(b"", 404), None, "1 check has failed, 8 could not be made"),
    ],
)
async def test_failed_checks_and_checks_that_could_not_be_made_are_counted_apart(
    shop: Site, answer: Reply, wanted: int | None, message: str
) -> None:
    assert (await verify(shop, answer, wanted=wanted)).message == message


@pytest.mark.parametrize(
    ("answer", "passes", "found", "to_do"),
    [
        (Reply(b"gone", 404), False, "answers 404", "a page that answers 200"),
        (
            Reply(b"no", 403),
            False,
            "answers 403: it requires a sign-in, or blocks clients that are not browsers",
            "Allow the user agent heropixel at shop.example",
        ),
        (
            Reply(b"no", 503),
            False,
            "answers 503: it requires a sign-in, or blocks clients that are not browsers",
            "Allow the user agent heropixel at shop.example",
        ),
        (Reply(b"{}", 200, {"content-type": "application/json"}), False, "application/json, not a page", "text/html"),
        (Reply(b"{}", 200, {}), False, "of no media type, not a page", "text/html"),
        (redirect("/"), False, "redirects more than 5 times", "end at a page: often one redirects from http to https"),
        (redirect("ftp://shop.example/"), False, "must begin with https://", "Make http://shop.example"),
        (redirect("http://x.example:3/"), False, "/ leads to http://x.example:3/, which refuses", "at x.example:3, or"),
        (page(TAG), True, "answers 200", ""),
        (page("x" * 3_000_000), True, "the first 2,000,000 bytes", ""),
    ],
)
async def test_a_page_that_cannot_be_checked_says_why_and_nothing_else(
    shop: Site, answer: Reply, passes: bool, found: str, to_do: str
) -> None:
    verification = await verify(shop, answer)
    assert_says(said(verification, "PAGE_REACHABLE"), passes, found, to_do)
    if not passes:
        assert passed(verification) == {name: False if name == "PAGE_REACHABLE" else None for name in ORDER}
        assert "has to pass first" in said(verification, "TAG_FOUND")[1]


async def test_an_unreachable_page_names_the_cause_and_what_to_do(shop: Site) -> None:
    def unknown(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    nowhere = await Verifier(Fetcher(is_no_link, unknown), 5).verify("http://shop.example/", PIXELS)
    refused = await Verifier(Fetcher(is_no_link, here), 5).verify("http://shop.example:3/", PIXELS)
    plain = await Verifier(Fetcher(is_no_link, here), 5).verify(f"https://shop.example:{shop.port}/", PIXELS)
    for verification, found, to_do in (
        (nowhere, "shop.example has no address", "Check how shop.example is written"),
        (refused, "refuses the connection", "Start the server that should answer at shop.example:3, or"),
        (plain, "answers in plain http, not over TLS", f"Write http://shop.example:{shop.port} for a trial, or"),
    ):
        assert_says(said(verification, "PAGE_REACHABLE"), False, found, to_do)


def assert_says(check: tuple[bool | None, str, str], passes: bool | None, found: str, to_do: str) -> None:
    assert check[0] is passes, check
    assert found in check[1], check
    assert to_do in check[2], check
    assert (check[2] == "") is (passes is True or "has to pass first" in check[1]), check
    assert check[1].endswith("."), check
    assert "\n" not in check[1] + check[2]


PASTE = 'Paste this into the <head>: <script defer src="https://HOST/pixel.js" data-pixel="{}"></script>'


@pytest.mark.parametrize(
    ("html", "passes", "found", "to_do"),
    [
        ("<p>", False, "The page has no tag", PASTE.format("1")),
        (
            f"<!-- {TAG} -->",
            False,
            "The tag is in a comment",
            f"out of the comment, or p{PASTE[1:].format('1')}",
        ),
        (f"<!-- {TAG}", False, "The tag is in a comment", f"out of the comment, or p{PASTE[1:].format('1')}"),
        ("<!-- pixel.js data-pixel=1 -->", False, "The page has no tag.", PASTE.format("1")),
        (f"<template>{TAG}</template>", False, "The page has no tag", PASTE.format("1")),
        ("<noscript><img src='/pixel.gif?pixelId=1'></noscript>", False, "only the image", PASTE.format("1")),
        ("<script src='https://www.googletagmanager.com/gtm.js'></script>", None, "Google Tag Manager", "/collect"),
        ("<script src='https://www.googletagmanager.com/gtm.js'></script>", None, "Google", "pixel.js?pixel=1"),
        ('<script>s.src = "/pixel.js"; d.append(s)</script>', False, "inserts pixel.js", "pixel.js?pixel=1"),
        ('<script>s.src = "/pixel.js?pixel=1"; d.append(s)</script>', None, "a script of the page", "/collect"),
        (PUSH, None, "analyticsLayer", "/collect"),
        ("<meta http-equiv=refresh content='0; url=/home'>", False, "redirects browsers to another page", "/home"),
        ("x" * 2_100_000 + TAG, None, "in the first 2,000,000 bytes", PASTE.format("1")),
        ("<script data-pixel=1></script>", False, "loads nothing: it has no src", PASTE.format("1")[28:]),
        (
            "<script src='ftp://x/pixel.js' data-pixel=1></script>",
            False,
            "must begin with https://",
            PASTE.format(1)[28:],
        ),
        ('<script src="/pixel.js"></script>', False, "names no pixel", TAG),
        ('<script src="/other/pixel.js"></script>', False, "The page has no tag", PASTE.format("1")),
        (TAG.replace("defer", 'type="text/plain"'), None, "type text/plain", TAG),
        (TAG.replace("defer", "nomodule"), None, "with nomodule", TAG),
        (
            TAG.replace('"1"', '"2"') + TAG,
            False,
            "only the first counts, which is for pixel 2",
            f"Remove the other tag; keep only {TAG}",
        ),
        (
            TAG.replace('"1"', '"2"') + TAG + TAG,
            False,
            "which is for pixel 2",
            f"Remove the other tags; keep only {TAG}",
        ),
        (f"{TAG}<img src='/pixel.gif?pixelId=1'>", False, "counted twice", '<noscript><img src="http://shop.example'),
    ],
)
async def test_a_tag_that_is_missing_or_does_not_run_is_reported(
    shop: Site, html: str, passes: bool | None, found: str, to_do: str
) -> None:
    verification = await verify(shop, page(html), wanted=1, others={"/other/pixel.js": script(b"theirs")})
    assert_says(said(verification, "TAG_FOUND"), passes, found, to_do)


@pytest.mark.parametrize(
    ("html", "remark"),
    [
        (TAG, ""),
        (TAG + TAG, " It is there twice: one is enough."),
        (TAG + TAG + TAG, " It is there 3 times: one is enough."),
        (TAG + '<script src="/pixel.js"></script>', ""),
    ],
)
async def test_a_tag_that_is_there_several_times_passes_with_a_remark(shop: Site, html: str, remark: str) -> None:
    check = said(await verify(shop, page(html)), "TAG_FOUND")
    assert check == (True, f"The tag loads {shop.url('/pixel.js', 'shop.example')}.{remark}", "")


async def test_the_only_pixel_that_may_be_used_on_the_page_is_the_one_to_paste(shop: Site) -> None:
    verification = await verify(shop, page("<p>"), pixels={1: PIXELS[1], 2: PIXELS[2]})
    assert PASTE.format("1") in said(verification, "TAG_FOUND")[2]
    verification = await verify(shop, page("<p>"))  # of two, nobody knows which
    assert PASTE.format("ID") in said(verification, "TAG_FOUND")[2]
    assert (
        "ID is one of these pixels, which may be used on shop.example: 1 (Web), 3 (Shop)"
        in said(verification, "TAG_FOUND")[2]
    )
    verification = await verify(shop, page("<p>"), host="elsewhere.example")
    assert "ID is the id of a pixel, see heropixel pixels list" in said(verification, "TAG_FOUND")[2]
    verification = await verify(shop, page("<p>"), pixels={2: PIXELS[2]})
    assert (
        said(verification, "TAG_FOUND")[2]
        == f"{PASTE.format(2)} (HOST is the host name under which browsers reach this server)"
    )
    verification = await verify(shop, page("<p>"), wanted=3)
    assert 'data-pixel="3" data-consent="implied"' in said(verification, "TAG_FOUND")[2]


ID = 'data-pixel="ID"></script> (ID is one of these'


@pytest.mark.parametrize(
    ("html", "wanted", "found", "to_do"),
    [
        (
            TAG.replace('"1"', '"7"'),
            None,
            "There is no pixel 7; these may be used on shop.example: 1 (Web), 3 (Shop)",
            ID,
        ),
        (TAG.replace('"1"', '"7"'), 1, "The tag is for pixel 7, not for 1", TAG),
        (TAG.replace('"1"', '"2"'), 1, "The tag is for pixel 2, not for 1", TAG),
        (TAG.replace('"1"', '"one"'), 1, "data-pixel is one, which is not a number", TAG),
        (TAG.replace('"1"', '""'), 1, "The tag names no pixel", TAG),
        (
            f"{TAG}<noscript><img src='/pixel.gif?pixelId=2&title=x'></noscript>",
            None,
            "for pixel 1, the image for browsers without JavaScript for 2",
            "/pixel.gif?pixelId=1&amp;title=x",
        ),
    ],
)
async def test_a_wrong_pixel_is_reported_with_the_tag_of_the_right_one(
    shop: Site, html: str, wanted: int | None, found: str, to_do: str
) -> None:
    assert_says(said(await verify(shop, page(html), wanted=wanted), "PIXEL_KNOWN"), False, found, to_do)


async def test_pixels_with_many_or_strange_names_are_named_within_limits(shop: Site) -> None:
    many = {
        number: Pixel(number, 1, frozenset(), frozenset({"shop.example"}), name="\x1b" + "x" * 1_000)
        for number in range(1, 100)
    }
    found = said(await verify(shop, page(TAG.replace('"1"', '"100"')), pixels=many), "PIXEL_KNOWN")[1]
    assert "\x1b" not in found
    assert found.endswith("...), and 89 more.")
    assert len(found) < 1_000
    away = said(await verify(shop, page(TAG.replace('"1"', '"7"')), host="elsewhere.example"), "PIXEL_KNOWN")[1]
    assert away == "There is no pixel 7."


@pytest.mark.parametrize(
    ("answer", "host", "wanted", "passes", "to_do"),
    [
        (page(TAG), "elsewhere.example", None, False, "heropixel domains add elsewhere.example --pixel 1"),
        (page(TAG), "www.elsewhere.example", None, False, "heropixel domains add elsewhere.example --pixel 1"),
        (page(TAG), "a.elsewhere.example", None, False, "heropixel domains add a.elsewhere.example --pixel 1"),
        (page(TAG), "127.0.0.1", None, False, "heropixel domains add 127.0.0.1 --pixel 1"),
        (page(TAG), "BÜCHER.example", None, False, "heropixel domains add xn--bcher-kva.example --pixel 1"),
        (page("<p>"), "elsewhere.example", 2, False, "heropixel domains add elsewhere.example --pixel 2"),
        (page("<p>"), "elsewhere.example", None, None, ""),
        (page(TAG.replace('"1"', '"7"')), "shop.example", None, None, ""),
        (page(TAG), "a.b.SHOP.example.", None, True, ""),
    ],
)
async def test_a_domain_that_is_not_authorised_is_reported_with_the_command(
    shop: Site, answer: Reply, host: str, wanted: int | None, passes: bool | None, to_do: str
) -> None:
    check = said(await verify(shop, answer, host=host, wanted=wanted), "DOMAIN_AUTHORIZED")
    assert (check[0], to_do in check[2]) == (passes, True)


async def test_the_domain_is_that_after_the_redirects(shop: Site) -> None:
    verification = await verify(
        shop, redirect(shop.url("/home", "elsewhere.example")), host="shop.example", others={"/home": page(TAG)}
    )
    assert verification.url == shop.url("/home", "elsewhere.example")
    leads = f"{shop.url(host='shop.example')} leads to {verification.url}, which answers 200."
    assert said(verification, "PAGE_REACHABLE")[1] == leads
    where = f"elsewhere.example, where {shop.url(host='shop.example')} leads."
    assert_says(said(verification, "DOMAIN_AUTHORIZED"), False, where, "domains add elsewhere.example")


OURS = "answer with /pixel.js of this server"
BEHIND = "to the address and port that heropixel listens on (docs/proxying.md)"


@pytest.mark.parametrize(
    ("reply", "found", "to_do"),
    [
        (Reply(b"gone", 404), "answers 404", OURS),
        (page("<p>login"), "is text/html, not text/javascript", OURS),
        (Reply(OUR_SCRIPT, 200, {}), "is of no media type, not text/javascript", OURS),
        (script(b"alert(1)"), "is another script", OURS),
        (script(b""), "is another script", OURS),
        (redirect("/pixel.js"), "redirects more than 5 times", "Let its redirects end"),
        (
            redirect("http://shop.example:3/"),
            "refuses the connection",
            "Start the server that should answer at shop.example:3, or",
        ),
        (
            redirect("http://x.example:3/"),
            "/pixel.js leads to http://x.example:3/, which refuses",
            "at x.example:3, or",
        ),
        (Reply(b"Bad Gateway", 502), "answers 502: a proxy answers, but heropixel behind it does not", BEHIND),
        (Reply(b"", 503), "answers 503: a proxy answers, but heropixel behind it does not", BEHIND),
        (Reply(b"", 504), "answers 504: a proxy answers, but heropixel behind it does not", BEHIND),
        (Reply(NOT_BUILT.encode(), 503), "answers 503: the script was not built into it", "run `make setup`"),
    ],
)
async def test_a_script_that_is_missing_or_not_ours_is_reported(
    shop: Site, reply: Reply, found: str, to_do: str
) -> None:
    verification = await verify(shop, page(TAG), others={"/pixel.js": reply})
    assert_says(said(verification, "SCRIPT_REACHABLE"), False, found, to_do)


async def test_a_script_on_another_host_than_the_tag_says_is_reported_with_both(shop: Site) -> None:
    elsewhere = shop.url("/there.js", "px.example")
    others = {"/pixel.js": redirect(elsewhere), "/there.js": script()}
    verification = await verify(shop, page(TAG), others=others)
    leads = f"{shop.url('/pixel.js', 'shop.example')} leads to {elsewhere}, which answers with the script."
    assert said(verification, "SCRIPT_REACHABLE") == (True, leads, "")


async def test_the_placeholder_of_the_printed_tag_is_reported_as_such(shop: Site) -> None:
    verification = await verify(shop, page('<script defer src="https://HOST/pixel.js" data-pixel="1"></script>'))
    for name in ("SCRIPT_REACHABLE", "ENDPOINT_REACHABLE"):
        write = "HOST is a placeholder: write the host name under which browsers reach this server."
        assert_says(said(verification, name), False, "https://host/", write)


async def test_a_tag_with_https_for_a_server_of_plain_http_gets_both_solutions(shop: Site) -> None:
    plain = shop.url("", "px.example")
    html = f"<script src='{plain.replace('http:', 'https:')}/pixel.js' data-pixel=1></script>"
    verification = await verify(shop, page(html))
    for name in ("SCRIPT_REACHABLE", "ENDPOINT_REACHABLE"):
        ways = f"Write {plain} for a trial, or put a proxy with TLS in front of it (docs/proxying.md)."
        assert_says(said(verification, name), False, "answers in plain http, not over TLS", ways)


@pytest.mark.process
async def test_an_https_page_is_only_told_about_the_proxy(tmp_path: Path, shop: Site) -> None:
    made = certificates(tmp_path, "shop.example")
    with site(made.server) as secure:
        src = shop.url("/pixel.js", "px.example").replace("http:", "https:")
        secure.answers["/"] = page(f"<script src='{src}' data-pixel=1></script>")
        verifier = Verifier(Fetcher(is_no_link, here, made.trusting), 5)
        verification = await verifier.verify(secure.url(host="shop.example"), PIXELS)
    ways = "Put a proxy with TLS in front of it (docs/proxying.md)."
    assert said(verification, "SCRIPT_REACHABLE")[2] == ways


@pytest.mark.parametrize(
    ("src", "reply"),
    [("http://shop.example:3/pixel.js", Reply()), ("/pixel.js", Reply(b"", 502))],
)
async def test_without_a_running_server_that_is_reported(shop: Site, src: str, reply: Reply) -> None:
    shop.answers |= {"/": page(TAG.replace("/pixel.js", src)), "/pixel.js": reply, "/collect": reply}
    verifier = Verifier(Fetcher(is_no_link, here), 5)
    verification = await verifier.verify(shop.url(host="shop.example"), PIXELS, serving=False)
    for name in ("SCRIPT_REACHABLE", "ENDPOINT_REACHABLE"):
        run = "No server has this data folder open: run `heropixel serve`."
        assert said(verification, name)[2] == run
    verification = await verifier.verify(shop.url(host="shop.example"), PIXELS)
    assert "heropixel serve" not in said(verification, "SCRIPT_REACHABLE")[2]


@pytest.mark.parametrize(
    ("attributes", "headers", "passes", "found"),
    [
        ("crossorigin", {}, False, "access-control-allow-origin"),
        ("crossorigin=anonymous", {"access_control_allow_origin": "https://another.example"}, False, "access-control"),
        ("crossorigin=anonymous", {"access_control_allow_origin": "*"}, True, "answers with the script"),
        ("", {}, True, "answers with the script"),
    ],
)
async def test_a_script_that_is_asked_for_with_crossorigin_must_be_readable(
    shop: Site, attributes: str, headers: dict[str, str], passes: bool, found: str
) -> None:
    html = f"<script src='{shop.url('/pixel.js', 'px.example')}' data-pixel=1 {attributes}></script>"
    verification = await verify(shop, page(html), others={"/pixel.js": script(OUR_SCRIPT, **headers)})
    assert_says(said(verification, "SCRIPT_REACHABLE"), passes, found, "")


CROSS = {"access_control_allow_origin": "*"}


@pytest.mark.parametrize(
    ("attributes", "headers", "passes", "found"),
    [
        ("", {}, True, "has no integrity, and needs none"),
        (f"integrity='{INTEGRITY}' crossorigin", CROSS, True, "matches the script"),
        (f"integrity='{WRONG} {INTEGRITY}' crossorigin", CROSS, True, "matches the script"),
        (f"integrity='{WRONG}' crossorigin", CROSS, False, "does not match the script"),
        (f"integrity='{INTEGRITY}'", CROSS, False, "integrity without crossorigin"),
        ("integrity='sha1-abc' crossorigin", CROSS, False, "does not match the script"),
        (f"integrity='{INTEGRITY} sha512-AAAA' crossorigin", CROSS, False, "does not match the script"),
    ],
)
async def test_a_wrong_integrity_is_reported_with_the_right_one(
    shop: Site, attributes: str, headers: dict[str, str], passes: bool, found: str
) -> None:
    html = f"<script src='{shop.url('/pixel.js', 'px.example')}' data-pixel=1 {attributes}></script>"
    verification = await verify(shop, page(html), others={"/pixel.js": script(OUR_SCRIPT, **headers)})
    paste = "" if passes else f'integrity="{INTEGRITY}" crossorigin="anonymous"></script>'
    assert_says(said(verification, "INTEGRITY"), passes, found, paste)


async def test_a_page_that_demands_integrity_gets_it(shop: Site) -> None:
    demanding = page(TAG, integrity_policy="blocked-destinations=(script), endpoints=(x)")
    assert_says(said(await verify(shop, demanding), "INTEGRITY"), False, "Integrity-Policy", INTEGRITY)
    only_styles = page(TAG, integrity_policy="blocked-destinations=(style)")
    assert_says(said(await verify(shop, only_styles), "INTEGRITY"), True, "needs none", "")


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


@pytest.mark.process
async def test_mixed_content_on_a_secure_page_is_reported(tmp_path: Path) -> None:
    made = certificates(tmp_path, "shop.example")
    with site(made.server) as secure, site() as plain:
        plain.answers["/pixel.js"] = script()
        secure.answers["/pixel.js"] = script()
        verifier = Verifier(Fetcher(is_no_link, here, made.trusting), 5)
        url = secure.url(host="shop.example")
        secure.answers["/"] = page(f"<script src='{plain.url('/pixel.js', 'shop.example')}' data-pixel=1></script>")
        verification = await verifier.verify(url, PIXELS)
        assert_says(said(verification, "SCRIPT_REACHABLE"), False, "browsers do not load it", 'src="https://shop')
        assert_says(said(verification, "ENDPOINT_REACHABLE"), False, "browsers do not load it", 'src="https://shop')
        assert plain.asked == []
        upgraded = f"<script src='http://shop.example:{secure.port}/pixel.js' data-pixel=1></script>"
        secure.answers["/"] = page(upgraded, content_security_policy="upgrade-insecure-requests")
        assert passed(await verifier.verify(url, PIXELS)) == {}
        secure.answers["/"] = page(TAG.replace("defer", f"data-endpoint='{plain.url('/c', 'shop.example')}'"))
        verification = await verifier.verify(url, PIXELS)
        assert list(passed(verification)) == ["ENDPOINT_REACHABLE"]
        assert 'data-endpoint="https://shop' in said(verification, "ENDPOINT_REACHABLE")[2]
        untrusting = Verifier(Fetcher(is_no_link, here), 5)
        verification = await untrusting.verify(url, PIXELS)
        assert_says(said(verification, "PAGE_REACHABLE"), False, "certificate that is not valid", "SSL_CERT_FILE")


async def test_no_control_character_of_a_page_reaches_the_terminal(shop: Site) -> None:
    html = "<script src='/pixel.js' data-pixel='\x1b[31m\u202e1' data-consent='&#27;]0;owned&#7;'></script>"
    verification = await verify(shop, page(html), wanted=1)
    everything = "".join(f"{check.found}{check.to_do}" for check in verification.checks)
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e]", everything)
    assert len(everything) < 5_000


async def test_what_is_to_be_pasted_cannot_be_broken_out_of(shop: Site) -> None:
    html = "<script src='/pixel.js?\"><script>alert(1)</script>' data-pixel=2></script>"
    paste = said(await verify(shop, page(html), wanted=1), "PIXEL_KNOWN")[2]
    assert "<script>alert" not in paste
    assert paste.count("<") == 2


async def test_addresses_that_are_not_public_are_not_fetched(shop: Site) -> None:
    shop.answers["/"] = page(TAG)
    with pytest.raises(AddressForbidden):
        await Verifier(Fetcher(is_public, here)).verify(shop.url(host="shop.example"), PIXELS)
    assert shop.asked == []


async def test_a_script_that_is_not_public_is_not_fetched_and_fails_its_check(shop: Site) -> None:
    def looks_up(host: str, _port: int) -> list[str]:
        return ["127.0.0.2"] if host == "inside.example" else ["127.0.0.1"]

    shop.answers["/"] = page(f"<script src='http://inside.example:{shop.port}/pixel.js' data-pixel=1></script>")
    verifier = Verifier(Fetcher(lambda address: str(address) == "127.0.0.1", looks_up), 5)
    verification = await verifier.verify(shop.url(host="shop.example"), PIXELS)
    for name in ("SCRIPT_REACHABLE", "ENDPOINT_REACHABLE"):
        assert_says(said(verification, name), False, "leads to, an address that is not public", "of this server")
    assert [asked.path for asked in shop.asked] == ["/"]


@pytest.mark.parametrize("url", ["shop.example", "file:///etc/passwd", "https://a:b@shop.example/"])
async def test_what_no_browser_opens_is_refused(url: str) -> None:
    with pytest.raises(InvalidUrl):
        await Verifier(Fetcher(is_no_link, here)).verify(url, PIXELS)


async def test_a_pixel_that_is_not_there_is_refused_before_anything_is_fetched(shop: Site) -> None:
    with pytest.raises(PixelNotFound):
        await verify(shop, page(TAG), wanted=7)
    assert shop.asked == []


async def test_so_many_are_verified_at_the_same_time_and_all_within_their_time(shop: Site) -> None:
    going_on = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hang(door: BaseHTTPRequestHandler) -> None:
        loop.call_soon_threadsafe(going_on.set)
        door.rfile.read(1)  # until the other side hangs up

    shop.answers["/"] = hang
    verifier = Verifier(Fetcher(is_no_link, here), 1)
    began = loop.time()
    running = [asyncio.create_task(verifier.verify(shop.url(), PIXELS)) for _ in range(MAX_AT_ONCE)]
    await going_on.wait()
    with pytest.raises(VerificationsBusy):
        await verifier.verify(shop.url(), PIXELS)
    for verification in await asyncio.gather(*running):
        assert_says(said(verification, "PAGE_REACHABLE"), False, "within the time limit", "Let 127.0.0.1:")
    assert loop.time() - began < 3
    shop.answers["/"] = page(TAG)
    assert (await verifier.verify(shop.url(host="shop.example"), PIXELS)).ok  # there is room again


async def test_every_line_to_paste_mends_all_that_is_wrong_with_the_tag(shop: Site) -> None:
    html = f'<script src=" /pixel.js " data-pixel="9" integrity="{WRONG}" data-endpoint="ftp://x" nonce="n"></script>'
    verification = await verify(shop, page(html), wanted=3)
    lines = {check.to_do for check in verification.checks if check.to_do and "<script" in check.to_do}
    right = f'data-pixel="3" data-consent="implied" nonce="n" integrity="{INTEGRITY}" crossorigin="anonymous"'
    assert lines == {f'Write it as <script defer src="/pixel.js" {right}></script>'}
    pasted = lines.pop().removeprefix("Write it as ")
    assert (await verify(shop, page(pasted), wanted=3)).ok
