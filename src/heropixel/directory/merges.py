"""Users that are one person: they are merged, and can be taken apart again.

A merged user keeps identifiers, contacts and pageviews under its own id. Its `merged_into` names the surviving user,
which is never itself merged into another. A merge stores which two users were named together, and by which identifiers.
The merges that hold decide who survives: each person is a connected component, and its oldest id is the surviving user.
So the order of merges makes no difference, and undoing one merge removes exactly that one.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, insert, or_, select, update

from heropixel.directory.dialects import Dialect, Into, dialect_of
from heropixel.directory.groups import insert_rows, select_in
from heropixel.directory.tables import APP_SHIFT, merges, unreliable, users
from heropixel.directory.users import User, find_by_ids


class End(NamedTuple):
    """One of the two users of a merge, and the identifier that named it. A merge by hand has no identifier."""

    user: int
    key: bytes = b""
    by: str = ""  # a value of the contract's enum `Identifier`


class Merge(NamedTuple):
    """A merge as it is stored. Times are in Unix milliseconds."""

    id: int
    one: int
    one_by: str
    other: int
    other_by: str
    origin: str
    merged_at: int
    undone_at: int | None
    older: int
    newer: int

    @property
    def evidence(self) -> list[str]:
        """The two identifiers that were named together; empty for a merge by hand."""
        return [by for by in (self.one_by, self.other_by) if by]


class _Gained(msgspec.Struct, omit_defaults=True):
    """What the older user got by a merge. It is given back when the merge is undone."""

    traits: dict[str, Any] = msgspec.field(default_factory=dict)
    external_id: str | None = None
    known: bool = False  # it was only learned before
    replaced: dict[str, Any] = msgspec.field(default_factory=dict)  # the values that these traits had before


def merge(connection: Connection, one: End, other: End, origin: str, now: int) -> User:
    """Merge the people of two users, who are not the same yet. Returns the surviving user: the older of them.

    Where both have a trait, the value of the older one stays.
    """
    people = find_by_ids(connection, [one.user, other.user])
    older, newer = sorted((people[one.user], people[other.user]), key=lambda user: user.id)
    gained = _gained(connection, older, newer)
    stays = _with(older, gained, max(older.suppressed_until, newer.suppressed_until))
    connection.execute(
        insert(merges).values(
            one=one.user,
            one_key=one.key,
            one_by=one.by,
            other=other.user,
            other_key=other.key,
            other_by=other.by,
            origin=origin,
            merged_at=now,
            older=older.id,
            newer=newer.id,
            gained=msgspec.json.encode(gained).decode(),
        )
    )
    connection.execute(
        update(users).where(or_(users.c.id == newer.id, users.c.merged_into == newer.id)).values(merged_into=older.id)
    )
    changes: dict[str, Any] = {
        "traits": stays.traits,
        "external_id": stays.external_id,
        "suppressed_until": stays.suppressed_until,
    }
    if gained.known:
        changes["learned"] = False
    connection.execute(update(users).where(users.c.id == older.id).values(**changes))
    return stays


def _gained(connection: Connection, older: User, newer: User) -> _Gained:
    has = _decoded(older.traits)
    only_learned = select(users.c.id).where(users.c.id.in_([older.id, newer.id]), users.c.learned)
    learned = set(connection.execute(only_learned).scalars())
    return _Gained(
        {name: value for name, value in _decoded(newer.traits).items() if name not in has},
        newer.external_id if older.external_id is None else None,
        learned == {older.id},
    )


def _with(user: User, gained: _Gained, suppressed_until: int) -> User:
    return msgspec.structs.replace(
        user,
        suppressed_until=suppressed_until,
        traits=_encoded({**_decoded(user.traits), **gained.traits}),
        external_id=user.external_id or gained.external_id,
    )


def unmerge(connection: Connection, merge_id: int, now: int) -> None:
    """Undo a merge that holds. What was stored of the person since then stays with the older user. The two are kept
    apart from then on, until they are merged by hand. The caller must find out which of them is suppressed.
    """
    undone = connection.execute(
        update(merges).where(merges.c.id == merge_id).values(undone_at=now).returning(merges.c.one)
    ).scalar_one()
    _separate(connection, members_of(connection, undone), [merge_id])


def give_back(connection: Connection, keys: Collection[bytes], now: int, users_of_keys: Sequence[int]) -> set[int]:
    """Undo every merge that these identifiers made, since they are shared. Returns all users of those people.

    `users_of_keys` have the identifiers. Nobody is kept apart by it. The caller must find out which of the people is
    suppressed.
    """
    made_by = or_(merges.c.one_key.in_(keys), merges.c.other_key.in_(keys)) & merges.c.undone_at.is_(None)
    undone = connection.execute(
        update(merges).where(made_by).values(undone_at=now, given_back=True).returning(merges.c.id, merges.c.one)
    ).all()
    concerned: set[int] = set()
    for one in dict.fromkeys([*users_of_keys, *(row.one for row in undone)]):
        if one not in concerned:
            members = members_of(connection, one)
            concerned.update(members)
            _separate(connection, members, [row.id for row in undone])
    return concerned


def _separate(connection: Connection, members: Sequence[int], undone: Collection[int]) -> None:
    """Make as many people of these users as the merges that hold say. Each gets back what they had."""
    people = _components(members, _holding(connection, members))
    person_of = {member: person for person in people for member in person}
    for person in people:
        merged_into = func.nullif(min(person), users.c.id)
        connection.execute(update(users).where(users.c.id.in_(person)).values(merged_into=merged_into))
    came = connection.execute(
        select(merges.c.older, merges.c.newer, merges.c.gained)
        .where(
            merges.c.newer.in_(members),
            merges.c.older.in_(members),
            or_(merges.c.id.in_(undone), merges.c.undone_at.is_(None)),
        )
        .order_by(merges.c.id.desc())
    ).all()
    for older, newer, gained in came:
        for user in {older, min(members)}:
            if person_of[user] is not person_of[newer]:
                _give_back(connection, user, msgspec.json.decode(gained, type=_Gained))
    for person in people:
        _complete(connection, person)


def members_of(connection: Connection, user: int) -> list[int]:
    """Every user who is the same person as this one."""
    found = connection.exec_driver_sql(_members(dialect_of(connection)), (user, user))
    return sorted(each for (each,) in found)


@cache
def _members(sql: Dialect) -> str:
    survivor = f"(SELECT coalesce(merged_into, id) FROM users WHERE id = {sql.mark})"  # noqa: S608 - constants
    return f"SELECT id FROM users WHERE id = {survivor} OR merged_into = {survivor}"  # noqa: S608 - constants


def people(connection: Connection, survivors: Collection[int]) -> dict[int, list[int]]:
    """Every user of each of these people, by the surviving user."""
    members = {survivor: [survivor] for survivor in survivors}
    for (rows,) in select_in(connection, _merged_into, list(survivors)):
        for user, survivor in msgspec.json.decode(rows, type=list[tuple[int, int]]):
            members[survivor].append(user)
    return members


@cache
def _merged_into(sql: Dialect) -> str:
    return f"SELECT {sql.listed(sql.array('id', 'merged_into'))} FROM users WHERE merged_into"  # noqa: S608 - constants


def _holding(connection: Connection, members: Collection[int]) -> list[RowMapping]:
    """The merges among these users that hold."""
    return list(
        connection.execute(select(merges).where(merges.c.one.in_(members), merges.c.undone_at.is_(None))).mappings()
    )


def _components(members: Iterable[int], holding: Iterable[RowMapping]) -> list[set[int]]:
    person_of = {member: {member} for member in members}
    for row in holding:
        one, other = person_of[row["one"]], person_of[row["other"]]
        if one is not other:
            one |= other
            person_of.update(dict.fromkeys(other, one))
    return list({id(person): person for person in person_of.values()}.values())


def _give_back(connection: Connection, user_id: int, gained: _Gained) -> None:
    """Take from a user what they got by a merge, unless it was changed since, or they were erased."""
    row = connection.execute(select(users).where(users.c.id == user_id)).mappings().first()
    if row is None:
        return
    traits = _decoded(row["traits"])
    since = {name for name, value in gained.traits.items() if traits.get(name) != value}
    kept = {name: value for name, value in traits.items() if name not in gained.traits or name in since}
    kept |= {name: value for name, value in gained.replaced.items() if name not in since}
    external_id = None if row["external_id"] == gained.external_id else row["external_id"]
    _write(connection, user_id, kept, external_id, learned=row["learned"] or gained.known)


def _complete(connection: Connection, person: set[int]) -> None:
    """Give the oldest of these users what they lack and the others have, as merging them would."""
    rows = connection.execute(select(users).where(users.c.id.in_(person)).order_by(users.c.id)).mappings().all()
    traits: dict[str, Any] = {}
    for row in reversed(rows):
        traits |= _decoded(row["traits"])
    external_id = next((row["external_id"] for row in rows if row["external_id"]), None)
    _write(connection, rows[0]["id"], traits, external_id, learned=all(row["learned"] for row in rows))


def _write(
    connection: Connection, user_id: int, traits: dict[str, Any], external_id: str | None, *, learned: bool
) -> None:
    changes = {"traits": _encoded(traits), "external_id": external_id, "learned": learned}
    connection.execute(update(users).where(users.c.id == user_id).values(**changes))


def _decoded(traits: str | None) -> dict[str, Any]:
    return msgspec.json.decode(traits, type=dict[str, Any]) if traits else {}


def _encoded(traits: dict[str, Any]) -> str | None:
    return msgspec.json.encode(traits).decode() if traits else None


def survivors(connection: Connection, app: int | None = None) -> dict[int, int]:
    """Every id that was merged into another, with its surviving user: of this app, or of all."""
    merged = select(users.c.id, users.c.merged_into).where(users.c.merged_into.is_not(None))
    if app is not None:  # a merged user and its surviving user are of one app
        merged = merged.where(users.c.merged_into.between(app << APP_SHIFT, ((app + 1) << APP_SHIFT) - 1))
    return {row.id: row.merged_into for row in connection.execute(merged)}


def merges_of(connection: Connection, user: int) -> list[Merge]:
    """Every merge of a person, undone ones too, oldest first."""
    members = members_of(connection, user)
    columns = [merges.c[name] for name in Merge._fields]
    rows = connection.execute(
        select(*columns).where(or_(merges.c.one.in_(members), merges.c.other.in_(members))).order_by(merges.c.id)
    )
    return [Merge(*row) for row in rows]


def list_merges(connection: Connection, app: int, before: int | None, limit: int) -> list[Merge]:
    """One page of the merges of an app, undone ones too, latest first; `before` is the id of a merge."""
    columns = [merges.c[name] for name in Merge._fields]
    asked = select(*columns).where(_of_app(app))
    if before is not None:
        asked = asked.where(merges.c.id < before)
    return [Merge(*row) for row in connection.execute(asked.order_by(merges.c.id.desc()).limit(limit))]


def count_merges(connection: Connection, app: int) -> int:
    """How many merges an app has, undone ones too."""
    return connection.execute(select(func.count()).select_from(merges).where(_of_app(app))).scalar_one()


def _of_app(app: int) -> ColumnElement[bool]:
    return merges.c.one.between(app << APP_SHIFT, ((app + 1) << APP_SHIFT) - 1)  # both users of a merge are of one app


def merges_in_force(connection: Connection, members: Collection[int]) -> list[Merge]:
    """The merges among these users that hold, oldest first."""
    columns = [merges.c[name] for name in Merge._fields]
    holding = select(*columns).where(merges.c.one.in_(members), merges.c.undone_at.is_(None)).order_by(merges.c.id)
    return [Merge(*row) for row in connection.execute(holding)]


def remove_merges(connection: Connection, members: Collection[int]) -> int:
    """Delete every merge of these users, undone ones too. Returns how many there were."""
    return connection.execute(
        delete(merges).where(or_(merges.c.one.in_(members), merges.c.other.in_(members)))
    ).rowcount


def find_merge(connection: Connection, merge_id: int) -> Merge | None:
    """A merge by its id."""
    row = connection.execute(select(*[merges.c[name] for name in Merge._fields]).where(merges.c.id == merge_id)).first()
    return Merge(*row) if row else None


def are_kept_apart(connection: Connection, one: int, other: int) -> bool:
    """Whether a merge of these two people was undone by hand."""
    first, second = members_of(connection, one), members_of(connection, other)
    undone = select(merges.c.id).where(
        merges.c.undone_at.is_not(None),
        merges.c.given_back.is_(False),
        or_(
            merges.c.one.in_(first) & merges.c.other.in_(second),
            merges.c.one.in_(second) & merges.c.other.in_(first),
        ),
    )
    return connection.execute(undone.limit(1)).first() is not None


def last_merge(connection: Connection) -> int:
    """The id of the latest merge."""
    return connection.execute(select(func.max(merges.c.id))).scalar_one() or 0


def merges_since(connection: Connection, merge_id: int, members: Collection[int]) -> list[Merge]:
    """The merges of these users that hold and were made after another."""
    columns = [merges.c[name] for name in Merge._fields]
    new = select(*columns).where(merges.c.id > merge_id, merges.c.undone_at.is_(None)).order_by(merges.c.id)
    return [merge for row in connection.execute(new) if (merge := Merge(*row)).one in members or merge.other in members]


def note_replaced(connection: Connection, merge_id: int, new: Mapping[str, Any], replaced: Mapping[str, Any]) -> None:
    """Store with a merge which traits of the older user it has changed. To undo it gives back the old values."""
    text_of = connection.execute(select(merges.c.gained).where(merges.c.id == merge_id)).scalar_one()
    gained = msgspec.json.decode(text_of, type=_Gained)
    gained.traits.update(new)
    gained.replaced.update(replaced)
    changed = msgspec.json.encode(gained).decode()
    connection.execute(update(merges).where(merges.c.id == merge_id).values(gained=changed))


def mark_unreliable(connection: Connection, keys: Collection[bytes], now: int) -> None:
    """Mark identifiers as unreliable: they merge nobody any more."""
    insert_rows(connection, _UNRELIABLE, [(key, now) for key in keys])


_UNRELIABLE = Into(unreliable, ("key", "marked_at"), "ON CONFLICT DO NOTHING")


def unmark_unreliable(connection: Connection, keys: Collection[bytes]) -> None:
    """These identifiers are reliable again: all whom they name are one person by now."""
    connection.execute(delete(unreliable).where(unreliable.c.key.in_(keys)))


def any_unreliable(connection: Connection) -> bool:
    """Whether there are unreliable identifiers."""
    return bool(connection.exec_driver_sql("SELECT EXISTS (SELECT 1 FROM unreliable)").scalar())


def unreliable_among(connection: Connection, keys: Sequence[bytes]) -> set[bytes]:
    """Which of these identifiers are unreliable: they merge nobody any more."""
    return {
        bytes.fromhex(key)
        for (text_of,) in select_in(connection, _unreliable_in, keys)
        for key in msgspec.json.decode(text_of, type=list[str])
    }


@cache
def _unreliable_in(sql: Dialect) -> str:
    return f"SELECT {sql.listed(sql.hex('key'))} FROM unreliable WHERE key"  # noqa: S608 - constants
