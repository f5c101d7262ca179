"""Section 7 of the contract, over HTTP: what a browser may send without a secret, and that answers reveal nothing."""

import time
from typing import Any

import httpx
import pytest

from tests.contract.beaconing import (
    CHROME,
    KNOWN,
    NO_LIMITS,
    SITE,
    SUPPRESSED,
    UNKNOWN,
    VISITOR,
    beacon_of,
    collect,
    headers_of,
    picture,
    rows_of,
    told,
)
from tests.world import Server, World, running

GIF = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")


# Who sends a beacon, by fields and headers.
WHOEVER: dict[str, tuple[dict[str, Any], dict[str, str | None]]] = {
    "known by an email": ({"consent": True, "visitorId": VISITOR, "sha256": KNOWN}, {}),
    "known by an external id": ({"consent": True, "visitorId": VISITOR, "externalId": "c-1"}, {}),
    "known by the visitor id": ({"consent": True, "visitorId": VISITOR}, {}),
    "unknown": ({"consent": True, "visitorId": VISITOR, "sha256": UNKNOWN}, {}),
    "suppressed": ({"consent": True, "visitorId": VISITOR, "sha256": SUPPRESSED}, {}),
    "without consent": ({"sha256": KNOWN}, {}),
    "who refuses": ({"sha256": KNOWN, "consent": False}, {}),
    "a bot": ({}, {"User_Agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"}),
    "with Global Privacy Control": ({"consent": True, "visitorId": VISITOR, "sha256": KNOWN}, {"Sec_GPC": "1"}),
    "opted out": ({}, {"Cookie": "heropixel=out"}),
    "a replay": ({"id": "ab" * 16}, {}),
    "a replay again": ({"id": "ab" * 16}, {}),
}


def test_the_answer_is_the_same_for_every_visitor(site: Server) -> None:
    answers = {who: told(collect(site, headers=headers, **fields)) for who, (fields, headers) in WHOEVER.items()}
    assert set(map(str, answers.values())) == {str(answers["unknown"])}
    status, _, body = answers["unknown"]
    assert (status, body) == (204, b"")


def test_the_picture_is_the_same_for_every_visitor(site: Server) -> None:
    known = f"heropixel={VISITOR}"
    answers = [
        picture(site, {}, Cookie=known),
        picture(site, {}, Cookie=f"heropixel=hp1.{'0' * 32}"),
        picture(site, {}),
        picture(site, {}, Sec_GPC="1"),
        picture(site, {"consent": "1"}),
        picture(site, {}, Cookie="heropixel=out"),
    ]
    assert {str(told(answer)) for answer in answers} == {str(told(answers[0]))}
    assert (answers[0].status_code, answers[0].content) == (200, GIF)
    assert answers[0].headers["content-type"] == "image/gif"
    assert answers[0].headers["cache-control"] == "no-store"


def test_no_answer_shows_the_identity_of_the_app(site: Server) -> None:
    said = [collect(site), collect(site, "https://elsewhere.test"), picture(site, {}), collect(site, ip="192.0.2.1")]
    shown = str([(answer.headers.raw, answer.text) for answer in said])
    assert site.world.app_id not in shown
    assert "Test" not in shown  # its name


def test_a_beacon_is_a_pageview_with_all_it_says(fresh: Server) -> None:
    said: dict[str, Any] = {
        "canonical": f"{SITE}/shoes",
        "referrer": "https://www.google.com/",
        "properties": {"cart": 3},
        "description": "All shoes",
    }
    assert collect(fresh, **said).status_code == 204
    (row,) = rows_of(fresh)
    expected = {
        "pixelId": 1,
        "domain": "shop.example.com",
        "url": f"{SITE}/shoes?utm_source=news",
        "canonical": f"{SITE}/shoes",
        "referrer": "https://www.google.com/",
        "title": "Shoes",
        "description": "All shoes",
        "language": "de-CH",
        "timezone": "Europe/Zurich",
        "screen": "1280x720",
        "viewport": "1280x600",
        "properties": {"cart": 3},
        "userAgent": CHROME[0],
    }
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize("kind", ["text/plain;charset=UTF-8", "application/json", None])
def test_a_beacon_comes_as_text_or_as_json(site: Server, kind: str | None) -> None:
    assert collect(site, headers={"Content_Type": kind}).status_code == 204


