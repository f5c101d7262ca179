"""Apps and their secrets."""

import hashlib
import secrets as random
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, delete, insert, or_, select, update

from heropixel.directory.names import usable_name
from heropixel.directory.revision import bump_revision
from heropixel.directory.tables import apps, secrets
from heropixel.errors import InvalidGrace, LastSecret, SecretNotFound, TooManySecrets
from heropixel.troubles import AppNotFound

# The prefix is recognisable: scanners for secrets find a secret that was committed or logged by mistake.
SECRET_PREFIX = "hps_"  # noqa: S105 - the prefix is no secret
APP_PREFIX = "app_"

MAX_GRACE_SECONDS = 30 * 24 * 3600
MAX_SECRETS = 5  # each is compared at every request of the app


class Secret(msgspec.Struct, frozen=True):
    """What is stored of a secret. Times are in Unix milliseconds."""

    sha256: bytes
    created_at: int
    expires_at: int | None  # it works until then; None: until it is rotated or revoked

    @property
    def id(self) -> str:
        """Its id, which may be shown: the beginning of its SHA-256."""
        return self.sha256.hex()[:12]

    def works(self, now: int) -> bool:
        """Whether requests with this secret are accepted at this time."""
        return self.expires_at is None or now < self.expires_at


class NewApp(NamedTuple):
    """A new app. The secret can be shown only now."""

    app_id: str
    secret: str


class AppRow(NamedTuple):
    """An app as the operator lists it."""

    app_id: str
    name: str
    created_at: int  # Unix milliseconds


def create_app(connection: Connection, name: str, now: int) -> NewApp:
    """Make an app with a secret of 256 random bits, of which only the SHA-256 is stored.

    Raises:
        InvalidName: the name is empty, too long or cannot be printed.
    """
    number, app_id = make_app(connection, name, now)
    return NewApp(app_id, add_secret(connection, number, now))


def make_app(connection: Connection, name: str, now: int) -> tuple[int, str]:
    """Make an app without a secret: its number and its id.

    Raises:
        InvalidName: the name is empty, too long or cannot be printed.
    """
    app_id = APP_PREFIX + random.token_hex(8)
    number = connection.execute(
        insert(apps).values(id=app_id, name=usable_name(name), created_at=now).returning(apps.c.number)
    ).scalar_one()
    bump_revision(connection)
    return number, app_id


def rotate_secret(connection: Connection, app: int, grace_seconds: int, now: int) -> str:
    """Give an app a new secret. Earlier secrets work for this many seconds more, but none longer than before.

    Raises:
        InvalidGrace: the grace is negative or longer than 30 days.
        TooManySecrets: too many secrets would work at once.
    """
    if not 0 <= grace_seconds <= MAX_GRACE_SECONDS:
        raise InvalidGrace(limit=MAX_GRACE_SECONDS)
    end = now + grace_seconds * 1000
    if grace_seconds and len(list_secrets(connection, app, now)) >= MAX_SECRETS:
        raise TooManySecrets(limit=MAX_SECRETS)
    connection.execute(
        update(secrets)
        .where(secrets.c.app == app, or_(secrets.c.expires_at.is_(None), secrets.c.expires_at > end))
        .values(expires_at=end)
    )
    connection.execute(delete(secrets).where(secrets.c.app == app, secrets.c.expires_at <= now))
    return add_secret(connection, app, now)


def revoke_secret(connection: Connection, app: int, secret_id: str, now: int) -> None:
    """Make one secret of an app stop working at once.

    Raises:
        SecretNotFound: the app has no such secret that works.
        LastSecret: without it, none would work once the grace times of the others have ended.
    """
    working = list_secrets(connection, app, now)
    named = [secret for secret in working if secret.id == secret_id]
    if not named:
        raise SecretNotFound
    if all(secret in named for secret in working if secret.expires_at is None):
        raise LastSecret
    connection.execute(delete(secrets).where(secrets.c.sha256.in_([secret.sha256 for secret in named])))
    bump_revision(connection)


def list_secrets(connection: Connection, app: int, now: int) -> list[Secret]:
    """Every secret of an app that works, oldest first."""
    rows = connection.execute(
        select(secrets.c.sha256, secrets.c.created_at, secrets.c.expires_at)
        .where(secrets.c.app == app)
        .order_by(secrets.c.created_at)
    )
    return [secret for row in rows if (secret := Secret(*row)).works(now)]


def add_secret(connection: Connection, app: int, now: int) -> str:
    """A new secret of an app. Its other secrets work as before."""
    secret = SECRET_PREFIX + random.token_urlsafe(32)
    connection.execute(insert(secrets).values(sha256=hash_secret(secret), app=app, created_at=now))
    bump_revision(connection)
    return secret


def hash_secret(secret: str) -> bytes:
    """The stored hash. It is unsalted and fast: 256 random bits cannot be guessed, and every request computes it."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


def app_number(connection: Connection, app_id: str) -> int:
    """The number of the app with an appId.

    Raises:
        AppNotFound: there is no such app.
    """
    number = connection.execute(select(apps.c.number).where(apps.c.id == app_id)).scalar()
    if number is None:
        raise AppNotFound(app=app_id)
    return int(number)


def list_apps(connection: Connection) -> list[AppRow]:
    """Every app, oldest first."""
    rows = connection.execute(select(apps.c.id, apps.c.name, apps.c.created_at).order_by(apps.c.number))
    return [AppRow(*row) for row in rows]
