"""Section 3 of the contract, from outside: what is sent, and what `pageview` answers."""

import json
import re
import time
from typing import Any

import httpx
import pytest

from tests.contract.pageview.asking import KNOWN, TRAITS, digest
from tests.world import PAGEVIEW, Server

GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
NULLED = {"eventId": None, "user": None, "match": None, "warnings": None}


def unix(seconds: float = 0) -> float:
    return round(time.time() + seconds, 3)


# (what is sent beside pixelId and domain, code, message, reason, data)
TABLE: list[tuple[dict[str, Any], int, str, str | None, dict[str, Any]]] = [
    # a known user
    ({"email": KNOWN}, 200, "User Found", None, TRAITS),
    ({"email": "  KNOWN@Example.COM "}, 200, "User Found", None, TRAITS),
    ({"md5": digest("md5", KNOWN)}, 200, "User Found", None, TRAITS),
    ({"md5": digest("md5", KNOWN).upper()}, 200, "User Found", None, TRAITS),
    ({"sha1": digest("sha1", KNOWN)}, 200, "User Found", None, TRAITS),
    ({"sha256": digest("sha256", KNOWN)}, 200, "User Found", None, TRAITS),
    ({"email": KNOWN, "md5": digest("md5", KNOWN)}, 200, "User Found", None, TRAITS),
    ({"externalId": "c-1"}, 200, "User Found", None, TRAITS),
    ({"phone": "+1 415 555 0100"}, 200, "User Found", None, TRAITS),
    ({"externalId": "c-1", "email": ""}, 200, "User Found", None, TRAITS),
    # nobody known
    ({"email": "table-new@example.com"}, 200, "User Created", None, {}),
    ({}, 200, "User Not Found", None, {}),
    (
        {"email": "", "md5": "", "sha1": "", "sha256": "", "phone": "", "externalId": ""},
        200,
        "User Not Found",
        None,
        {},
    ),
    ({"md5": digest("md5", "nobody@example.com")}, 200, "User Not Found", None, {}),
    ({"md5": digest("md5", "")}, 200, "User Not Found", None, {}),
    ({"sha1": digest("sha1", "")}, 200, "User Not Found", None, {}),
    ({"sha256": digest("sha256", "")}, 200, "User Not Found", None, {}),
    ({"visitorId": "table-visitor"}, 200, "User Not Found", None, {}),
    ({"email": KNOWN, "consent": False}, 200, "User Not Found", None, {}),
    ({"email": "table-refused@example.com", "consent": False}, 200, "User Not Found", None, {}),
    # the pixel
    ({"pixelId": 2}, 400, "Pixel not found", "PIXEL_NOT_FOUND", {}),
    ({"pixelId": 99}, 400, "Pixel not found", "PIXEL_NOT_FOUND", {}),
    ({"pixelId": -1}, 400, "Pixel not found", "PIXEL_NOT_FOUND", {}),
    # the domain
    ({"domain": "shop.example.com"}, 200, "User Not Found", None, {}),
    ({"domain": "a.b.example.co.uk"}, 200, "User Not Found", None, {}),
    ({"domain": "EXAMPLE.com."}, 200, "User Not Found", None, {}),
    ({"domain": "example.org"}, 400, "Domain not authorized", "DOMAIN_NOT_AUTHORIZED", {}),
    ({"domain": "notexample.com"}, 400, "Domain not authorized", "DOMAIN_NOT_AUTHORIZED", {}),
    ({"domain": "co.uk"}, 400, "Domain not authorized", "DOMAIN_NOT_AUTHORIZED", {}),
    ({"domain": "localhost"}, 400, "Domain not authorized", "DOMAIN_NOT_AUTHORIZED", {}),
    ({"domain": ""}, 400, "Invalid domain", "INVALID_DOMAIN", {}),
    ({"domain": "https://example.com/"}, 200, "User Not Found", None, {}),
    ({"domain": "example.com:443"}, 200, "User Not Found", None, {}),
    ({"domain": "file:///index.html"}, 400, "Invalid domain", "INVALID_DOMAIN", {}),
    ({"domain": "exa mple.com"}, 400, "Invalid domain", "INVALID_DOMAIN", {}),
    # identifiers
    ({"email": "no-address"}, 400, "email is not an email address", "INVALID_EMAIL", {}),
    ({"email": "a@b@example.com"}, 400, "email is not an email address", "INVALID_EMAIL", {}),
    (
        {"md5": "abc"},
        400,
        "md5 is not a digest of 16 bytes: send 32 hexadecimal digits or its Base64",
        "INVALID_DIGEST",
        {},
    ),
    (
        {"sha1": digest("md5", KNOWN)},
        400,
        "sha1 is not a digest of 20 bytes: send 40 hexadecimal digits or its Base64",
        "INVALID_DIGEST",
        {},
    ),
    (
        {"sha256": "g" * 64},
        400,
        "sha256 is not a digest of 32 bytes: send 64 hexadecimal digits or its Base64",
        "INVALID_DIGEST",
        {},
    ),
    (
        {"email": KNOWN, "md5": digest("md5", "other@example.com")},
        400,
        "email and md5 contradict each other: md5 is not a digest of that email",
        "CONTRADICTORY_IDENTIFIERS",
        {},
    ),
    (
        {"email": KNOWN, "sha256": digest("sha256", "other@example.com")},
        400,
        "email and sha256 contradict each other: sha256 is not a digest of that email",
        "CONTRADICTORY_IDENTIFIERS",
        {},
    ),
    (
        {"phone": "12"},
        400,
        "phone is not a telephone number with its country code, such as +14155550100",
        "INVALID_PHONE",
        {},
    ),
    (
        {"externalId": "undefined"},
        400,
        "externalId holds a placeholder (undefined), not an identifier: leave it out when the person is not known",
        "PLACEHOLDER_IDENTIFIER",
        {},
    ),
    (
        {"email": "{{email}}"},
        400,
        "email holds a placeholder ({{email}}), not an identifier: leave it out when the person is not known",
        "PLACEHOLDER_IDENTIFIER",
        {},
    ),
    (
        {"md5": "0" * 32},
        400,
        "md5 holds a placeholder (all zeros), not an identifier: leave it out when the person is not known",
        "PLACEHOLDER_IDENTIFIER",
        {},
    ),
    (
        {"sha256": digest("sha256", "undefined")},
        400,
        (
            "sha256 holds a placeholder (the digest of undefined), not an identifier:"
            " leave it out when the person is not known"
        ),
        "PLACEHOLDER_IDENTIFIER",
        {},
    ),
    (
        {"externalId": "7.01E+12"},
        400,
        "externalId is a number whose last digits are lost (7.01E+12): give the whole number, as a text",
        "ROUNDED_IDENTIFIER",
        {},
    ),
    ({"externalId": "'c-1"}, 200, "User Found", None, TRAITS),
    ({"email": "kno\u200bwn@example.com\ufeff"}, 200, "User Found", None, TRAITS),
    ({"externalId": "x" * 257}, 400, "externalId is longer than 256 characters", "FIELD_TOO_LONG", {}),
    # what was seen
    ({"timestamp": unix()}, 200, "User Not Found", None, {}),
    ({"timestamp": round(unix() * 1000)}, 200, "User Not Found", None, {}),
    ({"timestamp": str(round(unix()))}, 200, "User Not Found", None, {}),
    ({"timestamp": ""}, 200, "User Not Found", None, {}),
    ({"timestamp": unix(-29.9 * 86_400)}, 200, "User Not Found", None, {}),
    ({"timestamp": unix(9 * 60)}, 200, "User Not Found", None, {}),
    *(
        (
            {"timestamp": wrong},
            400,
            "timestamp must be Unix seconds, Unix milliseconds or ISO 8601, at most 30 days back and 10 minutes ahead",
            "INVALID_TIMESTAMP",
            dict[str, Any](),
        )
        for wrong in (unix(-30.1 * 86_400), unix(3600), "yesterday", "NaN", 0, 1e300)
    ),
    ({"ip": "2001:db8::1", "title": "Zoë ✓", "properties": {"a": [1, None]}}, 200, "User Not Found", None, {}),
    ({"ip": "203.0.113.9:443, 10.0.0.1"}, 200, "User Not Found", None, {}),
    ({"ip": "256.1.1.1"}, 200, "User Not Found", None, {}),
    ({"properties": [1]}, 200, "User Not Found", None, {}),
    ({"title": "a\0b"}, 200, "User Not Found", None, {}),
    ({"utmSource": "x" * 513}, 200, "User Not Found", None, {}),
    ({"language": "x" * 513}, 200, "User Not Found", None, {}),
    (
        {"externalId": "a\0b"},
        400,
        "externalId contains a character that cannot be stored (NUL or half of a surrogate pair)",
        "INVALID_TEXT",
        {},
    ),
    ({"sessionId": "x" * 257}, 400, "sessionId is longer than 256 characters", "FIELD_TOO_LONG", {}),
]


