"""The status of a response of GraphQL over HTTP."""

import json
from typing import Any

import pytest

from tests.contract.transport.sending import JSON, NEEDS, TYPENAME, Row, named, send, status
from tests.world import Server

OPTIONAL = ("variables", "operationName", "extensions")
TWO = "query A { __typename } query B { __typename }"
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
