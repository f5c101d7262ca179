"""Shares for tests: made by an app, and opened by a visitor who runs the documents of the dashboard."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from tests.contract.people import People
from tests.contract.signed_in import Client
from tests.world import Server

DASHBOARD = Path(__file__).parents[2] / "dashboard/src"
CREATE = """
    mutation ($auth: AuthInput, $pixel: Int!, $name: String!, $password: String, $expiresAt: Timestamp,
        $filter: FilterInput, $embedOn: [String!], $showPeople: Boolean! = false) {
        createShare(auth: $auth, pixelId: $pixel, name: $name, password: $password, expiresAt: $expiresAt,
            filter: $filter, embedOn: $embedOn, showPeople: $showPeople) {
            code message reason data link
            share { id name pixelId hasPassword filter showPeople embedOn createdAt expiresAt lastUsed }
        }
    }
"""
OPEN = """
    mutation ($token: String!, $password: String) { openShare(token: $token, password: $password) {
        code message reason bearer share { id name pixelId showPeople expiresAt } } }
"""


def shared(app: People, name: str = "For the agency", **more: Any) -> dict[str, Any]:
    """The answer to `createShare`, for the pixel of an app."""
    return app(CREATE, **{"pixel": app.site, "name": name, **more})


def token_of(answer: dict[str, Any]) -> str:
    """The token in the link of a new share."""
    assert answer["code"] == 200, answer
    return str(answer["link"].partition("#share=")[2])


def opened(server: Server, token: str, password: str | None = None) -> dict[str, Any]:
    """The answer to a visitor who opens a share."""
    return Client(server)(OPEN, token=token, password=password)


def visitor_of(app: People, **more: Any) -> Client:
    """A visitor who has opened a new share of an app."""
    bearer = opened(app.server, token_of(shared(app, **more)))["bearer"]
    return Client(app.server, Authorization=f"Bearer {bearer}")


@cache
def documents() -> dict[str, str]:
    """The documents of the dashboard by their names, as it sends them."""
    found = {}
    for file in {*DASHBOARD.rglob("*.graphql.ts")} - {*DASHBOARD.glob("explore/*")}:
        for name, text in re.findall(r"^export const (\w+)Document = (\".*\") as ", file.read_text(), re.MULTILINE):
            found[name] = json.loads(text)
    return found
