"""What visitors say of who they are, until it is looked up: it is kept alike whether they are known or not."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from heropixel.directory.tables import claims

_KEY_BYTES = 16


class Claim(NamedTuple):
    """That a browser is somebody's."""

    app: int
    visitor_id: str
    keys: Sequence[bytes]  # strongest first; the last is the visitor's own


def add_claim(connection: Connection, claim: Claim) -> None:
    """Keep a claim, to be looked up."""
    connection.execute(
        insert(claims).values(app=claim.app, visitor_id=claim.visitor_id, identifier_keys=b"".join(claim.keys))
    )


def waiting_claims(connection: Connection, limit: int) -> list[tuple[int, Claim]]:
    """The oldest claims, by their numbers."""
    columns = select(claims.c.id, claims.c.app, claims.c.visitor_id, claims.c.identifier_keys)
    rows = connection.execute(columns.order_by(claims.c.id).limit(limit))
    return [(number, Claim(app, visitor_id, _split(keys))) for number, app, visitor_id, keys in rows]


def _split(keys: bytes) -> list[bytes]:
    return [keys[start : start + _KEY_BYTES] for start in range(0, len(keys), _KEY_BYTES)]


def remove_claims(connection: Connection, last: int) -> None:
    """Forget claims that were looked up, up to this number."""
    connection.execute(delete(claims).where(claims.c.id <= last))
