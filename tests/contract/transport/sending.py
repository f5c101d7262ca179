"""GraphQL over HTTP, as the specification promises it to every client: https://graphql.github.io/graphql-over-http/"""

import json
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest

from tests.world import Server

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


class Row(NamedTuple):
    """A request and its status, in each of the two media types."""

    name: str
    body: object
    json: int
    graphql: int


NEEDS = "query ($yes: Boolean!) { __typename @include(if: $yes) }"


def named(rows: list[Row]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", rows, ids=[row.name for row in rows])


def status(row: Row, media: str) -> int:
    return row.json if media == JSON else row.graphql
