"""Callers and imports say who people are: users are created, completed and merged, many in one transaction.

All identifiers of one call belong to one person. So the order of calls makes no difference, and a later call never
splits a user. A visitor merges nobody: it is a browser, which several people may use.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import ExitStack
from enum import StrEnum
from itertools import groupby
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection

from heropixel.directory import Directory
from heropixel.directory.links import Link, add_links
from heropixel.directory.merges import End, are_kept_apart, count_merges_by, mark_unreliable, merge, unreliable_among
from heropixel.directory.suppressions import Standing, suppressed_among
from heropixel.directory.users import (
    Found,
    Identifier,
    User,
    add_contacts,
    add_users,
    change_users,
    find_by_ids,
    has_email,
    has_lone_identifier,
    look_for,
    put_identifiers,
    reserve_ids,
)
from heropixel.identity.identifiers import Form, IdentifierKind, Index, Known, keys_of
from heropixel.identity.person import Person

# If more people than this share an identifier, it is not their own: `info@`, a till, a test account.
MAX_JOINED = 5


class MergeOrigin(StrEnum):
    """Who asked for a merge. It is stored with the merge."""

    API = "API"
    COMMAND = "COMMAND"
    IMPORT = "IMPORT"


class Result(StrEnum):
    """The result for one person."""

    CREATED = "created"
    UPDATED = "updated"
    MERGED = "merged"
    UNCHANGED = "unchanged"
    ERASED = "erased"  # they asked to be forgotten: nothing was stored


class Identified(NamedTuple):
    """A person that was identified, as the directory knows them now. The user is None in two cases: only a visitor was
    named and it has no user, or the person was erased and must not be known.
    """

    result: Result
    user: User | None


_NOBODY = Identified(Result.UNCHANGED, None)
_ERASED = Identified(Result.ERASED, None)


class ToIdentify(NamedTuple):
    """Persons of an app to identify, the keys of each, the origin of the request, and its time (Unix milliseconds)."""

    app: int
    persons: Sequence[Person]
    keys: Sequence[list[Known]]
    origin: MergeOrigin
    now: int
    max_joined: int = MAX_JOINED

    @classmethod
    def of(
        cls,
        app: int,
        persons: Sequence[Person],
        index: Index,
        origin: MergeOrigin,
        now: int,
        max_joined: int = MAX_JOINED,
    ) -> "ToIdentify":
        """Make the keys of persons."""
        keys = [keys_of(person.claims, app, index, person.emails) for person in persons]
        return cls(app, persons, keys, origin, now, max_joined)


def identify_many(directory: Directory, batch: ToIdentify) -> list[Identified]:
    """Create, complete or merge the users of these persons, as if they came one after the other.

    Identifiers without a user become the user's. Users that one person names are merged, and the older one survives.
    The call is idempotent.

    Raises:
        sqlalchemy.exc.DBAPIError: the directory failed. Nothing was written.
    """
    with directory.writing() as connection:
        return identify_within(connection, batch)


def identify_within(connection: Connection, batch: ToIdentify) -> list[Identified]:
    """The same within a transaction of the caller."""
    decided = _decide(connection, batch)
    decided.write()
    return decided.identified


def identify_ahead(
    directory: Directory,
    batch: ToIdentify,
    writer: Executor,
    finish: Callable[[Connection, list[Identified]], list[Result]],
) -> Future[list[Result]]:
    """As `identify_many`: the results are decided when it returns, and written by `writer`, which then calls `finish`
    in the same transaction. The caller has the interpreter for the next persons while the database writes these.
    """
    with ExitStack() as unless_submitted:
        connection = unless_submitted.enter_context(directory.writing())
        decided = _decide(connection, batch)
        transaction = unless_submitted.pop_all()

    def write() -> list[Result]:
        with transaction:
            decided.write()
            return finish(connection, decided.identified)

    return writer.submit(write)


def merge_by_hand(connection: Connection, one: User, other: User, origin: MergeOrigin, now: int) -> Identified:
    """Merge two users by hand, even if a merge of them was undone before."""
    if one.id == other.id:
        return Identified(Result.UNCHANGED, one)
    return Identified(Result.MERGED, merge(connection, End(one.id), End(other.id), origin, now))


def _decide(connection: Connection, batch: ToIdentify) -> "_People":
    wanted = [known.key for keys in batch.keys for known in keys]
    found, suppressions = look_for(connection, wanted)
    people = _People(connection, found, suppressed_among(connection, wanted, batch.now) if suppressions else {}, batch)
    for person, keys in zip(batch.persons, batch.keys, strict=True):
        people.put(person, keys)
    return people


class _Name(NamedTuple):
    """One identifier of a person, with all its keys: an email has one for each of its digests."""

    keys: Sequence[Known]
    owner: Found | None  # the user of the identifier; None: it has none yet

    @property
    def is_email(self) -> bool:
        return self.keys[0].given == "EMAIL"

    def unknown(self, found: Mapping[bytes, Found]) -> list[Known]:
        """The keys without a user."""
        return [known for known in self.keys if known.key not in found]

    def end(self, user: int) -> End:
        """One end of a merge: the user of this identifier."""
        return End(user, self.keys[0].key, self.keys[0].given)


class _People:
    """Decides on the users that were found, and collects changes to write. Later persons see earlier changes."""

    def __init__(
        self, connection: Connection, found: dict[bytes, Found], suppressed: Mapping[bytes, Standing], batch: ToIdentify
    ) -> None:
        self.identified: list[Identified] = []
        self._connection = connection
        self._found = found
        self._suppressed = suppressed
        self._batch = batch
        self._ids = _new_ids(connection, batch.app, max(1, len(batch.persons)))
        self._latest: dict[int, User] = {}
        self._with_email: set[int] = set()
        self._absorbed: dict[int, int] = {}  # in this transaction: the surviving user of each user that was merged
        self._new: dict[int, User] = {}
        self._changed: dict[int, User] = {}
        self._identifiers: list[Identifier] = []
        self._contacts: list[tuple[int, str, str]] = []
        self._links: list[Link] = []

    def write(self) -> None:
        """Write the changes that are not written yet."""
        add_users(self._connection, self._new.values(), learned=False)
        change_users(self._connection, self._changed.values())
        put_identifiers(self._connection, self._identifiers)
        add_contacts(self._connection, self._contacts)
        add_links(self._connection, self._links)
        self._new, self._changed, self._identifiers, self._contacts, self._links = {}, {}, [], [], []

    def put(self, person: Person, keys: Sequence[Known]) -> None:
        """Decide on one person."""
        standings = [self._suppressed[known.key] for known in keys if known.key in self._suppressed]
        if any(standing.tombstone for standing in standings):
            self.identified.append(_ERASED)
            return
        identified = self._identify(person, keys)
        end = max((standing.until for standing in standings), default=0)
        if identified.user and end > identified.user.suppressed_until:
            identified = self._change(identified, msgspec.structs.replace(identified.user, suppressed_until=end))
        self.identified.append(identified)

    def _identify(self, person: Person, keys: Sequence[Known]) -> Identified:
        hits = [hit for known in keys if (hit := self._found.get(known.key)) is not None]
        if not hits and not person.emails and keys[0].kind != IdentifierKind.VISITOR_ID:
            return self._create(person, keys)  # nearly always, in an import: no conflict
        if len(hits) == len(keys) and len({self._survivor(hit).id for hit in hits}) == 1:
            return self._tell(person, self._survivor(hits[0]), Result.UNCHANGED)
        return self._weigh(person, keys)

    def _create(self, person: Person, keys: Sequence[Known]) -> Identified:
        user = User(next(self._ids), person.claims.external_id, merge_traits(None, person.traits), self._batch.now)
        self._new[user.id] = user
        self._give(keys, Found(user, 0, user.id))
        if person.claims.visitor_id:
            self._link(person, user.id)
        return Identified(Result.CREATED, user)

    def _tell(self, person: Person, before: User, result: Result) -> Identified:
        """Complete a known user with the new facts about them."""
        user = msgspec.structs.replace(
            before,
            external_id=before.external_id or person.claims.external_id,
            traits=merge_traits(before.traits, person.traits),
        )
        if user == before:
            return Identified(result, before)
        return self._change(Identified(result, before), user)

    def _change(self, identified: Identified, user: User) -> Identified:
        self._latest[user.id] = user
        (self._new if user.id in self._new else self._changed)[user.id] = user
        return Identified(Result.UPDATED if identified.result is Result.UNCHANGED else identified.result, user)

    def _weigh(self, person: Person, keys: Sequence[Known]) -> Identified:
        """Decide on a person with both known and new identifiers, or with the identifiers of several users."""
        visitor = [known for known in keys if known.kind == IdentifierKind.VISITOR_ID]
        names = self._names(keys)
        if not names:
            linked = self._found.get(visitor[0].key) if visitor else None
            return self._tell(person, self._survivor(linked), Result.UNCHANGED) if linked else _NOBODY
        first = next((name for name in names if name.owner), names[0])
        home = first.owner or self._newcomer()
        homes = self._homes(names, home, is_new=first.owner is None)
        joins = [
            join for name, theirs in zip(names, homes, strict=True) for join in self._joins(first, home, name, theirs)
        ]
        if self._mark_overused(joins):
            return self._weigh(person, keys)  # again without the unreliable identifiers
        added = [self._give(name.unknown(self._found), theirs) for name, theirs in zip(names, homes, strict=True)]
        known_before = {name.owner.via for name in names if name.owner}
        merged = [self._join(one, other) and other.user in known_before for one, other in joins]
        if visitor and not self._is_linked(visitor[0], home):
            added.append(self._give(visitor, home))
            self._link(person, home.via)
        result = _result(created=first.owner is None, merged=any(merged), added=any(added))
        return self._tell(person, self._survivor(home), result)

    def _names(self, keys: Sequence[Known]) -> list[_Name]:
        """The identifiers of a person, strongest first, without unreliable ones; if all are, the strongest stays."""
        named = [known for known in keys if known.kind != IdentifierKind.VISITOR_ID]
        names = []
        for _, group in groupby(named, lambda known: known.contact or _SORTS.get(known.given, known.given)):
            same = list(group)
            names.append(_Name(same, next((hit for known in same if (hit := self._found.get(known.key))), None)))
        if len(names) < 2:
            return names
        unreliable = unreliable_among(self._connection, [known.key for known in named])
        return [name for name in names if not any(known.key in unreliable for known in name.keys)] or names[:1]

    def _homes(self, names: Sequence[_Name], home: Found, *, is_new: bool) -> list[Found]:
        """The user that has each identifier, or will have it. A user has one email. A further email gets its own user,
        which is merged into the first user, so that it can be split off again.
        """
        new_emails = any(name.is_email and not name.owner for name in names)
        taken = new_emails and not is_new and self._has_email(home)
        homes = []
        for name in names:
            homes.append(name.owner or (self._newcomer() if name.is_email and taken else home))
            taken = taken or name.is_email
        return homes

    def _has_email(self, home: Found) -> bool:
        # An email that is not stored is known by its SHA-256. So is every email that came as a SHA-256.
        return (
            home.via in self._with_email
            or has_email(self._connection, home.via)
            or has_lone_identifier(self._connection, home.via, IdentifierKind.SHA256, _FORMS)
        )

    def _joins(self, first: _Name, home: Found, name: _Name, theirs: Found) -> Iterator[tuple[End, End]]:
        """The merges that make every user of an identifier the person of the first identifier."""
        hits = [hit for known in name.keys if (hit := self._found.get(known.key))]
        for other in {hit.via: hit for hit in (theirs, *hits)}.values():
            if self._survivor(other).id == self._survivor(home).id:
                continue
            if name.owner is None or not are_kept_apart(self._connection, home.via, other.via):
                yield first.end(home.via), name.end(other.via)

    def _mark_overused(self, joins: Sequence[tuple[End, End]]) -> bool:
        """Mark identifiers as unreliable if they would merge too many people. Returns whether there are any."""
        uses = Counter(end.key for join in joins for end in join)
        overused = [
            key for key, more in uses.items() if count_merges_by(self._connection, key) + more >= self._batch.max_joined
        ]
        for key in overused:
            mark_unreliable(self._connection, key, self._batch.now)
        return bool(overused)

    def _join(self, one: End, other: End) -> bool:
        """Merge two people, unless they are one already. Returns whether they were merged."""
        self.write()
        people = find_by_ids(self._connection, [one.user, other.user])
        if people[one.user].id == people[other.user].id:
            return False
        stays = merge(self._connection, one, other, self._batch.origin, self._batch.now)
        self._latest[stays.id] = stays
        self._absorbed |= {user.id: stays.id for user in people.values() if user.id != stays.id}
        return True

    def _newcomer(self) -> Found:
        user = User(next(self._ids), None, None, self._batch.now)
        self._new[user.id] = user
        return Found(user, 0, user.id)

    def _link(self, person: Person, user: int) -> None:
        """Store a link for the event store: no pageview shows it yet."""
        self._links.append(Link(self._batch.app, person.claims.visitor_id or "", user, self._batch.now))

    def _is_linked(self, visitor: Known, home: Found) -> bool:
        linked = self._found.get(visitor.key)
        return linked is not None and self._survivor(linked).id == self._survivor(home).id

    def _survivor(self, found: Found) -> User:
        """The surviving user, with all changes so far."""
        survivor = found.user.id
        while survivor in self._absorbed:
            survivor = self._absorbed[survivor]
        return self._latest.get(survivor, found.user)

    def _give(self, keys: Sequence[Known], home: Found) -> bool:
        """Give keys, and the contacts they were made of, to a user. Returns whether there are any."""
        for known in keys:
            self._found[known.key] = Found(home.user, known.form, home.via)
            linked_at = self._batch.now if known.kind == IdentifierKind.VISITOR_ID else None
            self._identifiers.append((known.key, home.via, known.kind, known.form, known.lone, linked_at))
        for contact, known in {known.contact: known for known in keys if known.contact}.items():
            if not known.lone:
                self._contacts.append((home.via, _CONTACTS[known.given], contact))
            if known.given == "EMAIL":
                self._with_email.add(home.via)
        return bool(keys)


def _result(*, created: bool, merged: bool, added: bool) -> Result:
    if created:
        return Result.CREATED
    if merged:
        return Result.MERGED
    return Result.UPDATED if added else Result.UNCHANGED


_FORMS = frozenset(int(form) for form in Form)

# Digests that come without their email are assumed to be of one email.
_SORTS = dict.fromkeys(("SHA256", "SHA1", "MD5"), "DIGEST")
_CONTACTS = {"EMAIL": "email", "PHONE": "phone"}


def _new_ids(connection: Connection, app: int, at_once: int) -> Iterator[int]:
    """Ids for new users, reserved some at a time. An unused id costs nothing."""
    while True:
        yield from reserve_ids(connection, app, at_once)


def merge_traits(before: str | None, given: dict[str, Any]) -> str | None:
    """The stored traits with the given ones merged in. None removes a trait, and is returned for no traits."""
    if not given:
        return before
    traits = {**msgspec.json.decode(before, type=dict[str, Any]), **given} if before else given
    traits = {name: value for name, value in traits.items() if value is not None}
    return msgspec.json.encode(traits).decode() if traits else None
