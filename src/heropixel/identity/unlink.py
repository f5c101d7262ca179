"""A browser is taken from a person, by hand, with what it alone had found or stitched. It can be given back.

The directory does its part at once: from now on the browser finds nobody, and no pageview links it to this person
again. Only `identify` does, since there the caller names both. The event store follows, see `upkeep/unlinking.py`.
"""

from typing import NamedTuple

from sqlalchemy import Connection

from heropixel.directory.merges import members_of
from heropixel.directory.unlinks import (
    Unlink,
    add_unlink,
    find_unlink,
    is_link_waiting,
    undo,
    unlinks_of_browser,
)
from heropixel.directory.users import User, find_by_keys, put_identifiers
from heropixel.errors import IdentifierMissing, LinkNotFound, UnlinkNotFound
from heropixel.identity.identifiers import NO_EMAIL, Claims, IdentifierKind, Index
from heropixel.identity.person import UserSelector
from heropixel.values import id_of


class UnlinkRequest(NamedTuple):
    """The request to take a browser from a person of an app, with its origin and its time (Unix milliseconds)."""

    app: int
    by: UserSelector
    visitor_id: str
    origin: str
    now: int


class Linked(NamedTuple):
    """A person, and a browser that may be theirs."""

    person: User
    members: list[int]
    visitor_id: str
    key: bytes
    user: int | None  # the user of the person that the browser is linked to now; None: to none
    since: int | None  # Unix milliseconds; None: not known
    is_waiting: bool  # whether the link is on its way to the event store


def find_link(connection: Connection, index: Index, request: UnlinkRequest) -> Linked:
    """The person and the browser of a request.

    Raises:
        InvalidSelector, UserNotFound: the person is not named by exactly one identifier, or not known.
        IdentifierMissing: the visitor id is empty.
        Refusal: an identifier is malformed.
    """
    person = request.by.find(connection, request.app, index)
    visitor_id = Claims.parse(visitor_id=request.visitor_id).visitor_id
    if not visitor_id:
        raise IdentifierMissing
    members = members_of(connection, person.id)
    key = index.key(request.app, IdentifierKind.VISITOR_ID, visitor_id.encode())
    hit = find_by_keys(connection, [key]).get(key)
    is_theirs = hit is not None and hit.via in members
    return Linked(
        person,
        members,
        visitor_id,
        key,
        hit.via if hit and is_theirs else None,
        (hit.linked_at or None) if hit and is_theirs else None,
        is_link_waiting(connection, visitor_id, members),
    )


def unlink(connection: Connection, index: Index, request: UnlinkRequest, *, ever_linked: bool = False) -> Unlink:
    """Take a browser from a person. `ever_linked` says that the event store has a link of the two.

    Raises:
        LinkNotFound: the browser is not linked to the person.
        Refusal: see `find_link`.
    """
    found = find_link(connection, index, request)
    if found.user is None and not found.is_waiting and not ever_linked:
        raise LinkNotFound
    return add_unlink(
        connection,
        Unlink(
            0,
            request.app,
            found.visitor_id,
            found.key,
            found.person.id,
            found.members,
            request.origin,
            request.now,
            linked_to=found.user,
            linked_at=found.since,
        ),
    )


def relink(connection: Connection, app: int, unlink_id: str, now: int) -> Unlink:
    """Undo an unlink: the browser is the person's as before, unless it was linked to somebody else since.

    Raises:
        UnlinkNotFound: the app has no such unlink, it is undone, or the browser was taken from the person again.
    """
    found = find_unlink(connection, app, id_of(unlink_id) or 0)
    if found is None or found.undone_at is not None or _is_followed(connection, found):
        raise UnlinkNotFound
    undo(connection, found, now)
    if found.linked_to is not None and not find_by_keys(connection, [found.key]):
        kind, form = IdentifierKind.VISITOR_ID, NO_EMAIL
        put_identifiers(connection, [(found.key, found.linked_to, kind, form, True, found.linked_at)])
    return found._replace(undone_at=now, waiting=True)


def _is_followed(connection: Connection, unlink: Unlink) -> bool:
    """Whether the browser was taken from the same person later, and that holds."""
    return any(
        later.id > unlink.id and later.undone_at is None and not {*later.users}.isdisjoint(unlink.users)
        for later in unlinks_of_browser(connection, unlink.key)
    )
