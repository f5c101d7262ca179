"""Decides on persons one after the other, and writes what was decided at once.

Nearly always a person is new, or has one user with all that is named of them. Everything else is left to `joining.py`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from heropixel.directory.link_evidence import LinkedBy, packed
from heropixel.directory.links import Link, add_links
from heropixel.directory.merges import Merge, any_unreliable, note_replaced, unreliable_among
from heropixel.directory.pairs import FOUND, NAMES, pairs_of
from heropixel.directory.suppressions import Standing, suppressed_among
from heropixel.directory.unlinks import lift
from heropixel.directory.users import (
    Found,
    Identifier,
    User,
    add_contacts,
    add_users,
    change_users,
    find_by_ids,
    find_by_keys,
    look_for,
    put_identifiers,
)
from heropixel.identity.batch import Identified, Result, ToIdentify
from heropixel.identity.finders import Finders
from heropixel.identity.identifiers import LOOSE, Form, IdentifierKind, Known
from heropixel.identity.joining import Joining
from heropixel.identity.known_by import known_by
from heropixel.identity.merging import Merging, reserved_ids
from heropixel.identity.names import ID, Finder, Name, Named, finds, owner_of
from heropixel.identity.person import Person

_NOBODY = Identified(Result.UNCHANGED, None)
_ERASED = Identified(Result.ERASED, None)


def decide(connection: Connection, batch: ToIdentify) -> "Deciding":
    """Decide on persons in the transaction of the caller. Nothing is written yet."""
    wanted = [known.key for keys in batch.keys for known in keys]
    look = look_for(connection, wanted)
    suppressed = suppressed_among(connection, wanted, batch.now) if look.suppressions else {}
    shared = unreliable_among(connection, wanted) if any_unreliable(connection) else set()
    deciding = Deciding(connection, look.found, suppressed, shared, batch, unlinks=look.unlinks)
    for person, keys in zip(batch.persons, batch.keys, strict=True):
        deciding.put(person, keys)
    return deciding


class Deciding:
    """Decides on the users that were found, and collects changes to write. Later persons see earlier changes."""

    def __init__(
        self,
        connection: Connection,
        found: dict[bytes, Found],
        suppressed: Mapping[bytes, Standing],
        shared: set[bytes],
        batch: ToIdentify,
        *,
        unlinks: bool,
    ) -> None:
        self.identified: list[Identified] = []
        self._connection = connection
        self._found = found
        self._suppressed = suppressed
        self._batch = batch
        self._ids = reserved_ids(connection, batch.app, max(1, len(batch.persons)))
        self._shared = shared
        self._unlinks = unlinks  # whether there are any
        self._latest: dict[int, User] = {}
        self._placed: dict[int, User] = {}  # in this transaction: the surviving users of those that were joined
        self._unwritten: set[int] = set()  # users with new identifiers
        self._newcomers: set[int] = set()  # users who are new since they were joined with others
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
        if self._unlinks:
            visitors = {key: user for key, user, kind, *_ in self._identifiers if kind == IdentifierKind.VISITOR_ID}
            lift(self._connection, visitors, self._batch.now)
        add_contacts(self._connection, self._contacts)
        add_links(self._connection, self._links)
        self._new, self._changed, self._identifiers, self._contacts, self._links = {}, {}, [], [], []
        self._unwritten.clear()

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
        if (
            not hits
            and not person.emails
            and keys[0].kind != IdentifierKind.VISITOR_ID
            and not (self._shared and self._share(keys))
        ):
            return self._create(person, keys)  # nearly always, in an import: no conflict
        if len(hits) == len(keys) and self._have_one_user(keys, hits):
            return self._tell(person, self._survivor(hits[0]), Result.UNCHANGED, person.claims.external_id)
        return self._weigh(person, keys)

    def _share(self, keys: Sequence[Known]) -> bool:
        return any(known.key in self._shared for known in keys)

    def _have_one_user(self, keys: Sequence[Known], hits: Sequence[Found]) -> bool:
        """Whether one user has all that a call names, and it is known that it was named together."""
        first = hits[0]
        for known, hit in zip(keys, hits, strict=True):
            if known.kind == IdentifierKind.VISITOR_ID:
                if self._survivor(hit).id != self._survivor(first).id:
                    return False
            elif hit.via != first.via or (hit.form != known.form and known.form != Form.UID2):
                return False
        return keys[0].given != "PHONE"

    def _create(self, person: Person, keys: Sequence[Known]) -> Identified:
        user = User(next(self._ids), person.claims.external_id, merge_traits(None, person.traits), self._batch.now)
        self._new[user.id] = user
        self._give(keys, Found(user, 0, user.id), self._batch.now)
        if person.claims.visitor_id:
            self._link(person, user.id, self._batch.now, keys[0].given)
        return Identified(Result.CREATED, user)

    def _tell(self, person: Person, before: User, result: Result, external_id: str | None = None) -> Identified:
        """Complete a known user with the new facts about them."""
        user = msgspec.structs.replace(
            before,
            external_id=before.external_id or external_id,
            traits=merge_traits(before.traits, person.traits),
        )
        if user == before:
            return Identified(result, before)
        return self._change(Identified(result, before), user)

    def _change(self, identified: Identified, user: User) -> Identified:
        self._latest[user.id] = user
        (self._new if user.id in self._new else self._changed)[user.id] = user
        result = Result.UPDATED if identified.result is Result.UNCHANGED else identified.result
        return identified._replace(result=result, user=user)

    def _weigh(self, person: Person, keys: Sequence[Known]) -> Identified:
        """Decide on a person with both known and new identifiers, or with the identifiers of several users."""
        named = Named.of(keys, self._found)
        if not named.names:
            return self._find(person, named)
        if len(named.names) == 1 and not named.phone and named.names[0].owner is None:
            other = None if person.claims.email else finds(named.names[0].keys, self._found)
            if other:  # by a digest of a weaker form, or of a telephone number
                linked = self._put_visitor(person, named, other)
                return self._tell(person, self._survivor(other), Result.UPDATED if linked else Result.UNCHANGED)
        own = [name for name in named.names if not (name.owner and name.key in self._shared)] or named.names[:1]
        first = next((name for name in own if name.owner), own[0])
        if first.owner and self._is_known(named):
            return self._known(person, named, first.owner)
        if self._fits(named, first):
            return self._complete(person, named, first)
        return self._join(person, named, first)

    def _find(self, person: Person, named: Named) -> Identified:
        """Decide on a person whom no name names, but a telephone number or a visitor."""
        if named.phone is None:
            by_visitor = self._found.get(named.visitor.key) if named.visitor else None
            return self._tell(person, self._survivor(by_visitor), Result.UNCHANGED) if by_visitor else _NOBODY
        self.write()
        people = self._people()
        found = Finders(people).name_alone(named.phone)
        self._refresh(people)
        if found is None:
            return self._create(person, [*named.phone.keys, *([named.visitor] if named.visitor else [])])
        home = self._found[named.phone.key]
        linked = self._put_visitor(person, named, home)
        result = Result.UPDATED if linked else Result.UNCHANGED
        return self._tell(person, self._survivor(home), Result.CREATED if found in people.newcomers else result)

    def _is_known(self, named: Named) -> bool:
        """Whether it was all said before, by one call: then nothing can change but traits."""
        names, finders = named.names, [*([named.phone] if named.phone else []), *named.weaker]
        all_keys = [known for name in names for known in name.keys] + [each for by in finders for each in by.keys]
        if any(name.owner is None for name in names) or any(
            known.key not in self._found and known.key not in self._shared for known in all_keys
        ):
            return False
        wanted = {
            (one.key, other.key)
            for place, one in enumerate(names)
            for other in names[:place]
            if one.owner and other.owner and one.owner.via != other.owner.via
        }
        known = pairs_of(self._connection, {key for key, _ in wanted}, NAMES) if wanted else []
        found_by = {
            (finder.key, name.key)
            for finder in finders
            if not self._is_an_address(finder)
            for name in (names if finder.name is None else [names[finder.name]])
            if not self._is_at(finder.key, name)
        }
        known += pairs_of(self._connection, {key for key, _ in found_by}, FOUND) if found_by else []
        return (wanted | found_by).issubset(known)

    def _is_an_address(self, finder: Finder) -> bool:
        """Whether a weaker form of an email is somebody's own address."""
        hit = self._found.get(finder.key)
        return finder.name is not None and hit is not None and hit.form == Form.STRICT

    def _is_at(self, key: bytes, name: Name) -> bool:
        """Whether the user of a name has a finder, and that is all there is to say."""
        hit = self._found.get(key)
        return hit is not None and name.owner is not None and hit.via == name.owner.via and hit.form != LOOSE

    def _known(self, person: Person, named: Named, home: Found) -> Identified:
        """Complete a user all of whose identifiers are known."""
        survivor = self._survivor(home)
        added = self._put_visitor(person, named, home)
        conflicts = [name.given for name in named.names if name.owner and self._survivor(name.owner).id != survivor.id]
        if named.phone:
            hit = self._found.get(named.phone.key)
            conflicts += ["PHONE"] if hit is None or self._survivor(hit).id != survivor.id else []
        identified = self._tell(person, survivor, Result.UPDATED if added else Result.UNCHANGED)
        return identified._replace(conflicts=tuple(dict.fromkeys(conflicts)))

    def _fits(self, named: Named, first: Name) -> bool:
        """Whether one user can have all that a call names, since the call names all that the user is known by."""
        owners = {name.owner.via for name in named.names if name.owner}
        slots = [name.slot for name in named.names]
        weaker = [finder for finder in named.weaker if not self._is_an_address(finder)]
        finders = [known for finder in (named.phone, *weaker) if finder for known in finder.keys]
        home = first.owner.via if first.owner else None
        if len(owners) > 1 or len(slots) > len(set(slots)) or self._share(finders):
            return False
        hits = [hit for known in finders if (hit := self._found.get(known.key))]
        if any(hit.via != home or hit.form == LOOSE for hit in hits) or any(
            known.key in self._shared or (known.key in self._found and not owner_of(known, self._found))
            for name in named.names
            for known in name.keys
        ):
            return False
        new = {name.slot for name in named.names if name.owner is None}
        if first.owner is None or not (new or (named.phone and named.phone.key not in self._found)):
            return True
        return self._survivor(first.owner).id == home and self._has_room(named, first.owner, new)

    def _has_room(self, named: Named, home: Found, new: set[str]) -> bool:
        """Whether a user is known only by what the call names, and lacks what is new."""
        if home.via in self._unwritten:
            self.write()
        hers = known_by(self._connection, self._batch.app, self._batch.hasher, [home.via])[home.via]
        given = {name.slot for name in named.names if name.owner}
        phones = {named.phone.key} if named.phone else set()
        if named.phone and named.phone.keys[0].lone and hers.phones.keys() - phones:
            return False  # which digest is of which number must be stored
        if ID in new and self._survivor(home).external_id:
            return False  # it is that of a user who was merged
        if not new:
            return hers.names.keys() == given
        theirs = [key for keys in hers.names.values() for key in keys]
        return (
            hers.names.keys() == given
            and not given & new
            and not hers.phones.keys() - phones
            and not pairs_of(self._connection, theirs, NAMES)
        )

    def _complete(self, person: Person, named: Named, first: Name) -> Identified:
        """Give one user all that a call names."""
        home = first.owner or self._newcomer()
        added = [name.given for name in named.names if name.owner is None]
        if named.phone and named.phone.key not in self._found:
            added.append("PHONE")
        keys = [known for name in named.names for known in name.keys]
        keys += [known for finder in (named.phone, *named.weaker) if finder for known in finder.keys]
        given = self._give([known for known in keys if known.key not in self._found], home)
        linked = self._put_visitor(person, named, home)
        result = Result.CREATED if first.owner is None else Result.UPDATED if given or linked else Result.UNCHANGED
        identified = self._tell(person, self._survivor(home), result, person.claims.external_id)
        return identified if first.owner is None else identified._replace(added=tuple(dict.fromkeys(added)))

    def _join(self, person: Person, named: Named, first: Name) -> Identified:
        """Decide on a call that other people may have a part in."""
        self.write()
        people = self._people()
        new_traits = merge_traits(None, person.traits)
        joining = Joining(people, self._batch.max_joined)
        joined = joining.join(named, first, new_traits, person.claims.external_id)
        self._refresh(people)
        home = Found(find_by_ids(self._connection, [joined.home])[joined.home], 0, joined.home)
        linked = self._put_visitor(person, named, home)
        result = Result.MERGED if joined.merged else Result.UPDATED if joined.added or linked else Result.UNCHANGED
        before = self._survivor(home)
        identified = self._tell(person, before, Result.CREATED if joined.created else result)
        self._note_replaced(before, person.traits, joined.merges)
        added = () if joined.created else tuple(joined.added)
        return identified._replace(added=added, conflicts=tuple(joined.conflicts), merges=tuple(joined.merges))

    def _note_replaced(self, before: User, traits: dict[str, Any], merges: Sequence[Merge]) -> None:
        """The merge with a user who is new has changed these traits: to undo it gives back the old ones."""
        old = msgspec.json.decode(before.traits, type=dict[str, Any]) if before.traits else {}
        replaced = {name: old[name] for name, value in traits.items() if name in old and old[name] != value}
        new = next((merge for merge in merges if merge.older == before.id and merge.merged_at == self._batch.now), None)
        if new and replaced and new.newer in self._newcomers:
            note_replaced(self._connection, new.id, {name: traits[name] for name in replaced}, replaced)

    def _people(self) -> Merging:
        batch = self._batch
        return Merging(self._connection, batch.app, batch.hasher, batch.origin, batch.now, self._ids)

    def _refresh(self, people: Merging) -> None:
        """See what was decided on a call."""
        self._newcomers |= people.newcomers
        users = find_by_ids(self._connection, sorted(people.touched))
        self._placed |= users
        for user in users:
            self._latest.pop(user, None)
        for key in people.moved:
            self._found.pop(key, None)
        self._found |= find_by_keys(self._connection, sorted(people.moved))
        self._shared -= people.moved
        self._shared |= unreliable_among(self._connection, sorted(people.moved))

    def _newcomer(self) -> Found:
        user = User(next(self._ids), None, None, self._batch.now)
        self._new[user.id] = user
        return Found(user, 0, user.id)

    def _put_visitor(self, person: Person, named: Named, home: Found) -> bool:
        """Link the visitor of a call to a user. Returns whether it was not linked to them before."""
        if named.visitor is None or self._is_linked(named.visitor, home):
            return False
        linked = self._found.get(named.visitor.key)
        # Also within a batch, which has one time, links keep the order in which they were made.
        linked_at = max(self._batch.now, linked.linked_at + 1 if linked else 0)
        self._give([named.visitor], home, linked_at)
        self._link(person, home.via, linked_at, named.strongest)
        return True

    def _link(self, person: Person, user: int, linked_at: int, by: str) -> None:
        """Store a link for the event store: no pageview shows it yet. `by` is the identifier that named the user."""
        way = LinkedBy.COMMAND if self._batch.origin == "COMMAND" else LinkedBy.IDENTIFY
        self._links.append(
            Link(self._batch.app, person.claims.visitor_id or "", user, linked_at, packed(way, by, linked_at))
        )

    def _is_linked(self, visitor: Known, home: Found) -> bool:
        linked = self._found.get(visitor.key)
        return linked is not None and self._survivor(linked).id == self._survivor(home).id

    def _survivor(self, found: Found) -> User:
        """The surviving user, with all changes so far."""
        user = self._placed.get(found.via, found.user)
        return self._latest.get(user.id, user)

    def _give(self, keys: Sequence[Known], home: Found, linked_at: int = 0) -> bool:
        """Give keys, and the contacts they were made of, to a user. Returns whether there are any."""
        for known in keys:
            since = linked_at if known.kind == IdentifierKind.VISITOR_ID else None
            self._found[known.key] = Found(home.user, known.form, home.via, since or 0)
            self._identifiers.append((known.key, home.via, known.kind, known.form, known.lone, since))
        for contact, known in {known.contact: known for known in keys if known.contact}.items():
            if not known.lone:
                self._contacts.append((home.via, _CONTACTS[known.given], contact))
        self._unwritten.add(home.via)
        return bool(keys)


_CONTACTS = {"EMAIL": "email", "PHONE": "phone"}


def merge_traits(before: str | None, given: dict[str, Any]) -> str | None:
    """The stored traits with the given ones merged in. None removes a trait, and is returned for no traits."""
    if not given:
        return before
    traits = {**msgspec.json.decode(before, type=dict[str, Any]), **given} if before else given
    traits = {name: value for name, value in traits.items() if value is not None}
    return msgspec.json.encode(traits).decode() if traits else None
