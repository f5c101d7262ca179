"""Clients of others work unchanged, and find everything described."""

from collections.abc import Iterator

import gql
import httpx
from gql.transport.httpx import HTTPXAsyncTransport, HTTPXTransport
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_client_schema,
    build_schema,
    get_introspection_query,
    lexicographic_sort_schema,
    print_schema,
    validate_schema,
)

from heropixel.api.schema import load_schema, sdl
from tests.world import PAGEVIEW, Server


def test_introspection_tells_the_whole_schema(server: Server) -> None:
    query = get_introspection_query(
        descriptions=True,
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
        experimental_directive_deprecation=True,
        one_of=True,
    )
    body = server.graphql(query, operationName="IntrospectionQuery")
    assert "errors" not in body
    told = build_client_schema(body["data"])
    assert print_schema(lexicographic_sort_schema(told)) == print_schema(lexicographic_sort_schema(build_schema(sdl())))


def test_the_schema_is_valid() -> None:
    assert validate_schema(build_schema(sdl())) == [], "the server does not ask it again at each start"


def described() -> Iterator[tuple[str, str | None]]:
    """Everything of the schema that can have a description, with it."""
    for name, type_ in load_schema().type_map.items():
        if name.startswith("__"):
            continue
        yield name, type_.description
        match type_:
            case GraphQLObjectType() | GraphQLInterfaceType():
                for field, output in type_.fields.items():
                    yield f"{name}.{field}", output.description
                    for argument, taken in output.args.items():
                        yield f"{name}.{field}({argument})", taken.description
            case GraphQLInputObjectType():
                for field, taken_field in type_.fields.items():
                    yield f"{name}.{field}", taken_field.description
            case GraphQLEnumType():
                for value, meaning in type_.values.items():
                    yield f"{name}.{value}", meaning.description


def test_everything_in_the_schema_is_described() -> None:
    assert [name for name, description in described() if not description] == []


def test_the_python_client_works_unchanged(server: Server) -> None:
    transport = HTTPXTransport(url=f"{server.url}/graphql")
    event = {"pixelId": server.world.pixel, "domain": "example.com", "visitorId": "python-gql"}
    with gql.Client(transport=transport, fetch_schema_from_transport=True) as session:
        request = gql.gql(PAGEVIEW)
        request.variable_values = {"auth": server.world.auth, "event": event}
        result = session.execute(request)
    assert result["pageview"]["message"] == "User Not Found"


async def test_the_asynchronous_python_client_works_unchanged(server: Server) -> None:
    transport = HTTPXAsyncTransport(
        url=f"{server.url}/graphql", auth=httpx.BasicAuth(server.world.app_id, server.world.secret)
    )
    async with gql.Client(transport=transport, fetch_schema_from_transport=True) as session:
        result = await session.execute(gql.gql("{ app { app { name } } }"))
    assert result == {"app": {"app": {"name": "Test"}}}
