"""An app that manages what it has, over GraphQL."""

import copy
import hashlib
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any, Self

from heropixel.clock import clock
from heropixel.directory import open_directory
from heropixel.directory.apps import create_app
from tests.contract.waiting import eventually
from tests.world import Server

PIXEL = (
    "code message data reason"
    " pixel { id name domains returnHosts retentionDays consentMode timezone weekStartsOn createdAt }"
)


class Shop:
    """An app on a server, and what it asks. It is a new one, unless the credentials of one are given."""

    def __init__(self, server: Server, auth: dict[str, str] | None = None) -> None:
        self.server = server
        self.auth = auth or self._new_app()

    def _new_app(self) -> dict[str, str]:
        if not self.server.apps:
            self._make_apps()
        made = self.server.apps.pop()
        return {"appId": made.app_id, "appSecret": made.secret}

    def _make_apps(self) -> None:
        """Make as many as the server makes at once: it takes a moment until it knows them."""
        url, count = self.server.world.settings.url_of_directory(), self.server.makes_apps
        with closing(open_directory(url)) as directory, directory.writing() as connection:
            made = [create_app(connection, "Shop", clock()) for _ in range(count)]
        until = time.monotonic() + 30
        while not _works(self.server, made[-1].app_id, made[-1].secret):
            assert time.monotonic() < until
            time.sleep(0.02)
        self.server.apps += made

    def eventually(self, ask: Callable[[], Any], expected: Any) -> None:
        """Wait until what was recorded, merged or linked is in the answers."""
        self.server.catch_up()
        eventually(ask, expected)

    def on(self, server: Server) -> Self:
        """The same app, asking another server or by another connection."""
        other = copy.copy(self)
        other.server = server
        return other

    def __call__(self, query: str, **variables: Any) -> dict[str, Any]:
        """The answer of the one field of a document."""
        body = self.server.graphql(query, {"auth": self.auth, **variables})
        assert "errors" not in body, body
        (answer,) = body["data"].values()
        return dict(answer)

    def create(self, name: str = "Site", *domains: str) -> dict[str, Any]:
        return self(
            "mutation ($auth: AuthInput, $name: String!, $domains: [String!])"
            f"{{ createPixel(auth: $auth, name: $name, domains: $domains) {{ {PIXEL} }} }}",
            name=name,
            domains=list(domains),
        )

    def pixel(self, pixel: int) -> dict[str, Any]:
        return self(f"query ($auth: AuthInput, $id: Int!) {{ pixel(auth: $auth, id: $id) {{ {PIXEL} }} }}", id=pixel)

    def update(self, pixel: int, changes: str) -> dict[str, Any]:
        """`updatePixel` with these arguments."""
        return self(
            f"mutation ($auth: AuthInput, $id: Int!) {{ updatePixel(auth: $auth, id: $id, {changes}) {{ {PIXEL} }} }}",
            id=pixel,
        )

    def domain(self, what: str, pixel: int, domain: str) -> dict[str, Any]:
        """`addDomain` or `removeDomain`."""
        return self(
            "mutation ($auth: AuthInput, $pixel: Int!, $domain: String!)"
            f"{{ {what}(auth: $auth, pixelId: $pixel, domain: $domain) {{ {PIXEL} }} }}",
            pixel=pixel,
            domain=domain,
        )

    def pixels(self, **page: Any) -> dict[str, Any]:
        return self(
            "query ($auth: AuthInput, $first: Int! = 50, $after: String) {"
            " pixels(auth: $auth, first: $first, after: $after) { code message reason data totalCount nodes { id }"
            " edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }",
            **page,
        )

    def rotate(self, **grace: int) -> dict[str, Any]:
        return self(
            "mutation ($auth: AuthInput, $grace: Int! = 0) { rotateSecret(auth: $auth, graceSeconds: $grace)"
            " { code message reason data appSecret app { id secrets { id expiresAt } } } }",
            **grace,
        )

    def revoke(self, secret_id: str) -> dict[str, Any]:
        return self(
            "mutation ($auth: AuthInput, $id: ID!) { revokeSecret(auth: $auth, id: $id)"
            " { code message reason app { secrets { id } } } }",
            id=secret_id,
        )

    def works(self, secret: str) -> bool:
        return _works(self.server, self.auth["appId"], secret)


def _works(server: Server, app_id: str, secret: str) -> bool:
    auth = {"appId": app_id, "appSecret": secret}
    body = server.graphql("query ($auth: AuthInput) { app(auth: $auth) { code } }", {"auth": auth})
    return bool(body["data"]["app"]["code"] == 200)


def id_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:12]
