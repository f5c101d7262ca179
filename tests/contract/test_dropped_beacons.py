"""Section 7 of the contract, over HTTP: beacons that are dropped, with a message, and counted by reason."""

import hashlib
import json
from functools import partial
from typing import Any

import httpx
import pytest

from tests.contract.beaconing import (
    VISITOR,
    beacon_of,
    collect,
    counted,
    headers_of,
    picture,
    rows_of,
    told,
)
from tests.world import Server, World, command, running

# (the headers that say where it comes from, the page, status, reason)
SITES = [
    ({"Origin": "https://example.com"}, "https://example.com/", 204, None),
    ({"Origin": "https://a.b.example.com:8443"}, "https://a.b.example.com:8443/", 204, None),
    ({"Origin": "https://EXAMPLE.com"}, "https://Example.COM/", 204, None),
    ({"Origin": "capacitor://example.com"}, "capacitor://example.com/tabs/home", 204, None),  # a web view
    ({"Origin": "ionic://example.com", "Referer": None}, "ionic://example.com/", 204, None),
    ({"Origin": "capacitor://localhost"}, "capacitor://localhost/", 400, "DOMAIN_NOT_AUTHORIZED"),
    ({"Origin": "file://", "Referer": None}, "file:///android_asset/index.html", 400, "ORIGIN_MISSING"),
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
    ({"Origin": "https://example.com"}, "https://[::1%;reboot;]/", 400, "INVALID_DOMAIN"),
]


@pytest.mark.parametrize(("where", "url", "status", "reason"), SITES)
def test_the_domains_of_the_pixel_are_checked_against_origin_or_referer_and_the_page(
    site: Server, where: dict[str, str | None], url: str, status: int, reason: str | None
) -> None:
    answer = collect(site, headers={"Referer": "https://example.com/", **where}, url=url)
    assert answer.status_code == status, answer.text
    assert (answer.json()["reason"] if answer.content else None) == reason


def test_the_operator_reads_once_which_site_is_none_of_the_domains_and_how_to_authorise_it(site: Server) -> None:
    for _ in range(3):
        collect(site, "https://www.forgotten.test")
    said = [line for line in site.log.read_text().splitlines() if "forgotten.test" in line]
    assert len(said) == 1
    assert "heropixel domains add forgotten.test --pixel 1" in said[0]


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
    (b'{"pixelId":1,"url":"https://example.com/","replaces":"%s"}' % (b"a" * 32), "replaces"),
    (b'{"pixelId":1,"url":"https://example.com/","nonsense":1}', "nonsense"),
    (b'{"pixelId":1,"url":"https://example.com/","title":"\xff"}', "UTF-8"),
    (b'{"pixelId":1,"url":"https://example.com/","properties":' + b"[" * 5000 + b"]" * 5000 + b"}", "nested"),
    (b'{"pixelId":1,"url":"https://example.com/","properties":{"a":NaN}}', "invalid"),
]


@pytest.mark.parametrize(("body", "named"), MALFORMED)
def test_a_malformed_beacon_is_counted_and_dropped_with_a_sentence(site: Server, body: bytes, named: str) -> None:
    metric = 'heropixel_beacons_dropped_total{reason="MALFORMED_BEACON"}'
    before, recorded = counted(site, metric), counted(site, "heropixel_beacons_total")
    answer = httpx.post(
        f"{site.url}/collect", content=body, headers=headers_of("https://example.com"), timeout=30, verify=False
    )
    assert (answer.status_code, answer.json()["reason"]) == (400, "MALFORMED_BEACON"), answer.text
    assert named in answer.json()["message"]
    assert counted(site, metric) == before + 1
    assert counted(site, "heropixel_beacons_total") == recorded


def test_half_an_emoji_in_a_title_does_not_cost_the_beacon(site: Server) -> None:
    body = b'{"pixelId":1,"url":"https://example.com/","title":"half \\ud83d"}'
    assert (
        httpx.post(
            f"{site.url}/collect", content=body, headers=headers_of("https://example.com"), verify=False
        ).status_code
        == 204
    )
    picture = f"{site.url}/pixel.gif?pixelId=1&url=https://example.com/&title=caf%E9%F0%9F"
    answer = httpx.get(picture, headers=headers_of("https://example.com"), timeout=30, verify=False)
    assert "heropixel-reason" not in answer.headers


# What is said, and the reason that comes back.
WRONG: list[tuple[dict[str, Any], str | None]] = [
    ({"pixelId": 999}, "PIXEL_NOT_FOUND"),
    ({"id": "order-1"}, "INVALID_ID"),
    ({"id": "AB" * 16}, "INVALID_ID"),
    ({"consent": True, "visitorId": "somebody"}, "INVALID_ID"),
    ({"consent": True, "visitorId": "daily:" + "0" * 32}, "INVALID_ID"),
    ({"consent": True, "visitorId": VISITOR, "sha256": "known"}, "INVALID_DIGEST"),
    ({"consent": True, "visitorId": VISITOR, "externalId": "guest"}, None),  # is taken as not given
    ({"consent": True, "visitorId": VISITOR, "externalId": "7.01E+12"}, None),
    ({"consent": True, "visitorId": VISITOR, "sha256": hashlib.sha256(b"{{email}}").hexdigest()}, None),
    ({"consent": True, "visitorId": VISITOR, "externalId": "x" * 300}, None),
    ({"properties": {"much": "x" * 20_000}}, None),  # what describes is left out, cut or replaced
    ({"title": "a\0b"}, None),
    ({"properties": [1]}, None),
    ({"url": None, "properties": None}, None),  # the Referer is the page
]


@pytest.mark.parametrize(("fields", "reason"), WRONG)
def test_an_invalid_beacon_is_answered_with_the_reason(
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
    assert [len(row[name]) for name in ("title", "referrer", "userAgent")] == [2_048, 8_192, 512]
    assert not row.get("language"), "it is none"


@pytest.mark.parametrize("size", [70_000, 10_000_000])
def test_an_oversized_beacon_is_counted_and_dropped(site: Server, size: int) -> None:
    metric = 'heropixel_beacons_dropped_total{reason="BEACON_TOO_LARGE"}'
    before = counted(site, metric)
    answer = collect(site, title="x" * size)
    assert (answer.status_code, answer.json()["reason"]) == (413, "BEACON_TOO_LARGE")
    assert counted(site, metric) == before + 1


def test_a_replayed_beacon_is_counted_and_dropped_and_answered_as_before(fresh: Server) -> None:
    beacon = beacon_of(fresh)
    send = partial(httpx.post, f"{fresh.url}/collect", json=beacon, headers=headers_of(), timeout=30, verify=False)
    answers = [send() for _ in range(3)]
    assert [told(answer) for answer in answers] == [told(answers[0])] * 3
    assert counted(fresh, 'heropixel_beacons_dropped_total{reason="REPLAYED"}') == 2
    assert len(rows_of(fresh)) == 1


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


@pytest.mark.parametrize(("method", "path"), [("GET", "/collect"), ("PUT", "/collect"), ("POST", "/pixel.gif")])
def test_another_method_is_refused_with_those_that_are_allowed(site: Server, method: str, path: str) -> None:
    answer = httpx.request(method, f"{site.url}{path}", headers=headers_of(), timeout=30, verify=False)
    assert answer.status_code == 405
    assert answer.headers["allow"] == ("POST" if path == "/collect" else "GET, HEAD")


def test_one_address_is_limited_and_told_when_to_try_again(world: World) -> None:
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
