"""Callers ask for one person and their data. Nothing is learned from the question."""

from collections.abc import Collection

from sqlalchemy import Connection

from heropixel.directory.merges import people
from heropixel.directory.tables import app_of_user
from heropixel.directory.users import (
    User,
    contacts_of_users,
    find_by_ids,
    find_by_keys,
    lone_identifiers,
)
from heropixel.errors import UserNotFound
from heropixel.identity.identifiers import Claims, Index, keys_of
from heropixel.values import id_of


def find_by_claims(connection: Connection, app: int, claims: Claims, index: Index) -> User:
    """The user of an app that the strongest of these identifiers names.

    Raises:
        UserNotFound: none of the identifiers is known.
    """
    keys = [known.key for known in keys_of(claims, app, index)]
    found = find_by_keys(connection, keys)
    for key in keys:
        if key in found:
            return found[key].user
    raise UserNotFound


def find_by_id(connection: Connection, app: int, user_id: str) -> User:
    """The user of an app with this id. A merged id gives its surviving user.

    Raises:
        UserNotFound: no user has this id, or the user is another app's.
    """
    number = id_of(user_id) or 0
    found = find_by_ids(connection, [number]).get(number) if app_of_user(number) == app else None
    if found is None:
        raise UserNotFound
    return found


def keys_of_people(connection: Connection, app: int, index: Index, survivors: Collection[int]) -> dict[int, set[bytes]]:
    """Every key by which these people of an app can be found, by the ids of their surviving users.

    A contact that several people share finds none of them: its keys are nobody's.
    """
    survivor_of = {user: survivor for survivor, members in people(connection, survivors).items() for user in members}
    keys: dict[int, set[bytes]] = {survivor: set() for survivor in survivors}
    of_contacts: dict[bytes, int] = {}
    for user, kind, value in contacts_of_users(connection, list(survivor_of)):
        claims = Claims(email=value) if kind == "email" else Claims(phone=value)
        of_contacts.update((known.key, survivor_of[user]) for known in keys_of(claims, app, index))
    for key, found in find_by_keys(connection, list(of_contacts)).items():
        if survivor_of.get(found.via) is not None:
            keys[survivor_of[found.via]].add(key)
    for user, key, _ in lone_identifiers(connection, list(survivor_of)):
        keys[survivor_of[user]].add(key)
    return keys
