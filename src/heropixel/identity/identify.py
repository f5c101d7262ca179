"""Tell the directory who somebody is: create or complete users, many in one transaction."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

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
    """`put_many`, for persons whose keys are not made yet."""
    return put_many(directory, app, persons, [keys_of(person.claims, app, index) for person in persons], now)


def put_many(
    directory: Directory, app: int, persons: Sequence[Person], keys: Sequence[list[Known]], now: int
) -> list[Result]:
    """Create or complete the users that these persons are, as if they came one after the other.

    A person is the user that the strongest of the identifiers belongs to; identifiers that are nobody's become the
    user's, those of others stay with them. The same persons again change nothing. `now` is in Unix milliseconds.

    Raises:
        sqlalchemy.exc.DBAPIError: the directory cannot do it; nothing was written.
    """
    with directory.writing() as connection:
        found = find_by_keys(connection, [known.key for some in keys for known in some])
        people = _People(found, now)
        # As many ids as there can be new users: an id that stays unused costs nothing.
        people.ids = iter(reserve_ids(connection, app, _strangers(keys, found)))
        results = [people.put(person, known) for person, known in zip(persons, keys, strict=True)]
        add_users(connection, people.new.values(), learned=False)
        change_users(connection, {user.id: (user.external_id, user.traits) for user in people.changed.values()})
        put_identifiers(connection, people.identifiers.values())
        add_contacts(connection, people.contacts)
    return results


def _strangers(keys: Sequence[list[Known]], found: dict[bytes, Found]) -> int:
    return sum(not any(known.key in found for known in some) for some in keys)


class _People:
    """Decides on what was found, and collects what is to be written. Later persons see earlier ones."""

    def __init__(self, found: dict[bytes, Found], now: int) -> None:
        self.ids: Iterator[int] = iter(())
        self.new: dict[int, User] = {}
        self.changed: dict[int, User] = {}
        self.identifiers: dict[bytes, Identifier] = {}
        self.contacts: list[tuple[int, str, str]] = []
        self._found = found
        self._now = now

    def put(self, person: Person, keys: list[Known]) -> Result:
        hits = [hit for known in keys if (hit := self._found.get(known.key)) is not None]
        before = self._latest(hits[0].user) if hits else None
        user = self._completed(before, person)
        added = self._give(user, person.claims, keys)
        if before is None:
            self.new[user.id] = user
            return Result.CREATED
        if user == before:
            return Result.UPDATED if added else Result.UNCHANGED
        (self.new if user.id in self.new else self.changed)[user.id] = user
        return Result.UPDATED

    def _latest(self, user: User) -> User:
        return self.new.get(user.id) or self.changed.get(user.id) or user

    def _completed(self, before: User | None, person: Person) -> User:
        if before is None:
            traits = merge_traits(None, person.traits)
            return User(next(self.ids), person.claims.external_id, traits, self._now)
        return msgspec.structs.replace(
            before,
            external_id=before.external_id or person.claims.external_id,
            traits=merge_traits(before.traits, person.traits),
        )

    def _give(self, user: User, claims: Claims, keys: list[Known]) -> bool:
        unknown = [known for known in keys if known.key not in self._found]
        for known in unknown:
            self._found[known.key] = Found(user, known.form)
            self.identifiers[known.key] = (known.key, user.id, known.kind, known.form)
        given = {known.given for known in unknown}
        if claims.email and "EMAIL" in given:
            self.contacts.append((user.id, "email", claims.email))
        if claims.phone and "PHONE" in given:
            self.contacts.append((user.id, "phone", claims.phone))
        return bool(unknown)


def merge_traits(before: str | None, given: dict[str, Any]) -> str | None:
    """The traits as they are stored, with those given merged in: None removes one; None for no traits at all."""
    if not given:
        return before
    traits = {**msgspec.json.decode(before, type=dict[str, Any]), **given} if before else given
    traits = {name: value for name, value in traits.items() if value is not None}
    return msgspec.json.encode(traits).decode() if traits else None