def test_what_became_of_a_field_that_describes_is_in_the_answer(shop: Server) -> None:
    title, sent = "x" * 2049, {"ip": "nowhere", "properties": [1], "language": "en\0"}
    answer = shop.pageview(title=title, **sent)
    assert (answer["code"], answer["reason"]) == (200, None)
    assert {warning["field"]: warning["treatment"] for warning in answer["warnings"]} == {
        "title": "CUT",
        "language": "CHANGED",
        "ip": "DROPPED",
        "properties": "DROPPED",
    }
    assert "title was cut to 2048 characters" in [warning["message"] for warning in answer["warnings"]]
    assert shop.pageview(title="Tea")["warnings"] == []
    assert shop.pageview(domain="example.org")["warnings"] is None


@pytest.mark.parametrize(
    ("sent", "code", "message", "reason", "data"),
    TABLE,
    ids=[re.sub(r"\d{10,}(\.\d+)?", "N", json.dumps(row[0]))[:60] for row in TABLE],
)
def test_every_row_of_the_contracts_table(
    shop: Server, sent: dict[str, Any], code: int, message: str, reason: str | None, data: dict[str, Any]
) -> None:
    answer = shop.pageview(**sent)
    assert (answer["code"], answer["message"], answer["reason"], answer["data"]) == (code, message, reason, data)
    if code == 200:
        assert answer["eventId"]
        assert answer["match"]["found"] is (message == "User Found")
        assert (answer["user"] is None) is (message == "User Not Found")
    else:
        assert {name: answer[name] for name in NULLED} == NULLED


