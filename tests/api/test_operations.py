"""Prepared operations: they are made once, the cache is bounded, and internal errors are masked."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import graphql
import pytest
import structlog.testing
from graphql import GraphQLSchema

from heropixel.api import operations as module
from heropixel.api.callers import Callers
from heropixel.api.context import Context, Contexts
from heropixel.api.credentials import Credentials
from heropixel.api.limits import Limits
from heropixel.api.operations import Operations
from heropixel.api.schema import load_schema
from heropixel.directory import open_directory
from heropixel.directory.registry import Registry
from heropixel.directory.thread import DirectoryThread
from heropixel.identity.identifiers import Index
from heropixel.identity.resolve import NOT_KNOWN, Resolution
from heropixel.recording.pageview import Pageview
from heropixel.wire.proxies import Proxies
from tests.api.parts import resolvers
from tests.world import World, make_first_world

LIMITS = Limits(tokens=5000, depth=20, aliases=100, root_fields=100, fields=1000)


class Recorder:
    """Stands in for the recorder, and fails when a test wants it to."""

    failing = False

    async def record(self, pageviews: Sequence[Pageview], seen: int = 0) -> list[Resolution]:  # noqa: ARG002 - as the recorder has it
        if self.failing:
            raise RuntimeError("SELECT secret FROM /var/lib/heropixel")
        return [NOT_KNOWN for _ in pageviews]


class Place(NamedTuple):
    """A world, a request to it, and a schema with resolvers."""

    world: World
    context: Context
    recorder: Recorder
    schema: GraphQLSchema


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    world = make_first_world(tmp_path / "data")
    directory = open_directory(world.settings.url_of_directory())
    recorder = Recorder()
    registry, thread = Registry(directory), DirectoryThread(directory.another())
    index = Index(b"k" * 32)
    parts = {"registry": registry, "recorder": recorder, "directory": thread, "clock": lambda: 1, "index": index}
    callers = Callers(registry, lambda: 1)
    context = Context(callers, Credentials(world.app_id, world.secret))
    yield Place(world, context, recorder, load_schema(resolvers(**parts)))
    thread.close()
    directory.close()


def query(number: int, filling: str = "") -> str:
    event = f'{{pixelId: 1, domain: "example.com", title: "{filling}"}}'
    return f"mutation M{number} {{ pageview(event: {event}) {{ code message }} }}"


async def run(operations: Operations, text: str, context: Context) -> dict[str, Any]:
    return (await operations.run(text, {}, None, context)).body


async def test_a_document_is_parsed_once(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    parse = graphql.parse

    def noted(text: str, **more: Any) -> Any:
        parsed.append(text)
        return parse(text, **more)

    monkeypatch.setattr(module, "parse", noted)
    operations = Operations(place.schema, LIMITS, max_documents=10)
    for _ in range(3):
        assert (await run(operations, query(1), place.context))["data"]["pageview"]["code"] == 200
    assert len(parsed) == 1


async def test_the_cache_is_bounded_and_keeps_what_is_used(place: Place) -> None:
    operations = Operations(place.schema, LIMITS, max_documents=5)
    for number in range(20):
        await run(operations, query(0), place.context)
        await run(operations, query(number), place.context)
    assert len(operations._prepared) == 5
    assert query(0) in operations._prepared


async def test_the_cache_is_bounded_by_the_length_of_the_documents_too(place: Place) -> None:
    operations = Operations(place.schema, LIMITS, max_documents=1000)
    for number in range(30):
        await run(operations, query(number, "x" * 40_000), place.context)
    assert 400_000 < sum(map(len, operations._prepared)) <= 500_000
    assert operations._characters == sum(map(len, operations._prepared))


async def test_one_huge_document_pushes_no_other_out_of_the_cache(place: Place) -> None:
    operations = Operations(place.schema, LIMITS, max_documents=1000)
    await run(operations, query(0), place.context)
    assert "data" in await run(operations, query(1, "x" * 600_000), place.context)
    assert list(operations._prepared) == [query(0)]


async def test_documents_that_are_not_valid_are_not_kept(place: Place) -> None:
    operations = Operations(place.schema, LIMITS, max_documents=10)
    for text in ("{", "{ nonsense }", "nonsense"):
        assert "errors" in await run(operations, text, place.context)
    assert not operations._prepared


@pytest.mark.parametrize("field", ["pixelId: 1", "timestamp: 1", "properties: 1"])
async def test_a_number_of_thousands_of_digits_is_the_callers_mistake(field: str, place: Place) -> None:
    text = f'mutation {{ pageview(event: {{{field}{"1" * 5000}, domain: "example.com"}}) {{ code }} }}'
    with structlog.testing.capture_logs() as said:
        body = await run(Operations(place.schema, LIMITS, max_documents=10), text, place.context)
    assert said == []
    assert "data" not in body
    assert "Internal" not in str(body)
    assert "sys." not in str(body)  # as Python's own message has it


@pytest.mark.parametrize("name", [None, "M1"], ids=["the fast path", "graphql-core"])
async def test_what_fails_inside_is_masked_behind_an_id_that_the_log_has_too(name: str | None, place: Place) -> None:
    context, recorder = place.context, place.recorder
    recorder.failing = True
    operations = Operations(place.schema, LIMITS, max_documents=10)
    with structlog.testing.capture_logs() as said:
        body = (await operations.run(query(1), {}, name, context)).body
    (line,) = said
    assert body == {"data": {"pageview": {"code": 500, "message": f"Internal server error (id {line['id']})"}}}
    assert place.world.secret not in str(said)


async def test_what_fails_outside_of_a_resolver_is_masked_too(place: Place) -> None:
    from heropixel.api.endpoint import GraphQLEndpoint
    from heropixel.api.open_connections import OpenConnections

    sent: list[Any] = []

    async def receive() -> Any:
        raise RuntimeError("/var/lib/heropixel")

    async def send(message: Any) -> None:
        sent.append(message)

    contexts = Contexts(place.context.callers, Proxies.parse("", "X-Forwarded-For"))
    endpoint = GraphQLEndpoint(Operations(place.schema, LIMITS, 10), contexts, 1000, OpenConnections(1), 1)
    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", b"application/json")], "query_string": b""}
    with structlog.testing.capture_logs() as said:
        await endpoint(scope, receive, send)
    assert sent[0]["status"] == 500
    assert said[0]["id"].encode() in sent[1]["body"]
    assert b"/var/lib" not in sent[1]["body"]
