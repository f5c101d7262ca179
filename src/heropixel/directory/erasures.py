"""Erasures: what was erased here, and which pageviews must still be erased from the event store.

An erasure is also its own receipt: it holds counts and times, and nothing about the person. The ids of their users stay
until their pageviews are erased; no user has these ids any more. Their keys stay as long: the loader still resolves
beacons that came before the erasure, and finds by these keys that they are the person's.
"""

import secrets
from collections.abc import Collection, Mapping
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, RowMapping, func, insert, select, tuple_, update

from heropixel.directory.tables import erasures
from heropixel.errors import ErasureNotFound

RECEIPT_PREFIX = "era_"

# How long an erasure may take while the event store can be reached. In practice it takes seconds.
DONE_WITHIN = 3_600_000  # milliseconds


class Erasure(NamedTuple):
    """An erasure and what it has erased. Times are in Unix milliseconds."""

    id: str
    app: int
    users: list[int] | None  # the users to erase from the event store
    pixel: int | None  # the pixel to erase from the event store
    counts: dict[str, int]  # how many were erased, by what they are
    requested_at: int
    done_at: int | None  # None: its pageviews are still to be erased
    waits_for: str | None = None  # what keeps it from being done; it is not stored, see upkeep/waiting.py

    @property
    def done_by(self) -> int:
        """When the erasure is done at the latest, in Unix milliseconds, while the event store can be reached."""
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
    """Store what was erased, and the users or the pixel of the pageviews to be erased. With neither it is done.

    The `keys` are those by which the users were known.
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
        ErasureNotFound: the app has no erasure with this id.
    """
    row = connection.execute(select(erasures).where(erasures.c.id == receipt, erasures.c.app == app)).mappings().first()
    if row is None:
        raise ErasureNotFound
    return _erasure(row)


def list_erasures(
    connection: Connection, app: int, before: tuple[int, int] | None, limit: int
) -> list[tuple[tuple[int, int], Erasure]]:
    """One page of the erasures of an app before a place, latest first, each with its place."""
    asked = select(erasures).where(erasures.c.app == app)
    if before is not None:
        at, number = before
        receipt = f"{RECEIPT_PREFIX}{number:016x}"
        asked = asked.where(tuple_(erasures.c.requested_at, erasures.c.id) < tuple_(at, receipt))
    rows = connection.execute(asked.order_by(erasures.c.requested_at.desc(), erasures.c.id.desc()).limit(limit))
    return [(place_of(each), each) for each in map(_erasure, rows.mappings())]


def place_of(erasure: Erasure) -> tuple[int, int]:
    """The place of an erasure in lists: its time, and the number in its id."""
    return erasure.requested_at, int(erasure.id.removeprefix(RECEIPT_PREFIX), 16)


def count_erasures(connection: Connection, app: int) -> int:
    """How many erasures an app has."""
    return connection.execute(select(func.count()).select_from(erasures).where(erasures.c.app == app)).scalar_one()


def waiting_erasures(connection: Connection) -> list[Erasure]:
    """The erasures that are not done yet, oldest first."""
    rows = connection.execute(select(erasures).where(erasures.c.done_at.is_(None)).order_by(erasures.c.requested_at))
    return [_erasure(row) for row in rows.mappings()]


class BeingErased(NamedTuple):
    """The user a key belonged to. Their pageviews before `until` (Unix milliseconds) are to be erased."""

    user: int
    until: int


def keys_being_erased(connection: Connection) -> dict[bytes, BeingErased]:
    """The keys of all users with pageviews that are still to be erased."""
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
    """Note how many pageviews were erased. The erasure is done, so the ids and keys of its users are deleted."""
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
