"""Apps and their secrets."""

import hashlib
import secrets as random
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from heropixel.directory.registry import bump_revision
from heropixel.directory.tables import apps, secrets
from heropixel.errors import AppNotFound

# Recognisable, so that a secret that was committed or logged by mistake is found by secret scanners.
SECRET_PREFIX = "hps_"  # noqa: S105 - the prefix is no secret
APP_PREFIX = "app_"


class NewApp(NamedTuple):
    """An app just made; the only time the secret is there to be shown."""

    app_id: str
    secret: str


class AppRow(NamedTuple):
    """An app as the operator lists it."""

    app_id: str
    name: str
    created_at: int  # Unix milliseconds


def create_app(connection: Connection, name: str, now: int) -> NewApp:
    """Make an app with a secret of 256 random bits, of which only the SHA-256 is stored."""
    app_id = APP_PREFIX + random.token_hex(8)
    number = connection.execute(
        insert(apps).values(id=app_id, name=name, created_at=now).returning(apps.c.number)
    ).scalar_one()
    return NewApp(app_id, _add_secret(connection, number, now))


def rotate_secret(connection: Connection, app_id: str, now: int) -> NewApp:
    """Give an app a new secret; the old one stops working.

    Raises:
        AppNotFound: there is no such app.
    """
    number = app_number(connection, app_id)
    connection.execute(delete(secrets).where(secrets.c.app == number))
    return NewApp(app_id, _add_secret(connection, number, now))


def _add_secret(connection: Connection, app: int, now: int) -> str:
    secret = SECRET_PREFIX + random.token_urlsafe(32)
    connection.execute(insert(secrets).values(sha256=hash_secret(secret), app=app, created_at=now))
    bump_revision(connection)
    return secret


def hash_secret(secret: str) -> bytes:
    """What is stored of a secret. Unsalted and fast: 256 random bits cannot be guessed, and every request pays it."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


def app_number(connection: Connection, app_id: str) -> int:
    """The number behind an appId.

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
