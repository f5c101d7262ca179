"""The usual documents have a plan, and others are left to graphql-core."""

from collections.abc import Sequence
from typing import Any

import pytest
from graphql import parse, validate

from heropixel.api.operations import Operations
from heropixel.api.plans import plan
from heropixel.identity.resolve import NOT_KNOWN, Resolution
from heropixel.recording.pageview import Pageview
from tests.api.running import LIMITS, SCHEMA, Decided, Running
from tests.world import World


def is_planned(query: str) -> bool:
    document = parse(query)
    assert not validate(SCHEMA, document)
    return plan(SCHEMA, document) is not None


AUTH = 'auth: {appId: "a", appSecret: "s"}'

SEED = (
    'mutation HeroPixel($event: PageviewEventInput!) { pageview(auth: { appId: "", appSecret: "" }, event: $event)'
    " { message code data } }"
)


@pytest.mark.parametrize(
    "query",
    [
        SEED,
        "mutation($a: AuthInput, $e: PageviewEventInput!) { pageview(auth: $a, event: $e) { code } }",
        """mutation($i: String!, $s: String!) {
            pageview(auth: {appId: $i, appSecret: $s}, event: {pixelId: 1, domain: "x"}) { code } }""",
        """mutation($p: Int!, $d: String!, $m: String, $j: JSON, $t: Timestamp, $c: Boolean) {
            pageview(event: {pixelId: $p, domain: $d, md5: $m, properties: $j, timestamp: $t, consent: $c}) { code }
            }""",
        f"""mutation {{
            a: pageview({AUTH}, event: {{pixelId: 1, domain: "x", properties: {{a: [1]}}}}) {{ __typename m: message }}
            __typename }}""",
        """mutation($e: [PageviewEventInput!]!) {
            pageviews(events: $e) { code results { code user { id traits } match { found } } } }""",
        "mutation($e: PageviewEventInput!) { a: pageview(event: $e) { code } b: pageview(event: $e) { reason } }",
        'mutation { pageviews(events: {pixelId: 1, domain: "x"}) { code } }',
        """mutation($m: String, $e: PageviewEventInput!) {
            a: pageview(event: $e) { code } b: pageview(event: {pixelId: 1, domain: "x", email: $m}) { code } }""",
    ],
)
def test_the_usual_shapes_have_a_plan(query: str) -> None:
    assert is_planned(query)


@pytest.mark.parametrize(
    "query",
    [
        "query { app { code } }",
        "mutation($event: PageviewEventInput!) { pageview(event: $event) { ... on ApiResponse { code } } }",
        "mutation($e: PageviewEventInput!) { pageview(event: $e) { ...f } } fragment f on PageviewResponse { code }",
        "mutation($event: PageviewEventInput!) { pageview(event: $event) { code @skip(if: true) } }",
        "mutation($event: PageviewEventInput!) { pageview(event: $event) { code code } }",
        'mutation($d: String! = "x") { pageview(event: {pixelId: 1, domain: $d}) { code } }',
        "mutation($e: PageviewEventInput!) { pageviews(events: [$e]) { code } }",
        "mutation($d: String!) { pageviews(events: {pixelId: 1, domain: $d}) { code } }",
        'mutation($j: JSON!) { pageview(event: {pixelId: 1, domain: "x", properties: $j}) { code } }',
        'mutation($j: JSON) { pageview(event: {pixelId: 1, domain: "x", properties: {a: $j}}) { code } }',
        "mutation A { __typename } mutation B { __typename }",
    ],
)
def test_other_shapes_are_left_to_graphql_core(query: str) -> None:
    assert not is_planned(query)


@pytest.mark.parametrize(
    "name",
    [*("class", "None", "_", "self", "__init__", "__new__", "__post_init__", "__class__", "__slots__", "__dict__")]
    + ["__weakref__", "__annotations__", "__module__", "__getattribute__", "__eq__", "__struct_fields__", "v_"],
)
@pytest.mark.parametrize("required", ["", "!"])
async def test_a_variable_may_have_any_name(name: str, required: str, running: Running, shop: World) -> None:
    query = (
        f"mutation($auth: AuthInput, ${name}: String{required}) {{ pageview(auth: $auth, event: "
        f'{{pixelId: 1, domain: "example.com", externalId: ${name}, email: "a@example.com"}})'
        " { user { externalId } } }"
    )
    assert is_planned(query)
    answer = await Operations(running.schema, LIMITS, 1).run(
        query, {"auth": shop.auth, name: "found"}, None, running.context
    )
    assert answer.body == {"data": {"pageview": {"user": {"externalId": "found"}}}}


@pytest.mark.parametrize(
    ("declared", "written", "variables", "message"),
    [
        ("$j: JSON!", "properties: $j", {"j": None}, "Variable '$j' has invalid value"),
        ("$j: JSON!", "properties: $j", {}, "Variable '$j' has invalid value"),
        ("$t: Timestamp", "timestamp: $t", {"t": True}, "A Timestamp is a number or a string."),
        ("$t: Timestamp", "timestamp: $t", {"t": [1]}, "A Timestamp is a number or a string."),
        ("", "properties: {a: [1, {b: 1e999}]}", {}, "A JSON number must be finite."),
    ],
)
async def test_what_is_not_of_its_type_is_an_error(
    declared: str, written: str, variables: dict[str, Any], message: str, running: Running
) -> None:
    head = f"({declared})" if declared else ""
    query = f'mutation{head} {{ pageview(event: {{pixelId: 1, domain: "x", {written}}}) {{ code }} }}'
    body = (await Operations(running.schema, LIMITS, 1).run(query, variables, None, running.context)).body
    assert "data" not in body
    assert message in body["errors"][0]["message"]


async def test_one_object_for_a_list_is_a_list_of_one(running: Running, shop: World) -> None:
    query = (
        "mutation($auth: AuthInput, $d: String!) "
        "{ pageviews(auth: $auth, events: {pixelId: 1, domain: $d}) { results { message } } }"
    )
    answer = await Operations(running.schema, LIMITS, 1).run(
        query, {"auth": shop.auth, "d": "example.com"}, None, running.context
    )
    assert answer.body == {"data": {"pageviews": {"results": [{"message": "User Not Found"}]}}}


@pytest.mark.parametrize(
    ("variables", "kept"),
    [({}, '{"b":[null,1]}'), ({"x": None}, '{"a":null,"b":[null,1]}'), ({"x": [2]}, '{"a":[2],"b":[[2],1]}')],
)
async def test_a_variable_inside_of_json_that_is_not_given_is_left_out(
    variables: dict[str, Any], kept: str, running: Running, shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded: list[str] = []

    async def record(_self: Decided, pageviews: Sequence[Pageview], seen: int = 0) -> list[Resolution]:
        recorded.extend(pageview.row.properties for pageview in pageviews)
        return [NOT_KNOWN for _ in pageviews]

    monkeypatch.setattr(Decided, "record", record)
    query = (
        "mutation($auth: AuthInput, $x: JSON) { pageview(auth: $auth, event: "
        '{pixelId: 1, domain: "example.com", properties: {a: $x, b: [$x, 1]}}) { code } }'
    )
    await Operations(running.schema, LIMITS, 1).run(query, {"auth": shop.auth, **variables}, None, running.context)
    assert recorded == [kept]
