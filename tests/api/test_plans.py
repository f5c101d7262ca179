"""The fast path gives exactly the answers of graphql-core's executor, errors included."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from graphql import ExecutionResult, Executor, GraphQLSchema, execute_subscription_event, parse, validate
from hypothesis import given, settings
from hypothesis import strategies as st

from heropixel.api.callers import Callers
from heropixel.api.context import Context
from heropixel.api.guesses import Guesses
from heropixel.api.limits import Limits
from heropixel.api.operations import Operations, Response
from heropixel.api.plans import plan, plan_events
from heropixel.api.schema import load_schema
from heropixel.directory import open_directory
from heropixel.directory.registry import Registry
from heropixel.directory.thread import DirectoryThread
from heropixel.directory.users import User
from heropixel.events.pageviews import EXPORT_COLUMNS
from heropixel.identity.identifiers import Index
from heropixel.identity.resolve import NOT_KNOWN, Resolution
from heropixel.recording.pageview import Pageview
from tests.api.parts import resolvers
from tests.session.examples import examples
from tests.world import World, make_first_world

SCHEMA = load_schema(resolvers())  # to be planned on
LIMITS = Limits(tokens=5000, depth=20, aliases=100, root_fields=100, fields=1000)
NOW = 1_800_000_000_000


class Running(NamedTuple):
    """A request, and a schema with resolvers."""

    context: Context
    schema: GraphQLSchema

    async def run(self, query: str, variables: dict[str, Any]) -> Response:
        return await Operations(self.schema, LIMITS, 1).run(query, variables, None, self.context)


class Decided:
    """Stands in for the recorder. Its answer depends on the question only, so that two runs can be compared."""

    async def record(self, pageviews: Sequence[Pageview]) -> list[Resolution]:
        return [self._answer(pageview) for pageview in pageviews]

    def _answer(self, pageview: Pageview) -> Resolution:
        claims = pageview.question.claims
        user = User(7, claims.external_id, '{"plan":"pro","deep":{"a":[1,null,"x"]}}', NOW)
        if claims.md5:
            return Resolution(user=user, matched_on="MD5")
        if claims.email:
            return Resolution(user=user, created=True)
        return NOT_KNOWN


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_first_world(Path(tmp_path_factory.mktemp("plans")))


@pytest.fixture(scope="module")
def running(shop: World) -> Iterator[Running]:
    directory = open_directory(shop.settings.url_of_directory())
    registry, thread = Registry(directory), DirectoryThread(directory.another())
    index = Index(b"k" * 32)
    parts = {"registry": registry, "recorder": Decided(), "directory": thread, "clock": lambda: NOW, "index": index}
    patient = Guesses(per_second=0)  # hundreds of wrong secrets are sent
    yield Running(Context(Callers(registry, lambda: NOW, patient), None), load_schema(resolvers(**parts)))
    thread.close()
    directory.close()


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

    async def record(_self: Decided, pageviews: Sequence[Pageview]) -> list[Resolution]:
        recorded.extend(pageview.row.properties for pageview in pageviews)
        return [NOT_KNOWN for _ in pageviews]

    monkeypatch.setattr(Decided, "record", record)
    query = (
        "mutation($auth: AuthInput, $x: JSON) { pageview(auth: $auth, event: "
        '{pixelId: 1, domain: "example.com", properties: {a: $x, b: [$x, 1]}}) { code } }'
    )
    await Operations(running.schema, LIMITS, 1).run(query, {"auth": shop.auth, **variables}, None, running.context)
    assert recorded == [kept]


# Values as callers send them, right and wrong.
TEXTS = st.sampled_from(
    ["", "x", "anna@example.com", "undefined", "6b56db1f84a3997b902509d3fbf0a306", 'ü\u2028"\\', "a" * 300]
)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
    max_leaves=5,
)
PIXELS = st.sampled_from([1, 1, 1, 2, -1, 2**31 - 1])
DOMAINS = st.sampled_from(["example.com", "example.com", "www.example.com", "evil.org", "not a host"])
GOOD_EVENT = st.fixed_dictionaries(
    {"pixelId": PIXELS, "domain": DOMAINS, "eventId": st.just("e-1")},
    optional={
        "email": TEXTS,
        "md5": TEXTS,
        "externalId": TEXTS,
        "title": TEXTS | st.none(),
        "timestamp": st.sampled_from([NOW, NOW // 1000, NOW / 1000, str(NOW), "", "soon", 0]),
        "consent": st.booleans() | st.none(),
        "properties": st.dictionaries(st.sampled_from("abc"), ANY_JSON, max_size=2),
    },
)
SPOILT_EVENT = st.builds(
    lambda event, spoilt: {**event, **spoilt},
    GOOD_EVENT,
    st.dictionaries(
        st.sampled_from(["pixelId", "domain", "email", "consent", "timestamp", "properties", "unknown"]),
        ANY_JSON | st.sampled_from([1.0, 1.5, 2**31, -(2**31) - 1, "1", True, [1], {}]),
        max_size=2,
    ),
)
EVENTS = SPOILT_EVENT | SPOILT_EVENT | ANY_JSON


@st.composite
def selections(draw: st.DrawFn, type_name: str, *, plain: bool) -> str:
    """A selection of a type: any fields in any order, some with an alias. Where it is not plain, some occur twice."""
    inner = {"user": "User", "match": "Match", "results": "PageviewResponse"}
    names = [*SCHEMA.type_map[type_name].fields, "__typename"]  # type: ignore[attr-defined]  # object types have fields
    chosen = draw(st.lists(st.sampled_from(names), min_size=1, max_size=6, unique=plain))
    parts = []
    for number, name in enumerate(chosen):
        alias = draw(st.sampled_from(["", "", "", f"x{number}", f"x{number}", *([] if plain else ["same"])]))
        nested = f" {{ {draw(selections(inner[name], plain=plain))} }}" if name in inner else ""
        parts.append(f"{alias}: {name}{nested}" if alias else f"{name}{nested}")
    return " ".join(parts)


def literal(value: Any) -> str:
    """A value as a document writes it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {literal(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return json.dumps(value)


TYPES = {"pixelId": "Int", "properties": "JSON", "timestamp": "Timestamp", "consent": "Boolean"}


class Request:
    """A document in the making, and its variables."""

    def __init__(self) -> None:
        self.declared: list[str] = []
        self.variables: dict[str, Any] = {}

    def variable(self, type_name: str, value: Any) -> str:
        name = f"v{len(self.declared)}"
        self.declared.append(f"${name}: {type_name}")
        self.variables[name] = value
        return f"${name}"

    def mixed(self, draw: st.DrawFn, event: dict[str, Any]) -> str:
        """An object of literals and variables side by side."""
        parts = []
        for name, value in event.items():
            required = "!" if name in ("pixelId", "domain") else draw(st.sampled_from(["", "", "", "!"]))
            as_variable = draw(st.booleans())
            written = self.variable(TYPES.get(name, "String") + required, value) if as_variable else literal(value)
            parts.append(f"{name}: {written}")
        return "{" + ", ".join(parts) + "}"


@st.composite
def requests(draw: st.DrawFn, auth: dict[str, str]) -> tuple[str, Any]:
    """A document with its variables. One half are plain, as callers send them. The other half can be anything."""
    request = Request()
    plain = draw(st.booleans())
    events = GOOD_EVENT if plain else EVENTS
    credentials = draw(st.sampled_from([auth, auth, auth, {**auth, "appSecret": "wrong"}, {"appId": 1}, None]))
    fields = []
    for number in range(draw(st.integers(1, 2))):
        many = draw(st.booleans())
        event = draw(st.lists(events, max_size=4) | EVENTS if many else events)
        how = draw(st.sampled_from(["variable", "variable", "literal", "mixed"]))
        if how == "mixed" and isinstance(event, dict):
            written = request.mixed(draw, event)
        elif how == "variable":
            written = request.variable("[PageviewEventInput!]!" if many else "PageviewEventInput!", event)
        else:
            written = literal(event)
        by_variable = draw(st.booleans())
        given_auth = request.variable("AuthInput", credentials) if by_variable else literal(credentials)
        name, argument, answer = (
            ("pageviews", "events", "PageviewsResponse") if many else ("pageview", "event", "PageviewResponse")
        )
        arguments = f"{argument}: {written}" + draw(
            st.sampled_from([f", auth: {given_auth}", *([] if plain else [""])])
        )
        fields.append(f"f{number}: {name}({arguments}) {{ {draw(selections(answer, plain=plain))} }}")
    if draw(st.booleans()):
        fields.insert(draw(st.integers(0, len(fields))), "__typename")
    spoilt = draw(st.sampled_from(["extra", ""] if plain else ["", "", "", "missing", "extra"]))
    if spoilt == "missing" and request.variables:
        request.variables.popitem()
    if spoilt == "extra":
        request.variables["unknown"] = 1
    declared = f"({', '.join(request.declared)})" if request.declared else ""
    return f"mutation {draw(st.sampled_from(['', 'Named']))}{declared} {{ {' '.join(fields)} }}", request.variables


@given(data=st.data())
@settings(max_examples=max(200, examples(800)))  # fewer may have none of each kind
def compare_the_fast_path(data: st.DataObject, running: Running, shop: World, seen: "Counter[str]") -> None:
    import asyncio

    query, variables = data.draw(requests(shop.auth))
    operations = Operations(running.schema, LIMITS, max_documents=10)

    async def both() -> None:
        fast = await operations.run(query, variables, None, running.context)
        seen["requests"] += 1
        prepared = operations._prepared.get(query)
        if prepared is None:  # it does not validate: there is no execution to compare
            assert "errors" in fast.body
            return
        seen["valid"] += 1
        slow = await operations.execute(prepared.document, variables, None, running.context)
        assert msgspec.json.encode(fast.body) == msgspec.json.encode(slow.body)
        assert fast.outcome == slow.outcome
        if prepared.plan is not None:
            seen["planned"] += 1
            try:
                await prepared.plan.run(variables, running.context)
                seen["fast"] += 1
            except msgspec.ValidationError:
                pass

    asyncio.run(both())


def test_the_fast_path_equals_graphql_core_and_is_really_compared(running: Running, shop: World) -> None:
    seen: Counter[str] = Counter()
    compare_the_fast_path(running=running, shop=shop, seen=seen)
    assert seen["fast"] > seen["requests"] * 0.03, seen  # two hundred examples had from 16 to 58
    assert seen["planned"] > seen["fast"], seen  # some had variables that graphql-core had to look at
    assert seen["valid"] > seen["planned"], seen


EVENT = {
    **dict.fromkeys(EXPORT_COLUMNS),
    "eventId": "1",
    "pixelId": 7,
    "userId": "9",
    "timestamp": NOW,
    "domain": "example.com",
    "botReasons": ["LISTED"],
    "channel": "DIRECT",
    "device": "a fridge",
    "properties": {"a": [1, None]},
    "consent": False,
}
ALL_FIELDS = " ".join(EXPORT_COLUMNS)


@pytest.mark.parametrize(
    ("query", "planned"),
    [
        (f"subscription {{ pageviewRecorded {{ {ALL_FIELDS} __typename }} }}", True),
        ("subscription S($a: AuthInput) { mine: pageviewRecorded(auth: $a) { id: eventId url u: url } }", True),
        ("subscription { pageviewRecorded { ... on Pageview { eventId } } }", False),
        ("subscription { pageviewRecorded { url @skip(if: true) eventId } }", False),
        ("subscription { pageviewRecorded { ...f } } fragment f on Pageview { eventId }", False),
        ("subscription S { pageviewRecorded { eventId } } query Q { __typename }", False),
    ],
)
def test_an_event_is_projected_as_graphql_core_executes_it(query: str, planned: bool) -> None:
    document = parse(query)
    assert not validate(SCHEMA, document)
    project = plan_events(SCHEMA, document)
    assert (project is not None) is planned
    executor = Executor.build(SCHEMA, document, operation_name="S" if "subscription S" in query else None)
    if project is None or isinstance(executor, list):
        return
    executed = execute_subscription_event(executor.build_per_event_executor(EVENT))
    assert isinstance(executed, ExecutionResult)
    assert executed.errors is None
    assert json.dumps(project(EVENT)) == json.dumps(executed.data)
