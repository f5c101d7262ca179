"""Find one person and what is known of her, without learning anything."""

from typing import NamedTuple

from sqlalchemy import Connection

from heropixel.directory.merges import Merge, members_of, merges_of
from heropixel.directory.tables import app_of_user
from heropixel.directory.users import User, contacts_of, find_by_ids, find_by_keys
from heropixel.errors import UserNotFound
from heropixel.identity.identifiers import Claims, Index, keys_of


class Profile(NamedTuple):
    """A person as the directory knows her."""

    user: User
    emails: list[str]  # in alphabetical order
    phones: list[str]  # in E.164
    merges: list[Merge]  # oldest first, undone ones too


def find_by_claims(connection: Connection, app: int, claims: Claims, index: Index) -> User:
    """The user of an app whom the strongest of these identifiers names.

    Raises:
        UserNotFound: nobody is known by any of them.
    """
    keys = [known.key for known in keys_of(claims, app, index)]
    found = find_by_keys(connection, keys)
    for key in keys:
        if key in found:
            return found[key].user
    raise UserNotFound


def find_by_id(connection: Connection, app: int, user_id: str) -> User:
    """The user of an app with this id, or whom the user with this id was merged into.

    Raises:
        UserNotFound: there is none, or it is another app's.
    """
    number = int(user_id) if user_id.isascii() and user_id.isdigit() and len(user_id) < 19 else 0
    found = find_by_ids(connection, [number]).get(number) if app_of_user(number) == app else None
    if found is None:
        raise UserNotFound
    return found


def profile_of(connection: Connection, user: User) -> Profile:
    """All that is known of a user."""
    ids = members_of(connection, user.id)
    emails, phones = (contacts_of(connection, ids, kind) for kind in ("email", "phone"))
    return Profile(user, emails, phones, merges_of(connection, user.id))
