"""The types of requests and responses of GraphQL over HTTP."""

import json

import httpx
import pytest

from tests.contract.transport.sending import GRAPHQL, JSON, SAID, TYPENAME, is_unknown, learning, send, somebody
from tests.world import PAGEVIEW, Server


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
