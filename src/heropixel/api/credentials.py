"""What a request proves who it is by: the `auth` argument, an `Authorization` header, or a session. None is kept."""

import base64
import binascii
import hmac
import re
from typing import NamedTuple, Self

import msgspec

from heropixel.api.callers import Caller, CallerKind, Callers
from heropixel.directory.apps import Secret, hash_secret
from heropixel.errors import InvalidCredentials
from heropixel.members.refusals import AppNotNamed
from heropixel.members.roster import IDLE_MILLISECONDS
from heropixel.members.shares import SESSION_MILLISECONDS, SharedLink
from heropixel.members.tokens import KEY_PREFIX, SHARE_PREFIX, digest


class Credentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """An appId and its secret: the contract's `AuthInput`."""

    app_id: str
    app_secret: str

    @property
    def proof(self) -> "SecretProof":
        """What is kept of them."""
        return SecretProof(self.app_id, hash_secret(self.app_secret))


def parse_authorization(header: str) -> "Credentials | KeyProof | ShareProof | None":
    """What an `Authorization` header holds: Basic (RFC 7617), or a key or what a share gives as Bearer (RFC 6750).

    None where it is neither.
    """
    scheme, _, given = header.partition(" ")
    match scheme.lower():
        case "basic":
            return _basic(given)
        case "bearer":
            return KeyProof.of(given.strip()) or ShareProof.of(given.strip())
    return None


def _basic(encoded: str) -> Credentials | None:
    try:
        app_id, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return Credentials(app_id, secret) if colon else None


# Looked up once: to look up a member of an enumeration takes as long as to make a caller.
_SECRET, _KEY = CallerKind.SECRET, CallerKind.KEY
_NOBODY = (Secret(hash_secret("nobody's"), 0, None),)


class SecretProof(msgspec.Struct, frozen=True):  # made faster than a tuple with names, for each pageview
    """The secret of an app."""

    app_id: str
    sha256: bytes

    def caller(self, callers: Callers) -> Caller:
        """Whose it is.

        Raises:
            InvalidCredentials: nobody's. Neither answer nor time reveals whether there is such an app.
        """
        app, now = callers.registry.apps.get(self.app_id), callers.clock()
        # An unknown app costs the same comparison as a known one.
        matches = False
        for secret in app.secrets if app else _NOBODY:
            matches |= hmac.compare_digest(self.sha256, secret.sha256) and secret.works(now)
        if app is None or not matches:
            raise InvalidCredentials
        return Caller(_SECRET, app)


class KeyProof(NamedTuple):
    """A key."""

    sha256: bytes

    @classmethod
    def of(cls, text: str) -> Self | None:
        """That of a key as it was shown; None where the text is none."""
        return cls(digest(text)) if text.startswith(KEY_PREFIX) else None

    def caller(self, callers: Callers) -> Caller:
        """Whose it is.

        Raises:
            InvalidCredentials: nobody's.
        """
        # Found by its digest, which nobody can approach by trying: no constant time is needed.
        key, now = callers.roster.keys.get(self.sha256), callers.clock()
        if key is None or not key.works(now):
            raise InvalidCredentials
        callers.uses.note(self.sha256, now)
        return Caller(_KEY, callers.registry.by_number[key.app], scopes=key.scopes, pixels=key.pixels, key_id=key.id)


class ShareProof(NamedTuple):
    """What a visitor of a share was given when they opened it."""

    sha256: bytes  # of the token in the link
    ends_at: int  # Unix milliseconds
    signature: str

    @classmethod
    def of(cls, text: str) -> Self | None:
        """That of what a visitor sends; None where the text is something else."""
        found = _BEARER.fullmatch(text)
        return cls(digest(found[1]), int(found[2]), found[3]) if found else None

    def caller(self, callers: Callers) -> Caller:
        """The visitor.

        Raises:
            InvalidCredentials: the share does not work any more, or has to be opened again.
        """
        share, now = callers.roster.shares.get(self.sha256), callers.clock()
        app = None if share is None else callers.registry.by_number.get(share.app)
        if share is None or app is None or not share.works(now) or self.ends_at <= now:
            raise InvalidCredentials
        if not hmac.compare_digest(self.signature, share.signature(self.sha256, self.ends_at)):
            raise InvalidCredentials
        callers.uses.note(self.sha256, now)
        return Caller(CallerKind.SHARE, app, pixels=frozenset({share.pixel}), share=share)


def bearer_of(share: SharedLink, token: str, now: int) -> str:
    """What a visitor sends who has opened the share now. It has the token, so that a copy of the directory has none."""
    ends_at = now + SESSION_MILLISECONDS
    return f"{SHARE_PREFIX}{token}.{ends_at}.{share.signature(digest(token), ends_at)}"


_BEARER = re.compile(rf"{SHARE_PREFIX}([\w-]{{1,100}})\.([0-9]{{1,15}})\.([0-9a-f]{{64}})", re.ASCII)


class SessionProof(NamedTuple):
    """The session of a member, and the app that they name; empty where they name none."""

    sha256: bytes
    app_id: str

    @classmethod
    def of(cls, cookie: str, app_id: str = "") -> Self:
        """That of the text of a cookie."""
        return cls(digest(cookie), app_id)

    def signed_in(self, callers: Callers) -> Caller:
        """The member, in the app that they name, or their only one; without an app where it is not clear which.

        Raises:
            InvalidCredentials: the session has ended.
        """
        session, now = callers.roster.sessions.get(self.sha256), callers.clock()
        member = None if session is None else callers.roster.members.get(session.member)
        if session is None or member is None:
            raise InvalidCredentials
        used = callers.uses.of(self.sha256, session.used_at) or session.used_at
        if used + IDLE_MILLISECONDS <= now:
            raise InvalidCredentials
        callers.uses.note(self.sha256, now)
        apps = [app for number in member.roles if (app := callers.registry.by_number.get(number))]
        named = [app for app in apps if app.id == self.app_id] if self.app_id else apps
        app = named[0] if len(named) == 1 else None
        role = None if app is None else member.roles[app.number]
        return Caller(CallerKind.MEMBER, app, role=role, member=member, session=session)

    def caller(self, callers: Callers) -> Caller:
        """Whose it is.

        Raises:
            InvalidCredentials: the session has ended.
            AppNotNamed: the member has several apps, and names none of them.
        """
        caller = self.signed_in(callers)
        if caller.of is None:
            raise AppNotNamed
        return caller