@pytest.mark.parametrize(
    "change",
    [
        {"appId": "app_0000000000000000"},
        {"appId": ""},
        {"appSecret": "hps_wrong"},
        {"appSecret": ""},
        None,
    ],
)
def test_wrong_or_missing_credentials_are_refused_alike(shop: Server, change: dict[str, str] | None) -> None:
    auth = None if change is None else {**shop.world.auth, **change}
    body = shop.graphql(PAGEVIEW, {"auth": auth, "event": {"pixelId": 1, "domain": "example.com"}})
    assert body == {
        "data": {
            "pageview": {
                "message": "Invalid credentials",
                "code": 400,
                "data": {},
                "reason": "INVALID_CREDENTIALS",
                **NULLED,
            }
        }
    }


def test_credentials_may_come_by_basic_and_the_argument_wins(shop: Server) -> None:
    world = shop.world

    def ask(argument: dict[str, str] | None, user: str, password: str) -> str:
        variables = {"auth": argument, "event": {"pixelId": 1, "domain": "example.com"}}
        response = shop.http.post(
            "/graphql", json={"query": PAGEVIEW, "variables": variables}, auth=httpx.BasicAuth(user, password)
        )
        message: str = response.json()["data"]["pageview"]["message"]
        return message

    assert ask(None, world.app_id, world.secret) == "User Not Found"
    assert ask(None, world.app_id, "wrong") == "Invalid credentials"
    assert ask(world.auth, world.app_id, "wrong") == "User Not Found"
    assert ask({**world.auth, "appSecret": "wrong"}, world.app_id, world.secret) == "Invalid credentials"


@pytest.mark.parametrize(
    "event",
    [
        {"domain": "example.com"},
        {"pixelId": 1},
        {"pixelId": "1", "domain": "example.com"},
        {"pixelId": 2**31, "domain": "example.com"},
        {"pixelId": 1.5, "domain": "example.com"},
        {"pixelId": True, "domain": "example.com"},
        {"pixelId": 1, "domain": None},
        {"pixelId": 1, "domain": "example.com", "email": 5},
        {"pixelId": 1, "domain": "example.com", "consent": "yes"},
        {"pixelId": 1, "domain": "example.com", "timestamp": True},
        {"pixelId": 1, "domain": "example.com", "wrong": 1},
        None,
    ],
)
def test_what_graphql_itself_rejects_comes_as_graphql_errors(shop: Server, event: dict[str, Any] | None) -> None:
    body = shop.graphql(PAGEVIEW, {"auth": shop.world.auth, "event": event})
    assert "data" not in body
    assert "$event" in body["errors"][0]["message"]


