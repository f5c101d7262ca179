"""Finding tags in a page as browsers do, in broken or hostile HTML and in any encoding."""

import time

import httpx
import pytest

from heropixel.installation.tags import ParsedPage, read_page

COMMENTED = "<!-- <script defer src=x\n data-pixel=1></script> -->"
URL = httpx.URL("https://shop.example/a/b")
TAG = '<script defer src="https://px.example/pixel.js" data-pixel="1"></script>'


def read(page: str | bytes, content_type: str = "text/html", **headers: str) -> ParsedPage:
    body = page.encode() if isinstance(page, str) else page
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return read_page(URL, httpx.Headers({"content-type": content_type, **more}), body)


@pytest.mark.parametrize(
    "page",
    [
        TAG,
        f"<!doctype html><html><head><title>Shop</title>{TAG}</head><body></body></html>",
        "<SCRIPT SRC=https://px.example/pixel.js DATA-PIXEL=1></SCRIPT>",
        "<script\n\tdata-pixel = '1'\n src = 'https://px.example/pixel.js'\n/>",
        "<script data-pixel='1' data-pixel='2' src='https://px.example/pixel.js'>",
        "<script src='https://px.example/pixel.js' data-pixel=' 1 ' async></script>",
        "<script src='https&#58;//px.example/pixel.js' data-pixel='&#49;'></script>",
        "<script src='//px.example/pixel.js' data-pixel=1></script>",
        f"<p title='a > b'>{TAG}",
        f'<p title="<!--">{TAG}',
        f"<p a='b\"c' d=\"e'f\" g=h'i>{TAG}",
        f"<div <p <b>{TAG}",
        f"text < 5 & more </> </ x> <? x ?> <!x> <![CDATA[ x ]]>{TAG}",
        f"<!-- comment -->{TAG}<!-- another -->",
        f"<!-->{TAG}-->",
        f"<!--->{TAG}-->",
        f"<!-- a --!>{TAG}",
        f"<!-- a -- > b -->{TAG}",
        f"<style>a::before {{ content: '<!--' }}</style>{TAG}",
        f"<script>var a = '<script>'; // <!--\n</script >{TAG}",
        f"<title><script></title>{TAG}",
        f"<textarea></text</textarea>{TAG}",
        f"<template><p></template>{TAG}",
        f"<template shadowrootmode=open>{TAG}</template>",
        f"</template>{TAG}",
        f"<noscript><style></noscript>{TAG}",
        f"<svg><path d='M0 0'/></svg><table><tr>{TAG}",
        f"<html></html></body>{TAG}",
    ],
)
def test_a_tag_is_found_where_browsers_see_one(page: str) -> None:
    (tag,) = read(page).tags
    assert (str(tag.src), tag.pixel, tag.runs) == ("https://px.example/pixel.js", 1, True)


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<p>hello",
        f"<!-- {TAG} -->",
        f"<!-- {TAG}",
        f"<!--- > {TAG} -->",
        f"<template>{TAG}</template>",
        f"<template><template></template>{TAG}</template>",
        f"<template><template shadowrootmode=open>{TAG}</template></template>",
        f"<noscript>{TAG}</noscript>",
        f"<noscript><noscript>{TAG}</noscript></noscript>",
        f"<textarea>{TAG}</textarea>",
        f"<title>{TAG}</title>",
        f"<style>{TAG}</style>",
        f"<iframe>{TAG}</iframe>",
        f"<script>{TAG[:-9]}",
        f"<plaintext>{TAG}",
        f"<p title='{TAG}'>",
        f'<p title="{TAG[:20]}',
        f"<!x {TAG[:-20]}",
        "<script src='https://px.example/pixel.js' data-pixel='1'",
        "<script src='https://px.example/pixel.js data-pixel=1></script>",
        "<scripts src='https://px.example/pixel.js' data-pixel='1'></scripts>",
        "<img src='https://px.example/pixel.js' data-pixel='1'>",
        "<script src='https://px.example/my-pixel.js'></script>",
        "<script src='https://px.example/pixel.js.map'></script>",
        "<script>var src = 'https://px.example/pixel.js'</script>",
    ],
)
def test_no_tag_is_found_where_browsers_see_none(page: str) -> None:
    assert not read(page).tags


