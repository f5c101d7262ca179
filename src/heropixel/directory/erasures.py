"""Erasures: what was erased here, and whose pageviews are still to be erased from the event store.

An erasure is the receipt of it too: it holds counts and times, and no word about the person. The ids of her users stay
until her pageviews are erased, and name nobody any more.
"""

import secrets
from collections.abc import Mapping
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
    pixel: int | None = None,
) -> Erasure:
    """Remember what was erased, and whose pageviews are to be; with neither of the two it is done."""
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


def finish_erasure(connection: Connection, erasure: Erasure, pageviews: int, now: int) -> None:
    """So many pageviews were erased: nothing is left to do, and whose they were need not be known any more."""
    counts = {**erasure.counts, "pageviews": pageviews}
    connection.execute(
        update(erasures)
        .where(erasures.c.id == erasure.id)
        .values(users=None, pixel=None, counts=msgspec.json.encode(counts).decode(), done_at=now)
    )


def _erasure(row: RowMapping) -> Erasure:
    users = None if row["users"] is None else msgspec.json.decode(row["users"], type=list[int])
    counts = msgspec.json.decode(row["counts"], type=dict[str, int])
    return Erasure(row["id"], row["app"], users, row["pixel"], counts, row["requested_at"], row["done_at"])
