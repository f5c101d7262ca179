"""The people of an app, in pages. Their order is that of the ids of surviving users, and so of their creation.

A search has no index to use, so that writing users stays cheap. It walks the app from its cursor on until the page is
full. For a common trait that is a few rows. For a rare one it is all of them, which takes seconds among millions.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, func, select, text

from heropixel.directory.dialects import Dialect, dialect_of
from heropixel.directory.merges import people
from heropixel.directory.tables import APP_SHIFT, users
from heropixel.directory.users import User, contacts_of_users
from heropixel.masked import ADDRESS_MARKS, LONE_PHONE_WORD, NUMBER_MARKS, PHONE_WORDS

TraitValue = str | float | bool


class Search(NamedTuple):
    """The conditions a person must match; None: no condition."""

    email_prefix: str | None = None  # of any of their addresses, normalised
    trait: tuple[str, TraitValue] | None = None  # name and value
    learned: bool | None = None
    seen: Sequence[int] | None = None  # the person must have one of these users
    unseen: Sequence[int] | None = None  # the person must not be one of these surviving users
    # Each of these words must be in an address, a number, the external id or a value of a trait; see `text_words`.
    words: Sequence[Sequence[str]] | None = None
    masked: bool | None = None  # True: the words are looked for in nothing that is masked


EVERYBODY = Search()


class ListedUser(NamedTuple):
    """A person in a list."""

    user: User
    learned: bool  # from pageviews alone
    members: Sequence[int]  # the ids of all users who are this person
    emails: Sequence[str]  # in alphabetical order
    phones: Sequence[str]  # in E.164
    further_external_ids: Sequence[str] = ()  # of users who were merged into this one; only in `all_people`


def list_people(
    connection: Connection, app: int, search: Search, after: int | None, limit: int, *, newest: bool = False
) -> list[ListedUser]:
    """One page of the people of an app beyond the id `after`, oldest or newest first, in three statements."""
    first, last = _ids_of(app)
    if after is not None:
        first, last = (first, min(last, after - 1)) if newest else (max(first, after + 1), last)
    wanted = _wanted(dialect_of(connection), first, last, search)
    order = users.c.id.desc() if newest else users.c.id
    columns = (users.c[name] for name in (*User.__struct_fields__, "learned"))
    found = connection.execute(
        select(*columns).where(*wanted).order_by(order).limit(limit), _bound(search) | _range(app)
    ).all()
    return with_contacts(connection, [(User(*row[:-1]), row.learned) for row in found])


def listed_by_ids(connection: Connection, ids: Sequence[int]) -> list[ListedUser]:
    """The people with these ids, who are surviving users, in this order. Those who are gone are left out."""
    columns = (users.c[name] for name in (*User.__struct_fields__, "learned"))
    rows = connection.execute(select(*columns).where(users.c.id.in_(ids), users.c.merged_into.is_(None)))
    found = {row.id: (User(*row[:-1]), row.learned) for row in rows}
    return with_contacts(connection, [found[each] for each in ids if each in found])


def search_ids(connection: Connection, app: int, search: Search, most: int) -> set[int]:
    """The ids of the people who match a search, at most so many."""
    wanted = select(users.c.id).where(*_wanted(dialect_of(connection), *_ids_of(app), search)).limit(most)
    return set(connection.execute(wanted, _bound(search) | _range(app)).scalars())


def count_people(connection: Connection, app: int, search: Search) -> int:
    """How many people of an app there are."""
    counted = select(func.count()).select_from(users).where(*_wanted(dialect_of(connection), *_ids_of(app), search))
    return connection.execute(counted, _bound(search) | _range(app)).scalar_one()


def is_learned(connection: Connection, user: int) -> bool:
    """Whether a user is known from pageviews alone."""
    return bool(connection.execute(select(users.c.learned).where(users.c.id == user)).scalar_one())


def all_people(connection: Connection, app: int, at_once: int = 1_000) -> Iterator[ListedUser]:
    """Every person of an app, oldest first, without holding all of them in memory."""
    after = None
    while some := list_people(connection, app, EVERYBODY, after, at_once):
        merged = [member for each in some if len(each.members) > 1 for member in each.members]
        external_ids = _external_ids(connection, merged)
        for each in some:
            further = {external_ids[member] for member in each.members if member in external_ids}
            yield each._replace(further_external_ids=sorted(further - {each.user.external_id}))
        after = some[-1].user.id


def _external_ids(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    """The external ids of these users. A merged user has its own."""
    if not ids:
        return {}
    given = dialect_of(connection).numbers(":ids", "i")
    named = f"SELECT u.id, u.external_id FROM {given} JOIN users u ON u.id = i.value WHERE u.external_id IS NOT NULL"  # noqa: S608 - constants
    found = connection.execute(text(named), {"ids": msgspec.json.encode(ids).decode()})
    return {user: external_id for user, external_id in found}  # noqa: C416 - rows are no pairs to mypy


def with_contacts(connection: Connection, found: Sequence[tuple[User, bool]]) -> list[ListedUser]:
    """These people with their contacts, each with whether they are only learned, in two statements."""
    members = people(connection, [user.id for user, _ in found])
    person_of = {member: person for person, ids in members.items() for member in ids}
    contacts: dict[tuple[int, str], set[str]] = {}
    for member, kind, value in contacts_of_users(connection, list(person_of)):
        contacts.setdefault((person_of[member], kind), set()).add(value)
    return [
        ListedUser(
            user,
            learned,
            members[user.id],
            sorted(contacts.get((user.id, "email"), ())),
            sorted(contacts.get((user.id, "phone"), ())),
        )
        for user, learned in found
    ]


def _range(app: int) -> dict[str, int]:
    low, high = _ids_of(app)
    return {"low": low, "high": high}


def _ids_of(app: int) -> tuple[int, int]:
    return app << APP_SHIFT, (app + 1 << APP_SHIFT) - 1


def _wanted(sql: Dialect, first: int, last: int, search: Search) -> list[ColumnElement[bool]]:
    # One range of ids: with two conditions on them SQLite walks from the first and checks the other row by row.
    wanted: list[ColumnElement[bool]] = [users.c.id.between(first, last), users.c.merged_into.is_(None)]
    if search.learned is not None:
        wanted.append(users.c.learned == search.learned)
    if search.email_prefix:
        wanted.append(_HAS_EMAIL)
    if search.trait:
        wanted.append(_has_trait(sql))
    if search.seen is not None:
        wanted.append(_is_seen(sql))
    if search.unseen is not None:
        wanted.append(_condition(f"users.id NOT IN (SELECT value FROM {sql.numbers(':unseen', 'n')})"))  # noqa: S608 - a constant
    for place, variants in enumerate(search.words or ()):
        names = [f"word_{place}_{number}" for number in range(len(variants))]
        wanted.append(_has_word(sql, names, masked=bool(search.masked)))
    return wanted


def _bound(search: Search) -> dict[str, Any]:
    bound: dict[str, Any] = {}
    if search.email_prefix:
        bound |= {"prefix": search.email_prefix, "beyond": search.email_prefix + "\U0010ffff"}
    if search.trait:
        name, value = search.trait
        bound |= {"name": name, "hint": msgspec.json.encode(name).decode() + ":"}
        bound |= _bound_trait(value)
    if search.seen is not None:
        bound |= {"seen": msgspec.json.encode(search.seen).decode()}
    if search.unseen is not None:
        bound |= {"unseen": msgspec.json.encode(search.unseen).decode()}
    for place, variants in enumerate(search.words or ()):
        for number, word in enumerate(variants):
            bound[f"word_{place}_{number}"] = word
            bound[f"word_{place}_{number}_json"] = msgspec.json.encode(word).decode()[1:-1]
    return bound


def _condition(written: str) -> ColumnElement[bool]:
    return text(written)  # type: ignore[return-value]  # a text is accepted where a condition is expected


# The range is that of the primary key, user by user.
_A_MATCH = "c.kind = 'email' AND c.value >= :prefix AND c.value < :beyond"
_HAS_EMAIL = _condition(
    f"(EXISTS (SELECT 1 FROM contacts c WHERE c.user_id = users.id AND {_A_MATCH}) OR EXISTS"  # noqa: S608 - a constant
    f" (SELECT 1 FROM users m JOIN contacts c ON c.user_id = m.id WHERE m.merged_into = users.id AND {_A_MATCH}))"
)


def _is_seen(sql: Dialect) -> ColumnElement[bool]:
    seen = f"FROM {sql.numbers(':seen', 's')} JOIN users m ON m.id = s.value"
    return _condition(f"users.id IN (SELECT coalesce(m.merged_into, m.id) {seen})")


def text_words(given: str) -> list[list[str]]:
    """The words of a text to search for, each as it may be written: the database lowers ASCII letters only."""
    words = given.split()
    return [sorted({_lowered(each) for each in (word.lower(), word.upper(), word.title())}) for word in words]


def _lowered(word: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in word)


def _has_word(sql: Dialect, names: Sequence[str], *, masked: bool) -> ColumnElement[bool]:
    def any_in(column: str, suffix: str = "") -> str:
        return f"({' OR '.join(sql.contains(sql.lower(column), f':{name}{suffix}') for name in names)})"

    if masked:  # an address or a number could be found out letter by letter
        shown = f"t.type = 'text' AND {sql.matches('t.atom', '[^0-9+(]*')} AND {_shows(sql, 't.atom')}"
        shown += f" AND {_is_no_phone(sql)}"
        by_id, in_contacts = f"{_shows(sql, 'users.external_id')} AND {any_in('users.external_id')}", ""
    else:
        shown, by_id = "t.type IN ('text', 'integer', 'real')", any_in("users.external_id")
        in_contacts = (
            " OR users.id IN (SELECT coalesce(m.merged_into, m.id) FROM contacts c JOIN users m ON m.id = c.user_id"  # noqa: S608 - names of ours
            f" WHERE c.user_id BETWEEN :low AND :high AND {any_in('c.value')})"
        )
    # With the hint the database parses the JSON of few rows only. Contacts are read once, not user by user.
    return _condition(
        f"(({by_id}) OR ({any_in('users.traits', '_json')} AND EXISTS"  # noqa: S608 - names of ours
        f" (SELECT 1 FROM {sql.tree('users.traits', 't')} WHERE {shown} AND {any_in('t.atom')})){in_contacts})"
    )


def _shows(sql: Dialect, column: str) -> str:
    """Whether a text holds nothing that is masked in answers: an address, or a number with its country code."""
    patterns = (*(f"*{mark}*" for mark in ADDRESS_MARKS), *(f"*{mark}[0-9]*" for mark in NUMBER_MARKS))
    return " AND ".join(f"NOT {sql.matches(sql.lower(column), pattern.lower())}" for pattern in patterns)


def _is_no_phone(sql: Dialect) -> str:
    # A value with digits is masked where its name says that it is a telephone number. Here more names say so.
    named = (f"{sql.lower('t.fullkey')} LIKE '%{name}%'" for name in (*PHONE_WORDS, LONE_PHONE_WORD))
    return f"NOT ({sql.matches('t.atom', '*[0-9]*')} AND ({' OR '.join(named)}))"


def _has_trait(sql: Dialect) -> ColumnElement[bool]:
    # As a person means it: 12 is also 12.0 and the text "12", `true` also the text "true", `pro` also "Pro", and a day
    # is all its hours. With the hint the database parses the JSON of few rows only.
    return _condition(
        f"{sql.contains('users.traits', ':hint')} AND EXISTS"  # noqa: S608 - constants
        f" (SELECT 1 FROM {sql.members('users.traits', 't')} WHERE t.key = :name AND ("
        f"t.type = :truth OR {sql.number('t')} = :number"
        f" OR (t.type = 'text' AND ({sql.lower('t.atom')} = {sql.lower('CAST(:text AS TEXT)')} OR t.atom = :digits"
        f" OR {sql.is_day('t.atom', ':day')}))))"
    )


_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?(?:[eE][-+]?\d{1,3})?")


def _bound_trait(value: TraitValue) -> dict[str, Any]:
    text = str(value)
    number: float | None = None
    if not isinstance(value, bool | str):
        number = value if abs(value) < 1 << 63 else float(value)  # beyond, no integer of the database
    elif isinstance(value, str) and _NUMBER.fullmatch(value):
        number = float(value)
    is_whole = number is not None and float(number).is_integer() and abs(number) < 1 << 53
    return {
        "truth": text.lower() if text.lower() in ("true", "false") else None,
        "number": number,
        "text": text,
        "digits": str(int(number)) if number is not None and is_whole else None,
        "day": text if _DAY.fullmatch(text) else None,
    }
