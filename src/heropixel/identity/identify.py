"""Tell the directory who somebody is: create or complete users, many in one transaction."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import ExitStack
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection

from heropixel.directory import Directory
from heropixel.directory.users import (
    Found,
    Identifier,
    User,
    add_contacts,
    add_users,
    change_users,
    find_by_keys,
    put_identifiers,
    reserve_ids,
)
from heropixel.identity.identifiers import Claims, Index, Known, keys_of


class Person(NamedTuple):
    """Somebody the operator knows, and what they know of them."""

    claims: Claims
    traits: dict[str, Any]  # merged into those there are; None removes one


class Result(StrEnum):
    """What became of a person."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


def identify_many(directory: Directory, index: Index, app: int, persons: Sequence[Person], now: int) -> list[Result]:
    """Create or complete the users that these persons are, as if they came one after the other.

    A person is the user that the strongest of the identifiers belongs to; identifiers that are nobody's become the
    user's, those of others stay with them. The same persons again change nothing. `now` is in Unix milliseconds.

    Raises:
        sqlalchemy.exc.DBAPIError: the directory cannot do it; nothing was written.
    """
    keys = [keys_of(person.claims, app, index) for person in persons]
    with directory.writing() as connection:
        decided = _decide(connection, app, persons, keys, now)
        decided.write(connection)
    return decided.results


def identify_ahead(
    directory: Directory, app: int, persons: Sequence[Person], keys: Sequence[list[Known]], now: int, writer: Executor
) -> Future[list[Result]]:
    """As `identify_many`, for persons whose keys are made, decided when it returns and written by `writer`.

    The caller has the interpreter for the next persons while the database writes these.
    """
    with ExitStack() as unless_submitted:
        connection = unless_submitted.enter_context(directory.writing())
        decided = _decide(connection, app, persons, keys, now)
        transaction = unless_submitted.pop_all()
    return writer.submit(_write, decided, connection, transaction)


def _write(decided: "_People", connection: Connection, transaction: ExitStack) -> list[Result]:
    with transaction:
        decided.write(connection)
    return decided.results


def _decide(
    connection: Connection, app: int, persons: Sequence[Person], keys: Sequence[list[Known]], now: int
) -> "_People":
    found = find_by_keys(connection, [known.key for some in keys for known in some])
    # As many ids as there can be new users: an id that stays unused costs nothing.
    strangers = sum(not any(known.key in found for known in some) for some in keys)
    people = _People(found, iter(reserve_ids(connection, app, strangers)), now)
    for person, known in zip(persons, keys, strict=True):
        people.put(person, known)
    return people


class _People:
    """Decides on what was found, and collects what is to be written. Later persons see earlier ones."""

    def __init__(self, found: dict[bytes, Found], ids: Iterator[int], now: int) -> None:
        self.results: list[Result] = []
        self._new: dict[int, User] = {}
        self._changed: dict[int, User] = {}
        self._identifiers: list[Identifier] = []
        self._contacts: list[tuple[int, str, str]] = []
        self._found = found
        self._ids = ids
        self._now = now

    def write(self, connection: Connection) -> None:
        add_users(connection, self._new.values(), learned=False)
        change_users(connection, {user.id: (user.external_id, user.traits) for user in self._changed.values()})
        put_identifiers(connection, self._identifiers)
        add_contacts(connection, self._contacts)

    def put(self, person: Person, keys: list[Known]) -> None:
        self.results.append(self._put(person, keys))

    def _put(self, person: Person, keys: list[Known]) -> Result:
        hits = [hit for known in keys if (hit := self._found.get(known.key)) is not None]
        before = self._latest(hits[0].user) if hits else None
        user = self._completed(before, person)
        added = self._give(user, person.claims, keys)
        if before is None:
            self._new[user.id] = user
            return Result.CREATED
        if user == before:
            return Result.UPDATED if added else Result.UNCHANGED
        (self._new if user.id in self._new else self._changed)[user.id] = user
        return Result.UPDATED

    def _latest(self, user: User) -> User:
        return self._new.get(user.id) or self._changed.get(user.id) or user

    def _completed(self, before: User | None, person: Person) -> User:
        if before is None:
            traits = merge_traits(None, person.traits)
            return User(next(self._ids), person.claims.external_id, traits, self._now)
        return msgspec.structs.replace(
            before,
            external_id=before.external_id or person.claims.external_id,
            traits=merge_traits(before.traits, person.traits),
        )

    def _give(self, user: User, claims: Claims, keys: list[Known]) -> bool:
        unknown = [known for known in keys if known.key not in self._found]
        for known in unknown:
            self._found[known.key] = Found(user, known.form)
            self._identifiers.append((known.key, user.id, known.kind, known.form))
        given = {known.given for known in unknown}
        if claims.email and "EMAIL" in given:
            self._contacts.append((user.id, "email", claims.email))
        if claims.phone and "PHONE" in given:
            self._contacts.append((user.id, "phone", claims.phone))
        return bool(unknown)


def merge_traits(before: str | None, given: dict[str, Any]) -> str | None:
    """The traits as they are stored, with those given merged in: None removes one; None for no traits at all."""
    if not given:
        return before
    traits = {**msgspec.json.decode(before, type=dict[str, Any]), **given} if before else given
    traits = {name: value for name, value in traits.items() if value is not None}
    return msgspec.json.encode(traits).decode() if traits else None
