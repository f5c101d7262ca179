"""Section 3 of the contract, from outside: the mutation `pageview` over HTTP."""

import hashlib
import json
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.world import PAGEVIEW, Server, World, command, make_world, running

SEED = """mutation HeroPixel($event: PageviewEventInput!) {
pageview(auth: { appId: "%s", appSecret: "%s" }, event: $event) { message code data } }"""

PAGEVIEWS = """
mutation ($auth: AuthInput, $events: [PageviewEventInput!]!) {
  pageviews(auth: $auth, events: $events) {
    code message data reason
    results { code message data reason eventId user { id } match { found } }
  }
}
"""

KNOWN = "known@example.com"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
TRAITS = {"plan": "gold", "name": "Zoë"}
NULLED = {"eventId": None, "user": None, "match": None, "warnings": None}


def digest(algorithm: str, text: str) -> str:
    return hashlib.new(algorithm, text.encode()).hexdigest()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with an app that knows one customer, and with the pixel of another app."""
    world = make_world(tmp_path_factory.mktemp("shop") / "data")
    customers = world.folder.parent / "customers.csv"
    customers.write_text(f"email,phone,external_id,plan,name\n{KNOWN},+14155550100,c-1,gold,Zoë\n")
    command(world, "users", "import", str(customers), "--app", world.app_id)
    other = json.loads(command(world, "apps", "create", "Other", "--json"))["appId"]
    command(world, "pixels", "create", "Theirs", "--app", other, "--domain", "example.com")
    with running(world) as server:
        yield server


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


# --- pageviews ---


def batch(server: Server, events: list[dict[str, Any]]) -> dict[str, Any]:
    body = server.graphql(PAGEVIEWS, {"auth": server.world.auth, "events": events})
    assert "errors" not in body, body
    answer: dict[str, Any] = body["data"]["pageviews"]
    return answer


def test_a_thousand_pageviews_are_answered_one_by_one_in_order(shop: Server) -> None:
    events: list[dict[str, Any]] = [
        {"pixelId": 1, "domain": "example.com", "eventId": f"batch-{number}"} for number in range(1000)
    ]
    for number in range(0, 1000, 10):
        events[number]["email"] = KNOWN
    for number in range(3, 1000, 10):
        events[number]["domain"] = "example.org"
    for number in range(7, 1000, 10):
        events[number]["md5"] = "nonsense"
    answer = batch(shop, events)
    assert (answer["code"], answer["message"]) == (200, "800 of 1000 pageviews recorded")
    assert answer["data"] == {"recorded": 800, "refused": 200}
    assert answer["reason"] is None
    for number, result in enumerate(answer["results"]):
        expected = {0: "User Found", 3: "Domain not authorized"}.get(number % 10, "User Not Found")
        if number % 10 == 7:
            assert result["reason"] == "INVALID_DIGEST"
            continue
        assert result["message"] == expected, number
        assert result["eventId"] == (None if result["code"] == 400 else f"batch-{number}")


def test_a_bad_pageview_spoils_no_other(shop: Server) -> None:
    good = {"pixelId": 1, "domain": "example.com"}
    answer = batch(shop, [{**good, "pixelId": 99}, good, {**good, "email": "x"}, {**good, "email": KNOWN}])
    assert [result["reason"] for result in answer["results"]] == ["PIXEL_NOT_FOUND", None, "INVALID_EMAIL", None]
    assert answer["results"][3]["data"] == TRAITS
    assert all(result["data"] == {} for result in answer["results"][:3])


def test_a_person_learned_in_a_request_is_known_to_its_later_pageviews(shop: Server) -> None:
    event = {"pixelId": 1, "domain": "example.com", "email": "twice-in-one@example.com", "visitorId": "v-in-one"}
    alone = {"pixelId": 1, "domain": "example.com", "visitorId": "v-in-one"}
    answer = batch(shop, [alone, event, event, alone])
    messages = [result["message"] for result in answer["results"]]
    assert messages == ["User Not Found", "User Created", "User Found", "User Found"]


def test_more_than_a_thousand_pageviews_are_refused_as_a_whole(shop: Server) -> None:
    answer = batch(shop, [{"pixelId": 1, "domain": "example.com"}] * 1001)
    assert answer == {
        "code": 400,
        "message": "events holds 1001 pageviews, 1000 are allowed in one request: send the rest in another",
        "data": {},
        "reason": "TOO_MANY_EVENTS",
        "results": None,
    }


def test_no_pageviews_at_all_are_no_mistake(shop: Server) -> None:
    assert batch(shop, []) == {
        "code": 200,
        "message": "0 of 0 pageviews recorded",
        "data": {"recorded": 0, "refused": 0},
        "reason": None,
        "results": [],
    }


# --- once ---


def test_the_same_event_id_is_recorded_once_and_answered_alike_also_after_a_restart(world: World) -> None:
    first = {"eventId": "once", "email": "once@example.com", "visitorId": "v", "externalId": "x-1"}
    second = {"eventId": "then", "md5": digest("md5", "once@example.com")}
    with running(world) as server:
        created, found = server.pageview(**first), server.pageview(**second)
        assert created["message"] == "User Created"
        assert found["message"] == "User Found"
        assert server.pageview(**first) == created
        assert server.pageview(**second) == found
        assert server.pageview(**{**first, "eventId": "other"})["message"] == "User Found"
        twice = batch(server, [{"pixelId": 1, "domain": "example.com", "eventId": "in-one"}] * 2)["results"]
        assert twice[0] == twice[1]
        assert server.stop() == 0
    with running(world) as server:
        assert server.pageview(**first) == created
        assert server.pageview(**second) == found
        assert server.stop() == 0
    exported = [json.loads(line) for line in command(world, "pageviews", "export", "--format", "jsonl").splitlines()]
    assert sorted(row["eventId"] for row in exported) == ["in-one", "once", "other", "then"]


def test_a_pageview_learns_its_email_and_attaches_no_other_identifier(server: Server) -> None:
    learning = {"email": "learned@example.com", "externalId": "learned", "eventId": "learning"}
    created = server.pageview(**learning)
    assert (created["message"], created["user"]["externalId"]) == ("User Created", None)
    assert server.pageview(**learning) == created
    assert server.pageview(externalId="learned")["message"] == "User Not Found"
    assert server.pageview(email="learned@example.com")["user"] == created["user"]


@pytest.mark.parametrize("field", ["eventId", "sessionId"])
@pytest.mark.parametrize(
    "placeholder",
    ["undefined", "null", "{{eventId}}", "0", " None ", "not_authenticated", '"undefined"', "*|EMAIL_UID|*"],
)
def test_a_placeholder_is_refused_as_an_id_of_a_pageview_or_a_visit(
    server: Server, field: str, placeholder: str
) -> None:
    answer = server.pageview(**{field: placeholder})
    assert (answer["code"], answer["reason"]) == (400, "PLACEHOLDER_IDENTIFIER")
    assert answer["message"].startswith(field)


@pytest.mark.parametrize("number", [9007199254740993, 9007199254740993.0, 7.01e12, 12])
def test_a_number_is_no_id_in_variables(server: Server, number: float) -> None:
    for field in ("externalId", "visitorId", "eventId", "phone"):
        event = {"pixelId": 1, "domain": "example.com", field: number}
        body = server.graphql(PAGEVIEW, {"auth": server.world.auth, "event": event})
        assert "String cannot represent a non string value" in body["errors"][0]["message"]


def test_an_event_id_is_trimmed_and_a_blank_one_is_not_given(server: Server) -> None:
    assert server.pageview(eventId=" trimmed ")["eventId"] == "trimmed"
    first, second = (server.pageview(eventId="  ")["eventId"] for _ in range(2))
    assert len(first) == 32
    assert first != second


def test_an_event_id_belongs_to_its_pixel(world: World) -> None:
    command(world, "pixels", "create", "Second", "--app", world.app_id, "--domain", "example.com")
    with running(world) as server:
        assert server.pageview(eventId="same", email="a@example.com")["message"] == "User Created"
        assert server.pageview(eventId="same", pixelId=2)["message"] == "User Not Found"


# --- the seed ---


def test_the_seeds_document_is_answered_as_the_seed_says(world: World, tmp_path: Path) -> None:
    customers = tmp_path / "customers.csv"
    customers.write_text("email\ncustomer@example.com\n")
    command(world, "users", "import", str(customers), "--app", world.app_id)
    md5 = digest("md5", "customer@example.com")
    request = json.dumps(
        {
            "query": SEED % (world.app_id, world.secret),
            "variables": {"event": {"md5": md5, "pixelId": world.pixel, "domain": "example.com"}},
        }
    )
    expected = '{"data":{"pageview":{"message":"User Found","code":200,"data":{}}}}'
    with running(world) as server:
        headers = {"Content-Type": "application/json"}
        assert server.http.post("/graphql", content=request, headers=headers).text == expected
        curl = [
            "curl",
            "-sS",
            "-X",
            "POST",
            f"{server.url}/graphql",
            "-H",
            "Content-Type: application/json",
            "-d",
            request,
        ]
        done = subprocess.run(curl, capture_output=True, text=True, check=True)
        assert done.stdout == expected


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"email": "", "pixelId": 1, "domain": "example.com"}, {"message": "User Not Found", "code": 200, "data": {}}),
        ({"md5": "", "pixelId": 1, "domain": ""}, {"message": "Invalid domain", "code": 400, "data": {}}),
    ],
)
def test_the_seeds_document_with_other_events(server: Server, event: dict[str, Any], expected: dict[str, Any]) -> None:
    query = SEED % (server.world.app_id, server.world.secret)
    assert server.graphql(query, {"event": event}) == {"data": {"pageview": expected}}


def test_the_seeds_empty_credentials_are_invalid(server: Server) -> None:
    body = server.graphql(SEED % ("", ""), {"event": {"md5": "", "pixelId": 1, "domain": ""}})
    assert body == {"data": {"pageview": {"message": "Invalid credentials", "code": 400, "data": {}}}}
