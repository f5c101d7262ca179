"""Tell the directory who somebody is: create, complete and merge users, many in one transaction.

What one call names is one person. So the people are what all calls together say, in whatever order they came: users are
never split by what is said later, and a visitor, which is a browser that many may use, joins nobody.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import ExitStack
from enum import StrEnum
from itertools import groupby
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection

from heropixel.directory import Directory
from heropixel.directory.links import Link, add_links
from heropixel.directory.merges import (
    End,
    are_kept_apart,
    count_merges_by,
    mark_unreliable,
    merge,
    unreliable_among,
)
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

# More people than this have one identifier in common only where it is not theirs: `info@`, a till, a test account.
MAX_JOINED = 5


class MergeOrigin(StrEnum):
    """Who says so; kept with a merge."""

    API = "API"
    COMMAND = "COMMAND"
    IMPORT = "IMPORT"


class Result(StrEnum):
    """What became of a person."""

    CREATED = "created"
    UPDATED = "updated"
    MERGED = "merged"
    UNCHANGED = "unchanged"
    ERASED = "erased"  # she asked to be forgotten: nothing was stored


class Identified(NamedTuple):
    """A person told of, as the directory knows her now; None where only a browser was named that is nobody's, or where
    she is not to be known."""

    result: Result
    user: User | None


_NOBODY = Identified(Result.UNCHANGED, None)
_ERASED = Identified(Result.ERASED, None)


class Told(NamedTuple):
    """Persons of an app, what each may be known by, who says so, and when (Unix milliseconds)."""

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
    ) -> "Told":
        """Make the keys of persons."""
        keys = [keys_of(person.claims, app, index, person.emails) for person in persons]
        return cls(app, persons, keys, origin, now, max_joined)


def identify_many(directory: Directory, told: Told) -> list[Identified]:
    """Create, complete or merge the users that these persons are, as if they came one after the other.

    Identifiers that are nobody's become the user's; users that one person names become one, and the older one stays.
    The same persons again change nothing.

    Raises:
        sqlalchemy.exc.DBAPIError: the directory cannot do it; nothing was written.
    """
    with directory.writing() as connection:
        return identify_within(connection, told)


def identify_within(connection: Connection, told: Told) -> list[Identified]:
    """The same within a transaction that is the caller's."""
    decided = _decide(connection, told)
    decided.write()
    return decided.identified


def identify_ahead(directory: Directory, told: Told, writer: Executor) -> Future[list[Result]]:
    """As `identify_many`, decided when it returns and written by `writer`.

    The caller has the interpreter for the next persons while the database writes these.
    """
    with ExitStack() as unless_submitted:
        connection = unless_submitted.enter_context(directory.writing())
        decided = _decide(connection, told)
        transaction = unless_submitted.pop_all()
    return writer.submit(_write, decided, transaction)


def merge_by_hand(connection: Connection, one: User, other: User, origin: MergeOrigin, now: int) -> Identified:
    """Make two users one because somebody says so, also such as were taken apart before."""
    if one.id == other.id:
        return Identified(Result.UNCHANGED, one)
    return Identified(Result.MERGED, merge(connection, End(one.id), End(other.id), origin, now))


def _write(decided: "_People", transaction: ExitStack) -> list[Result]:
    with transaction:
        decided.write()
    return [identified.result for identified in decided.identified]


def _decide(connection: Connection, told: Told) -> "_People":
    wanted = [known.key for keys in told.keys for known in keys]
    found, suppressions = look_for(connection, wanted)
    people = _People(connection, found, suppressed_among(connection, wanted, told.now) if suppressions else {}, told)
    for person, keys in zip(told.persons, told.keys, strict=True):
        people.put(person, keys)
    return people


class _Name(NamedTuple):
    """One thing a person is called by, with all its keys: an email has one for each of its digests."""

    keys: Sequence[Known]
    owner: Found | None  # who is called so; None: nobody yet

    @property
    def is_email(self) -> bool:
        return self.keys[0].given == "EMAIL"

    def unknown(self, found: Mapping[bytes, Found]) -> list[Known]:
        """The keys that are nobody's."""
        return [known for known in self.keys if known.key not in found]

    def end(self, user: int) -> End:
        """One end of a merge: the user of this name."""
        return End(user, self.keys[0].key, self.keys[0].given)