@pytest.mark.parametrize(
    ("attributes", "pixel", "runs"),
    [
        ("data-pixel=7", 7, True),
        ("data-pixel=''", None, True),
        ("data-pixel=seven", None, True),
        ("data-pixel=-7", None, True),
        ("data-pixel=99999999999", None, True),
        ("", None, True),
        ("data-pixel=7 type=module", 7, True),
        ("data-pixel=7 type=''", 7, True),
        ("data-pixel=7 type='Text/JavaScript; charset=utf-8'", 7, True),
        ("data-pixel=7 type=text/plain", 7, False),
        ("data-pixel=7 type=text/partytown", 7, False),
        ("data-pixel=7 nomodule", 7, False),
    ],
)
def test_what_a_tag_says_is_read(attributes: str, pixel: int | None, runs: bool) -> None:
    (tag,) = read(f"<script src='/pixel.0123456789ab.js?v=1' {attributes}></script>").tags
    assert (tag.pixel, tag.runs) == (pixel, runs)


@pytest.mark.parametrize(
    ("before", "src", "meant"),
    [
        ("", "pixel.js", "https://shop.example/a/pixel.js"),
        ("", "/t/pixel.js", "https://shop.example/t/pixel.js"),
        ("<base href='/c/'>", "pixel.js", "https://shop.example/c/pixel.js"),
        ("<base target=_top><base href='//px.example/'><base href='/d/'>", "pixel.js", "https://px.example/pixel.js"),
        ("<base href='javascript:x'>", "pixel.js", "https://shop.example/a/pixel.js"),
        ("<template><base href='/c/'></template>", "pixel.js", "https://shop.example/a/pixel.js"),
        ("", " pixel.js\n", "https://shop.example/a/pixel.js"),
    ],
)
def test_a_relative_address_is_read_against_the_page_and_its_base(before: str, src: str, meant: str) -> None:
    (tag,) = read(f"{before}<script src='{src}' data-pixel=1></script><base href='/too/late/'>").tags
    assert str(tag.src) == meant


@pytest.mark.parametrize(
    ("src", "why"),
    [
        ("", "it has no src"),
        ("  ", "it has no src"),
        ("javascript:void(0)", "it must begin with https:// or http://"),
        ("https://a:b@px.example/pixel.js", "it contains a user name or a password"),
        ("https://px.example:25/pixel.js", "browsers open no page on port 25"),
    ],
)
def test_a_tag_that_loads_nothing_says_why(src: str, why: str) -> None:
    (tag,) = read(f"<script src='{src}' data-pixel=1></script>").tags
    assert (tag.src, tag.why) == (None, why)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (f"<meta charset=utf-8><p>Gruß{TAG}".encode(), "text/html"),
        (f"<p>Gruß{TAG}".encode("latin-1"), "text/html; charset=ISO-8859-1"),
        (f"<p>Gruß{TAG}".encode("latin-1"), "text/html"),
        (f"<p>Привет{TAG}".encode("cp1251"), 'text/html; charset="windows-1251"'),
        (f"<meta charset=windows-1251><p>Привет{TAG}".encode("cp1251"), "text/html"),
        (f"<p>こんにちは{TAG}".encode("shift_jis"), "text/html; charset=Shift_JIS"),
        (f"<p>你好{TAG}".encode("gb18030"), "text/html; charset=gb2312"),
        (f"\ufeff<p>hello{TAG}".encode("utf-16-le"), "text/html"),
        (f"\ufeff<p>hello{TAG}".encode("utf-16-be"), "text/html; charset=utf-8"),
        (f"<p>hello{TAG}".encode("utf-16-le"), "text/html; charset=utf-16le"),
        (f"<meta charset=utf-16><p>hello{TAG}".encode(), "text/html"),
        (f"\ufeff<p>hello{TAG}".encode(), "text/html; charset=windows-1252"),
        (f"<p>hello{TAG}".encode(), "text/html; charset=idna"),
        (f"<p>hello{TAG}".encode(), "text/html; charset=punycode"),
        (f"<p>hello{TAG}".encode(), "text/html; charset=unicode_escape"),
        (f"<p>hello{TAG}".encode(), "text/html; charset=zip"),
        (f"<p>hello{TAG}".encode(), "text/html; charset=no-such"),
        (b"\xff\xff<p>\x80\x81" + TAG.encode() + b"\xc3", "text/html"),
    ],
)
def test_a_page_is_read_in_the_encoding_it_says(body: bytes, content_type: str) -> None:
    assert [tag.pixel for tag in read(body, content_type).tags] == [1]


