"""Shares: links by which anybody sees one pixel, within a filter that never changes."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, delete, func, insert, select

from heropixel.directory.names import usable_name
from heropixel.directory.pixels import find_pixel
from heropixel.directory.revision import bump_revision
from heropixel.directory.share_tables import shares
from heropixel.members.embedding import usable_origins
from heropixel.members.share_refusals import ShareNotFound, TooManyShares
from heropixel.members.tokens import new_token

MOST = 1_000  # of one app: all are in memory
SESSION_MILLISECONDS = 12 * 3_600_000  # a page that is open for longer opens its link again
_ID_PREFIX = "shr_"


class SharedLink(msgspec.Struct, frozen=True):
    """A share of an app. Times are in Unix milliseconds."""

    id: str
    app: int
    pixel: int
    name: str
    has_password: bool
    filter: str | None  # JSON, as the API has it
    embed_on: tuple[str, ...]
    signing_key: bytes
    created_at: int
    expires_at: int | None
    used_at: int | None
    show_people: bool = False  # False: figures only

    def works(self, now: int) -> bool:
        """Whether it can be opened at this time."""
        return self.expires_at is None or now < self.expires_at

    def signature(self, sha256: bytes, ends_at: int) -> str:
        """What proves that a visitor has opened it. The token alone does not, since there may be a password."""
        return hmac.new(self.signing_key, sha256 + ends_at.to_bytes(8), hashlib.sha256).hexdigest()


class NewShare(NamedTuple):
    """A new share. Its token can be shown only now."""

    share: SharedLink
    token: str


def create_share(
    connection: Connection,
    app: int,
    pixel: int,
    name: str,
    now: int,
    *,
    password: str | None = None,
    filter_: str | None = None,
    embed_on: Sequence[str] = (),
    expires_at: int | None = None,
    show_people: bool = False,
) -> NewShare:
    """Make a share. `password` is hashed already, and `filter_` is checked.

    Raises:
        PixelNotFound: the app has no such pixel.
        InvalidName: the name is empty, too long or cannot be printed.
        InvalidOrigin: one of `embed_on` is none.
        TooManyShares: the app has as many as it may have.
    """
    find_pixel(connection, pixel, app)
    if connection.execute(select(func.count()).where(shares.c.app == app)).scalar_one() >= MOST:
        raise TooManyShares(limit=MOST)
    token = new_token()
    row: dict[str, Any] = {
        "id": _ID_PREFIX + secrets.token_hex(8),
        "app": app,
        "pixel": pixel,
        "name": usable_name(name),
        "filter": filter_,
        "signing_key": secrets.token_bytes(32),
        "created_at": now,
        "expires_at": expires_at,
        "show_people": show_people,
    }
    origins = usable_origins(embed_on)
    kept = {"sha256": token.sha256, "password": password, "embed_on": msgspec.json.encode(origins).decode()}
    connection.execute(insert(shares).values(**row, **kept))
    bump_revision(connection)
    return NewShare(SharedLink(**row, has_password=password is not None, embed_on=origins, used_at=None), token.text)


def revoke_share(connection: Connection, app: int, share_id: str) -> SharedLink:
    """Make a share stop working at once, also for those who look at it; return what it was.

    Raises:
        ShareNotFound: the app has no such share.
    """
    for share in list_shares(connection, app):
        if share.id == share_id:
            connection.execute(delete(shares).where(shares.c.id == share_id))
            bump_revision(connection)
            return share
    raise ShareNotFound


def list_shares(connection: Connection, app: int, pixel: int | None = None) -> list[SharedLink]:
    """The shares of an app, or of one pixel of it, oldest first, also those that have expired."""
    every = (share for share in read_shares(connection).values() if share.app == app and pixel in (None, share.pixel))
    return sorted(every, key=lambda share: (share.created_at, share.id))


def stored_password(connection: Connection, share_id: str) -> str | None:
    """The password of a share, as it is stored; None where there is none, or no such share any more."""
    return connection.execute(select(shares.c.password).where(shares.c.id == share_id)).scalar()


def read_shares(connection: Connection) -> Mapping[bytes, SharedLink]:
    """Every share by the digest of its token."""
    return {
        row.sha256: SharedLink(
            row.id,
            row.app,
            row.pixel,
            row.name,
            row.password is not None,
            row.filter,
            msgspec.json.decode(row.embed_on, type=tuple[str, ...]),
            row.signing_key,
            row.created_at,
            row.expires_at,
            row.used_at,
            row.show_people,
        )
        for row in connection.execute(select(shares))
    }


def about_share(share: SharedLink) -> str:
    """What the audit list says of a share: its id, and whether it shows people."""
    return f"{share.id}, shows people" if share.show_people else share.id


def link_of_share(base: str, share: SharedLink, token: str) -> str:
    """The address to give away. The id tells the server who may frame the page; browsers send the token to nobody."""
    return f"{base.rstrip('/')}/share?id={share.id}#share={token}"
