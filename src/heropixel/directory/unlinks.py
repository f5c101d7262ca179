"""Browsers that were taken from people: what was taken, what is waiting, and who is kept apart from which browser."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import NamedTuple, Self

import msgspec
from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from heropixel.directory.dialects import Dialect, dialect_of
from heropixel.directory.groups import select_in
from heropixel.directory.tables import identifiers, links, unlinks


class RemovedLink(NamedTuple):
    """A link that the event store had."""

    user_id: int
    linked_at: int  # Unix milliseconds
    evidence: int  # see link_evidence.py


class Unlink(NamedTuple):
    """A browser that was taken from a person. Times are in Unix milliseconds."""

    id: int
    app: int
    visitor_id: str
    key: bytes  # of the visitor, as in identifiers
    person: int  # the surviving user at that time
    users: Sequence[int]  # all users who were that person
    origin: str
    unlinked_at: int
    undone_at: int | None = None
    lifted_at: int | None = None  # when identify linked the browser to the person again
    linked_to: int | None = None  # the user that the browser was linked to; None: to none of these users
    linked_at: int | None = None
    waiting: bool = True  # whether the event store lags behind
    removed: Sequence[RemovedLink] | None = None  # None: not read yet
    pageviews: int | None = None  # how many it took from the person; None: not counted yet

    @classmethod
    def of(cls, row: RowMapping) -> Self:
        """The unlink of a row."""
        removed = None if row["removed"] is None else msgspec.json.decode(row["removed"], type=list[RemovedLink])
        users = msgspec.json.decode(row["users"], type=list[int])
        return cls(**{**row, "users": users, "removed": removed})


def add_unlink(connection: Connection, new: Unlink) -> Unlink:
    """Store an unlink, and take the browser from whom it is linked to now."""
    given = {name: getattr(new, name) for name in ("app", "visitor_id", "key", "person", "origin", "unlinked_at")}
    given |= {"linked_to": new.linked_to, "linked_at": new.linked_at, "users": _encoded(new.users)}
    number = connection.execute(insert(unlinks).values(**given).returning(unlinks.c.id)).scalar_one()
    theirs = identifiers.c.user_id.in_(new.users)
    connection.execute(delete(identifiers).where(identifiers.c.key == new.key, theirs))
    return new._replace(id=number)


def find_unlink(connection: Connection, app: int, number: int) -> Unlink | None:
    """An unlink of an app by its id."""
    row = connection.execute(select(unlinks).where(unlinks.c.id == number, unlinks.c.app == app)).mappings().first()
    return Unlink.of(row) if row else None


def unlinks_of(connection: Connection, members: Collection[int]) -> list[Unlink]:
    """Every unlink of a person, undone ones too, oldest first."""
    rows = connection.execute(select(unlinks).where(unlinks.c.person.in_(members)).order_by(unlinks.c.id))
    return [Unlink.of(row) for row in rows.mappings()]


def unlinks_of_browser(connection: Connection, key: bytes) -> list[Unlink]:
    """Every unlink of a browser, oldest first."""
    rows = connection.execute(select(unlinks).where(unlinks.c.key == key).order_by(unlinks.c.id))
    return [Unlink.of(row) for row in rows.mappings()]


def is_link_waiting(connection: Connection, visitor_id: str, users: Collection[int]) -> bool:
    """Whether a link of a browser to one of these users is on its way to the event store."""
    found = select(links.c.id).where(links.c.visitor_id == visitor_id, links.c.user_id.in_(users)).limit(1)
    return connection.execute(found).first() is not None


def apart_among(connection: Connection, keys: Sequence[bytes]) -> dict[bytes, set[int]]:
    """The people whom these browsers were taken from, as their surviving users now. Other browsers are left out."""
    apart: dict[bytes, set[int]] = {}
    for (rows,) in select_in(connection, _apart, keys) if keys else ():
        for key, survivor in msgspec.json.decode(rows, type=list[tuple[str, int]]):
            apart.setdefault(bytes.fromhex(key), set()).add(survivor)
    return apart


_IN_FORCE = "u.undone_at IS NULL AND u.lifted_at IS NULL"


@cache
def _apart(sql: Dialect) -> str:
    return (
        f"SELECT {sql.listed(sql.array(sql.hex('u.key'), 'coalesce(x.merged_into, x.id)'))}"  # noqa: S608 - constants
        f" FROM unlinks u CROSS JOIN {sql.numbers('u.users', 'e')} JOIN users x ON x.id = e.value"
        f" WHERE {_IN_FORCE} AND u.key"
    )


def lift(connection: Connection, linked: Mapping[bytes, int], now: int) -> None:
    """Note which browsers were linked to the people again whom they were taken from. `linked` has their users."""
    apart = apart_among(connection, list(linked))
    for key in apart:
        connection.exec_driver_sql(_lift(dialect_of(connection)), (now, key, linked[key]))


@cache
def _lift(sql: Dialect) -> str:
    return f"""
        UPDATE unlinks AS u SET lifted_at = {sql.mark} WHERE u.key = {sql.mark} AND {_IN_FORCE} AND
            (SELECT coalesce(merged_into, id) FROM users WHERE id = {sql.mark}) IN
            (SELECT coalesce(x.merged_into, x.id) FROM {sql.numbers("u.users", "e")} JOIN users x ON x.id = e.value)
    """  # noqa: S608 - constants


def undo(connection: Connection, unlink: Unlink, now: int) -> None:
    """Note that an unlink is undone. The event store lags behind."""
    connection.execute(update(unlinks).where(unlinks.c.id == unlink.id).values(undone_at=now, waiting=True))


def waiting_unlinks(connection: Connection) -> list[Unlink]:
    """The unlinks that the event store lags behind with, oldest first."""
    rows = connection.execute(select(unlinks).where(unlinks.c.waiting).order_by(unlinks.c.id))
    return [Unlink.of(row) for row in rows.mappings()]


def note_removed(connection: Connection, unlink: Unlink, removed: Sequence[RemovedLink], pageviews: int) -> None:
    """Store what the event store is about to lose, before it does."""
    changes = {"removed": _encoded(removed), "pageviews": pageviews}
    connection.execute(update(unlinks).where(unlinks.c.id == unlink.id).values(**changes))


def finish_unlink(connection: Connection, unlink: Unlink) -> None:
    """Note that the event store follows, unless the unlink was undone or lifted meanwhile."""
    same = [unlinks.c[name].is_not_distinct_from(getattr(unlink, name)) for name in ("undone_at", "lifted_at")]
    connection.execute(update(unlinks).where(unlinks.c.id == unlink.id, *same).values(waiting=False))


def remove_unlinks(connection: Connection, members: Collection[int]) -> int:
    """Delete every unlink of these users. Returns how many there were."""
    return connection.execute(delete(unlinks).where(unlinks.c.person.in_(members))).rowcount


def _encoded(value: object) -> str:
    return msgspec.json.encode(value).decode()
