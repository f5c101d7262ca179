"""Who opens `/graphql` in a browser is led to the explorer; programs that `GET` get their answer as before."""

import httpx
import pytest

from tests.world import Server

CHROMIUM = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7"
)
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

KIND = {"query": "{__typename}"}
SAID = {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("accept", [CHROMIUM, FIREFOX, "text/html", "TEXT/HTML;charset=utf-8"])
@pytest.mark.parametrize(
    ("query_string", "location"),
    [
        ("", "explore"),
        ("query=%7B__typename%7D&variables=%7B%7D", "explore#query=%7B__typename%7D&variables=%7B%7D"),
        ("query={me{code}}", "explore"),  # braces do not belong into a fragment, and no browser sends them
    ],
)
def test_a_browser_is_led_to_the_explorer_by_a_relative_address(
    server: Server, accept: str, query_string: str, location: str
) -> None:
    url = httpx.URL(server.url).copy_with(raw_path=f"/graphql?{query_string}".encode())
    for method in ("GET", "HEAD"):
        answer = server.http.send(httpx.Request(method, url, headers={"accept": accept}))
        assert (answer.status_code, answer.headers["location"]) == (303, location)
        assert (answer.headers["vary"], answer.headers["cache-control"]) == ("accept", "no-store")
        assert answer.content == b""


@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "application/json",
        "application/graphql-response+json",
        "application/json, text/plain, */*",
        "text/html, application/json;q=0.1",
        "application/json, text/html",
        "application/graphql-response+json, application/json;q=0.9, text/html;q=0.1",
    ],
)
def test_a_program_that_gets_is_answered_and_not_led_anywhere(server: Server, accept: str) -> None:
    answer = server.http.get("/graphql", params=KIND, headers={"accept": accept})
    assert (answer.status_code, answer.json()) == (200, SAID)


def test_a_post_is_answered_whatever_it_accepts_beside_html(server: Server) -> None:
    answer = server.http.post("/graphql", json=KIND, headers={"accept": CHROMIUM})
    assert (answer.status_code, answer.json()) == (200, SAID)
