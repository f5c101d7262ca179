"""GraphQL over HTTP, as the specification promises it to every client.

https://graphql.github.io/graphql-over-http/
"""

import base64
import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import uuid4

import gql
import httpx
import pytest
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

JSON = "application/json; charset=utf-8"
GRAPHQL = "application/graphql-response+json; charset=utf-8"

TYPENAME = {"query": "{ __typename }"}
SAID = {"data": {"__typename": "Query"}}

# A mutation that leaves a trace: the second time, the person is no longer created but found.
LEARN = """
mutation Learn($auth: AuthInput, $event: PageviewEventInput!) { pageview(auth: $auth, event: $event) { message } }
query Other { __typename }
"""


def send(
    server: Server, method: str = "POST", body: object = None, drop: tuple[str, ...] = (), **more: Any
) -> httpx.Response:
    """One request, with exactly the headers that are given; a body that is not bytes is sent as JSON."""
    headers = {"content-type": "application/json", **more.pop("headers", {})}
    content = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    request = server.http.build_request(method, "/graphql", content=content, headers=headers, **more)
    for name in drop:
        request.headers.pop(name, None)
    return server.http.send(request)


def learning(server: Server, email: str) -> dict[str, Any]:
    event = {"pixelId": server.world.pixel, "domain": "example.com", "email": email}
    return {"query": LEARN, "operationName": "Learn", "variables": {"auth": server.world.auth, "event": event}}


def somebody() -> str:
    return f"{uuid4().hex}@example.com"


def is_unknown(server: Server, email: str) -> bool:
    """Whether no pageview with the email was recorded before. From now on there was one."""
    message: str = server.pageview(email=email)["message"]
    return message == "User Created"


# --- The request: its type ---


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        'application/json; charset="utf-8"',
        "application/json ; charset=utf8",
        "Application/JSON",
    ],
)
def test_a_post_is_json_in_utf_8_whether_it_says_utf_8_or_no_charset(server: Server, content_type: str) -> None:
    event = {"pixelId": server.world.pixel, "domain": "example.com", "eventId": "Zürich €"}
    body = {"query": PAGEVIEW, "variables": {"auth": server.world.auth, "event": event}}
    response = send(server, body=json.dumps(body, ensure_ascii=False).encode(), headers={"content-type": content_type})
    assert response.status_code == 200
    assert response.json()["data"]["pageview"]["eventId"] == "Zürich €"


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "text/json",
        "application/graphql",
        "application/graphql-response+json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=iso-8859-1",
        "application/json; charset=utf-16",
        "application/jsonx",
    ],
)
def test_a_post_of_another_type_or_of_none_is_415_and_not_executed(server: Server, content_type: str | None) -> None:
    email = somebody()
    response = send(
        server,
        body=learning(server, email),
        headers={"content-type": content_type or ""},
        drop=("content-type",) if content_type is None else (),
    )
    assert response.status_code == 415
    assert response.headers["accept"] == "application/json"
    assert response.headers["content-type"] == JSON
    assert "application/json" in response.json()["errors"][0]["message"]
    assert is_unknown(server, email)


# --- The response: its type ---


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("application/json", JSON),
        ("application/json; charset=utf-8", JSON),
        ("application/graphql-response+json", GRAPHQL),
        ("application/graphql-response+json; charset=utf-8", GRAPHQL),
        ("APPLICATION/GraphQL-Response+JSON", GRAPHQL),
        # what clients send
        ("application/graphql-response+json, application/json;q=0.9", GRAPHQL),
        ("application/graphql-response+json; charset=utf-8, application/json; charset=utf-8", GRAPHQL),
        ("application/graphql-response+json, application/json, text/event-stream, multipart/mixed", GRAPHQL),
        ("application/json, multipart/mixed", JSON),
        ("application/json, text/plain, */*", JSON),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8", JSON),
        # the highest quality wins, then the first
        ("application/json, application/graphql-response+json", JSON),
        ("application/json;q=0.9, application/graphql-response+json", GRAPHQL),
        ("application/json;q=0.5, application/graphql-response+json;q=0.6", GRAPHQL),
        ("application/graphql-response+json;q=0.1, application/json; Q=0.2", JSON),
        ("application/graphql-response+json ; q=0.9 , application/json ; q=0.1", GRAPHQL),
        # what is named exactly outweighs a wildcard
        ("application/json;q=0, */*", GRAPHQL),
        ("application/graphql-response+json;q=0, */*", JSON),
        ("*/*;q=0.1, application/graphql-response+json", GRAPHQL),
        ("*/*, application/json;q=0.5", GRAPHQL),
        # what is not known is ignored
        ("text/event-stream, application/json", JSON),
        ("text/event-stream, application/graphql-response+json", GRAPHQL),
        ("text/html, application/xml;q=0.9, application/graphql-response+json;q=0.2", GRAPHQL),
        ("application/json; charset=utf-16, application/graphql-response+json;q=0.1", GRAPHQL),
        ("nonsense, application/json", JSON),
    ],
)
def test_the_response_is_of_the_type_that_accept_puts_first(server: Server, accept: str | None, expected: str) -> None:
    response = send(server, body=TYPENAME, headers={"accept": accept or ""}, drop=("accept",) if accept is None else ())
    assert (response.status_code, response.json()) == (200, SAID)
    assert response.headers["content-type"] == expected