class _People:
    """Decides on what was found, and collects what is to be written. Later persons see earlier ones."""

    def __init__(
        self, connection: Connection, found: dict[bytes, Found], suppressed: Mapping[bytes, Standing], told: Told
    ) -> None:
        self.identified: list[Identified] = []
        self._connection = connection
        self._found = found
        self._suppressed = suppressed
        self._told = told
        self._ids = _new_ids(connection, told.app, max(1, len(told.persons)))
        self._latest: dict[int, User] = {}
        self._with_email: set[int] = set()
        self._absorbed: dict[int, int] = {}  # who was merged into whom, in this transaction
        self._new: dict[int, User] = {}
        self._changed: dict[int, User] = {}
        self._identifiers: list[Identifier] = []
        self._contacts: list[tuple[int, str, str]] = []
        self._links: list[Link] = []

    def write(self) -> None:
        """Write what was decided and is not written yet."""
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
            return self._create(person, keys)  # nearly always, in an import: nothing to weigh
        if len(hits) == len(keys) and len({self._speaker(hit).id for hit in hits}) == 1:
            return self._tell(person, self._speaker(hits[0]), Result.UNCHANGED)
        return self._weigh(person, keys)

    def _create(self, person: Person, keys: Sequence[Known]) -> Identified:
        user = User(next(self._ids), person.claims.external_id, merge_traits(None, person.traits), self._told.now)
        self._new[user.id] = user
        self._give(keys, Found(user, 0, user.id))
        if person.claims.visitor_id:
            self._link(person, user.id)
        return Identified(Result.CREATED, user)

    def _tell(self, person: Person, before: User, result: Result) -> Identified:
        """Complete a user who is known with what is told of her."""
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
        """Somebody of whom something is known and something is new; or several who are one."""
        visitor = [known for known in keys if known.kind == IdentifierKind.VISITOR_ID]
        names = self._names(keys)
        if not names:
            linked = self._found.get(visitor[0].key) if visitor else None
            return self._tell(person, self._speaker(linked), Result.UNCHANGED) if linked else _NOBODY
        first = next((name for name in names if name.owner), names[0])
        home = first.owner or self._newcomer()
        homes = self._homes(names, home, is_new=first.owner is None)
        joins = [
            join for name, theirs in zip(names, homes, strict=True) for join in self._joins(first, home, name, theirs)
        ]
        if self._mark_overused(joins):
            return self._weigh(person, keys)  # without the identifier that joins nobody any more
        added = [self._give(name.unknown(self._found), theirs) for name, theirs in zip(names, homes, strict=True)]
        known_before = {name.owner.via for name in names if name.owner}
        merged = [self._join(one, other) and other.user in known_before for one, other in joins]
        if visitor and not self._is_linked(visitor[0], home):
            added.append(self._give(visitor, home))
            self._link(person, home.via)
        result = _result(created=first.owner is None, merged=any(merged), added=any(added))
        return self._tell(person, self._speaker(home), result)

    def _names(self, keys: Sequence[Known]) -> list[_Name]:
        """What the person is called by, strongest first; of what joins nobody only the strongest, where it is all."""
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
        """Where each name stands, or will. A user has one email; a further one is a user who is merged into her, so
        that it can be taken from her again."""
        new_emails = any(name.is_email and not name.owner for name in names)
        taken = new_emails and not is_new and self._has_email(home)
        homes = []
        for name in names:
            homes.append(name.owner or (self._newcomer() if name.is_email and taken else home))
            taken = taken or name.is_email
        return homes

    def _has_email(self, home: Found) -> bool:
        # An address that is not stored is told by its SHA-256; as an email that came as one always is.
        return (
            home.via in self._with_email
            or has_email(self._connection, home.via)
            or has_lone_identifier(self._connection, home.via, IdentifierKind.SHA256, _FORMS)
        )

    def _joins(self, first: _Name, home: Found, name: _Name, theirs: Found) -> Iterator[tuple[End, End]]:
        """The merges by which everybody who is called so becomes the person of the first name."""
        hits = [hit for known in name.keys if (hit := self._found.get(known.key))]
        for other in {hit.via: hit for hit in (theirs, *hits)}.values():
            if self._speaker(other).id == self._speaker(home).id:
                continue
            if name.owner is None or not are_kept_apart(self._connection, home.via, other.via):
                yield first.end(home.via), name.end(other.via)

    def _mark_overused(self, joins: Sequence[tuple[End, End]]) -> bool:
        """Mark identifiers that would join more people than are one; whether there are any."""
        uses = Counter(end.key for join in joins for end in join)
        overused = [
            key for key, more in uses.items() if count_merges_by(self._connection, key) + more >= self._told.max_joined
        ]
        for key in overused:
            mark_unreliable(self._connection, key, self._told.now)
        return bool(overused)

    def _join(self, one: End, other: End) -> bool:
        """Merge two people, unless they have become one; whether it did."""
        self.write()
        people = find_by_ids(self._connection, [one.user, other.user])
        if people[one.user].id == people[other.user].id:
            return False
        stays = merge(self._connection, one, other, self._told.origin, self._told.now)
        self._latest[stays.id] = stays
        self._absorbed |= {user.id: stays.id for user in people.values() if user.id != stays.id}
        return True

    def _newcomer(self) -> Found:
        user = User(next(self._ids), None, None, self._told.now)
        self._new[user.id] = user
        return Found(user, 0, user.id)

    def _link(self, person: Person, user: int) -> None:
        """Tell of a link, which no pageview shows yet."""
        self._links.append(Link(self._told.app, person.claims.visitor_id or "", user, self._told.now))

    def _is_linked(self, visitor: Known, home: Found) -> bool:
        linked = self._found.get(visitor.key)
        return linked is not None and self._speaker(linked).id == self._speaker(home).id

    def _speaker(self, found: Found) -> User:
        """The person of whom something was found, as she is by now."""
        speaker = found.user.id
        while speaker in self._absorbed:
            speaker = self._absorbed[speaker]
        return self._latest.get(speaker, found.user)

    def _give(self, keys: Sequence[Known], home: Found) -> bool:
        """Let keys be a user's, and the contacts they were made of; whether there are any."""
        for known in keys:
            self._found[known.key] = Found(home.user, known.form, home.via)
            linked_at = self._told.now if known.kind == IdentifierKind.VISITOR_ID else None
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

# Digests that come without their email are taken to be of one email.
_SORTS = dict.fromkeys(("SHA256", "SHA1", "MD5"), "DIGEST")
_CONTACTS = {"EMAIL": "email", "PHONE": "phone"}


def _new_ids(connection: Connection, app: int, at_once: int) -> Iterator[int]:
    """Ids for new users, reserved some at a time; one that stays unused costs nothing."""
    while True:
        yield from reserve_ids(connection, app, at_once)


def merge_traits(before: str | None, given: dict[str, Any]) -> str | None:
    """The traits as they are stored, with those given merged in: None removes one; None for no traits at all."""
    if not given:
        return before
    traits = {**msgspec.json.decode(before, type=dict[str, Any]), **given} if before else given
    traits = {name: value for name, value in traits.items() if value is not None}
    return msgspec.json.encode(traits).decode() if traits else None
