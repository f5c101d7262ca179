"""The checks of the tag, its pixel and its domain: findings, and the line to paste."""

import pytest

from heropixel.directory.registry import Pixel
from tests.installation.sites import (
    Reply,
    Site,
    page,
    redirect,
    script,
)
from tests.installation.verifying import PIXELS, PUSH, TAG, assert_says, said, verify

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