def test_several_accept_headers_count_as_one_list(server: Server) -> None:
    headers = [
        ("content-type", "application/json"),
        ("accept", "application/graphql-response+json"),
        ("accept", "text/html"),
    ]
    request = httpx.Request("POST", f"{server.url}/graphql", json=TYPENAME, headers=headers)
    response = server.http.send(request)
    assert response.headers["content-type"] == GRAPHQL


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "text/event-stream;q=0",
        "multipart/mixed",
        "image/*",
        "application/xml",
        "application/json;q=0",
        "application/json; charset=utf-16",
        "application/json;q=0, application/graphql-response+json;q=0.0",
        "*/*;q=0",
    ],
)
def test_accepting_none_of_our_types_is_406_and_not_executed(server: Server, accept: str) -> None:
    email = somebody()
    response = send(server, body=learning(server, email), headers={"accept": accept})
    assert response.status_code == 406
    assert response.headers["content-type"] == JSON
    assert "application/graphql-response+json" in response.json()["errors"][0]["message"]
    assert is_unknown(server, email)


# --- Statuses ---


class Row(NamedTuple):
    """A request and its status, in each of the two media types."""

    name: str
    body: object
    json: int
    graphql: int


OPTIONAL = ("variables", "operationName", "extensions")
TWO = "query A { __typename } query B { __typename }"
NEEDS = "query ($yes: Boolean!) { __typename @include(if: $yes) }"
NO_CREDENTIALS = 'mutation { pageview(event: {pixelId: 1, domain: "a"}) { code } }'
# Valid, and fails when it is executed: a variable with a default may be null, a directive's argument may not.
FAILS_BELOW = """
query ($auth: AuthInput, $yes: Boolean = true) { app(auth: $auth) { code app { id @include(if: $yes) } } }
"""
FAILS_AT_THE_ROOT = """
mutation ($event: PageviewEventInput = {pixelId: 1, domain: "example.com"}) { pageview(event: $event) { code } }
"""

EXECUTED = [
    Row("a query", TYPENAME, 200, 200),
    Row("optional parameters of null", {**TYPENAME, **dict.fromkeys(OPTIONAL)}, 200, 200),
    Row("an empty operationName", {**TYPENAME, "operationName": ""}, 200, 200),
    Row("an operationName", {"query": TWO, "operationName": "B"}, 200, 200),
    Row("variables", {"query": NEEDS, "variables": {"yes": True}}, 200, 200),
    Row("variables that the document does not have", {**TYPENAME, "variables": {"a": [{"b": None}]}}, 200, 200),
    Row("extensions", {**TYPENAME, "extensions": {"mine": {"a": 1}}}, 200, 200),
    Row("properties nobody knows", {**TYPENAME, "id": 7, "documentId": None, "Query": []}, 200, 200),
    Row("a mutation that is refused", {"query": NO_CREDENTIALS}, 200, 200),
    Row("a document beside a persisted one", {**TYPENAME, "extensions": {"persistedQuery": {"version": 1}}}, 200, 200),
]  # fmt: skip

