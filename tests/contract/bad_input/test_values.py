"""A text, a number or an object that cannot be meant is refused, and the answer names the field."""

import json
import re

import pytest
from graphql import GraphQLInputObjectType, GraphQLNonNull, get_named_type

from heropixel.api.schema import load_schema
from tests.contract.bad_input.sending import answer, document, literally, request_with, send, told
from tests.world import PAGEVIEW, Server

NUL_FIELDS = [
    *(("INVALID_TEXT", field) for field in ("eventId", "sessionId", "visitorId", "externalId")),
    ("INVALID_DOMAIN", "domain"),
    ("INVALID_EMAIL", "email"),
    ("INVALID_DIGEST", "md5"),
    ("INVALID_PHONE", "phone"),
    ("INVALID_TIMESTAMP", "timestamp"),
]


@pytest.mark.parametrize(("reason", "field"), NUL_FIELDS)
def test_nul_in_a_text_is_refused_naming_the_field(server: Server, reason: str, field: str) -> None:
    refused = answer(send(server, request_with(server, **{field: "a\0b"})))
    assert (refused["code"], refused["reason"], refused["data"]) == (400, reason, {})
    assert field in refused["message"]


@pytest.mark.parametrize("literal", ['"a\\u0000b"', '"a\\u{0}b"', '"a\0b"', '"""a\0b"""'])
def test_nul_in_a_literal_that_decides_is_refused_naming_the_field(server: Server, literal: str) -> None:
    refused = answer(send(server, literally(server, f"externalId: {literal}")))
    assert (refused["code"], refused["reason"]) == (400, "INVALID_TEXT")
    assert "externalId" in refused["message"]
    assert answer(send(server, literally(server, f"title: {literal}")))["code"] == 200


@pytest.mark.parametrize("literal", ['"\\uD800"', '"\\uDC00\\uD800"', '"\\u{D800}"', '"\\u{110000}"', '"\\uD83D x"'])
def test_half_of_a_surrogate_pair_in_a_literal_is_a_syntax_error(server: Server, literal: str) -> None:
    for field in ("title", "visitorId", "domain", "properties"):
        assert "Unicode escape" in told(send(server, literally(server, f"{field}: {literal}")))


@pytest.mark.parametrize("raw", ['"\\ud800"', '"\\udfff x"', '"\\ud83d\\ud83d"'])
def test_half_an_emoji_in_a_variable_costs_only_what_decides(server: Server, raw: str) -> None:
    for field in ("title", "url", "referrer", "utmCampaign"):
        assert answer(send(server, request_with(server, raw, **{field: "@@"})))["code"] == 200
    for field in ("domain", "visitorId", "externalId", "email", "timestamp", "eventId"):
        assert answer(send(server, request_with(server, raw, **{field: "@@"})))["code"] == 400


@pytest.mark.parametrize(
    "auth",
    [{"appId": "\0", "appSecret": "\0"}, {"appId": "", "appSecret": ""}, {"appId": "a" * 99_999, "appSecret": "é€😀"}],
)
def test_strange_credentials_are_wrong_credentials(server: Server, auth: dict[str, str]) -> None:
    body = {"query": "query ($auth: AuthInput) { app(auth: $auth) { reason } }", "variables": {"auth": auth}}
    response = send(server, json.dumps(body).encode())
    assert response.json() == {"data": {"app": {"reason": "INVALID_CREDENTIALS"}}}


MISTAKES = [
    '"{secret}"',
    '["{secret}"]',
    '{{"appId": "{app}", "appSecret": ["{secret}"]}}',
    '{{"appId": "{app}", "appSecret": "{secret}", "more": 1}}',
    '{{"appId": 7, "appSecret": "{secret}"}}',
    '{{"appSecret": "{secret}"}}',
]


