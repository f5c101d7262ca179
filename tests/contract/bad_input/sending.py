"""Requests that no library would send, and what is said of them."""

import json
import re
from typing import Any

import httpx

from heropixel.settings import Settings
from tests.world import PAGEVIEW, Server

LIMITS = Settings()
OURS = re.compile(r"Traceback|sqlite|File \"|\.py\b|site-packages", re.IGNORECASE)


def send(server: Server, body: Any, headers: dict[str, str] | None = None) -> httpx.Response:
    """Post a body; what comes back is JSON with nothing in it that is not the sender's to see."""
    sent = {"content-type": "application/json", **(headers or {})}
    response = server.http.post("/graphql", content=body, headers=sent)
    assert not OURS.search(response.text)
    assert server.world.secret not in response.text
    assert "Internal server error" not in response.text
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    return response


def told(response: httpx.Response, status: int = 200) -> str:
    """The messages of a response that has errors and nothing else."""
    assert response.status_code == status, response.text[:500]
    body = response.json()
    assert list(body) == ["errors"], response.text[:500]
    return "\n".join(error["message"] for error in body["errors"])


def document(query: str) -> bytes:
    return json.dumps({"query": query}).encode()


def request_with(server: Server, raw: str | None = None, /, **event: Any) -> bytes:
    """A pageview. Where a value is "@@", its JSON is written as given in `raw`."""
    event = {"pixelId": server.world.pixel, "domain": "example.com", **event}
    body = json.dumps({"query": PAGEVIEW, "variables": {"auth": server.world.auth, "event": event}})
    return (body if raw is None else body.replace('"@@"', raw)).encode()


def literally(server: Server, fields: str) -> bytes:
    """A pageview all in the document."""
    auth = f'{{appId: "{server.world.app_id}", appSecret: "{server.world.secret}"}}'
    event = f'{{pixelId: {server.world.pixel}, domain: "example.com", {fields}}}'
    return document(f"mutation {{ pageview(auth: {auth}, event: {event}) {{ code reason message }} }}")


def answer(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 200, response.text[:500]
    body = response.json()
    assert "errors" not in body, response.text[:500]
    pageview: dict[str, Any] = body["data"]["pageview"]
    return pageview


def fragments(count: int, spread: str) -> str:
    """Fragments, each of which spreads the next where `spread` says NEXT."""
    chain = "".join(f"fragment F{n} on Query {{ {spread.replace('NEXT', f'...F{n + 1}')} }} " for n in range(count))
    return f"{{ ...F0 }} {chain} fragment F{count} on Query {{ __typename }}"