REFUSED = [
    Row("no JSON", b"NONSENSE", 400, 400),
    Row("half of a JSON", b'{"query":', 400, 400),
    Row("nothing", b"", 400, 400),
    Row("JSON and more", b'{"query": "{ __typename }"} {}', 400, 400),
    Row("no query", {"qeury": "{ __typename }"}, 400, 422),
    Row("an empty object", {}, 400, 422),
    Row("a query of null", {"query": None}, 400, 422),
    Row("a query that is a number", {"query": 7}, 400, 422),
    Row("a query that is an object", {"query": {"__typename": True}}, 400, 422),
    Row("a query that is a list", {"query": ["{ __typename }"]}, 400, 422),
    Row("variables that are a list", {"query": NEEDS, "variables": [7]}, 400, 422),
    Row("variables that are a string", {"query": NEEDS, "variables": '{"yes": true}'}, 400, 422),
    Row("variables that are false", {**TYPENAME, "variables": False}, 400, 422),
    Row("an operationName that is a number", {**TYPENAME, "operationName": 7}, 400, 422),
    Row("an operationName that is a list", {**TYPENAME, "operationName": []}, 400, 422),
    Row("extensions that are a string", {**TYPENAME, "extensions": "{}"}, 400, 422),
    Row("extensions that are a list", {**TYPENAME, "extensions": []}, 400, 422),
    Row("extensions that are 0", {**TYPENAME, "extensions": 0}, 400, 422),
    Row("a list", [TYPENAME], 400, 422),
    Row("a string", "{ __typename }", 400, 422),
    Row("a number", 7, 400, 422),
    Row("a null", None, 400, 400),  # sent as no body at all
    Row("the JSON null", b"null", 400, 422),
    Row("a document that cannot be parsed", {"query": "{"}, 200, 400),
    Row("an empty document", {"query": ""}, 200, 400),
    Row("a document of comments", {"query": "# nothing"}, 200, 400),
    Row("an unknown field", {"query": "{ nothing }"}, 200, 422),
    Row("an unknown argument", {"query": "{ app(who: 1) { code } }"}, 200, 422),
    Row("a selection on a leaf", {"query": "{ app { code { a } } }"}, 200, 422),
    Row("an object without a selection", {"query": "{ app }"}, 200, 422),
    Row("a missing argument", {"query": "mutation { pageview { code } }"}, 200, 422),
    Row("a fragment nobody uses", {"query": "{ __typename } fragment F on App { id }"}, 200, 422),
    Row("a document without an operation", {"query": "fragment F on App { id }"}, 200, 422),
    Row("a subscription", {"query": "subscription { pageviewRecorded { eventId } }"}, 200, 422),
    Row("a subscription to nothing", {"query": "subscription { nothing { code } }"}, 200, 422),
    Row("an operation the document does not have", {"query": TWO, "operationName": "C"}, 200, 422),
    Row("a name for the operation that has none", {**TYPENAME, "operationName": "C"}, 200, 422),
    Row("one of two operations, unnamed", {"query": TWO}, 200, 422),
    Row("one of two operations, named by nothing", {"query": TWO, "operationName": ""}, 200, 422),
    Row("a missing variable", {"query": NEEDS}, 200, 422),
    Row("a variable of null", {"query": NEEDS, "variables": {"yes": None}}, 200, 422),
    Row("a variable of the wrong type", {"query": NEEDS, "variables": {"yes": "yes"}}, 200, 422),
]  # fmt: skip