@pytest.mark.parametrize("auth", MISTAKES)
def test_a_mistake_beside_the_secret_does_not_repeat_the_secret(server: Server, auth: str) -> None:
    given = auth.format(app=server.world.app_id, secret=server.world.secret)
    query = "query ($auth: AuthInput) {{ app(auth: {}) {{ code }} }}"
    variables = {"query": query.format("$auth"), "variables": {"auth": json.loads(given)}}
    assert told(send(server, json.dumps(variables).encode()))
    literal = re.sub(r'"(\w+)":', r"\1:", given)
    assert told(send(server, document(f"{{ app(auth: {literal}) {{ code }} }}")))
    assert told(send(server, document(f"{{ app(auth: {literal} {given}) {{ code }} }}")))


EVENT = load_schema().type_map["PageviewEventInput"]
assert isinstance(EVENT, GraphQLInputObjectType)

WRONG: dict[str, list[object]] = {
    "Int": ["1", True, 1.5, [1], {"a": 1}],
    "String": [7, 1.5, True, ["a"], {"a": "a"}],
    "Boolean": ["true", 1, 0, [True], {}],
    "Timestamp": [True, [1], {"a": 1}],
    "JSON": [],  # takes any; what is not an object is refused by the resolver
}

WRONG_VALUES = [
    (name, value) for name, field in EVENT.fields.items() for value in WRONG[get_named_type(field.type).name]
]

REQUIRED = [name for name, field in EVENT.fields.items() if isinstance(field.type, GraphQLNonNull)]


@pytest.mark.parametrize(("field", "value"), WRONG_VALUES)
def test_a_value_of_the_wrong_type_is_refused_by_graphql_naming_the_field(
    server: Server, field: str, value: object
) -> None:
    assert field in told(send(server, request_with(server, **{field: value})))


@pytest.mark.parametrize("field", REQUIRED)
def test_a_required_field_that_is_missing_or_null_is_named(server: Server, field: str) -> None:
    assert field in told(send(server, request_with(server, **{field: None})))
    others = {"pixelId": 1, "domain": "example.com"}
    del others[field]
    body = {"query": PAGEVIEW, "variables": {"auth": server.world.auth, "event": others}}
    assert field in told(send(server, json.dumps(body).encode()))


def test_an_unknown_field_is_named(server: Server) -> None:
    assert "emial" in told(send(server, request_with(server, emial="a@example.com")))


@pytest.mark.parametrize("event", [None, 7, "a", [], ["a"], {}, True])
def test_an_event_that_is_none_is_refused_by_graphql(server: Server, event: object) -> None:
    body = {"query": PAGEVIEW, "variables": {"auth": server.world.auth, "event": event}}
    assert "event" in told(send(server, json.dumps(body).encode()))


LONGEST = {"visitorId": 256, "externalId": 256, "sessionId": 256, "eventId": 256}


@pytest.mark.parametrize(("field", "limit"), LONGEST.items())
def test_a_text_over_its_limit_is_refused_naming_the_field_and_the_limit(
    server: Server, field: str, limit: int
) -> None:
    for letter in "aé😀":
        taken = answer(send(server, request_with(server, **{field: letter * limit})))
        assert taken["code"] == 200
        refused = answer(send(server, request_with(server, **{field: letter * (limit + 1)})))
        assert (refused["code"], refused["reason"], refused["data"]) == (400, "FIELD_TOO_LONG", {})
        assert re.search(rf"\b{field}\b.*\b{limit}\b", refused["message"])


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ("email", "INVALID_EMAIL"),
        ("md5", "INVALID_DIGEST"),
        ("sha1", "INVALID_DIGEST"),
        ("sha256", "INVALID_DIGEST"),
        ("phone", "INVALID_PHONE"),
        ("domain", "INVALID_DOMAIN"),
        ("timestamp", "INVALID_TIMESTAMP"),
    ],
)
@pytest.mark.parametrize("text", ["a" * 500_000, "1" * 500_000, "." * 100_000, "@" * 100_000, "é" * 100_000])
def test_half_a_megabyte_is_no_identifier(server: Server, field: str, reason: str, text: str) -> None:
    refused = answer(send(server, request_with(server, **{field: text})))
    assert (refused["code"], refused["reason"]) == (400, reason)
    assert len(refused["message"]) < 300
