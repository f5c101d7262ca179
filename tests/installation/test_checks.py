"""Verifying a page: what passes, what cannot be checked, and what is never fetched."""

import asyncio
import re
import socket
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from heropixel.errors import AddressForbidden, InvalidUrl, PixelNotFound, VerificationsBusy
from heropixel.installation.addresses import is_no_link, is_public
from heropixel.installation.fetch import Fetcher
from heropixel.installation.verify import MAX_AT_ONCE, Verification, Verifier
from tests.installation.sites import (
    Reply,
    Site,
    certificates,
    here,
    page,
    redirect,
    script,
    site,
)
from tests.installation.verifying import INTEGRITY, ORDER, PIXELS, PUSH, TAG, WRONG, assert_says, said, verify


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
