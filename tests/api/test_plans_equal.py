"""The fast path gives exactly the answers of graphql-core's executor, errors included."""

import json
from collections import Counter
from typing import Any

import msgspec
import pytest
from graphql import ExecutionResult, Executor, execute_subscription_event, parse, validate
from hypothesis import given, settings
from hypothesis import strategies as st

from heropixel.api.operations import Operations
from heropixel.api.plans import plan_events
from heropixel.events.pageviews import EXPORT_COLUMNS
from tests.api.running import LIMITS, NOW, SCHEMA, Running
from tests.session.examples import examples
from tests.world import World

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