# Which of the caller's identifiers matched, and of what form: (sent, matchedOn, normalisation)
@pytest.mark.parametrize(
    ("sent", "matched_on", "form"),
    [
        ({"externalId": "c-1", "email": KNOWN}, "EXTERNAL_ID", None),
        ({"email": KNOWN, "sha1": digest("sha1", KNOWN)}, "EMAIL", "STRICT"),
        ({"sha256": digest("sha256", KNOWN), "md5": digest("md5", KNOWN)}, "SHA256", "STRICT"),
        ({"sha1": digest("sha1", KNOWN)}, "SHA1", "STRICT"),
        ({"md5": digest("md5", KNOWN)}, "MD5", "STRICT"),
        ({"phone": "+14155550100"}, "PHONE", None),
    ],
)
def test_a_match_names_the_identifier(shop: Server, sent: dict[str, str], matched_on: str, form: str | None) -> None:
    answer = shop.pageview(**sent)
    assert (answer["match"]["matchedOn"], answer["match"]["normalisation"]) == (matched_on, form)
    assert answer["match"]["missReason"] is None
    assert answer["match"]["firstSeen"] == answer["user"]["firstSeen"]
    assert answer["user"]["externalId"] == "c-1"
    assert answer["user"]["traits"] == TRAITS


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ({}, "NO_IDENTIFIER"),
        ({"md5": digest("md5", "")}, "NO_IDENTIFIER"),
        ({"md5": digest("md5", "miss@example.com")}, "NOT_KNOWN"),
        ({"email": "miss-created@example.com"}, "NOT_KNOWN"),
        ({"email": KNOWN, "consent": False}, "NO_CONSENT"),
        ({"md5": digest("md5", "miss-bot@example.com"), "userAgent": GOOGLEBOT}, "BOT"),
        ({"email": KNOWN, "userAgent": GOOGLEBOT, "consent": False}, "NO_CONSENT"),
        ({"userAgent": GOOGLEBOT}, "NO_IDENTIFIER"),
    ],
)
def test_a_miss_says_why(shop: Server, sent: dict[str, Any], reason: str) -> None:
    match = shop.pageview(**sent)["match"]
    assert match == {"found": False, "matchedOn": None, "normalisation": None, "firstSeen": None, "missReason": reason}


def test_a_known_user_is_found_whatever_the_user_agent(shop: Server) -> None:
    assert shop.pageview(email=KNOWN, userAgent=GOOGLEBOT)["message"] == "User Found"
    assert shop.pageview(email="with-a-bot@example.com", userAgent=GOOGLEBOT)["message"] == "User Created"


def test_a_learned_email_is_found_by_every_platforms_form(shop: Server) -> None:
    created = shop.pageview(email="Jo.Hn+news@gmail.com")
    assert created["message"] == "User Created"
    for text, form in (
        ("jo.hn+news@gmail.com", "STRICT"),
        ("john+news@gmail.com", "GOOGLE"),
        ("john@gmail.com", "UID2"),
    ):
        for algorithm in ("md5", "sha1", "sha256"):
            answer = shop.pageview(**{algorithm: digest(algorithm, text)})
            assert answer["user"]["id"] == created["user"]["id"]
            assert answer["match"]["normalisation"] == form


def test_a_visitor_is_linked_and_then_found_alone(shop: Server) -> None:
    assert shop.pageview(visitorId="linked")["message"] == "User Not Found"
    assert shop.pageview(visitorId="linked", email=KNOWN, consent=False)["message"] == "User Not Found"
    assert shop.pageview(visitorId="linked")["message"] == "User Not Found"
    assert shop.pageview(visitorId="linked", email=KNOWN)["message"] == "User Found"
    alone = shop.pageview(visitorId="linked")
    assert (alone["message"], alone["data"]) == ("User Found", TRAITS)
    assert alone["match"]["matchedOn"] == "VISITOR_ID"
