"""What a resolver knows of a request: its caller, the selected fields, and the place that a trusted proxy gives."""

import asyncio
import re
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from heropixel.api.credentials import Credentials, Key, parse_basic
from heropixel.api.guesses import Guesses
from heropixel.directory.apps import SECRET_PREFIX, hash_secret
from heropixel.directory.registry import App, Registry
from heropixel.enrichment import NOWHERE, Place, PlaceHeaders
from heropixel.errors import InvalidCredentials
from heropixel.wire.asgi import Scope, peer_of
from heropixel.wire.proxies import Proxies


class Callers(msgspec.Struct, frozen=True):
    """Authenticates callers by their credentials."""

    registry: Registry
    clock: Callable[[], int]  # Unix milliseconds
    guesses: Guesses = msgspec.field(default_factory=Guesses)

    def app(self, key: Key) -> App:
        """The app that a key belongs to.

        Raises:
            InvalidCredentials: it belongs to none. Neither answer nor time reveals whether there is such an app.
        """
        return key.app(self.registry, self.clock())

    def knows(self, secret: str) -> bool:
        """Whether the secret works for any app."""
        sha256, now = hash_secret(secret), self.clock()
        return any(
            kept.sha256 == sha256 and kept.works(now) for app in self.registry.apps.values() for kept in app.secrets
        )


_MAX_LOOKED_AT = 10  # variables of a request in which a secret is looked for
_SECRET = re.compile(rf"{SECRET_PREFIX}[\w-]{{20,}}")


def _has_secret(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("appSecret"), str)


def nobody() -> str:
    """The sender of a request that came from no address."""
    return ""


class Context(msgspec.Struct, frozen=True):
    """One request."""

    callers: Callers
    basic: Credentials | None
    selected: frozenset[str] = frozenset()  # the names of the selected fields, for queries that look ahead
    place: Place = NOWHERE  # of the caller, if a trusted proxy gives it
    sender: Callable[[], str] = nobody  # their address

    def authenticate(self, argument: Credentials | None) -> App:
        """The calling app. The argument wins if there are credentials in both places.

        Raises:
            InvalidCredentials: there are none, or they are wrong. Neither answer nor time reveals which of the two.
        """
        return self.app_of(self.key(argument))

    def app_of(self, key: Key) -> App:
        """The app that the key of this request belongs to. A wrong one is noted.

        Raises:
            InvalidCredentials: it belongs to none.
        """
        try:
            return self.callers.app(key)
        except InvalidCredentials:
            self.callers.guesses.note(self.sender())
            raise

    async def pause(self, query: str, variables: Mapping[str, Any]) -> None:
        """Let the request wait if its address has sent many wrong secrets, unless it holds a right one."""
        guesses = self.callers.guesses
        if guesses and (seconds := guesses.wait(self.sender())) and not self.is_known(query, variables):
            await asyncio.sleep(seconds)

    def key(self, argument: Credentials | None) -> Key:
        """The key of a subscription: it outlives the request, and its app is checked again and again.

        Raises:
            InvalidCredentials: there are no credentials.
        """
        return Key.of(argument or self.basic)

    def is_known(self, query: str, variables: Mapping[str, Any]) -> bool:
        """Whether the request holds a secret that works for any app, wherever it stands."""
        given = [self.basic.app_secret] if self.basic else []
        given += [value["appSecret"] for value in islice(variables.values(), _MAX_LOOKED_AT) if _has_secret(value)]
        written = _SECRET.search(query)
        if written:
            given.append(written[0])
        return any(self.callers.knows(secret) for secret in given)


class Contexts(NamedTuple):
    """Makes the context of each request."""

    callers: Callers
    proxies: Proxies
    place_headers: PlaceHeaders | None = None

    def of(self, scope: Scope, headers: Mapping[bytes, bytes]) -> Context:
        """The caller, from the headers of a request."""
        authorization = headers.get(b"authorization")
        return Context(
            self.callers,
            parse_basic(authorization.decode("latin-1")) if authorization else None,
            place=self.place_headers.place_of(peer_of(scope), headers) if self.place_headers else NOWHERE,
            sender=lambda: self.proxies.address_of(peer_of(scope), scope["headers"]),
        )