@pytest.mark.parametrize(
    ("page", "images"),
    [
        ("<noscript><img src='https://px.example/pixel.gif?pixelId=1'></noscript>", [(1, True)]),
        ("<noscript><img src='/pixel.gif?url=x&amp;pixelId=2' width=1 height=1 alt=''></noscript>", [(2, True)]),
        ("<img src='https://px.example/pixel.gif?pixelId=1'>", [(1, False)]),
        (
            "<img src='https://other.example/pixel.gif'><img src='/pixel.gif?id=1'><img src='/big.png?pixelId=1'>",
            [],
        ),
        ("<template><noscript><img src='/pixel.gif?pixelId=1'></noscript></template>", []),
        ("<!-- <noscript> --><img src='/pixel.gif?pixelId=3'>", [(3, False)]),
    ],
)
def test_the_image_for_browsers_without_javascript_is_found(page: str, images: list[tuple[int, bool]]) -> None:
    assert [(image.pixel, image.in_noscript) for image in read(page).images] == images


@pytest.mark.parametrize(
    ("page", "by", "pushed"),
    [
        ("<p>", "", None),
        (TAG, "", None),
        ("<script async src='https://www.googletagmanager.com/gtm.js?id=GTM-1'></script>", "Google Tag Manager", None),
        ("<script>j.src='https://www.googletagmanager.com/gtm.js'</script>", "Google Tag Manager", None),
        ("<script src='//assets.adobedtm.com/launch.min.js'></script>", "Adobe Tags", None),
        ("<script src='https://tags.tiqcdn.com/utag/x/main/prod/utag.js'></script>", "Tealium", None),
        ("<script>s.src = 'https://px.example/pixel.js'; head.append(s)</script>", "a script of the page", None),
        ("<script>analyticsLayer.push({event: 'pageview', websiteId: 7})</script>", "analyticsLayer", 7),
        ("<script>analyticsLayer.push({'event':'pageview','websiteId':'7'})</script>", "analyticsLayer", 7),
        ("<!-- <script src='https://www.googletagmanager.com/gtm.js'></script> -->", "", None),
    ],
)
def test_who_else_may_insert_a_tag_is_named(page: str, by: str, pushed: int | None) -> None:
    found = read(page)
    assert (found.inserted_by, found.pushed) == (by, pushed)


@pytest.mark.parametrize(
    ("page", "header", "policies"),
    [
        ("", "script-src 'self', img-src 'none'", [(-1, "script-src"), (-1, "img-src")]),
        ("<meta http-equiv=Content-Security-Policy content=\"img-src 'self'\">", "", [(0, "img-src")]),
        ("<meta charset=utf-8><meta http-equiv='content-security-policy' content='img-src *'>", "", [(1, "img-src")]),
        ("<body><meta http-equiv=content-security-policy content='img-src *'>", "", []),
        ("<p>x<meta http-equiv=content-security-policy content='img-src *'>", "", []),
        ("<noscript><meta http-equiv=content-security-policy content='img-src *'></noscript>", "", []),
        ("<meta http-equiv=content-security-policy-report-only content='img-src *'>", "", []),
        ("<meta http-equiv=content-security-policy content='sandbox; report-uri /x'>", "", []),
    ],
)
def test_the_policies_of_a_page_are_found(page: str, header: str, policies: list[tuple[int, str]]) -> None:
    headers = {"content_security_policy": header} if header else {}
    found = read(page, content_security_policy_report_only="default-src 'none'", **headers).policies
    assert [(placed.at, *placed.policy.directives) for placed in found] == policies


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("0; url=/next", "https://shop.example/next"),
        ("5;URL='https://www.shop.example/'", "https://www.shop.example/"),
        ("0, /next", "https://shop.example/next"),
        ("30", ""),
        ("0; url=javascript:x", ""),
    ],
)
def test_the_target_of_a_pages_redirect_is_found(content: str, where: str) -> None:
    assert read(f'<meta http-equiv=Refresh content="{content}">').goes_on_to == where


