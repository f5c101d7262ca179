"""Users and their identifiers: found and written a group at a time, each in one statement a group."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select, update

from heropixel.directory.tables import APP_SHIFT, apps, contacts, users


class User(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A person the app knows."""

    id: int
    external_id: str | None
    traits: str | None  # a JSON object, or None for none
    created_at: int  # Unix milliseconds
    suppressed: bool = False


class Found(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Whom an identifier belongs to, and of which form of the email it was made."""

    user: User
    form: int
    via: int  # the id that the identifier stands under: the user's own, or one that was merged into hers


# An identifier to be written: key, user id, kind, form. No class: a list of users brings millions.
Identifier = tuple[bytes, int, int, int]


# SQLite takes 32,766 parameters in a statement, PostgreSQL 65,535.
_MAX_PARAMETERS = 32_000
_MAX_KEYS = 16_384

# All rows come as one JSON text: the driver takes the interpreter lock back once a row, and waits five milliseconds for
# it beside a busy event loop. The text is made without the lock, and read by msgspec in one go.
_SELF = "json_array(u.id, u.external_id, u.traits, u.created_at, u.suppressed)"
_OTHER = "json_array(o.id, o.external_id, o.traits, o.created_at, o.suppressed)"
_USER = f"CASE WHEN u.merged_into IS NULL THEN {_SELF} ELSE {_OTHER} END"
_BY_KEY = (
    f"SELECT json_group_array(json_array(hex(i.key), json_array({_USER}, i.form, u.id)))"  # noqa: S608 - constants
    " FROM identifiers i JOIN users u ON u.id = i.user_id LEFT JOIN users o ON o.id = u.merged_into WHERE i.key IN"
)
_BY_ID = (
    f"SELECT json_group_array(json_array(u.id, {_USER}))"  # noqa: S608 - constants
    " FROM users u LEFT JOIN users o ON o.id = u.merged_into WHERE u.id IN"
)
_found = msgspec.json.Decoder(list[tuple[str, Found]], strict=False)  # SQLite's booleans are 0 and 1
_users = msgspec.json.Decoder(list[tuple[int, User]], strict=False)


def find_by_keys(connection: Connection, keys: Sequence[bytes]) -> dict[bytes, Found]:
    """Whom these keys belong to; keys of nobody are left out."""
    if len(keys) > _MAX_KEYS:
        keys = sorted(keys)  # each statement then reads pages of its own, not all of them
    return {
        bytes.fromhex(key): found
        for text in _select_in(connection, _BY_KEY, keys)
        for key, found in _found.decode(text)
    }


def find_by_ids(connection: Connection, ids: Sequence[int]) -> dict[int, User]:
    """The users of these ids; an id that was merged into another is the other's, one of nobody is left out."""
    return dict(pair for text in _select_in(connection, _BY_ID, ids) for pair in _users.decode(text))


def _select_in(connection: Connection, select: str, values: Sequence[bytes] | Sequence[int]) -> Iterator[str]:
    # The driver's own SQL: SQLAlchemy prepares each of the parameters in Python, which costs more than finding it.
    for start in range(0, len(values), _MAX_KEYS):
        padded = _padded(values[start : start + _MAX_KEYS])
        yield connection.exec_driver_sql(f"{select} ({_marks(len(padded))})", tuple(padded)).scalar_one()


def _padded(values: Sequence[Any]) -> Sequence[Any]:
    # To the next power of two: the database prepares fifteen statements, not one for each size a group can have.
    missing = (1 << (len(values) - 1).bit_length()) - len(values)
    return [*values, *([values[0]] * missing)] if values else values


@lru_cache
def _marks(count: int) -> str:
    return ",".join("?" * count)


def reserve_ids(connection: Connection, app: int, count: int) -> range:
    """Ids for so many new users of an app; an id is never given out twice."""
    last = connection.execute(
        update(apps).where(apps.c.number == app).values(last_user=apps.c.last_user + count).returning(apps.c.last_user)
    ).scalar_one()
    first = (app << APP_SHIFT) + last - count + 1
    return range(first, first + count)


def add_users(connection: Connection, new: Iterable[User], *, learned: bool) -> None:
    """Write new users."""
    _insert(
        connection,
        "INSERT INTO users (id, external_id, traits, created_at, learned) VALUES",
        "",
        [(user.id, user.external_id, user.traits, user.created_at, learned) for user in new],
    )


def put_identifiers(connection: Connection, new: Iterable[Identifier]) -> None:
    """Write identifiers; one that belonged to somebody else belongs to the new user from now on."""
    _insert(
        connection,
        "INSERT INTO identifiers (key, user_id, kind, form) VALUES",
        "ON CONFLICT (key) DO UPDATE SET user_id = excluded.user_id, form = excluded.form",
        # As the primary key is sorted: neighbours share pages, which counts when a million are written.
        sorted(new, key=itemgetter(0)),
    )


def add_contacts(connection: Connection, new: Iterable[tuple[int, str, str]]) -> None:
    """Write readable contacts (user id, `email` or `phone`, value); one that is there already stays."""
    _insert(connection, "INSERT INTO contacts (user_id, kind, value) VALUES", "ON CONFLICT DO NOTHING", list(new))


def _insert(connection: Connection, head: str, tail: str, rows: Sequence[tuple[Any, ...]]) -> None:
    # Many rows in one statement: `executemany` hands the interpreter lock back once a row, and starves beside a busy
    # event loop.
    if not rows:
        return
    width = len(rows[0])
    at_once = _MAX_PARAMETERS // width
    for start in range(0, len(rows), at_once):
        some = rows[start : start + at_once]
        marks = _rows_of_marks(width, len(some))
        connection.exec_driver_sql(f"{head} {marks} {tail}", tuple(chain.from_iterable(some)))


@lru_cache
def _rows_of_marks(width: int, count: int) -> str:
    return ",".join([f"({_marks(width)})"] * count)


def contacts_of(connection: Connection, ids: Sequence[int], kind: str) -> list[str]:
    """The emails (`email`) or telephone numbers (`phone`) of these users, in alphabetical order."""
    found = select(contacts.c.value).where(contacts.c.user_id.in_(ids), contacts.c.kind == kind)
    return list(connection.execute(found.distinct().order_by(contacts.c.value)).scalars())


def has_email(connection: Connection, user_id: int) -> bool:
    """Whether an address of this user is known."""
    found = select(contacts.c.value).where(contacts.c.user_id == user_id, contacts.c.kind == "email").limit(1)
    return connection.execute(found).first() is not None


def change_users(connection: Connection, changed: Mapping[int, tuple[str | None, str | None]]) -> None:
    """Write new external ids and traits, by user id."""
    if changed:
        connection.execute(
            update(users)
            .where(users.c.id == bindparam("user"))
            .values(external_id=bindparam("new_external_id"), traits=bindparam("new_traits")),
            [
                {"user": user_id, "new_external_id": external_id, "new_traits": traits}
                for user_id, (external_id, traits) in changed.items()
            ],
        )
