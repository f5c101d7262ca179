"""Suppressions: contacts that must not be resolved, whether a user has them or not.

A suppression is one contact, and `suppressed` holds every key by which it can be found. The surviving user of a person
with a suppressed contact stores the end of the suppression too (`users.suppressed_until`). So a look-up by any other
identifier of the person needs no second query. A tombstone is the suppression of an erased person: it has keys and
nothing else.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, insert, or_, select, update

from heropixel.directory.dialects import Dialect, Into
from heropixel.directory.groups import insert_rows, select_in
from heropixel.directory.tables import suppressed, suppressions, users

FOREVER = 1 << 62  # as an instant: it never expires


class Suppression(NamedTuple):
    """A suppression as it is listed. Times are in Unix milliseconds."""

    id: int
    kind: str  # a value of the contract's enum `Identifier`
    value: str | None  # the email or telephone number; None where it is not stored
    reason: str
    created_at: int
    expires_at: int | None  # None: never


class NewSuppression(NamedTuple):
    """A contact to be suppressed, in every form by which it can be found. Times are in Unix milliseconds."""

    app: int
    kind: str
    value: str | None
    reason: str
    created_at: int
    expires_at: int | None
    tombstone: bool
    keys: Sequence[bytes]


class Standing(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How long a key is suppressed, and by which suppression."""

    suppression: int
    until: int  # Unix milliseconds
    tombstone: int  # 0 or 1


@cache
def _by_key(sql: Dialect) -> str:
    standing = sql.array("s.id", f"coalesce(s.expires_at, {FOREVER})", "CAST(s.tombstone AS INTEGER)")
    return (
        f"SELECT {sql.listed(sql.array(sql.hex('k.key'), standing))}"  # noqa: S608 - constants
        " FROM suppressed k JOIN suppressions s ON s.id = k.suppression WHERE k.key"
    )


_standings = msgspec.json.Decoder(list[tuple[str, Standing]])


def suppressed_among(connection: Connection, keys: Sequence[bytes], now: int) -> dict[bytes, Standing]:
    """Which of these keys are suppressed now."""
    return {
        bytes.fromhex(key): standing
        for (text,) in select_in(connection, _by_key, keys)
        for key, standing in _standings.decode(text)
        if standing.until > now
    }


def add_suppressions(connection: Connection, new: Sequence[NewSuppression]) -> list[int]:
    """Store suppressions, and give their keys to them. Returns their ids, in order."""
    if not new:
        return []
    adding = insert(suppressions).returning(suppressions.c.id, sort_by_parameter_order=True)
    rows = [{name: value for name, value in each._asdict().items() if name != "keys"} for each in new]
    ids = list(connection.execute(adding, rows).scalars())
    given = {key: number for number, each in zip(ids, new, strict=True) for key in each.keys}
    insert_rows(connection, _SUPPRESSED, sorted(given.items()))
    return ids


_SUPPRESSED = Into(
    suppressed, ("key", "suppression"), "ON CONFLICT (key) DO UPDATE SET suppression = excluded.suppression"
)


def move_keys(connection: Connection, ids: Collection[int], to: int) -> None:
    """Give all keys of other suppressions to one of them. The others end."""
    _in_parts(connection, update(suppressed).values(suppression=to), suppressed.c.suppression, ids)
    remove_suppressions(connection, ids)


def keys_of_suppressions(connection: Connection, ids: Collection[int]) -> list[bytes]:
    """Every key of these suppressions."""
    of = suppressed.c.suppression
    return [
        key
        for part in _parts(sorted(ids))
        for key in connection.execute(select(suppressed.c.key).where(of.in_(part))).scalars()
    ]


def lengthen(connection: Connection, ends: Mapping[int, int]) -> None:
    """Extend suppressions until these instants (`FOREVER` is one)."""
    if ends:
        connection.execute(
            update(suppressions)
            .where(suppressions.c.id == bindparam("suppression"))
            .values(expires_at=func.nullif(bindparam("until"), FOREVER)),
            [{"suppression": suppression, "until": until} for suppression, until in ends.items()],
        )


def remove_suppressions(connection: Connection, ids: Collection[int]) -> None:
    """Lift suppressions."""
    _in_parts(connection, delete(suppressed), suppressed.c.suppression, ids)
    _in_parts(connection, delete(suppressions), suppressions.c.id, ids)


def forget_contacts(connection: Connection, ids: Collection[int], *, tombstone: bool) -> int:
    """Delete all but the keys of suppressions. With `tombstone` they become tombstones. Returns how many changed."""
    changes: dict[str, Any] = {"value": None, "reason": ""}
    tells_more = or_(suppressions.c.value.is_not(None), suppressions.c.reason != "")
    if tombstone:
        changes |= {"tombstone": True, "expires_at": None}
        tells_more = or_(tells_more, suppressions.c.tombstone.is_(False))
    return _in_parts(connection, update(suppressions).values(**changes).where(tells_more), suppressions.c.id, ids)


def expired(connection: Connection, now: int) -> list[int]:
    """Suppressions that have ended, some thousands at once."""
    ended = select(suppressions.c.id).where(suppressions.c.expires_at <= now).limit(10_000)
    return list(connection.execute(ended).scalars())


def _in_parts(connection: Connection, statement: Any, column: ColumnElement[int], ids: Collection[int]) -> int:  # noqa: ANN401 - an update or a delete
    return sum(connection.execute(statement.where(column.in_(part))).rowcount for part in _parts(sorted(ids)))


def _parts(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + 1000] for start in range(0, len(ids), 1000))


def list_suppressions(connection: Connection, app: int, after: int, limit: int, now: int) -> list[Suppression]:
    """One page of the suppressions of an app that hold, without tombstones, by age, from the first beyond `after`."""
    columns = [suppressions.c[name] for name in Suppression._fields]
    rows = connection.execute(
        select(*columns).where(*_holding(app, now), suppressions.c.id > after).order_by(suppressions.c.id).limit(limit)
    )
    return [Suppression(*row) for row in rows]


def suppressions_of(connection: Connection, keys: Sequence[bytes], now: int) -> list[Suppression]:
    """The suppressions of these keys that hold, oldest first."""
    standings = suppressed_among(connection, keys, now).values()
    ids = {standing.suppression for standing in standings if not standing.tombstone}
    columns = [suppressions.c[name] for name in Suppression._fields]
    rows = connection.execute(select(*columns).where(suppressions.c.id.in_(ids)).order_by(suppressions.c.id))
    return [Suppression(*row) for row in rows]


def count_suppressions(connection: Connection, app: int, now: int) -> int:
    """How many suppressions of an app hold, without tombstones."""
    return connection.execute(select(func.count()).select_from(suppressions).where(*_holding(app, now))).scalar_one()


def _holding(app: int, now: int) -> list[ColumnElement[bool]]:
    return [
        suppressions.c.app == app,
        suppressions.c.tombstone.is_(False),
        or_(suppressions.c.expires_at.is_(None), suppressions.c.expires_at > now),
    ]


def set_suppressed(connection: Connection, ends: Mapping[int, int]) -> None:
    """Write until when these users, who are surviving users, are suppressed."""
    if ends:
        connection.execute(
            update(users).where(users.c.id == bindparam("user")).values(suppressed_until=bindparam("until")),
            [{"user": user, "until": until} for user, until in ends.items()],
        )
