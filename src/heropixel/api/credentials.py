"""Authentication: the `auth` argument or HTTP Basic, checked in constant time."""

import base64
import binascii
import hmac
from typing import NamedTuple, Self

import msgspec

from heropixel.directory.apps import Secret, hash_secret
from heropixel.directory.registry import App, Registry
from heropixel.errors import InvalidCredentials


class Credentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """An appId and its secret: the contract's `AuthInput`."""

    app_id: str
    app_secret: str


def parse_basic(header: str) -> Credentials | None:
    """The credentials of an `Authorization` header (RFC 7617); None where it holds none."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        app_id, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return Credentials(app_id, secret) if colon else None


_NOBODY = (Secret(hash_secret("nobody's"), 0, None),)


class Key(NamedTuple):
    """What a subscription keeps of its credentials: never the secret."""

    app_id: str
    sha256: bytes

    @classmethod
    def of(cls, given: Credentials | None) -> Self:
        """The key of the given credentials.

        Raises:
            InvalidCredentials: none were given.
        """
        if given is None:
            raise InvalidCredentials
        return cls(given.app_id, hash_secret(given.app_secret))

    def app(self, registry: Registry, now: int) -> App:
        """The app that it belongs to. `now` is in Unix milliseconds.

        Raises:
            InvalidCredentials: it belongs to none. Neither answer nor time reveals whether there is such an app.
        """
        app = registry.apps.get(self.app_id)
        # An unknown app costs the same comparison as a known one.
        matches = [
            hmac.compare_digest(self.sha256, secret.sha256) and secret.works(now)
            for secret in (app.secrets if app else _NOBODY)
        ]
        if app is None or not any(matches):
            raise InvalidCredentials
        return app


def authenticate(registry: Registry, argument: Credentials | None, basic: Credentials | None, now: int) -> App:
    """The app of these credentials. The argument wins if both are given. `now` is in Unix milliseconds.

    Raises:
        InvalidCredentials: there are none, or they are wrong. Neither answer nor time reveals which of the two.
    """
    return Key.of(argument or basic).app(registry, now)
