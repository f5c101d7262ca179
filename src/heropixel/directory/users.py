"""Users and their identifiers: they are found and written in batches, each with one statement a batch."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, or_, select, update

from heropixel.directory.dialects import SEPARATOR, Dialect, Into, dialect_of
from heropixel.directory.groups import insert_rows, select_in
from heropixel.directory.tables import APP_SHIFT, apps, contacts, identifiers, merges, unreliable, users


class User(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A person the app knows."""

    id: int
    external_id: str | None
    traits: str | None  # a JSON object, or None for none
    created_at: int  # Unix milliseconds
    suppressed_until: int = 0  # Unix milliseconds


class Found(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The user of an identifier, and the form of the email of which the identifier was made."""

    user: User
    form: int
    via: int  # the id that stores the identifier: the user's own, or one that was merged into it
    linked_at: int = 0  # of a visitor: since when it is the user's, in Unix milliseconds; 0: not known


# An identifier to be written: key, user id, kind, form, whether it is lone (made of no stored contact), and for a
# visitor since when it is the user's. It is no class: a list of users has millions.
Identifier = tuple[bytes, int, int, int, bool, int | None]


def _user(sql: Dialect) -> str:
    itself, other = (
        sql.array(*(f"{of}.{name}" for name in ("id", "external_id", "traits", "created_at", "suppressed_until")))
        for of in ("u", "o")
    )
    return f"CASE WHEN u.merged_into IS NULL THEN {itself} ELSE {other} END"


@cache
def _by_id(sql: Dialect) -> str:
    return (
        f"SELECT {sql.listed(sql.array('u.id', _user(sql)))}"  # noqa: S608 - constants
        " FROM users u LEFT JOIN users o ON o.id = u.merged_into WHERE u.id"
    )


_users = msgspec.json.Decoder(list[tuple[int, User]])


class Look(NamedTuple):
    """The result of looking up keys."""

    found: dict[bytes, Found]  # keys without a user are left out
    # Whether there are any: where there are none, no further query is needed.
    suppressions: bool
    unlinks: bool


def look_for(connection: Connection, keys: Sequence[bytes]) -> Look:
    """The users that these keys belong to, and whether there are suppressions."""
    dialect = dialect_of(connection)
    most = dialect.most_values
    if len(keys) > most:
        keys = sorted(keys)  # each statement reads pages of its own
    look = Look({}, suppressions=False, unlinks=False)
    for start in range(0, len(keys), most):
        look = _looked(connection, dialect, keys[start : start + most], look.found)
    return look


def _looked(connection: Connection, sql: Dialect, keys: Sequence[bytes], found: dict[bytes, Found]) -> Look:
    """What one statement finds, added to what was found before."""
    *sought, bound = sql.sought("identifiers i", "i.key", keys)
    rows, traits, unlinks, suppressions = connection.exec_driver_sql(_by_key(sql, *sought), bound).one()
    # Traits are no part of the rows: in JSON text, each of their quotes would be escaped.
    of_users = traits.split(SEPARATOR) if traits is not None else ()
    for (key, form, via, linked_at, user, external_id, created_at, suppressed_until), of_user in zip(
        _rows_by_key.decode(rows), of_users, strict=True
    ):
        found[keys[key] if isinstance(key, int) else bytes.fromhex(key)] = Found(
            User(user, external_id, of_user or None, created_at, suppressed_until), form, via, linked_at
        )
    return Look(found, bool(suppressions), bool(unlinks))


@cache
def _by_key(sql: Dialect, rows: str, condition: str, key: str) -> str:
    columns = ("id", "external_id", "created_at", "suppressed_until")
    row = sql.array(key, "i.form", "u.id", "coalesce(i.linked_at, 0)", *map(_of_person, columns))
    traits = sql.joined(f"coalesce({_of_person('traits')}, '')")
    return (
        f"SELECT {sql.listed(row)}, {traits}"  # noqa: S608 - constants
        ", EXISTS (SELECT 1 FROM unlinks), EXISTS (SELECT 1 FROM suppressed)"
        f" FROM {rows} JOIN users u ON u.id = i.user_id LEFT JOIN users o ON o.id = u.merged_into WHERE {condition}"
    )


def _of_person(column: str) -> str:
    """A column of the user of an identifier, or of the user into whom that one was merged."""
    return f"CASE WHEN u.merged_into IS NULL THEN u.{column} ELSE o.{column} END"


# Which key, its form, the id that stores it, since when; and the user without traits.
_rows_by_key = msgspec.json.Decoder(list[tuple[int | str, int, int, int, int, str | None, int, int]])


def find_by_keys(connection: Connection, keys: Sequence[bytes]) -> dict[bytes, Found]:
    """The users that these keys belong to. Keys without a user are left out."""
    return look_for(connection, keys).found


def find_by_ids(connection: Connection, ids: Sequence[int]) -> dict[int, User]:
    """The users with these ids. A merged id gives its surviving user. Ids without a user are left out."""
    return dict(pair for (text,) in select_in(connection, _by_id, ids) for pair in _users.decode(text))


class FirstKnown(NamedTuple):
    """When a user was made."""

    id: int
    created_at: int  # Unix milliseconds
    learned: bool  # from a pageview


def first_known(connection: Connection, ids: Sequence[int]) -> list[FirstKnown]:
    """When these users were made, each before it was merged."""
    columns = [users.c[name] for name in FirstKnown._fields]
    return [FirstKnown(*row) for row in connection.execute(select(*columns).where(users.c.id.in_(ids)))]


def reserve_ids(connection: Connection, app: int, count: int) -> range:
    """Reserve this many ids for new users of an app. An id is never given out twice."""
    last = connection.execute(
        update(apps).where(apps.c.number == app).values(last_user=apps.c.last_user + count).returning(apps.c.last_user)
    ).scalar_one()
    first = (app << APP_SHIFT) + last - count + 1
    return range(first, first + count)


# What another server knew of a user: the user's id here, the first time, and whether only pageviews had named the user.
Past = tuple[int, int, bool]


def note_pasts(connection: Connection, pasts: Sequence[Past]) -> None:
    """Note when users were first seen, if that is earlier than known, and which of them are only learned."""
    if pasts:
        one_each = [*_by_user(pasts)]
        connection.exec_driver_sql(_note_pasts(dialect_of(connection)), (msgspec.json.encode(one_each).decode(),))


def _by_user(pasts: Sequence[Past]) -> Iterator[Past]:
    """Of each user one. Of several rows for a row of a table, databases take any."""
    found: dict[int, list[Past]] = {}
    for past in pasts:
        found.setdefault(past[0], []).append(past)
    for user, of_user in found.items():
        yield user, min(first_seen for _, first_seen, _ in of_user), any(learned for _, _, learned in of_user)


def _note_pasts(sql: Dialect) -> str:
    return f"""
        UPDATE users SET created_at = {sql.least("users.created_at", "past.first_seen")},
            learned = users.learned OR past.learned
        FROM ({sql.rows(sql.mark, {"id": "bigint", "first_seen": "bigint", "learned": "boolean"})}) AS past
        WHERE users.id = past.id
    """  # noqa: S608 - constants


def add_users(connection: Connection, new: Iterable[User], *, learned: bool) -> None:
    """Write new users."""
    insert_rows(connection, _USERS, [(*msgspec.structs.astuple(user), learned) for user in new])


_USERS = Into(users, (*User.__struct_fields__, "learned"))


def put_identifiers(connection: Connection, new: Iterable[Identifier]) -> None:
    """Write identifiers. One that belonged to another user belongs to the new user from now on."""
    # In the order of the primary key: neighbours share pages, which counts when a million are written.
    insert_rows(connection, _IDENTIFIERS, sorted(new, key=itemgetter(0)))


_IDENTIFIERS = Into(
    identifiers,
    ("key", "user_id", "kind", "form", "lone", "linked_at"),
    "ON CONFLICT (key) DO UPDATE SET user_id = excluded.user_id, form = excluded.form, lone = excluded.lone,"
    " linked_at = excluded.linked_at",
)


def add_contacts(connection: Connection, new: Iterable[tuple[int, str, str]]) -> None:
    """Add readable contacts (user id, `email` or `phone`, value). A contact that exists stays as it is."""
    insert_rows(connection, _NEW_CONTACTS, list(new))


_NEW_CONTACTS = Into(contacts, ("user_id", "kind", "value"), "ON CONFLICT DO NOTHING")


def contacts_of_users(connection: Connection, ids: Sequence[int]) -> Iterator[tuple[int, str, str]]:
    """User id, `email` or `phone`, and value of every contact of these users."""
    for (text,) in select_in(connection, _contacts, ids):
        yield from msgspec.json.decode(text, type=list[tuple[int, str, str]])


@cache
def _contacts(sql: Dialect) -> str:
    return f"SELECT {sql.listed(sql.array('user_id', 'kind', 'value'))} FROM contacts WHERE user_id"  # noqa: S608 - constants


def lone_identifiers(connection: Connection, ids: Sequence[int]) -> Iterator[tuple[int, bytes, int]]:
    """User id, key and kind of every identifier of these users that is made of no contact."""
    for user_id, key, kind, _ in lone_keys_of(connection, ids):
        yield user_id, key, kind


def lone_keys_of(connection: Connection, ids: Sequence[int]) -> Iterator[tuple[int, bytes, int, int]]:
    """The same, each with its form."""
    for (text,) in select_in(connection, _lone, ids):
        for user_id, key, kind, form in msgspec.json.decode(text, type=list[tuple[int, str, int, int]]):
            yield user_id, bytes.fromhex(key), kind, form


@cache
def _lone(sql: Dialect) -> str:
    each = sql.array("user_id", sql.hex("key"), "kind", "form")
    return f"SELECT {sql.listed(each)} FROM identifiers WHERE lone AND user_id"  # noqa: S608 - constants


def change_users(connection: Connection, changed: Iterable[User]) -> None:
    """Update the columns of users that can change."""
    rows = [
        {
            "user": user.id,
            "new_external_id": user.external_id,
            "new_traits": user.traits,
            "new_suppressed_until": user.suppressed_until,
        }
        for user in changed
    ]
    if rows:
        connection.execute(
            update(users)
            .where(users.c.id == bindparam("user"))
            .values(
                external_id=bindparam("new_external_id"),
                traits=bindparam("new_traits"),
                suppressed_until=bindparam("new_suppressed_until"),
            ),
            rows,
        )


def put_external_id(connection: Connection, user_id: int, external_id: str | None) -> None:
    """Set or remove the external id of a user."""
    connection.execute(update(users).where(users.c.id == user_id).values(external_id=external_id))


def move_name(
    connection: Connection, user_id: int, new: int, keys: Sequence[bytes], weaker: Sequence[bytes], *, email: bool
) -> None:
    """Give the external id or the email of a user, by its keys, to a new user, who is the same person.

    The merges that it made are the new user's.
    """
    person = select(func.coalesce(users.c.merged_into, users.c.id)).where(users.c.id == user_id).scalar_subquery()
    theirs = identifiers.c.user_id == user_id
    connection.execute(update(identifiers).where(identifiers.c.key.in_([*keys, *weaker]), theirs).values(user_id=new))
    if email:
        of_user = (contacts.c.user_id == user_id) & (contacts.c.kind == "email")
        connection.execute(update(contacts).where(of_user).values(user_id=new))
    else:
        external_id = connection.execute(select(users.c.external_id).where(users.c.id == user_id)).scalar_one()
        put_external_id(connection, new, external_id)
        connection.execute(
            update(users)
            .where(users.c.external_id == external_id, users.c.id != new)
            .where(or_(users.c.id == person, users.c.merged_into == person))
            .values(external_id=None)
        )
    for end, key in ((merges.c.one, merges.c.one_key), (merges.c.other, merges.c.other_key)):
        connection.execute(update(merges).where(key.in_(keys)).values({end: new}))
    connection.execute(update(users).where(users.c.id == new).values(merged_into=person))


def remove_identifiers(connection: Connection, keys: Sequence[bytes], ids: Sequence[int]) -> int:
    """Remove these keys where they belong to these users, and their marks as unreliable. Returns how many."""
    removed = 0
    for start in range(0, len(keys), 1000):
        some = keys[start : start + 1000]
        of_them = identifiers.c.key.in_(some) & identifiers.c.user_id.in_(ids)
        removed += connection.execute(delete(identifiers).where(of_them)).rowcount
        left = select(identifiers.c.key).where(identifiers.c.key.in_(some))  # others have them, too
        connection.execute(delete(unreliable).where(unreliable.c.key.in_(some), unreliable.c.key.not_in(left)))
    return removed


def remove_users(connection: Connection, ids: Sequence[int]) -> dict[str, int]:
    """Remove users with their contacts and traits. Returns how many `contacts` and `traits` there were."""
    traits: set[str] = set()
    for text in connection.execute(
        select(users.c.traits).where(users.c.id.in_(ids), users.c.traits.is_not(None))
    ).scalars():
        traits |= msgspec.json.decode(text, type=dict[str, Any]).keys()
    found = connection.execute(delete(contacts).where(contacts.c.user_id.in_(ids))).rowcount
    connection.execute(delete(users).where(users.c.id.in_(ids)))
    return {"contacts": found, "traits": len(traits)}