def named(rows: list[Row]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", rows, ids=[row.name for row in rows])


@pytest.fixture(params=[JSON, GRAPHQL], ids=["application/json", "application/graphql-response+json"])
def media(request: pytest.FixtureRequest) -> str:
    media: str = request.param
    return media


def status(row: Row, media: str) -> int:
    return row.json if media == JSON else row.graphql


@named(EXECUTED)
def test_what_is_executed_is_200_with_data_and_no_errors(server: Server, row: Row, media: str) -> None:
    response = send(server, body=row.body, headers={"accept": media})
    assert (response.status_code, response.headers["content-type"]) == (status(row, media), media)
    assert list(response.json()) == ["data"]


@named(REFUSED)
def test_what_is_not_executed_has_errors_no_data_and_the_status_of_its_cause(
    server: Server, row: Row, media: str
) -> None:
    response = send(server, body=row.body, headers={"accept": media})
    assert (response.status_code, response.headers["content-type"]) == (status(row, media), media)
    body = response.json()
    assert list(body) == ["errors"]
    assert all(error["message"] for error in body["errors"])


@pytest.mark.parametrize(
    ("query", "variables", "data"),
    [
        (FAILS_BELOW, {"yes": None}, {"app": {"code": 200, "app": None}}),
        (FAILS_AT_THE_ROOT, {"event": None}, None),
    ],
)
def test_what_is_executed_with_errors_is_partly_successful(
    server: Server, media: str, query: str, variables: dict[str, Any], data: object
) -> None:
    variables = {**variables, "auth": server.world.auth}
    response = send(server, body={"query": query, "variables": variables}, headers={"accept": media})
    assert response.status_code == (200 if media == JSON else 294)
    body = response.json()
    assert body["data"] == data
    assert [error["path"][0] for error in body["errors"]] in (["app"], ["pageview"])


def test_a_persisted_query_alone_is_refused_as_apollo_expects_it(server: Server, media: str) -> None:
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}
    error = {"message": "PersistedQueryNotSupported", "extensions": {"code": "PERSISTED_QUERY_NOT_SUPPORTED"}}
    for response in (
        send(server, body={"extensions": extensions}, headers={"accept": media}),
        send(server, "GET", params={"extensions": json.dumps(extensions)}, headers={"accept": media}),
    ):
        assert response.status_code == (200 if media == JSON else 422)
        assert response.json() == {"errors": [error]}


# --- Methods ---


@pytest.mark.parametrize(
    "parameters",
    [
        {"query": "{ __typename }"},
        {"query": "{ __typename }", "operationName": "", "variables": "", "extensions": ""},
        {"query": "{ __typename }", "variables": "null", "extensions": "null"},
        {"query": "{ __typename }", "extensions": '{"mine": {"a": 1}}', "unknown": "1"},
        {"query": NEEDS, "variables": '{"yes": true}'},
        {"query": "query Q { __typename }", "operationName": "Q"},
        {"query": "query null { __typename }", "operationName": "null"},
        {"query": "{ __typename } # ünïcode & = + %"},
        {"query": LEARN, "operationName": "Other"},
    ],
)
def test_a_get_asks_a_query_with_the_parameters_of_the_url(
    server: Server, media: str, parameters: dict[str, str]
) -> None:
    response = send(server, "GET", params=parameters, headers={"accept": media}, drop=("content-type",))
    assert (response.status_code, response.headers["content-type"]) == (200, media)
    assert response.json() == SAID


def test_a_get_asks_with_credentials_in_the_variables(server: Server) -> None:
    query = "query ($auth: AuthInput) { app(auth: $auth) { code app { id } } }"
    response = send(server, "GET", params={"query": query, "variables": json.dumps({"auth": server.world.auth})})
    assert response.json() == {"data": {"app": {"code": 200, "app": {"id": server.world.app_id}}}}


URLS = [
    Row("nothing", "", 400, 422),
    Row("an empty query", "query=", 400, 422),
    Row("variables that are no JSON", "query={__typename}&variables=NONSENSE", 400, 400),
    Row("variables with a repeated name", 'query={__typename}&variables={"a":1,"a":2}', 400, 400),
    Row("variables that are a list", "query={__typename}&variables=[7]", 400, 422),
    Row("variables that are a string", 'query={__typename}&variables="a"', 400, 422),
    Row("extensions that are no JSON", "query={__typename}&extensions={", 400, 400),
    Row("extensions that are a number", "query={__typename}&extensions=7", 400, 422),
    Row("what is not UTF-8", "query={__typename}%FF", 400, 400),
    Row("a document that cannot be parsed", "query={", 200, 400),
    Row("an unknown field", "query={nothing}", 200, 422),
    Row("an operation the document does not have", "query={__typename}&operationName=C", 200, 422),
    Row("a missing variable", "query=query($a:Boolean!){__typename@skip(if:$a)}", 200, 422),
]


