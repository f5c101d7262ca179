"""Who is one person, from what calls named together: users are merged, and what is shared is given back.

The result is a function of what was said, whatever the order:

- Identifiers that name a person (external id, email) are one person's if a chain of calls names them together.
- A name that was named together with more names than `max_joined` is shared. No chain goes through it.
- A telephone number, and a weaker form of an email, belong to the person they were named with. If these are several
  people, they are shared, and find none of them. A number that was also named alone finds who it was alone.

Most calls need none of this: `identify.py` completes a user by itself, if the user has all that the call names.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from heropixel.directory.merges import (
    End,
    Merge,
    last_merge,
    mark_unreliable,
    members_of,
    merges_since,
    unmark_unreliable,
    unreliable_among,
)
from heropixel.directory.pairs import NAMES, add_named_together, others_of, pairs_of, where_is
from heropixel.directory.users import Found, add_contacts, find_by_keys, move_name, put_external_id
from heropixel.identity.finders import Finders
from heropixel.identity.known_by import KnownBy
from heropixel.identity.merging import GIVEN, Merging
from heropixel.identity.names import EMAIL, ID, WEAKER, Name, Named


class Joined(NamedTuple):
    """What became of the identifiers of a call."""

    home: int  # the user of the strongest name
    created: bool  # nobody had any of the identifiers
    merged: bool  # people who were known before became one
    added: list[str]  # identifiers that are new of this person, as the contract calls them
    conflicts: list[str]  # identifiers that are shared, or somebody else's, and joined nobody
    merges: list[Merge]


class Joining:
    """Decides on one call."""

    def __init__(self, people: Merging, max_joined: int) -> None:
        self._people = people
        self._finders = Finders(people)
        self._max_joined = max_joined

    def join(self, named: Named, first: Name, traits: str | None, external_id: str | None) -> Joined:
        """Store what a call has named together. `traits` are those of users who are new."""
        before = last_merge(self._people.connection)
        users = self._place(named, first, traits)
        for name, user in zip(named.names, users, strict=True):
            if name.slot == ID and name.owner is None:
                put_external_id(self._people.connection, user, external_id)
                self._people.touched.add(user)
        home = users[named.names.index(first)]
        added = [name.given for name in named.names if name.owner is None]
        had_phone = where_is(self._people.connection, named.phone.key) if named.phone else None
        self._put_together(named.names, users)
        users = [found.via for found in self._find([name.key for name in named.names])]
        home = self._home(named.names, users)
        self._merge_all(named.names, users)
        self._find_by_weaker(named, users, home)
        if self._people.changed:
            self._finders.settle()
        conflicts = self._conflicts(named, users, home)
        if named.phone and "PHONE" not in conflicts and not self._people.is_of(had_phone, home):
            added.append("PHONE")
        return Joined(
            home,
            self._people.person(home) in self._people.newcomers,
            self._people.merged,
            list(dict.fromkeys(added)),
            conflicts,
            merges_since(self._people.connection, before, members_of(self._people.connection, home)),
        )

    def _home(self, names: Sequence[Name], users: Sequence[int]) -> int:
        """The user of the strongest name that is not shared: a known one, if there is any."""
        shared = unreliable_among(self._people.connection, [name.key for name in names])
        own = [(name, user) for name, user in zip(names, users, strict=True) if name.key not in shared]
        own = own or [*zip(names, users, strict=True)]
        return next((user for name, user in own if name.owner), own[0][1])

    def _place(self, named: Named, first: Name, traits: str | None) -> list[int]:
        """Give each name without a user to one. A user has only what one call has named together."""
        free: dict[int, set[str]] = {}  # the users who may get more, with what they have
        home = first.owner.via if first.owner else None
        hers = self._people.known_by(home) if home else None
        if home and hers:
            here = {name.slot for name in named.names if name.owner and name.owner.via == home}
            if hers.names.keys() <= here:
                free[home] = set(hers.names)
        users = []
        for name in named.names:
            if name.owner is None and home and hers and name.keys[0].contact is None and hers.lacks(name.keys):
                user = home
            else:
                user = name.owner.via if name.owner else self._free_user(free, name.slot, traits)
            if name.owner is None and hers and user == home:
                self._finders.loosen_phones(hers, home, named.phone)
            self._give_name(name, user)
            users.append(user)
        return users

    def _free_user(self, free: dict[int, set[str]], slot: str, traits: str | None) -> int:
        user = next((user for user, slots in free.items() if slot not in slots), None)
        if user is None:
            user = self._people.newcomer(traits)
            free[user] = set()
        free[user].add(slot)
        return user

    def _give_name(self, name: Name, user: int) -> None:
        """Give a user the keys of a name that are not known yet, also those that were weaker forms of others."""
        found = find_by_keys(self._people.connection, [known.key for known in name.keys])
        unknown = [
            known
            for known in name.keys
            if (hit := found.get(known.key)) is None or (hit.form != known.form and hit.form in WEAKER)
        ]
        if not unknown:
            return
        self._people.put(unknown, user)
        unmark_unreliable(self._people.connection, [known.key for known in unknown])
        contact = unknown[0].contact
        if contact and not unknown[0].lone:
            add_contacts(self._people.connection, [(user, "email", contact)])

    def _put_together(self, names: Sequence[Name], users: Sequence[int]) -> None:
        """Store which names of different users were named together, and find out which are shared by now."""
        together = [
            (one.key, other.key)
            for place, one in enumerate(names)
            for other_place, other in enumerate(names[:place])
            if users[place] != users[other_place]
        ]
        add_named_together(self._people.connection, together)
        for name in names:
            self._share_if_overused(name)

    def _share_if_overused(self, name: Name) -> None:
        (found,) = self._find([name.key])
        hers = self._people.known_by(found.via)
        keys = hers.names[name.slot]
        partners = others_of(self._people.connection, keys, NAMES)
        if len(partners) + len(hers.names) - 1 <= self._max_joined or self._people.are_shared(keys):
            return
        if len(self._distinct(partners)) + len(hers.names) - 1 > self._max_joined:
            self._share(found.via, name.slot, hers)

    def _distinct(self, keys: Collection[bytes]) -> set[tuple[int, str]]:
        """These names, each once: an email may have been named by its address and by a digest."""
        name_of = self._people.names_of(
            {found.via for found in find_by_keys(self._people.connection, sorted(keys)).values()}
        )
        return {name_of[key] for key in keys if key in name_of}

    def _share(self, user: int, slot: str, hers: KnownBy) -> None:
        """Mark a name as shared: it gets a user of its own, and gives back what it alone has joined."""
        keys = hers.names[slot]
        mark_unreliable(self._people.connection, keys, self._people.now)
        others = [of_slot[0] for other, of_slot in hers.names.items() if other != slot]
        alone = user
        if others:
            alone = self._people.newcomer()
            weaker = hers.weaker if slot == EMAIL else []
            move_name(self._people.connection, user, alone, keys, weaker, email=slot == EMAIL)
            add_named_together(self._people.connection, [(keys[0], others[0])])
        else:
            self._finders.loosen_phones(hers, user, None)
        self._people.moved.update(keys, hers.weaker)
        self._join_again(self._people.give_back(keys, [user, alone]))

    def _join_again(self, users: Collection[int]) -> None:
        """Merge users who were named together otherwise, too."""
        name_of = self._people.names_of(users)
        keys = list(name_of)
        shared = {name_of[key] for key in unreliable_among(self._people.connection, keys)}
        for one, other in pairs_of(self._people.connection, keys, NAMES):
            if one < other and other in name_of and not shared & {name_of[one], name_of[other]}:
                (user, slot), (other_user, other_slot) = name_of[one], name_of[other]
                self._people.merge(End(user, one, GIVEN[slot]), End(other_user, other, GIVEN[other_slot]))

    def _merge_all(self, names: Sequence[Name], users: Sequence[int]) -> None:
        shared = unreliable_among(self._people.connection, [name.key for name in names])
        ends = [
            End(user, name.key, name.given) for name, user in zip(names, users, strict=True) if name.key not in shared
        ]
        for place, other in enumerate(ends):
            for one in ends[:place]:
                self._people.merge(one, other)

    def _find_by_weaker(self, named: Named, users: Sequence[int], home: int) -> None:
        if named.phone:
            self._finders.attach(named.phone, [name.key for name in named.names], users)
            phone = named.phone.keys[0]
            if not phone.lone:
                add_contacts(self._people.connection, [(home, "phone", phone.contact or "")])
        for finder in named.weaker:
            place = finder.name or 0
            self._finders.attach(finder, [named.names[place].key], [users[place]])

    def _conflicts(self, named: Named, users: Sequence[int], home: int) -> list[str]:
        person = self._people.person(home)
        conflicts = [
            name.given for name, user in zip(named.names, users, strict=True) if self._people.person(user) != person
        ]
        if named.phone and not self._people.is_of(where_is(self._people.connection, named.phone.key), home):
            conflicts.append("PHONE")
        return list(dict.fromkeys(conflicts))

    def _find(self, keys: Sequence[bytes]) -> list[Found]:
        found = find_by_keys(self._people.connection, keys)
        return [found[key] for key in keys]
