"""Claims of visitors are stored until they are looked up: known and unknown visitors are stored in the same way."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from heropixel.directory.tables import claims


class Claim(NamedTuple):
    """A browser says that it belongs to a user."""

    app: int
    visitor_id: str
    known_by: bytes  # the keys of the identifiers it sent, see identity/claim.py
    received: int  # Unix milliseconds


def add_claims(connection: Connection, new: Sequence[Claim]) -> None:
    """Store claims, to be looked up later."""
    connection.execute(insert(claims), [claim._asdict() for claim in new])


def waiting_claims(connection: Connection, limit: int) -> list[tuple[int, Claim]]:
    """The oldest claims, by their numbers."""
    columns = [claims.c.id, *(claims.c[name] for name in Claim._fields)]
    rows = connection.execute(select(*columns).order_by(claims.c.id).limit(limit))
    return [(number, Claim(*claim)) for number, *claim in rows]


def remove_claims(connection: Connection, last: int) -> None:
    """Delete claims that were looked up, up to this number."""
    connection.execute(delete(claims).where(claims.c.id <= last))
