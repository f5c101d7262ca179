"""The checks of the script: findings, and the line to paste."""

from pathlib import Path

import pytest

from heropixel.browser.script import NOT_BUILT
from heropixel.installation.addresses import is_no_link
from heropixel.installation.fetch import Fetcher
from heropixel.installation.verify import Verifier
from tests.installation.sites import (
    OUR_SCRIPT,
    Reply,
    Site,
    certificates,
    here,
    page,
    redirect,
    script,
    site,
)
from tests.installation.verifying import BEHIND, INTEGRITY, PIXELS, TAG, WRONG, assert_says, said, verify

OURS = "answer with /pixel.js of this server"


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
