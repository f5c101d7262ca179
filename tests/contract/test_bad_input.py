"""Bad input: the answer says what is wrong, reveals nothing else, and the server goes on."""

import gzip
import http.client
import json
import re
import socket
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from graphql import GraphQLInputObjectType, GraphQLNonNull, get_named_type

from heropixel.api.schema import load_schema
from heropixel.settings import Settings
from tests.world import PAGEVIEW, Server

LIMITS = Settings()
OURS = re.compile(r"Traceback|sqlite|File \"|\.py\b|site-packages", re.IGNORECASE)


@pytest.fixture(autouse=True)
def _the_next_request_is_answered(server: Server) -> Iterator[None]:
    yield
    assert server.pageview()["code"] == 200


def send(server: Server, body: Any, headers: dict[str, str] | None = None) -> httpx.Response:
    """Post a body; what comes back is JSON with nothing in it that is not the sender's to see."""
    sent = {"content-type": "application/json", **(headers or {})}
    response = server.http.post("/graphql", content=body, headers=sent)
    assert not OURS.search(response.text)
    assert server.world.secret not in response.text
    assert "Internal server error" not in response.text
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    return response


def told(response: httpx.Response, status: int = 200) -> str:
    """The messages of a response that has errors and nothing else."""
    assert response.status_code == status, response.text[:500]
    body = response.json()
    assert list(body) == ["errors"], response.text[:500]
    return "\n".join(error["message"] for error in body["errors"])


def document(query: str) -> bytes:
    return json.dumps({"query": query}).encode()


def request_with(server: Server, raw: str | None = None, /, **event: Any) -> bytes:
    """A pageview. Where a value is "@@", its JSON is written as given in `raw`."""
    event = {"pixelId": server.world.pixel, "domain": "example.com", **event}
    body = json.dumps({"query": PAGEVIEW, "variables": {"auth": server.world.auth, "event": event}})
    return (body if raw is None else body.replace('"@@"', raw)).encode()


def literally(server: Server, fields: str) -> bytes:
    """A pageview all in the document."""
    auth = f'{{appId: "{server.world.app_id}", appSecret: "{server.world.secret}"}}'
    event = f'{{pixelId: {server.world.pixel}, domain: "example.com", {fields}}}'
    return document(f"mutation {{ pageview(auth: {auth}, event: {event}) {{ code reason message }} }}")


def answer(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 200, response.text[:500]
    body = response.json()
    assert "errors" not in body, response.text[:500]
    pageview: dict[str, Any] = body["data"]["pageview"]
    return pageview


# --- The body ---

TOO_LARGE = b'{"query":"' + b"x" * 10_000_000 + b'"}'


def in_chunks(body: bytes, size: int = 65_536) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
@pytest.mark.parametrize("size", [LIMITS.max_body + 1, 10_000_000])
def test_a_body_over_the_limit_is_413_and_says_what_is_taken(server: Server, size: int, chunked: bool) -> None:
    body = TOO_LARGE[:size]
    assert str(LIMITS.max_body) in told(send(server, in_chunks(body) if chunked else body), 413)


def test_a_body_at_the_limit_is_taken(server: Server) -> None:
    body = document("{ __typename }")
    assert send(server, body + b" " * (LIMITS.max_body - len(body))).json() == {"data": {"__typename": "Query"}}


def test_a_body_that_breaks_off_is_not_executed_even_if_it_is_whole_json(server: Server) -> None:
    host = server.url.removeprefix("http://")
    for number in range(2):
        email = f"{uuid4().hex}@example.com"
        body = request_with(server, email=email)
        lengths = (
            f"Content-Length: {len(body) + 9}\r\n\r\n".encode() + body,
            f"Transfer-Encoding: chunked\r\n\r\n{len(body):x}\r\n".encode() + body + b"\r\n",
        )
        head = f"POST /graphql HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n".encode()
        name, _, port = host.partition(":")
        with socket.create_connection((name, int(port))) as connection:
            connection.sendall(head + lengths[number])
            time.sleep(0.2)  # until the server has it all
        assert server.pageview(email=email)["message"] == "User Created"


def test_a_url_over_the_limit_is_414(server: Server) -> None:
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=30)
    connection.request("GET", "/graphql?query={__typename}&x=" + "x" * 60_000)
    response = connection.getresponse()
    assert response.status == 414
    assert "POST" in json.loads(response.read())["errors"][0]["message"]
    connection.close()


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip"])
def test_a_body_may_come_as_gzip(server: Server, encoding: str) -> None:
    body = gzip.compress(request_with(server))
    assert answer(send(server, body, {"content-encoding": encoding}))["code"] == 200


ONE = gzip.compress(document("{ __typename }"))


@pytest.mark.parametrize(
    "body",
    [b"", b"NONSENSE", document("{ __typename }"), ONE[:-1], ONE[:12], ONE[:-8] + bytes(8), ONE + b"x"],
    ids=["empty", "no gzip", "plain", "without its end", "its beginning", "a wrong checksum", "more after it"],
)
def test_broken_gzip_is_400(server: Server, body: bytes) -> None:
    assert "gzip" in told(send(server, body, {"content-encoding": "gzip"}), 400)


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", "nonsense"])
def test_an_unknown_encoding_is_415_and_says_which_is_known(server: Server, encoding: str) -> None:
    response = send(server, ONE, {"content-encoding": encoding})
    assert "gzip" in told(response, 415)
    assert response.headers["accept-encoding"] == "gzip"


