"""Which identifiers were named together, where no user shows it.

A user has what one call named together: at most one external id and one email, and telephone numbers. What is named
together with only a part of that, or belongs to another user, is stored here. So the people can be found again from
what was said, in whatever order it was said, when an identifier turns out to be shared.
"""

from collections.abc import Collection, Iterable

import msgspec
from sqlalchemy import Connection, delete, select, update

from heropixel.directory.dialects import Dialect, Into, Statement, dialect_of
from heropixel.directory.groups import insert_rows, select_in
from heropixel.directory.tables import identifiers, pairs

NAMES = 0  # both name a person
FINDS = 1  # `key` names a person, whom `other` finds: a telephone number, or a weaker form of an email
FOUND = 2  # the way back, from what finds to who is found; to itself, if it was named alone
WITH = 3  # `other` is another key of `key`: a digest of a telephone number or of the same form

NOBODY = 0  # the user of identifiers that find nobody, since several people share them. There is no such user.


def add_named_together(connection: Connection, keys: Collection[tuple[bytes, bytes]]) -> None:
    """Store pairs of identifiers that name a person."""
    _add(connection, [row for one, other in keys for row in ((one, other, NAMES), (other, one, NAMES))])


def add_finder(connection: Connection, finder: bytes, found: Iterable[bytes], others: Iterable[bytes]) -> None:
    """Store with whom a finder was named, and its other keys."""
    rows = [(finder, other, WITH) for other in others]
    for name in found:
        rows.append((finder, name, FOUND))
        if name != finder:
            rows.append((name, finder, FINDS))
    _add(connection, rows)


def _add(connection: Connection, rows: list[tuple[bytes, bytes, int]]) -> None:
    insert_rows(connection, _NEW, rows)


_NEW = Into(pairs, ("key", "other", "role"), "ON CONFLICT DO NOTHING")


def others_of(connection: Connection, keys: Collection[bytes], role: int) -> set[bytes]:
    """The identifiers that were stored with one of these, in a role."""
    return {other for _, other in pairs_of(connection, keys, role)}


def pairs_of(connection: Connection, keys: Collection[bytes], role: int) -> list[tuple[bytes, bytes]]:
    """The pairs of these identifiers in a role."""
    return [
        (bytes.fromhex(key), bytes.fromhex(other))
        for (text,) in select_in(connection, _in_role(role), list(keys))
        for key, other in _decode(text)
    ]


def _in_role(role: int) -> Statement:
    def select_pairs(sql: Dialect) -> str:
        each = sql.array(sql.hex("key"), sql.hex("other"))
        return f"SELECT {sql.listed(each)} FROM pairs WHERE role = {role:d} AND key"  # noqa: S608 - a number

    return select_pairs


_decode = msgspec.json.Decoder(list[tuple[str, str]]).decode


def remove_pairs(connection: Connection, keys: Collection[bytes]) -> None:
    """Delete what was said of these identifiers."""
    listed = sorted(keys)
    for start in range(0, len(listed), 1000):
        some = listed[start : start + 1000]
        # By the way back: there is no index on `other`.
        back = connection.execute(select(pairs.c.other, pairs.c.key).where(pairs.c.key.in_(some))).all()
        connection.execute(delete(pairs).where(pairs.c.key.in_(some)))
        for other, key in back:
            connection.execute(delete(pairs).where(pairs.c.key == other, pairs.c.other == key))


def where_is(connection: Connection, key: bytes) -> tuple[int, int] | None:
    """The user of an identifier (or NOBODY) and its form; None: it is not known."""
    found = f"SELECT user_id, form FROM identifiers WHERE key = {dialect_of(connection).mark}"  # noqa: S608 - a constant
    row = connection.exec_driver_sql(found, (key,)).one_or_none()
    return (row[0], row[1]) if row else None


def give_keys(connection: Connection, keys: Collection[bytes], user: int) -> None:
    """Give known identifiers to a user, or to NOBODY."""
    connection.execute(update(identifiers).where(identifiers.c.key.in_(keys)).values(user_id=user))


def put_form(connection: Connection, key: bytes, form: int) -> None:
    """Change the form of an identifier."""
    connection.execute(update(identifiers).where(identifiers.c.key == key).values(form=form))


def remove_keys_of_nobody(connection: Connection, keys: Collection[bytes]) -> None:
    """Delete those of these identifiers that find nobody."""
    connection.execute(delete(identifiers).where(identifiers.c.key.in_(keys), identifiers.c.user_id == NOBODY))
