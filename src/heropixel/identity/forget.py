"""Forget a person: the directory erases them at once, and queues the erasure of their pageviews.

Three things stay. The receipt holds numbers only. Suppressions keep their keys alone, since the person asked not to be
recognised. On request there is a tombstone: the keys by which an import would learn the person again.
"""

from typing import NamedTuple

from sqlalchemy import Connection

from heropixel.directory.erasures import Erasure, add_erasure
from heropixel.directory.merges import members_of, remove_merges
from heropixel.directory.suppressions import NewSuppression, add_suppressions, forget_contacts, suppressed_among
from heropixel.directory.unlinks import remove_unlinks
from heropixel.directory.users import User, lone_identifiers, remove_identifiers, remove_users
from heropixel.errors import UserNotFound
from heropixel.identity.find import keys_of_people
from heropixel.identity.finders import Finders
from heropixel.identity.identifiers import IdentifierKind, Index, keys_of
from heropixel.identity.merging import Merging
from heropixel.identity.person import UserSelector


class ErasureRequest(NamedTuple):
    """The request to forget a person of an app, with its origin and its time (Unix milliseconds)."""

    app: int
    by: UserSelector
    tombstone: bool  # no import may learn the person again
    origin: str
    now: int


def forget(connection: Connection, index: Index, request: ErasureRequest) -> Erasure:
    """Erase a person. Their pageviews are erased from the event store afterwards (see `Erasure.done_at`).

    Raises:
        InvalidSelector: the person is not named by exactly one identifier.
        UserNotFound: the identifier is neither known nor suppressed.
        Refusal: the identifier is malformed.
    """
    try:
        user = request.by.find(connection, request.app, index)
    except UserNotFound:
        return _forget_contact(connection, index, request)
    return _forget_user(connection, index, request, user)


def _forget_user(connection: Connection, index: Index, request: ErasureRequest, user: User) -> Erasure:
    members = members_of(connection, user.id)
    keys = keys_of_people(connection, request.app, index, [user.id])[user.id]
    Finders(Merging(connection, request.app, index, request.origin, request.now)).leave(members)
    visitors = {key for _, key, kind in lone_identifiers(connection, members) if kind == IdentifierKind.VISITOR_ID}
    counts = {
        "users": len(members),
        "identifiers": remove_identifiers(connection, sorted(keys), members) - len(visitors),
        "visitors": len(visitors),
        "merges": remove_merges(connection, members),
        "unlinks": remove_unlinks(connection, members),
        "suppressions": _forget_suppressions(connection, request, sorted(keys - visitors)),
        **remove_users(connection, members),
    }
    return add_erasure(connection, request.app, counts, request.origin, request.now, users=members, keys=keys)


def _forget_contact(connection: Connection, index: Index, request: ErasureRequest) -> Erasure:
    """Forget a contact without a user. It is known if it is suppressed."""
    if request.by.id:
        raise UserNotFound
    keys = [known.key for known in keys_of(request.by.claims(), request.app, index)]
    known = bool(suppressed_among(connection, keys, request.now))
    forgotten = _forget_suppressions(connection, request, keys) if known else 0
    if not forgotten:  # an erased contact must look the same as one that was never there
        raise UserNotFound
    return add_erasure(connection, request.app, {"suppressions": forgotten}, request.origin, request.now)


def _forget_suppressions(connection: Connection, request: ErasureRequest, keys: list[bytes]) -> int:
    """Keep only the keys of suppressions, with a tombstone on request. Returns how many suppressions had more."""
    standings = suppressed_among(connection, keys, request.now)
    there = {standing.suppression for standing in standings.values()}
    forgotten = forget_contacts(connection, there, tombstone=request.tombstone)
    new = [key for key in keys if key not in standings]
    if request.tombstone and new:
        tombstone = NewSuppression(
            request.app, "EMAIL", None, "", request.now, expires_at=None, tombstone=True, keys=new
        )
        add_suppressions(connection, [tombstone])
    return forgotten
