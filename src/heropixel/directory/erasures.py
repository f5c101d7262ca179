"""Erasures: what was erased here, and whose pageviews are still to be erased from the event store.

An erasure is the receipt of it too: it holds counts and times, and no word about the person. The ids of her users stay
until her pageviews are erased, and name nobody any more; so do the keys she was known by, since what came in by the
visitors' door before is found to be hers when it is loaded.
"""

import secrets
from collections.abc import Collection, Mapping
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, RowMapping, insert, select, update

from heropixel.directory.tables import erasures
from heropixel.errors import ErasureNotFound

RECEIPT_PREFIX = "era_"

# Of an erasure, while the event store can be reached; in practice seconds.
DONE_WITHIN = 3_600_000  # milliseconds


class Erasure(NamedTuple):
    """An erasure and what it has erased. Times are in Unix milliseconds."""

    id: str
    app: int
    users: list[int] | None  # whose pageviews are to be erased
    pixel: int | None  # the same of a pixel
    counts: dict[str, int]  # by what was erased
    requested_at: int
    done_at: int | None  # None: its pageviews are still to be erased

    @property
    def done_by(self) -> int:
        """When it is done at the latest, in Unix milliseconds, while the event store can be reached."""
        return self.requested_at + DONE_WITHIN


def add_erasure(
    connection: Connection,
    app: int,
    counts: Mapping[str, int],
    origin: str,
    now: int,
    *,
    users: list[int] | None = None,
    keys: Collection[bytes] = (),
    pixel: int | None = None,
) -> Erasure:
    """Remember what was erased, and whose pageviews are to be; with neither of the two it is done.

    The `keys` are those that the users were known by.
    """
    done_at = now if users is None and pixel is None else None
    erasure = Erasure(
        RECEIPT_PREFIX + secrets.token_hex(8), app, users, pixel, dict(counts), requested_at=now, done_at=done_at
    )
    connection.execute(
        insert(erasures).values(
            id=erasure.id,
            app=app,
            users=None if users is None else msgspec.json.encode(users).decode(),
            pixel=pixel,
            known_by=b"".join(sorted(keys)) if users else None,
            counts=msgspec.json.encode(erasure.counts).decode(),
            origin=origin,
            requested_at=now,
            done_at=done_at,
        )
    )
    return erasure


def find_erasure(connection: Connection, app: int, receipt: str) -> Erasure:
    """The erasure of a receipt.

    Raises:
        ErasureNotFound: the app has none of that id.
    """
    row = connection.execute(select(erasures).where(erasures.c.id == receipt, erasures.c.app == app)).mappings().first()
    if row is None:
        raise ErasureNotFound
    return _erasure(row)


def waiting_erasures(connection: Connection) -> list[Erasure]:
    """Those whose pageviews are still to be erased, oldest first."""
    rows = connection.execute(select(erasures).where(erasures.c.done_at.is_(None)).order_by(erasures.c.requested_at))
    return [_erasure(row) for row in rows.mappings()]


class BeingErased(NamedTuple):
    """Whose a key was, and until when (Unix milliseconds) what came is hers, and to be erased."""

    user: int
    until: int


def keys_being_erased(connection: Connection) -> dict[bytes, BeingErased]:
    """The keys of all whose pageviews are still to be erased."""
    waiting = select(erasures.c.known_by, erasures.c.users, erasures.c.requested_at).where(
        erasures.c.done_at.is_(None), erasures.c.known_by.is_not(None)
    )
    return {
        keys[start : start + _KEY]: BeingErased(msgspec.json.decode(users, type=list[int])[0], until)
        for keys, users, until in connection.execute(waiting.order_by(erasures.c.requested_at))
        for start in range(0, len(keys), _KEY)
    }


_KEY = 16  # bytes of one, see `identity.identifiers.Index`


def finish_erasure(connection: Connection, erasure: Erasure, pageviews: int, now: int) -> None:
    """So many pageviews were erased: nothing is left to do, and whose they were need not be known any more."""
    counts = {**erasure.counts, "pageviews": pageviews}
    connection.execute(
        update(erasures)
        .where(erasures.c.id == erasure.id)
        .values(users=None, pixel=None, known_by=None, counts=msgspec.json.encode(counts).decode(), done_at=now)
    )


def _erasure(row: RowMapping) -> Erasure:
    users = None if row["users"] is None else msgspec.json.decode(row["users"], type=list[int])
    counts = msgspec.json.decode(row["counts"], type=dict[str, int])
    return Erasure(row["id"], row["app"], users, row["pixel"], counts, row["requested_at"], row["done_at"])
