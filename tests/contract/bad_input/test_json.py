"""A body that is no JSON, or JSON that nobody should send, is answered with what is wrong and where."""

import json
import re
from typing import Any

import pytest

from tests.contract.bad_input.sending import answer, document, fragments, literally, request_with, send, told
from tests.world import Server


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