def bomb(megabytes: int) -> bytes:
    """Gzip of so many megabytes of zeros, at a thousandth of the size; its checksum is wrong."""
    deflater = zlib.compressobj(wbits=31)
    first, *more = (deflater.compress(bytes(1_000_000)) + deflater.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + more[0] * (megabytes - 1)


STATUS = "/proc/{}/status"


def most_memory(server: Server) -> int:
    """The most memory the server ever had, in kilobytes."""
    (line,) = re.findall(r"VmHWM:\s+(\d+) kB", Path(STATUS.format(server.process.pid)).read_text())
    return int(line)


@pytest.mark.skipif(not Path(STATUS.format("self")).exists(), reason="memory is read from /proc")
def test_a_gzip_bomb_is_413_and_never_unpacked(server: Server) -> None:
    before = most_memory(server)
    body = bomb(800)
    assert len(body) < LIMITS.max_body
    told(send(server, body, {"content-encoding": "gzip"}), 413)
    assert most_memory(server) - before < 100_000


def test_gzip_that_unpacks_to_a_byte_over_the_limit_is_413(server: Server) -> None:
    body = document("{ __typename }")
    for spaces, status in ((0, 200), (1, 413)):
        plain = body + b" " * (LIMITS.max_body - len(body) + spaces)
        assert send(server, gzip.compress(plain), {"content-encoding": "gzip"}).status_code == status


# --- JSON ---


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b'{"query": "{ __typename } # \xff"}', "byte 28 is not UTF-8"),
        (b'{"query": "{ __typename } # \xc0\x80"}', "byte 28 is not UTF-8"),  # NUL, overlong
        (b'{"query": "{ __typename } # \xf4\x90\x80\x80"}', "byte 28 is not UTF-8"),  # beyond Unicode
        (b'{"query": "{ __typename }", "\xff": 1}', "byte 29 is not UTF-8"),
        (json.dumps({"query": "{ __typename }"}).encode("utf-16"), "malformed"),
        (b"\xef\xbb\xbf" + document("{ __typename }"), "malformed"),
    ],
)
def test_a_body_that_is_not_utf_8_or_not_unicode_is_400_and_says_where(server: Server, body: bytes, where: str) -> None:
    assert where in told(send(server, body), 400)


TWICE = [
    '{"query": "{ __typename }", "query": "{ __typename }"}',
    '{"query": "{ __typename }", "QUERY": 1, "qu\\u0065ry": "{ __typename }"}',
    '{"query": "{ __typename }", "variables": {"a": 1, "a": 1}}',
    '{"query": "{ __typename }", "variables": {"a": {"b": [0, {"c": 1, "d": 2, "c": 3}]}}}',
    '{"query": "{ __typename }", "extensions": {"": 1, "": 2}}',
    '{"query": "{ __typename }", "variables": {"a" : 1, "a" : 2}}',
    '{"query": "{ __typename }", "variables": {"a"\t: 1, "a": 2}}',
    '{"query": "{ __typename }", "variables": {"a"\n: 1, "a": 2}}',
    '{"query": "{ __typename }", "variables": {"a"\r: 1, "a": 2}}',
    '{"query": "{ __typename }", "variables": {"a"\n\n  \t: 1, "a"\t\t: 2}}',
    '{"query": "{ __typename }", "unknown": {"a": {"b": 1}, "a": {"b": 1}}}',
    '{"query": "{ __typename }", "unknown": "\\":", "variables": {"a": 1, "a": 2}}',
    '{"query": "{ __typename }", "unknown": "\\u0022:", "variables": {"a": 1, "a": 2}}',
    '{"query": "{ __typename }", "variables": {"a": "\\":", "a": "\\":\\":"}}',
    '{"x": "\\"\\u003a", "query": "{ __typename }", "query": "{ __typename }"}'.replace('": ', '":'),
]

ONCE = [
    '{"query": "{ __typename }", "variables": {"a": 1, "A": 1, "b": {"a": 1}, "c": [{"a": 1}, {"a": 1}]}}',
    '{"query": "{ __typename }", "variables": {"a": "{\\"a\\":1,\\"a\\":2}"}}',
    '{"query": "{ __typename }", "variables": {"a\\":": 1, "a": 1, "b": "\\"a\\": \\"a\\" :"}}',
    '{"query" : "{ __typename }", "variables" : {"a" : "a", "b"\n: "a"}}',
    '{"query": "{ __typename } # \\"query\\": \\"query\\":"}',
]


@pytest.mark.parametrize("body", TWICE)
def test_a_name_that_stands_twice_in_an_object_is_400_and_named(server: Server, body: str) -> None:
    assert re.search(r'the name ".*" is given 2 times in one object', told(send(server, body.encode()), 400))


