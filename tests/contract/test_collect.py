"""Section 7 of the contract, over HTTP: what a browser may send without a secret, and that the answer tells nothing."""

import hashlib
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.contract.beaconing import (
    CHROME,
    SITE,
    VISITOR,
    beacon_of,
    collect,
    counted,
    headers_of,
    picture,
)
from tests.world import Server, World, command, exported, make_world, running

KNOWN, SUPPRESSED, UNKNOWN = (
    hashlib.sha256(f"{name}@example.com".encode()).hexdigest() for name in ("known", "suppressed", "unknown")
)
GIF = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
NO_LIMITS: dict[str, Any] = {"address_rate": "0", "pixel_rate": "0"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a site that knows one person, and suppresses another."""
    world = make_world(tmp_path_factory.mktemp("site") / "data")
    people = world.folder.parent / "people.csv"
    people.write_text("email,external_id\nknown@example.com,c-1\nsuppressed@example.com,c-2\n")
    command(world, "users", "import", str(people), "--app", world.app_id)
    command(world, "suppressions", "add", "--app", world.app_id, "--email", "suppressed@example.com")
    with running(world, **NO_LIMITS) as server:
        yield server


@pytest.fixture
def fresh(world: World) -> Iterator[Server]:
    """A server of its own, without limits."""
    with running(world, **NO_LIMITS) as server:
        yield server


def rows_of(server: Server) -> list[dict[str, Any]]:
    """Every pageview the server has, loaded or not."""
    return exported(server.world)


def told(response: httpx.Response) -> tuple[Any, ...]:
    """All of an answer but the time of day."""
    return response.status_code, [pair for pair in response.headers.raw if pair[0].lower() != b"date"], response.content


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


def test_the_answer_is_the_same_whoever_the_visitor_is(site: Server) -> None:
    answers = {who: told(collect(site, headers=headers, **fields)) for who, (fields, headers) in WHOEVER.items()}
    assert set(map(str, answers.values())) == {str(answers["unknown"])}
    status, _, body = answers["unknown"]
    assert (status, body) == (204, b"")


def test_the_picture_is_the_same_whoever_the_visitor_is(site: Server) -> None:
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


# (the headers that say where it comes from, the page, status, reason)
SITES = [
    ({"Origin": "https://example.com"}, "https://example.com/", 204, None),
    ({"Origin": "https://a.b.example.com:8443"}, "https://a.b.example.com:8443/", 204, None),
    ({"Origin": "https://EXAMPLE.com"}, "https://Example.COM/", 204, None),
    ({"Origin": None}, "https://example.com/", 204, None),  # the Referer says it
    ({"Origin": "null"}, "https://example.com/", 204, None),  # so it does for a sandboxed frame
    ({"Origin": None, "Referer": None}, "https://example.com/", 400, "ORIGIN_MISSING"),
    ({"Origin": "null", "Referer": None}, "https://example.com/", 400, "ORIGIN_MISSING"),
    ({"Origin": "https://evil.test"}, "https://example.com/", 400, "DOMAIN_NOT_AUTHORIZED"),
    ({"Origin": None, "Referer": "https://evil.test/"}, "https://example.com/", 400, "DOMAIN_NOT_AUTHORIZED"),
    ({"Origin": "https://example.com"}, "https://evil.test/", 400, "DOMAIN_NOT_AUTHORIZED"),
    ({"Origin": "https://example.com.evil.test"}, "https://example.com/", 400, "DOMAIN_NOT_AUTHORIZED"),
    ({"Origin": "https://example.com@evil.test"}, "https://example.com/", 400, "DOMAIN_NOT_AUTHORIZED"),
    ({"Origin": "https://example.com"}, "https://example.com@evil.test/", 400, "DOMAIN_NOT_AUTHORIZED"),
    ({"Origin": "https://example.com"}, "file:///etc/passwd", 400, "INVALID_DOMAIN"),
    ({"Origin": "https://example.com"}, "javascript:alert(1)//example.com/", 400, "INVALID_DOMAIN"),
    ({"Origin": "https://example.com"}, "about:srcdoc", 400, "INVALID_DOMAIN"),
    ({"Origin": "https://example.com"}, "https://", 400, "INVALID_DOMAIN"),
]


@pytest.mark.parametrize(("where", "url", "status", "reason"), SITES)
def test_the_domains_of_the_pixel_are_checked_against_origin_or_referer_and_the_page(
    site: Server, where: dict[str, str | None], url: str, status: int, reason: str | None
) -> None:
    answer = collect(site, headers={"Referer": "https://example.com/", **where}, url=url)
    assert answer.status_code == status, answer.text
    assert (answer.json()["reason"] if answer.content else None) == reason


FORBIDDEN: dict[str, Any] = {
    "email": "known@example.com",
    "md5": hashlib.md5(b"known@example.com").hexdigest(),
    "sha1": hashlib.sha1(b"known@example.com").hexdigest(),
    "phone": "+14155550100",
    "ip": "192.0.2.1",
    "timestamp": 1_700_000_000,
    "userAgent": "Mozilla/5.0",
    "clientHints": "x",
    "country": "CH",
    "region": "Zurich",
    "city": "Zurich",
    "domain": "example.com",
    "eventId": "order-1",
    "sessionId": "s-1",
    "userId": "1",
    "traits": {"plan": "gold"},
}


@pytest.mark.parametrize("field", FORBIDDEN)
def test_an_address_a_time_or_another_identity_cannot_be_set_from_a_browser(site: Server, field: str) -> None:
    answer = collect(site, **{field: FORBIDDEN[field]})
    assert (answer.status_code, answer.json()["reason"]) == (400, "FORBIDDEN_FIELD")
    assert answer.json()["message"].startswith(f"{field} cannot be set")
    refused = picture(site, {field: str(FORBIDDEN[field])})
    assert (refused.status_code, refused.headers["heropixel-reason"]) == (400, "FORBIDDEN_FIELD")


# (the body, what the message names)
MALFORMED: list[tuple[bytes, str]] = [
    (b"", "truncated"),
    (b"{", "truncated"),
    (b"[]", "array"),
    (b"null", "null"),
    (b'"text"', "str"),
    (b"{}", "pixelId"),
    (b'{"pixelId":"1","url":"https://example.com/"}', "pixelId"),
    (b'{"pixelId":1.5,"url":"https://example.com/"}', "pixelId"),
    (b'{"pixelId":99999999999,"url":"https://example.com/"}', "pixelId"),
    (b'{"pixelId":1,"url":7}', "url"),
    (b'{"pixelId":1,"url":"https://example.com/","title":{}}', "title"),
    (b'{"pixelId":1,"url":"https://example.com/","consent":"yes"}', "consent"),
    (b'{"pixelId":1,"url":"https://example.com/","event":"click"}', "event"),
    (b'{"pixelId":1,"url":"https://example.com/","event":"consent"}', "consent"),
    (b'{"pixelId":1,"url":"https://example.com/","nonsense":1}', "nonsense"),
    (b'{"pixelId":1,"url":"https://example.com/","title":"\xff"}', "UTF-8"),
    (b'{"pixelId":1,"url":"https://example.com/","properties":' + b"[" * 5000 + b"]" * 5000 + b"}", "nested"),
    (b'{"pixelId":1,"url":"https://example.com/","properties":{"a":NaN}}', "invalid"),
    (b'{"pixelId":1,"url":"https://example.com/","title":"\\ud800"}', "surrogate"),
]


@pytest.mark.parametrize(("body", "named"), MALFORMED)
def test_a_malformed_beacon_is_counted_and_dropped_with_a_sentence(site: Server, body: bytes, named: str) -> None:
    metric = 'heropixel_beacons_dropped_total{reason="MALFORMED_BEACON"}'
    before, recorded = counted(site, metric), counted(site, "heropixel_beacons_total")
    answer = httpx.post(f"{site.url}/collect", content=body, headers=headers_of("https://example.com"))
    assert (answer.status_code, answer.json()["reason"]) == (400, "MALFORMED_BEACON"), answer.text
    assert named in answer.json()["message"]
    assert counted(site, metric) == before + 1
    assert counted(site, "heropixel_beacons_total") == recorded


# What is said, and the reason that comes back.
WRONG: list[tuple[dict[str, Any], str | None]] = [
    ({"pixelId": 999}, "PIXEL_NOT_FOUND"),
    ({"id": "order-1"}, "INVALID_ID"),
    ({"id": "AB" * 16}, "INVALID_ID"),
    ({"consent": True, "visitorId": "somebody"}, "INVALID_ID"),
    ({"consent": True, "visitorId": "daily:" + "0" * 32}, "INVALID_ID"),
    ({"consent": True, "visitorId": VISITOR, "sha256": "known"}, "INVALID_DIGEST"),
    ({"consent": True, "visitorId": VISITOR, "externalId": "guest"}, None),  # is taken as not given
    ({"consent": True, "visitorId": VISITOR, "externalId": "x" * 300}, None),
    ({"properties": {"much": "x" * 20_000}}, "FIELD_TOO_LONG"),
    ({"title": "a\0b"}, "INVALID_TEXT"),
    ({"properties": [1]}, "INVALID_PROPERTIES"),
    ({"url": None, "properties": None}, None),  # the Referer is the page
]


@pytest.mark.parametrize(("fields", "reason"), WRONG)
def test_a_beacon_that_says_something_wrong_is_told_what(
    site: Server, fields: dict[str, Any], reason: str | None
) -> None:
    answer = collect(site, **fields)
    assert (answer.json()["reason"] if answer.content else None) == reason
    assert answer.status_code == (400 if reason else 204)


def test_a_text_that_is_too_long_is_cut_and_the_pageview_not_lost(fresh: Server) -> None:
    long = {"title": "t" * 3_000, "referrer": f"https://www.google.com/{'r' * 9_000}", "language": "l" * 300}
    agent = "Mozilla/5.0 " + "a" * 2_000
    assert collect(fresh, headers={"User_Agent": agent}, **long).status_code == 204
    (row,) = rows_of(fresh)
    assert [len(row[name]) for name in ("title", "referrer", "language", "userAgent")] == [2_048, 8_192, 256, 512]


@pytest.mark.parametrize("size", [70_000, 10_000_000])
def test_an_oversized_beacon_is_counted_and_dropped(site: Server, size: int) -> None:
    metric = 'heropixel_beacons_dropped_total{reason="BEACON_TOO_LARGE"}'
    before = counted(site, metric)
    answer = collect(site, title="x" * size)
    assert (answer.status_code, answer.json()["reason"]) == (413, "BEACON_TOO_LARGE")
    assert counted(site, metric) == before + 1


def test_a_replayed_beacon_is_counted_and_dropped_and_answered_as_before(fresh: Server) -> None:
    beacon = beacon_of(fresh)
    answers = [httpx.post(f"{fresh.url}/collect", json=beacon, headers=headers_of()) for _ in range(3)]
    assert [told(answer) for answer in answers] == [told(answers[0])] * 3
    assert counted(fresh, 'heropixel_beacons_dropped_total{reason="REPLAYED"}') == 2
    assert len(rows_of(fresh)) == 1


def test_the_id_of_a_beacon_never_stands_in_for_an_event_id_of_the_api(fresh: Server) -> None:
    assert collect(fresh, id="cd" * 16).status_code == 204
    assert fresh.pageview(eventId="cd" * 16)["code"] == 200
    assert len(rows_of(fresh)) == 2


def test_forged_beacons_are_counted_by_reason(site: Server) -> None:
    forged: dict[str, dict[str, Any]] = {
        "DOMAIN_NOT_AUTHORIZED": {"url": "https://evil.test/"},
        "FORBIDDEN_FIELD": {"ip": "192.0.2.1"},
        "INVALID_ID": {"consent": True, "visitorId": "visitor-1"},
        "PIXEL_NOT_FOUND": {"pixelId": 999},
    }
    for reason, fields in forged.items():
        metric = f'heropixel_beacons_dropped_total{{reason="{reason}"}}'
        before = counted(site, metric)
        assert collect(site, **fields).status_code == 400
        assert counted(site, metric) == before + 1


def test_metrics_do_not_tell_who_is_known(site: Server) -> None:
    def of_messages() -> str:
        lines = httpx.get(f"{site.url}/metrics").text.splitlines()
        return str([line for line in lines if line.startswith("heropixel_pageviews_total")])

    before = of_messages()
    collect(site, consent=True, visitorId=VISITOR, sha256=KNOWN)
    collect(site, consent=True, visitorId=VISITOR, sha256=UNKNOWN)
    assert of_messages() == before


@pytest.mark.parametrize(("method", "path"), [("GET", "/collect"), ("PUT", "/collect"), ("POST", "/pixel.gif")])
def test_another_method_is_refused_with_those_that_are_allowed(site: Server, method: str, path: str) -> None:
    answer = httpx.request(method, f"{site.url}{path}", headers=headers_of())
    assert answer.status_code == 405
    assert answer.headers["allow"] == ("POST" if path == "/collect" else "GET, HEAD")


def test_one_address_is_limited_and_told_when_to_come_again(world: World) -> None:
    with running(world, address_rate="0.5", address_burst="3") as server:
        answers = [collect(server) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [204, 204, 204, 429]
        assert answers[3].json()["reason"] == "TOO_MANY_BEACONS"
        assert 1 <= int(answers[3].headers["retry-after"]) <= 2
        assert picture(server, {}).status_code == 429
        assert counted(server, 'heropixel_beacons_dropped_total{reason="TOO_MANY_BEACONS"}') == 2
        assert server.pageview()["code"] == 200  # the API has a secret, and is not limited so


def test_one_pixel_is_limited_and_others_go_on(world: World) -> None:
    other = json.loads(
        command(world, "pixels", "create", "Other", "--app", world.app_id, "--domain", "example.com", "--json")
    )
    with running(world, address_rate="0", pixel_rate="0.5", pixel_burst="2") as server:
        assert [collect(server).status_code for _ in range(3)] == [204, 204, 429]
        assert collect(server, "https://evil.test").status_code == 400  # of another site: does not count
        assert collect(server, pixelId=other["id"]).status_code == 204


def test_a_picture_says_its_page_by_the_referer_or_itself(fresh: Server) -> None:
    assert picture(fresh, {}, Referer="https://example.com/from-referer").status_code == 200
    assert picture(fresh, {"url": f"{SITE}/from-query", "title": "No scripts"}).status_code == 200
    rows = {row["url"]: row for row in rows_of(fresh)}
    assert set(rows) == {"https://example.com/from-referer", f"{SITE}/from-query"}
    assert rows[f"{SITE}/from-query"]["title"] == "No scripts"
    assert rows[f"{SITE}/from-query"]["language"] == "de-CH"  # Accept-Language


@pytest.mark.parametrize("field", ["sha256", "externalId", "visitorId", "properties"])
def test_a_picture_says_nothing_of_who_the_visitor_is(site: Server, field: str) -> None:
    assert picture(site, {field: KNOWN}).headers["heropixel-reason"] == "FORBIDDEN_FIELD"


def test_whoever_asks_for_the_head_of_the_picture_has_seen_no_page(fresh: Server) -> None:
    answer = httpx.head(f"{fresh.url}/pixel.gif?pixelId=1&url={SITE}/", headers=headers_of())
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
    until = time.monotonic() + 10
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
    with httpx.Client(limits=httpx.Limits(keepalive_expiry=60)) as proxy:
        first = proxy.post(f"{site.url}/collect", json=beacon_of(site), headers=headers_of())
        connection = first.extensions["network_stream"].get_extra_info("client_addr")
        time.sleep(6)  # uvicorn's own is 5
        again = proxy.post(f"{site.url}/collect", json=beacon_of(site), headers=headers_of())
        assert again.status_code == 204
        assert again.extensions["network_stream"].get_extra_info("client_addr") == connection
