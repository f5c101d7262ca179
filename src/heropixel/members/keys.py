"""Keys of an app: what one may do is said when it is made, and never changes."""

import secrets
from collections.abc import Collection, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, delete, func, insert, select

from heropixel.directory.member_tables import api_keys
from heropixel.directory.names import usable_name
from heropixel.directory.revision import bump_revision
from heropixel.directory.tables import pixels
from heropixel.errors import PixelNotFound
from heropixel.members.refusals import InvalidScopes, KeyNotFound, TooManyKeys
from heropixel.members.roles import KeyScope
from heropixel.members.roster import ApiKey, read_keys
from heropixel.members.tokens import KEY_PREFIX, new_token

MOST = 1_000  # of one app: all are in memory
_ID_PREFIX = "key_"


class NewKey(NamedTuple):
    """A new key. Its text can be shown only now."""

    key: ApiKey
    text: str


def create_key(
    connection: Connection,
    app: int,
    name: str,
    scopes: Collection[str],
    pixel_ids: Sequence[int] | None,
    expires_at: int | None,
    now: int,
) -> NewKey:
    """Make a key.

    Raises:
        InvalidName: the name is empty, too long or cannot be printed.
        InvalidScopes: there is none.
        PixelNotFound: the app has no pixel with one of the ids.
        TooManyKeys: the app has as many as it may have.
    """
    if not scopes or (pixel_ids is not None and not pixel_ids):
        raise InvalidScopes
    _check_pixels(connection, app, pixel_ids or ())
    if connection.execute(select(func.count()).where(api_keys.c.app == app)).scalar_one() >= MOST:
        raise TooManyKeys(limit=MOST)
    token = new_token(KEY_PREFIX)
    key = ApiKey(
        _ID_PREFIX + secrets.token_hex(8),
        app,
        usable_name(name),
        frozenset(map(KeyScope, scopes)),
        None if pixel_ids is None else frozenset(pixel_ids),
        now,
        expires_at,
        None,
    )
    connection.execute(
        insert(api_keys).values(
            sha256=token.sha256,
            id=key.id,
            app=app,
            name=key.name,
            scopes=msgspec.json.encode(sorted(key.scopes)).decode(),
            pixels=None if key.pixels is None else msgspec.json.encode(sorted(key.pixels)).decode(),
            created_at=now,
            expires_at=expires_at,
        )
    )
    bump_revision(connection)
    return NewKey(key, token.text)


def revoke_key(connection: Connection, app: int, key_id: str) -> ApiKey:
    """Make a key stop working at once, and return what it was.

    Raises:
        KeyNotFound: the app has no such key.
    """
    for key in list_keys(connection, app):
        if key.id == key_id:
            connection.execute(delete(api_keys).where(api_keys.c.id == key_id))
            bump_revision(connection)
            return key
    raise KeyNotFound


def list_keys(connection: Connection, app: int) -> list[ApiKey]:
    """The keys of an app, oldest first, also those that have expired."""
    return sorted(
        (key for key in read_keys(connection).values() if key.app == app), key=lambda key: (key.created_at, key.id)
    )


def _check_pixels(connection: Connection, app: int, ids: Sequence[int]) -> None:
    own = set(connection.execute(select(pixels.c.id).where(pixels.c.app == app)).scalars())
    if not own.issuperset(ids):
        raise PixelNotFound