@pytest.mark.parametrize("body", ONCE)
def test_a_name_that_only_looks_doubled_is_taken(server: Server, body: str) -> None:
    assert send(server, body.encode()).json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize(
    "raw",
    ['{"a": 1, "a": 2}', '{"a": {"b": [{"c": 1, "c": 1}]}}', '{"email": 1, "email" : 2}'],
)
def test_a_name_that_stands_twice_in_the_properties_is_400(server: Server, raw: str) -> None:
    assert "is given 2 times" in told(send(server, request_with(server, raw, properties="@@")), 400)


NO_NUMBERS = ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "9" * 5000, "-" + "9" * 5000, "01", "1.", ".5", "0x1"]


@pytest.mark.parametrize("raw", NO_NUMBERS, ids=lambda raw: raw[:8])
def test_what_is_no_json_number_or_too_large_for_one_is_400(server: Server, raw: str) -> None:
    for body in (
        request_with(server, raw, pixelId="@@"),
        request_with(server, raw, timestamp="@@"),
        request_with(server, f'{{"a": {raw}}}', properties="@@"),
        request_with(server, f'{{"a" : [{raw}]}}', properties="@@"),
    ):
        assert "JSON" in told(send(server, body), 400)


@pytest.mark.parametrize("raw", ["2147483648", "-2147483649", "9223372036854775808", "1e100", "1.5", "9" * 4000])
def test_a_number_outside_of_int_is_refused_by_graphql(server: Server, raw: str) -> None:
    assert "pixelId" in told(send(server, request_with(server, raw, pixelId="@@")))
    literal = f'mutation {{ pageview(event: {{pixelId: {raw}, domain: "example.com"}}) {{ code }} }}'
    assert "Int cannot represent" in told(send(server, document(literal)))


@pytest.mark.parametrize("raw", ["1e400", "[1e400]", "{a: -1e400}", "{a: [{b: 1e400}]}", "{a: " + "9" * 5000 + "}"])
def test_a_literal_that_is_no_finite_number_is_refused_by_graphql(server: Server, raw: str) -> None:
    assert "finite" in told(send(server, literally(server, f"properties: {raw}")))


# --- Nesting ---

DEPTHS = [600, *range(970, 980), 20_000]


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('{"a" :', "}")])
def test_deeply_nested_json_is_answered(server: Server, opening: str, closing: str, depth: int) -> None:
    raw = opening * depth + "1" + closing * depth
    for body in (
        raw.encode(),
        f'{{"query": "{{ __typename }}", "unknown": {raw}}}'.encode(),
        request_with(server, raw, title="@@"),
        request_with(server, raw, properties="@@"),
    ):
        response = send(server, body)
        if depth > 1000:
            assert "nested too deeply" in told(response, 400)


def test_nul_deep_in_the_properties_costs_only_the_properties(server: Server) -> None:
    raw = '{"a":' * 600 + '"\\u0000"' + "}" * 600
    assert answer(send(server, request_with(server, raw, properties="@@")))["code"] == 200


def fragments(count: int, spread: str) -> str:
    """Fragments, each of which spreads the next where `spread` says NEXT."""
    chain = "".join(f"fragment F{n} on Query {{ {spread.replace('NEXT', f'...F{n + 1}')} }} " for n in range(count))
    return f"{{ ...F0 }} {chain} fragment F{count} on Query {{ __typename }}"


@pytest.mark.parametrize("depth", [100, *DEPTHS])
@pytest.mark.parametrize(
    "query",
    [
        lambda n: "{a" * n + "}" * n,
        lambda n: "{" + "...{" * n + "__typename" + "}" * n + "}",
        lambda n: "{__schema{types" + "{ofType" * n + "{name}" + "}" * n + "}}",
        lambda n: f"query ($a: {'[' * n}Int{']' * n}) {{ __typename }}",
        lambda n: f"mutation {{ pageview(event: {'[' * n}{']' * n}) {{ code }} }}",
        lambda n: f"mutation {{ pageview(event: {'{a: ' * n}1{'}' * n}) {{ code }} }}",
        lambda n: f"{{ __typename @skip(if: {'[' * n}{']' * n}) }}",
        lambda n: fragments(n, "NEXT") + " bad",
        lambda n: fragments(2, "... {" * n + "NEXT" + "}" * n),
    ],
    ids=["fields", "fragments inline", "introspection", "types", "lists", "objects", "directives", "fragments", "both"],
)
def test_a_deeply_nested_document_is_refused(server: Server, query: Any, depth: int) -> None:
    response = send(server, document(query(depth)))
    if depth > 100 or "data" not in response.json():
        assert told(response)


@pytest.mark.parametrize(
    "query",
    [fragments(200, "NEXT"), fragments(220, "NEXT"), fragments(13, "... {" * 40 + "NEXT" + "}" * 40)],
    ids=["200 fragments", "220 fragments", "13 fragments of 40 levels"],
)
def test_fragments_spread_deeply_in_each_other_are_answered(server: Server, query: str) -> None:
    assert told(send(server, document(query)))


# --- The document's limits ---


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


# --- Texts ---

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


# --- Types ---

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


# --- Lengths ---


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
