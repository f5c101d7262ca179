"""A document at its limits is executed. Beyond them the answer says how much is allowed."""

import json
import re

import pytest

from tests.contract.bad_input.sending import LIMITS, document, fragments, send, told
from tests.world import Server


def nested(levels: int) -> str:
    return "{ __schema { types " + "{ ofType " * (levels - 3) + "{ name }" + " }" * (levels - 3) + " } }"


WITHIN = [
    ("levels", nested(LIMITS.max_depth)),
    ("aliases", "{ app { " + " ".join(f"a{n}: code" for n in range(LIMITS.max_aliases)) + " } }"),
    ("fields at the root", "{ " + "__typename " * LIMITS.max_root_fields + "}"),
    ("fields", "{ app { " + "code " * (LIMITS.max_fields - 1) + "} }"),
    ("tokens", "{ __typename " + ", " * LIMITS.max_tokens + "}"),
]

BEYOND = [
    ("tokens", LIMITS.max_tokens, "{ " + "__typename " * LIMITS.max_tokens + "}"),
    ("tokens", LIMITS.max_tokens, "{ __typename " + "@skip(if: true) " * 10_000 + "}"),
    ("tokens", LIMITS.max_tokens, "query (" + " ".join(f"$v{n}: Int" for n in range(10_000)) + ") { __typename }"),
    ("tokens", LIMITS.max_tokens, "{ app { " + "code " * LIMITS.max_tokens + "} }"),
    ("comments", LIMITS.max_tokens, "{ __typename }" + "#\n" * 100_000),
    ("levels of fields", LIMITS.max_depth, nested(LIMITS.max_depth + 1)),
    (
        "aliases",
        LIMITS.max_aliases,
        "{ app { " + " ".join(f"a{n}: code" for n in range(LIMITS.max_aliases + 1)) + " } }",
    ),
    (
        "aliases",
        LIMITS.max_aliases,
        "{ " + "app { ...F } " * 8 + "} fragment F on AppResponse { a: code b: code c: code d: code }",
    ),
    ("fields at the root", LIMITS.max_root_fields, "{ " + "__typename " * (LIMITS.max_root_fields + 1) + "}"),
    ("fields at the root", LIMITS.max_root_fields, "{ ...F ...F } fragment F on Query { " + "__typename " * 6 + "}"),
    ("fields at the root", LIMITS.max_root_fields, "{ " + "... { ... on Query { __typename } } " * 11 + "}"),
    ("fields", LIMITS.max_fields, "{ app { " + "code " * LIMITS.max_fields + "} }"),
    ("fields", LIMITS.max_fields, fragments(100, "NEXT NEXT")),
    ("fields", LIMITS.max_fields, fragments(80, "NEXT NEXT NEXT NEXT")),
    (
        "fields",
        LIMITS.max_fields,
        "{ " + "app { ...F } " * 10 + "} fragment F on AppResponse { " + "app { id name } " * 40 + "}",
    ),
]


@pytest.mark.parametrize(("what", "query"), WITHIN, ids=[what for what, _ in WITHIN])
def test_a_document_at_a_limit_is_executed(server: Server, what: str, query: str) -> None:
    assert "data" in send(server, document(query)).json()


@pytest.mark.parametrize(("what", "allowed", "query"), BEYOND)
def test_a_document_beyond_a_limit_is_refused_and_says_how_much_is_allowed(
    server: Server, what: str, allowed: int, query: str
) -> None:
    message = told(send(server, document(query)))
    assert re.search(rf"\d+ {what}, {allowed} are allowed|more than {allowed} {what}", message)


@pytest.mark.parametrize(
    "query",
    [
        "{ __typename " + "@nothing " * 900 + "}",
        "{ __typename " + "@skip(if: true) " * 280 + "}",
        "query (" + " ".join(f"$v{n}: Int" for n in range(480)) + ") { __typename }",
        "{ " + " ".join(f'app(auth: {{appId: "{n}", appSecret: ""}}) {{ code }}' for n in range(10)) + " }",
        "{ app { " + " ".join(f"nothing{n}" for n in range(499)) + " } }",
        "{ ...F0 } fragment F0 on Query { ...F1 ...F1 } fragment F1 on Query { ...F0 ...F0 }",
        "{ ...F } fragment F on Query { ...F }",
        " ".join(f"query Q{n} {{ __typename }}" for n in range(390)),
        "{ ...F }" + " fragment F on Query { __typename }" * 240,
    ],
    ids=lambda query: query[:30],
)
def test_a_document_of_many_mistakes_has_a_bounded_answer(server: Server, query: str) -> None:
    response = send(server, document(query))
    assert told(response)
    assert len(response.json()["errors"]) <= 25
    assert len(response.content) < 30_000


def test_many_wrong_variables_have_a_bounded_answer(server: Server) -> None:
    query = "mutation ($events: [PageviewEventInput!]!) { pageviews(events: $events) { code } }"
    wrong = [{"pixelId": "x", "domain": 7, "title": ["x" * 100] * 5}] * 1000
    response = send(server, json.dumps({"query": query, "variables": {"events": wrong}}).encode())
    assert "pixelId" in told(response)
    assert len(response.content) < 30_000
