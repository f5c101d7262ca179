"""A page, a host and a campaign have one spelling, whoever sent the address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heropixel.enrichment.campaign import spelled_campaign
from heropixel.enrichment.spelling import spelled
from tests.enrichment.rows import enriched

SITE = "https://example.com"

PATHS = [
    ("/café crème", ["/caf%C3%A9%20cr%C3%A8me", "/caf%c3%a9 cr%c3%a8me", "/cafe%CC%81 cre\u0300me"]),
    ("/~anna/a-b_c.d", ["/%7Eanna/a%2Db%5Fc%2Ed", "/%7eanna/a-b_c.d"]),
    ("/a%2Fb", ["/a%2fb"]),
    ("/a/c", ["/a/./b/../c", "/a/%2e/b/%2E%2E/c", "/../a/c"]),
    ("/a/", ["/a/.", "/a/b/.."]),
    ("/", ["", "/.", "/.."]),
    ("/100%25", ["/100%"]),
    ("/%FF", ["/%ff"]),
    ("/a%00b%0A", ["/a%00b%0a"]),
    ("/[1]", ["/%5B1%5d"]),
    ("/日本", ["/%E6%97%A5%E6%9C%AC"]),
]


@pytest.mark.parametrize(("one", "path"), [(one, path) for one, others in PATHS for path in (one, *others)])
def test_a_path_has_one_spelling_as_a_person_reads_it(one: str, path: str) -> None:
    assert enriched(url=f"{SITE}{path}").path == one
    assert enriched(url=f" {SITE}{path}?a=1").path == one


@pytest.mark.parametrize(("one", "other"), [("/a//b", "/a/b"), ("/a", "/a/"), ("/a", "/A"), ("/a%2Fb", "/a/b")])
def test_what_a_server_may_tell_apart_stays_two_pages(one: str, other: str) -> None:
    assert enriched(url=SITE + one).path == one
    assert enriched(url=SITE + other).path == other


@given(st.text(alphabet="/.%2eEcC3aA9\u0301é \0#?x", max_size=20))
def test_the_one_spelling_is_spelled_like_itself(path: str) -> None:
    once = spelled(f"/{path}")
    assert once.startswith("/")
    assert spelled(once) == once


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com./a",
        "https://EXAMPLE.com:443/a",
        "//example.com/a",
        "example.com/a",
        "https://ex%61mple.com/a",
    ],
)
def test_a_host_has_one_spelling(url: str) -> None:
    row = enriched(url=url)
    assert (row.hostname, row.path) == ("example.com", "/a")


# --- what is behind the hash ---


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("/#/prices", "/#/prices"),
        ("/#/prices/42?tab=1", "/#/prices/42"),
        ("/app?a=1#/caf%C3%A9", "/app#/café"),
        ("/#!/prices", "/#!/prices"),
        ("/docs#install", "/docs"),
        ("/#utm_source=newsletter", "/"),
        ("/#", "/"),
    ],
)
def test_a_route_behind_the_hash_is_a_page_and_an_anchor_is_none(url: str, page: str) -> None:
    assert enriched(url=SITE + url).path == page


@pytest.mark.parametrize(
    ("url", "page"), [("/#prices", "/#prices"), ("/#/prices", "/#/prices"), ("/#utm_source=x", "/"), ("/", "/")]
)
def test_every_fragment_that_the_script_sends_is_a_page(url: str, page: str) -> None:
    assert enriched(url=SITE + url, event_id="beacon:1").path == page


# --- campaigns ---

NEWSLETTER = ("newsletter", "email")


@pytest.mark.parametrize(
    ("rest", "campaign"),
    [
        ("/?utm_source=newsletter&utm_medium=email", NEWSLETTER),
        ("/#utm_source=newsletter&utm_medium=email", NEWSLETTER),
        ("/#/landing?utm_source=newsletter&utm_medium=email", NEWSLETTER),
        ("/?utm_source=newsletter#utm_medium=email", NEWSLETTER),
        ("/?a=1&amp;utm_source=newsletter&amp;utm_medium=email", NEWSLETTER),
        ("/?utm_source=newsletter&amp;amp;utm_medium=email", NEWSLETTER),
        ("/?utm_source=newsletter&#038;utm_medium=email", NEWSLETTER),
        ("/?UTM_SOURCE=newsletter&Utm_Medium=email", NEWSLETTER),
        ("/?utm%5Fsource=newsletter&utm%5fmedium=email", NEWSLETTER),
        ("/?a=1?utm_source=newsletter&utm_medium=email", NEWSLETTER),
        ("/?utm_source=newsletter?utm_medium=email", NEWSLETTER),
        ("/?a=1;utm_source=newsletter;utm_medium=email", NEWSLETTER),
        ("/?utm_source=newsletter%20&utm_medium=+email", NEWSLETTER),
        ("/?utm_source=ig?fbclid=IwAR0", ("ig", "")),
        ("/?utm_source=ig%3Ffbclid%3DIwAR0", ("ig", "")),
        ("/?utm_source=summer%2520sale", ("summer sale", "")),
        ("/?utm_source=summer++sale", ("summer sale", "")),
        ("/?utm_source=what?&utm_medium=email", ("what?", "email")),
        ("/?utm_source={{site_source_name}}&utm_medium=(not%20set)", ("", "")),
        ("/?utm_source=%7Bcampaign%7D&utm_source=x", ("x", "")),
    ],
)
def test_a_campaign_is_read_however_a_program_has_mangled_its_address(rest: str, campaign: tuple[str, str]) -> None:
    row = enriched(url=SITE + rest)
    assert (row.utm_source, row.utm_medium) == campaign


def test_a_click_id_is_read_behind_a_second_question_mark_and_behind_the_hash() -> None:
    assert enriched(url=f"{SITE}/?a=1?gclid=x").channel == "PAID_SEARCH"
    assert enriched(url=f"{SITE}/#/tea?gclid=x").channel == "PAID_SEARCH"
    assert enriched(url=f"{SITE}/?a=1&amp;GCLID=x").channel == "PAID_SEARCH"


@pytest.mark.parametrize("given", ["Spring Sale", " Spring  Sale ", "Spring%20Sale", "Spring\u00a0Sale"])
def test_a_campaign_that_the_caller_gives_has_the_spelling_of_the_address(given: str) -> None:
    of_address = enriched(url=f"{SITE}/?utm_campaign=Spring+Sale").utm_campaign
    assert enriched(utm_campaign=given).utm_campaign == of_address == "Spring Sale"


@given(st.text(alphabet="a %25?=+&{}\u0301", max_size=20))
def test_the_one_spelling_of_a_campaign_is_spelled_like_itself(text: str) -> None:
    once = spelled_campaign(text)
    assert spelled_campaign(once) == once


# --- from within the site ---


@pytest.mark.parametrize(
    ("referrer", "channel"),
    [
        ("https://example.de/", "INTERNAL"),
        ("https://shop.example.de/", "INTERNAL"),
        ("https://www.example.com/a", "INTERNAL"),
        ("https://example.org/", "REFERRAL"),
    ],
)
def test_what_came_from_another_domain_of_the_pixel_is_internal(referrer: str, channel: str) -> None:
    def owns(pixel: int, host: str) -> bool:
        return pixel == 1 and (host == "example.de" or host.endswith(".example.de"))

    row = enriched(owns, url=SITE, referrer=referrer)
    assert row.channel == channel
    assert (row.source == "") == (channel == "INTERNAL")