@pytest.mark.parametrize("prefix", ["", "<p>"])
@pytest.mark.parametrize(
    "again",
    [
        "<",
        "<a>",
        "</a>",
        "<!--",
        "<!-->",
        "<!--<script-->",
        "<!--<script ",
        "<!--<script" + " " * 500_000,
        "<!--<script data-pixel-->",
        "<a b='",
        '<a b="c" ',
        "<a ' ",
        "<a b=c ",
        "<link>",
        "<script>",
        "<script></script>",
        "<script src=/pixel.js data-pixel=1></script>",
        "<script src=https://a:b@c/pixel.js data-pixel=1></script>",
        "<img src='pixel.gif?pixelId=1'>",
        "<img src='//[/pixel.gif?pixelId=1'>",
        "<noscript>",
        "<noscript></noscript>",
        "<template>",
        "<template shadowrootmode=open>",
        "<meta charset=",
        "<meta http-equiv=refresh content='0;url=x:'>",
        "<meta http-equiv=content-security-policy content='img-src a b c'>",
        "<base href='//['>",
        "&#",
        "<img a='&#",
        "<script>analyticsLayer websiteId        ",
    ],
)
def test_a_page_that_is_made_to_keep_a_reader_busy_is_read_in_seconds(again: str, prefix: str) -> None:
    page = prefix + again * (1_000_000 // len(again))
    began = time.process_time()
    read(page)
    # What grows with the square of the page takes hours; 5 s is a slow machine.
    assert time.process_time() - began < 5


@pytest.mark.parametrize("page", [f"<img a='&#{'1' * 100_000}'>{TAG}", f"<p {'a ' * 100_000}>{TAG}"])
def test_one_odd_element_hides_no_tag(page: str) -> None:
    assert len(read(page).tags) == 1


@pytest.mark.parametrize(
    ("page", "commented"),
    [
        (COMMENTED, True),
        (f"<p>text</p>{COMMENTED}<p>", True),
        (f"<body>{COMMENTED[:-4]}", True),
        (f"<!-- a --><!-- b -->{COMMENTED}", True),
        (f"<template>{COMMENTED}</template>", False),
        (f"<noscript>{COMMENTED}</noscript>", False),
        (f"<textarea>{COMMENTED}</textarea>", False),
        ("<!-- <script></script> data-pixel=1 -->", False),
        ("<!-- <scripts data-pixel=1> -->", False),
        ("<!x <script data-pixel=1>", False),
        (f"<p title='{COMMENTED.replace(chr(39), chr(34))}'>", False),
        ("", False),
    ],
)
def test_a_tag_in_a_comment_is_no_tag_and_is_noticed(page: str, commented: bool) -> None:
    found = read(page)
    assert (found.tags, found.commented) == ([], commented)


@pytest.mark.parametrize(
    ("script", "pixel"),
    [
        ("https://px.example/pixel.js?pixel=1", 1),
        ("https://px.example/pixel.js?v=2&pixel=7&consent=implied", 7),
        ("https://px.example/pixel.js?v=2", None),
    ],
)
def test_a_tag_may_name_its_pixel_in_its_address(script: str, pixel: int | None) -> None:
    (tag,) = read(f"<script defer src='{script}'></script>").tags
    assert (tag.names_pixel, tag.pixel) == (pixel is not None, pixel)
    assert tag.attributes.get("data-consent") == ("implied" if pixel == 7 else None)


def test_an_attribute_wins_over_the_address() -> None:
    (tag,) = read("<script src='https://px.example/pixel.js?pixel=1' data-pixel='2'></script>").tags
    assert tag.pixel == 2


INJECTED = 'var s = document.createElement("script"); s.defer = true; s.src = "{}"; document.head.appendChild(s);'


@pytest.mark.parametrize(
    ("script", "pushed", "without"),
    [
        (INJECTED.format("/pixel.js?pixel=1"), 1, False),
        (INJECTED.format("https://px.example/pixel.js?consent=none&pixel=12"), 12, False),
        (INJECTED.format("/pixel.js"), None, True),
        (INJECTED.format("/pixel.js") + 's.setAttribute("data-pixel", "1")', None, False),
        (INJECTED.format("/pixel.js") + "s.dataset.pixel = 1", None, False),
    ],
)
def test_a_script_that_inserts_the_tag_is_read_for_its_pixel(script: str, pushed: int | None, without: bool) -> None:
    page = read(f"<script>{script}</script>")
    assert (page.tags, page.pushed, page.inserts_without_pixel) == ([], pushed, without)
