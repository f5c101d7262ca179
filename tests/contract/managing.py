"""An app that manages what it has, over GraphQL."""

import copy
import hashlib
import json
import time
from typing import Any, Self

from tests.world import Server, command

PIXEL = (
    "code message data reason"
    " pixel { id name domains returnHosts retentionDays consentMode timezone weekStartsOn createdAt }"
)


class Shop:
    """An app of its own on the shared server, and what it asks."""

    def __init__(self, server: Server) -> None:
        self.server = server
        made = json.loads(command(server.world, "apps", "create", "Shop", "--json"))
        self.auth = dict(made)
        self._wait_until_known()

    def _wait_until_known(self) -> None:
        until = time.monotonic() + 30
        while self("query ($auth: AuthInput) { app(auth: $auth) { code } }")["code"] != 200:
            assert time.monotonic() < until
            time.sleep(0.05)

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
        auth = {"appId": self.auth["appId"], "appSecret": secret}
        body = self.server.graphql("query ($auth: AuthInput) { app(auth: $auth) { code } }", {"auth": auth})
        return bool(body["data"]["app"]["code"] == 200)


def id_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:12]
