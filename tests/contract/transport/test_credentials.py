"""Credentials in the header of HTTP Basic."""

import base64
from typing import Any

import pytest

from tests.contract.transport.sending import (
    send,
    somebody,
)
from tests.world import PAGEVIEW, Server

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
