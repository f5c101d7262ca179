"""Contacts are suppressed: their users are counted, and never resolved, linked or learned, by any identifier."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from heropixel.directory import MOST_BETWEEN_STATEMENTS
from heropixel.directory.suppressions import (
    FOREVER,
    NewSuppression,
    Standing,
    add_suppressions,
    expired,
    keys_of_suppressions,
    lengthen,
    move_keys,
    remove_suppressions,
    set_suppressed,
    suppressed_among,
)
from heropixel.directory.users import find_by_keys
from heropixel.errors import InvalidExpiry, NoContact
from heropixel.identity.find import keys_of_people
from heropixel.identity.identifiers import Claims, Index, keys_of
from heropixel.values import checked_text, milliseconds

MAX_REASON = 500  # characters


class ContactOutcome(StrEnum):
    """The result for one contact, in the contract's words."""

    SUCCESS = "success"
    ALREADY_SUPPRESSED = "already_suppressed"
    NOT_SUPPRESSED = "not_suppressed"
    INVALID = "invalid"


class ContactInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A contact as a caller names it: the contract's `ContactInput`."""

    email: str | None = None
    md5: str | None = None
    sha1: str | None = None
    sha256: str | None = None
    phone: str | None = None
    reason: str | None = None

    def contact(self, reason: str | None = None, expires_at: int | None = None) -> "Contact":
        """The checked contact. `reason` applies where the contact has none of its own.

        Raises:
            NoContact: the input has no contact.
            Refusal: a field is wrong. The message says which one, and why.
        """
        claims = Claims.parse(None, self.email, self.sha256, self.sha1, self.md5, self.phone)
        return Contact.of(claims, self.reason or reason or "", expires_at)


class Contact(NamedTuple):
    """A contact to be suppressed or unsuppressed."""

    claims: Claims
    reason: str
    expires_at: int | None  # Unix milliseconds; None: never

    @classmethod
    def of(cls, claims: Claims, reason: str, expires_at: int | None) -> "Contact":
        """Check what claims do not check.

        Raises:
            NoContact: the claims have no contact.
            FieldTooLong, InvalidText: the reason cannot be stored.
        """
        if claims == Claims():
            raise NoContact
        return cls(claims, checked_text("reason", reason.strip(), MAX_REASON), expires_at)

    def named(self, app: int, index: Index) -> "_Named":
        """Every key of the contact, and its readable value."""
        keys = keys_of(self.claims, app, index)
        return _Named([known.key for known in keys], keys[0].given, None if keys[0].lone else keys[0].contact)


class _Named(NamedTuple):
    keys: list[bytes]
    kind: str
    value: str | None


