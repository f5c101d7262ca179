"""Clients that are no app: a browser in which a member signs in, and a program with a key."""

from typing import Any

import httpx

from heropixel.api.sign_in_pages import COOKIE
from tests.contract.reporting import Site
from tests.world import Server

OURS = {"Sec-Fetch-Site": "same-origin"}
ROLES = ("VIEWER", "ANALYST", "EDITOR", "OWNER")
ME = "code message reason kind role app { id } apps { id role } member { id email hasPassword showAddresses }"


class Client:
    """Sends requests with its headers, and no `auth` argument."""

    def __init__(self, server: Server, **headers: str) -> None:
        self.server = server
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def post(self, query: str, variables: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
        response = self.server.http.post(
            "/graphql", json={"query": query, "variables": variables}, headers={**self.headers, **headers}
        )
        self.server.http.cookies.clear()
        return response

    def __call__(self, query: str, **variables: Any) -> dict[str, Any]:
        """The answer of the only field."""
        body = self.post(query, variables).json()
        assert "errors" not in body, body
        (answer,) = body["data"].values()
        return dict(answer)

    def me(self) -> dict[str, Any]:
        return self(f"{{ me {{ {ME} }} }}")


class Browser(Client):
    """A browser on our own pages. It keeps the cookie of its session."""

    def __init__(self, server: Server) -> None:
        super().__init__(server, **OURS)

    def post(self, query: str, variables: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
        response = super().post(query, variables, **headers)
        given = response.headers.get("set-cookie")
        if given:
            self.headers["Cookie"] = given.partition(";")[0]
        return response

    def sign_in_by(self, link: str) -> dict[str, Any]:
        token = link.strip().partition("#sign-in=")[2]
        return self(f"mutation ($token: String!) {{ signInByLink(token: $token) {{ {ME} }} }}", token=token)

    def sign_in(self, email: str, password: str) -> dict[str, Any]:
        return self(
            "mutation ($email: String!, $password: String!)"
            f" {{ signIn(email: $email, password: $password) {{ {ME} }} }}",
            email=email,
            password=password,
        )

    def set_password(self, password: str, **more: str) -> dict[str, Any]:
        return self(
            "mutation ($password: String!, $current: String, $email: String)"
            f" {{ setPassword(password: $password, current: $current, email: $email) {{ {ME} }} }}",
            password=password,
            **more,
        )

    @property
    def cookie(self) -> str:
        return self.headers["Cookie"].removeprefix(f"{COOKIE}=")


def invited(site: Site, email: str, role: str = "VIEWER", **more: Any) -> dict[str, Any]:
    """The answer to an invitation."""
    return site(
        "mutation ($auth: AuthInput, $email: String!, $role: Role!)"
        " { inviteMember(auth: $auth, email: $email, role: $role)"
        " { code message reason link member { id email role } } }",
        email=email,
        role=role,
        **more,
    )


def member_of(site: Site, role: str, email: str = "") -> Browser:
    """A browser in which a new member of an app is signed in."""
    browser = Browser(site.server)
    answer = browser.sign_in_by(
        invited(site, email or f"{role.lower()}-of-{site.auth['appId']}@example.com", role)["link"]
    )
    assert answer["code"] == 200, answer
    return browser


def key_of(site: Site, *scopes: str, **more: Any) -> Client:
    """A program with a new key of an app."""
    return Client(site.server, Authorization=f"Bearer {made_key(site, *scopes, **more)['secret']}")


def made_key(site: Site, *scopes: str, **more: Any) -> dict[str, Any]:
    """The answer to `createKey`."""
    return site(
        "mutation ($auth: AuthInput, $name: String!, $scopes: [KeyScope!]!, $pixelIds: [Int!], $expiresAt: Timestamp)"
        " { createKey(auth: $auth, name: $name, scopes: $scopes, pixelIds: $pixelIds, expiresAt: $expiresAt)"
        " { code message reason secret key { id name scopes pixelIds createdAt expiresAt lastUsed } } }",
        **{"name": "A key", "scopes": list(scopes), **more},
    )
