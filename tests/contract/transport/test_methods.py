"""What may be asked by GET and HEAD, and by no other method than POST."""

import json

import pytest

from tests.contract.transport.sending import (
    LEARN,
    NEEDS,
    SAID,
    TYPENAME,
    Row,
    is_unknown,
    learning,
    named,
    send,
    somebody,
    status,
)
from tests.world import Server


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