def test_a_beacon_in_json_may_be_sent_from_another_origin(site: Server) -> None:
    asked = httpx.options(
        f"{site.url}/collect",
        headers={
            "Origin": SITE,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
        },
        verify=False,
    )
    assert (asked.status_code, asked.content) == (204, b"")
    assert asked.headers["access-control-allow-origin"] == SITE
    assert asked.headers["access-control-allow-credentials"] == "true"
    assert asked.headers["access-control-allow-methods"] == "POST"
    assert asked.headers["access-control-allow-headers"] == "content-type"


def test_an_answer_may_be_had_by_the_page_that_asked(site: Server) -> None:
    answer = collect(site)
    assert answer.headers["access-control-allow-origin"] == SITE
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "origin" in answer.headers["vary"].lower()


def test_the_id_of_a_beacon_never_stands_in_for_an_event_id_of_the_api(fresh: Server) -> None:
    assert collect(fresh, id="cd" * 16).status_code == 204
    assert fresh.pageview(eventId="cd" * 16)["code"] == 200
    assert len(rows_of(fresh)) == 2


def test_metrics_do_not_reveal_who_is_known(site: Server) -> None:
    def of_messages() -> str:
        lines = httpx.get(f"{site.url}/metrics", timeout=30, verify=False).text.splitlines()
        return str([line for line in lines if line.startswith("heropixel_pageviews_total")])

    before = of_messages()
    collect(site, consent=True, visitorId=VISITOR, sha256=KNOWN)
    collect(site, consent=True, visitorId=VISITOR, sha256=UNKNOWN)
    assert of_messages() == before


def test_a_picture_says_its_page_by_the_referer_or_itself(fresh: Server) -> None:
    assert picture(fresh, {}, Referer="https://example.com/from-referer").status_code == 200
    assert picture(fresh, {"url": f"{SITE}/from-query", "title": "No scripts"}).status_code == 200
    rows = {row["url"]: row for row in rows_of(fresh)}
    assert set(rows) == {"https://example.com/from-referer", f"{SITE}/from-query"}
    assert rows[f"{SITE}/from-query"]["title"] == "No scripts"
    assert rows[f"{SITE}/from-query"]["language"] == "de-CH"  # Accept-Language


@pytest.mark.parametrize(
    ("url", "recorded"),
    [
        (f"{SITE}/a?b=1&c=2", f"{SITE}/a?b=1&c=2"),
        ("https://www.example.com/another-host", "https://www.example.com/another-host"),
        ("/only/a/path?b=1", f"{SITE}/only/a/path?b=1"),
        ("{{ request.url }}", f"{SITE}/"),  # not filled
        ("undefined", f"{SITE}/"),
    ],
)
def test_the_picture_of_another_site_counts_the_page_that_its_address_carries(
    fresh: Server, url: str, recorded: str
) -> None:
    """Firefox and WebKit say only the host of the page, whatever the policy of the image."""
    assert "heropixel-reason" not in picture(fresh, {"url": url}, Referer=f"{SITE}/").headers
    assert [row["url"] for row in rows_of(fresh)] == [recorded]


@pytest.mark.parametrize(
    ("url", "referrer", "reason"),
    [
        ("https://elsewhere.test/", f"{SITE}/", "DOMAIN_NOT_AUTHORIZED"),
        (f"{SITE}/", "https://elsewhere.test/", "DOMAIN_NOT_AUTHORIZED"),
        ("//elsewhere.test/", f"{SITE}/", "INVALID_DOMAIN"),
        (f"{SITE}/", None, "ORIGIN_MISSING"),  # any site could leave it out
        ("javascript:alert(1)", f"{SITE}/", "INVALID_DOMAIN"),
    ],
)
def test_the_address_that_a_picture_carries_is_checked_against_the_domains_of_the_pixel(
    site: Server, url: str, referrer: str | None, reason: str
) -> None:
    assert picture(site, {"url": url}, Referer=referrer).headers["heropixel-reason"] == reason


@pytest.mark.parametrize("field", ["sha256", "externalId", "visitorId", "properties"])
def test_a_picture_says_nothing_of_who_the_visitor_is(site: Server, field: str) -> None:
    assert picture(site, {field: KNOWN}).headers["heropixel-reason"] == "FORBIDDEN_FIELD"