def expiry(value: object, now: int) -> int | None:
    """When a suppression ends, in Unix milliseconds; None where it never does.

    The value is an instant, see `values.milliseconds`. Without a zone it is in UTC.

    Raises:
        InvalidExpiry: the value is no instant, or has passed.
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InvalidExpiry
    try:
        instant = milliseconds(value)
    except (ValueError, OverflowError):
        raise InvalidExpiry from None
    if not now < instant < FOREVER:
        raise InvalidExpiry
    return instant


def suppress_many(
    connection: Connection, app: int, index: Index, contacts: Sequence[Contact], now: int
) -> list[ContactOutcome]:
    """Suppress contacts of an app, as if they came one after the other.

    A contact that is suppressed already stays so until the later of the two ends.
    """
    remove_suppressions(connection, expired(connection, now))
    return [outcome for some in _parts(contacts) for outcome in _suppress(connection, app, index, some, now)]


def _parts(contacts: Sequence[Contact]) -> Iterator[Sequence[Contact]]:
    """Contacts in parts, each with statements of its own."""
    most = MOST_BETWEEN_STATEMENTS
    return (contacts[start : start + most] for start in range(0, len(contacts), most))


def _suppress(
    connection: Connection, app: int, index: Index, contacts: Sequence[Contact], now: int
) -> list[ContactOutcome]:
    named = [contact.named(app, index) for contact in contacts]
    listed = _Listed(suppressed_among(connection, [key for each in named for key in each.keys], now))
    outcomes = [listed.put(contact, each) for contact, each in zip(contacts, named, strict=True)]
    _carry(connection, listed.write(connection, app, now), now)
    return outcomes


def _carry(connection: Connection, suppressions: Collection[int], now: int) -> None:
    """Write the ends of suppressions to the users that have these contacts."""
    keys = keys_of_suppressions(connection, suppressions)
    standings = suppressed_among(connection, keys, now)
    ends: dict[int, int] = {}
    for key, hit in find_by_keys(connection, keys).items():
        ends[hit.user.id] = max(ends.get(hit.user.id, hit.user.suppressed_until), standings[key].until)
    set_suppressed(connection, ends)


class _Entry(msgspec.Struct, eq=False):
    """A suppression: a stored one, or a new one that may replace stored ones."""

    ids: list[int]
    until: int  # Unix milliseconds
    tombstone: bool
    keys: set[bytes]  # those that the contacts of this call have
    contact: Contact | None = None  # of a new one
    named: _Named | None = None
    changed: bool = False
    replaced: bool = False


class _Listed:
    """The suppressions that the contacts concern: the stored ones, with the changes to write."""

    def __init__(self, standings: Mapping[bytes, Standing]) -> None:
        self._of: dict[bytes, _Entry] = {}
        by_id: dict[int, _Entry] = {}
        for key, standing in standings.items():
            entry = by_id.setdefault(
                standing.suppression, _Entry([standing.suppression], standing.until, bool(standing.tombstone), set())
            )
            entry.keys.add(key)
            self._of[key] = entry
        self._entries = list(by_id.values())

    def put(self, contact: Contact, named: _Named) -> ContactOutcome:
        """Suppress one contact."""
        until = contact.expires_at or FOREVER
        there = list({id(entry): entry for key in named.keys if (entry := self._of.get(key))}.values())
        if all(key in self._of for key in named.keys):
            for entry in there:
                entry.changed = entry.changed or until > entry.until
                entry.until = max(entry.until, until)
            return ContactOutcome.ALREADY_SUPPRESSED
        entry = _Entry(
            [number for each in there for number in each.ids],
            max([until, *(each.until for each in there)]),
            any(each.tombstone for each in there),
            {*named.keys}.union(*(each.keys for each in there)),
            contact,
            named,
        )
        for each in there:  # these are digests, and their email comes now
            each.replaced = True
        self._of.update(dict.fromkeys(entry.keys, entry))
        self._entries.append(entry)
        return ContactOutcome.SUCCESS

    def write(self, connection: Connection, app: int, now: int) -> list[int]:
        """Write new and changed suppressions. Returns the ids of both."""
        living = [entry for entry in self._entries if not entry.replaced]
        new = [(entry, entry.contact, entry.named) for entry in living if entry.contact and entry.named]
        added = add_suppressions(
            connection,
            [
                NewSuppression(
                    app,
                    named.kind,
                    None if entry.tombstone else named.value,
                    "" if entry.tombstone else contact.reason,
                    now,
                    None if entry.until == FOREVER else entry.until,
                    entry.tombstone,
                    sorted(entry.keys),
                )
                for entry, contact, named in new
            ],
        )
        for number, (entry, *_) in zip(added, new, strict=True):
            if entry.ids:
                move_keys(connection, entry.ids, number)
        longer = {entry.ids[0]: entry.until for entry in living if entry.changed and not entry.contact}
        lengthen(connection, longer)
        return [*added, *longer]


def unsuppress_many(
    connection: Connection, app: int, index: Index, contacts: Sequence[Contact], now: int
) -> list[ContactOutcome]:
    """Lift the suppressions of contacts of an app."""
    remove_suppressions(connection, expired(connection, now))
    return [outcome for some in _parts(contacts) for outcome in _unsuppress(connection, app, index, some, now)]


def _unsuppress(
    connection: Connection, app: int, index: Index, contacts: Sequence[Contact], now: int
) -> list[ContactOutcome]:
    named = [contact.named(app, index).keys for contact in contacts]
    standings = suppressed_among(connection, [key for keys in named for key in keys], now)
    lifted: set[int] = set()
    outcomes = []
    for keys in named:
        ids = {standings[key].suppression for key in keys if key in standings} - lifted
        outcomes.append(ContactOutcome.SUCCESS if ids else ContactOutcome.NOT_SUPPRESSED)
        lifted |= ids
    keys_lifted = keys_of_suppressions(connection, lifted)
    remove_suppressions(connection, lifted)
    refresh_suppressed(
        connection, app, index, {hit.user.id for hit in find_by_keys(connection, keys_lifted).values()}, now
    )
    return outcomes


def refresh_suppressed(connection: Connection, app: int, index: Index, survivors: Collection[int], now: int) -> None:
    """Compute again until when these people are suppressed, after one of their contacts was unsuppressed."""
    keys = keys_of_people(connection, app, index, survivors)
    standings = suppressed_among(connection, [key for some in keys.values() for key in some], now)
    set_suppressed(
        connection,
        {
            survivor: max((standings[key].until for key in some if key in standings), default=0)
            for survivor, some in keys.items()
        },
    )
