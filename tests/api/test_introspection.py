"""Questions about the schema: answered from what is kept, bounded, and only for callers with a secret if so set."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import graphql
import pytest
from graphql import get_introspection_query

from heropixel.api import operations as module
from heropixel.api.callers import Callers
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials
from heropixel.api.limits import Limits
from heropixel.api.operations import Operations, RequestOutcome
from heropixel.api.schema import load_schema
from heropixel.directory import open_directory
from heropixel.directory.registry import Registry
from tests.api.parts import resolvers
from tests.world import World, make_first_world

LIMITS = Limits(tokens=2000, depth=20, aliases=30, root_fields=10, fields=500)
TOOLS = get_introspection_query(specified_by_url=True, directive_is_repeatable=True, input_value_deprecation=True)


class Asking:
    """Operations, and a stranger who asks them."""

    def __init__(self, world: World, registry: Registry) -> None:
        self.world = world
        self.stranger = Context(Callers(registry, lambda: 1), None)
        self.made: list[Operations] = []

    def operations(self, limits: Limits = LIMITS, **more: Any) -> Operations:
        made = Operations(load_schema(resolvers(registry=self.stranger.callers.registry)), limits, 10, **more)
        self.made.append(made)
        return made

    async def ask(
        self, operations: Operations, query: str, variables: Mapping[str, Any] | None = None, **more: Any
    ) -> dict[str, Any]:
        response = await operations.run(query, variables or {}, None, more.get("context", self.stranger))
        assert (response.outcome is RequestOutcome.EXECUTED) == ("errors" not in response.body)
        return response.body


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[Asking]:
    world = make_first_world(tmp_path / "data")
    directory = open_directory(world.settings.url_of_directory())
    place = Asking(world, Registry(directory))
    yield place
    for operations in place.made:
        operations.close()
    directory.close()


def message_of(body: dict[str, Any]) -> str:
    (error,) = body["errors"]
    return str(error["message"])


async def test_the_schema_is_read_once_and_then_answered_from_what_is_kept(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    executed: list[str] = []

    def noted(*args: Any, **more: Any) -> Any:
        executed.append(threading.current_thread().name)
        return graphql.execute(*args, **more)

    monkeypatch.setattr(module, "execute", noted)
    operations = asking.operations()
    answers = [await asking.ask(operations, TOOLS, {"unknown": number}) for number in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert [name.startswith("documents") for name in executed] == [True], "not on the event loop's thread"


async def test_variables_and_the_name_of_an_operation_make_another_question(asking: Asking) -> None:
    operations = asking.operations()
    query = "query A($name: String!) { __type(name: $name) { name } } query B { __schema { queryType { name } } }"
    for name in ("App", "Pixel"):
        response = await operations.run(query, {"name": name}, "A", asking.stranger)
        assert bytes(response.body["data"]) == b'{"__type":{"name":"%b"}}' % name.encode()
    response = await operations.run(query, {"name": "App"}, "B", asking.stranger)
    assert bytes(response.body["data"]) == b'{"__schema":{"queryType":{"name":"Query"}}}'


NAMED = "name description type { kind name }"
WORST = (
    "{ __schema { " + " ".join(f"a{n}: types {{ fields {{ args {{ {NAMED} }} {NAMED} }} }}" for n in range(30)) + " } }"
)
FRAGMENTS = "{ ...F } fragment F on Query { ... on Query { " + WORST.removeprefix("{") + " }"


@pytest.mark.parametrize("query", [WORST, FRAGMENTS], ids=["fields", "a fragment"])
async def test_a_document_that_multiplies_below_the_schema_is_refused(asking: Asking, query: str) -> None:
    body = await asking.ask(asking.operations(), query)
    assert message_of(body) == "The document asks for more than 60000 values of the schema, which is the limit."


async def test_what_tools_ask_for_is_a_third_of_the_limit(asking: Asking) -> None:
    limits = LIMITS._replace(introspected=LIMITS.introspected // 3)
    assert "data" in await asking.ask(asking.operations(limits), TOOLS)


async def test_the_schema_is_asked_for_in_a_request_of_its_own(asking: Asking) -> None:
    body = await asking.ask(asking.operations(), '{ app { code } ... { __type(name: "App") { name } } }')
    assert "in a request of its own" in message_of(body)


@pytest.mark.parametrize(
    "query",
    [
        TOOLS,
        '{ __type(name: "App") { name } }',
        "{ ...F } fragment F on Query { __schema { queryType { name } } }",
    ],
)
async def test_a_setting_closes_introspection_to_strangers(asking: Asking, query: str) -> None:
    operations = asking.operations(schema_for_all=False)
    assert "only to callers with credentials" in message_of(await asking.ask(operations, query))
    world = asking.world
    basic = Context(asking.stranger.callers, Credentials(world.app_id, world.secret))
    wrong = Context(asking.stranger.callers, Credentials(world.app_id, "hps_wrong"))
    assert "data" in await asking.ask(operations, query, context=basic)
    assert "data" in await asking.ask(operations, query, {"auth": world.auth})
    assert "errors" in await asking.ask(operations, query, context=wrong), "though the answer is kept now"


async def test_a_closed_schema_is_not_told_by_suggestions_either(asking: Asking) -> None:
    for public, suggested in ((True, True), (False, False)):
        body = await asking.ask(asking.operations(schema_for_all=public), "{ ap { code } }")
        assert ("Did you mean" in message_of(body)) is suggested


async def test_a_document_is_prepared_beside_the_event_loop(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared: list[str] = []

    def noted(*args: Any, **more: Any) -> Any:
        prepared.append(threading.current_thread().name)
        return graphql.validate(*args, **more)

    monkeypatch.setattr(module, "validate", noted)
    await asking.ask(asking.operations(), "{ __schema { " + "types { name } " * 240 + "} }")
    assert [name.startswith("documents") for name in prepared] == [True]


@pytest.mark.parametrize("depth", [10, 900, 990, 5_000])
async def test_deep_variables_of_a_question_about_the_schema_are_answered(asking: Asking, depth: int) -> None:
    deep: Any = 1
    for _ in range(depth):
        deep = [deep]
    query = "query ($a: Boolean!) { __schema @include(if: $a) { queryType { name } } }"
    assert "errors" in await asking.ask(asking.operations(), query, {"a": deep})


async def test_a_short_document_does_not_wait_behind_many_long_ones(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared: list[int] = []

    def noted(schema: Any, document: Any, **more: Any) -> Any:
        prepared.append(document.loc.end)
        return graphql.validate(schema, document, **more)

    monkeypatch.setattr(module, "validate", noted)
    operations = asking.operations()
    long = [f"{{ app {{ a{number}: code {'code ' * 120} }} }}" for number in range(5)]
    await asyncio.gather(*[operations.run(query, {}, None, asking.stranger) for query in [*long, "{ __typename }"]])
    assert len(prepared) == 6
    assert min(prepared) in prepared[:3]


@pytest.mark.parametrize("where", ["basic", "a variable", "the document"])
async def test_a_caller_with_a_secret_is_known_wherever_it_stands(asking: Asking, where: str) -> None:
    world, callers = asking.world, asking.stranger.callers
    secrets = [("hps_" + "x" * 43, False), (world.secret, True)]
    for secret, known in secrets:
        basic = Credentials(world.app_id, secret) if where == "basic" else None
        variables = {"any": 1, "auth": {"appSecret": secret}} if where == "a variable" else {}
        query = f'{{ app(auth: {{appId: "a", appSecret: "{secret}"}}) {{ code }} }}' if where == "the document" else ""
        assert Context(callers, basic).is_known(query, variables) is known