def test_whoever_asks_for_the_head_of_the_picture_has_seen_no_page(fresh: Server) -> None:
    answer = httpx.head(f"{fresh.url}/pixel.gif?pixelId=1&url={SITE}/", headers=headers_of(), timeout=30, verify=False)
    assert (answer.status_code, answer.headers["content-length"]) == (200, str(len(GIF)))
    assert rows_of(fresh) == []


def test_who_consents_is_linked_and_who_does_not_is_not(fresh: Server) -> None:
    fresh.pageview(email="known@example.com")
    visitors: list[tuple[str, bool | None, dict[str, str | None]]] = [
        ("hp1." + "1" * 32, True, {}),
        ("hp1." + "2" * 32, None, {}),
        ("hp1." + "3" * 32, False, {}),
        ("hp1." + "4" * 32, True, {"Sec_GPC": "1"}),
        ("hp1." + "5" * 32, True, {"DNT": "1"}),
    ]
    for visitor, consent, headers in visitors:
        collect(fresh, headers=headers, consent=consent, visitorId=visitor, sha256=KNOWN)
    fresh.loaded(6)
    found = [fresh.pageview(visitorId="hp1." + digit * 32)["message"] for digit in "12345"]
    assert found == ["User Found"] + ["User Not Found"] * 4
    rows = [row for row in rows_of(fresh) if row.get("visitorId", "").startswith("daily:")]
    assert len(rows) == 4
    assert {row.get("userId") for row in rows} == {None}


def test_who_identifies_after_the_pageview_is_linked_without_another_pageview(fresh: Server) -> None:
    fresh.pageview(email="known@example.com")
    assert collect(fresh, consent=True, visitorId=VISITOR).status_code == 204
    assert collect(fresh, event="identify", consent=True, visitorId=VISITOR, sha256=KNOWN).status_code == 204
    unlinked = "hp1." + "7" * 32
    assert collect(fresh, event="identify", visitorId=unlinked, sha256=KNOWN).status_code == 204  # no consent
    until = time.monotonic() + 30
    while fresh.pageview(visitorId=VISITOR)["message"] != "User Found":
        assert time.monotonic() < until
        time.sleep(0.1)
    assert fresh.pageview(visitorId=unlinked)["message"] == "User Not Found"
    assert len([row for row in rows_of(fresh) if row.get("url")]) == 1


def test_nobody_is_learned_from_a_browser(fresh: Server) -> None:
    collect(fresh, consent=True, visitorId=VISITOR, sha256=UNKNOWN, externalId="c-99")
    fresh.loaded(1)
    users = fresh.graphql("query ($auth: AuthInput) { users(auth: $auth) { totalCount } }", {"auth": fresh.world.auth})
    assert users["data"]["users"]["totalCount"] == 0


def test_what_was_answered_is_recorded_whatever_happens_to_the_server(world: World) -> None:
    with running(world, **NO_LIMITS) as server:
        for _ in range(20):
            assert collect(server).status_code == 204
        server.stop(9)
    with running(world, **NO_LIMITS) as server:
        assert len(rows_of(server)) == 20


def test_no_address_of_a_visitor_is_in_any_file(world: World) -> None:
    with running(world, trusted_proxies="127.0.0.1", **NO_LIMITS) as server:
        assert collect(server, headers={"X_Forwarded_For": "198.51.100.77"}).status_code == 204
        server.loaded(1)
        server.stop()
    for file in world.folder.rglob("*"):
        if file.is_file():
            assert b"198.51.100.77" not in file.read_bytes(), file


def test_a_connection_is_kept_for_longer_than_proxies_keep_theirs(site: Server) -> None:
    with httpx.Client(limits=httpx.Limits(keepalive_expiry=60), timeout=30, verify=False) as proxy:
        first = proxy.post(f"{site.url}/collect", json=beacon_of(site), headers=headers_of())
        connection = first.extensions["network_stream"].get_extra_info("client_addr")
        time.sleep(6)  # uvicorn's own is 5
        again = proxy.post(f"{site.url}/collect", json=beacon_of(site), headers=headers_of())
        assert again.status_code == 204
        assert again.extensions["network_stream"].get_extra_info("client_addr") == connection