@named(URLS)
def test_a_get_that_is_not_executed_has_the_status_that_the_post_has(server: Server, row: Row, media: str) -> None:
    url = f"{server.url}/graphql?{row.body}"
    response = server.http.get(url, headers={"accept": media})
    assert (response.status_code, response.headers["content-type"]) == (status(row, media), media)
    assert list(response.json()) == ["errors"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_mutation_by_get_is_405_and_records_nothing(server: Server, media: str, method: str) -> None:
    email = somebody()
    parameters = {
        name: value if isinstance(value, str) else json.dumps(value) for name, value in learning(server, email).items()
    }
    response = send(server, method, params=parameters, headers={"accept": media})
    assert (response.status_code, response.headers["content-type"]) == (405, media)
    assert response.headers["allow"] == "POST"
    if method == "GET":
        assert "POST" in response.json()["errors"][0]["message"]
    assert is_unknown(server, email)


@pytest.mark.parametrize("query", ["{ __typename }", "{ nothing }", ""])
def test_a_head_is_answered_like_the_get_without_the_body(server: Server, media: str, query: str) -> None:
    get, head = (
        send(server, method, params={"query": query}, headers={"accept": media}, drop=("content-type",))
        for method in ("GET", "HEAD")
    )
    assert head.status_code == get.status_code
    assert head.content == b""
    for name in ("content-type", "content-length"):
        assert head.headers[name] == get.headers[name]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_any_other_method_is_405_and_says_which_are_allowed(server: Server, media: str, method: str) -> None:
    response = send(server, method, TYPENAME, headers={"accept": media})
    assert (response.status_code, response.headers["content-type"]) == (405, media)
    assert response.headers["allow"] == "GET, HEAD, POST"
    assert list(response.json()) == ["errors"]


# --- Credentials ---

WHO = "query ($auth: AuthInput) { app(auth: $auth) { code reason app { id } } }"


def basic(text: str | bytes) -> str:
    return "Basic " + base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def who(server: Server, authorization: str | None, auth: object = None) -> dict[str, Any]:
    headers = {} if authorization is None else {"authorization": authorization}
    body = send(server, body={"query": WHO, "variables": {"auth": auth}}, headers=headers).json()
    answer: dict[str, Any] = body["data"]["app"]
    return answer


REFUSAL = {"code": 400, "reason": "INVALID_CREDENTIALS", "app": None}


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_credentials_may_come_by_http_basic(server: Server, scheme: str) -> None:
    header = basic(f"{server.world.app_id}:{server.world.secret}").replace("Basic", scheme)
    assert who(server, header) == {"code": 200, "reason": None, "app": {"id": server.world.app_id}}


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic",
        "Basic !!!",
        "Basic YQ",
        basic("{app}"),
        basic("{app}:"),
        basic(":{secret}"),
        basic("{app}:wrong"),
        basic("nobody:{secret}"),
        basic("{app}:{secret}x"),
        basic("{app}: {secret}"),
        basic("{secret}:{app}"),
        basic(b"\xff\xfe:\xfd"),
        basic("{app}:\0"),
        "Bearer {secret}",
        "Digest username={app}",
    ],
)
def test_wrong_malformed_and_missing_credentials_are_refused_alike(server: Server, header: str | None) -> None:
    assert who(server, header and filled(header, server)) == REFUSAL


def filled(header: str, server: Server) -> str:
    """The header with the credentials where they belong."""
    _, _, encoded = header.partition(" ")
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except ValueError:
        return header.format(app=server.world.app_id, secret=server.world.secret)
    return basic(text.format(app=server.world.app_id, secret=server.world.secret)) if "{" in text else header


def test_the_argument_wins_over_http_basic(server: Server) -> None:
    right, wrong = server.world.auth, {**server.world.auth, "appSecret": "wrong"}
    right_header, wrong_header = (basic(":".join(auth.values())) for auth in (right, wrong))
    assert who(server, wrong_header, right)["code"] == 200
    assert who(server, right_header, wrong) == REFUSAL
    assert who(server, right_header, None)["code"] == 200


def test_a_pageview_may_be_recorded_with_http_basic(server: Server) -> None:
    variables = {"event": {"pixelId": server.world.pixel, "domain": "example.com", "email": somebody()}}
    header = basic(f"{server.world.app_id}:{server.world.secret}")
    body = send(server, body={"query": PAGEVIEW, "variables": variables}, headers={"authorization": header}).json()
    assert body["data"]["pageview"]["message"] == "User Created"


# --- Clients and tools ---


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
