"""Whom telephone numbers and weaker forms of emails find: the one person they were named with, or else nobody.

A number that was also named alone finds a user of its own, who is known by nothing stronger. If it was named with one
person only, that user is merged into this person. If it turns out to be shared, the merge is given back.
"""

from collections.abc import Collection, Sequence

from heropixel.directory.merges import End, mark_unreliable, members_of, unmark_unreliable, unreliable_among
from heropixel.directory.pairs import (
    FINDS,
    FOUND,
    NOBODY,
    WITH,
    add_finder,
    give_keys,
    others_of,
    pairs_of,
    put_form,
    remove_keys_of_nobody,
    remove_pairs,
    where_is,
)
from heropixel.directory.users import find_by_ids, find_by_keys
from heropixel.identity.identifiers import LOOSE, Form
from heropixel.identity.known_by import KnownBy
from heropixel.identity.merging import GIVEN, Merging
from heropixel.identity.names import EMAIL, WEAKER, Finder
from heropixel.identity.suppress import refresh_suppressed


def find_again(people: Merging, users: Collection[int]) -> None:
    """Find out again what finds these users, after they were merged or taken apart by hand."""
    for user in users:
        people.touched.update(members_of(people.connection, user))
    Finders(people).settle()


class Finders:
    """Used while one call is decided."""

    def __init__(self, people: Merging) -> None:
        self._people = people

    def name_alone(self, phone: Finder) -> int | None:
        """Store that a telephone number was named alone. Returns its user; None: it has none."""
        at = where_is(self._people.connection, phone.key)
        if at is None:
            return None
        rows = others_of(self._people.connection, [phone.key], FOUND)
        user, _ = at
        if not rows and user != NOBODY and not self._people.known_by(user).names:
            return user  # the user is known by nothing else
        if phone.key not in rows:
            self._loosen(phone, user, rows)
            add_finder(self._people.connection, phone.key, [phone.key], phone.others)
            self._place(phone.key)
            at = where_is(self._people.connection, phone.key)
        return at[0] if at and at[0] != NOBODY else None

    def leave(self, users: Collection[int]) -> None:
        """Remove what was said of users who are about to be erased."""
        known = self._people.known(users)
        names = [key for each in known for keys in each.names.values() for key in keys]
        finders = others_of(self._people.connection, names, FINDS)
        remove_pairs(self._people.connection, names)
        for finder in finders:
            at = where_is(self._people.connection, finder)
            left = others_of(self._people.connection, [finder], FOUND)
            if left - {finder} or (left and at and at[0] not in (NOBODY, *users)):
                self._place(finder)
            else:
                keys = [finder, *others_of(self._people.connection, [finder], WITH)]
                remove_keys_of_nobody(self._people.connection, keys)
                remove_pairs(self._people.connection, [finder])
                unmark_unreliable(self._people.connection, keys)
        phones = {phone for each in known for phone in each.phones} - finders
        remove_pairs(self._people.connection, phones - dict(pairs_of(self._people.connection, phones, FOUND)).keys())

    def attach(self, finder: Finder, names: Sequence[bytes], users: Sequence[int]) -> None:
        """Store with which names a finder was named, and find out whom it finds."""
        at = where_is(self._people.connection, finder.key)
        if at and finder.name is not None and at[1] == Form.STRICT:
            return  # it is somebody's own address
        if at is None:
            self._tell_digests_apart(finder, users)
        rows = others_of(self._people.connection, [finder.key], FOUND)
        one = users[0] if len(set(users)) == 1 else None
        if finder.name is None and self._people.are_shared(names):
            one = None  # it finds nobody by a name that is shared
        if not rows and one is not None:
            if at is None and self._has_only(one, finder, names):
                self._people.put(finder.keys, one)
                return
            if at and at[0] == one:
                return  # it was named with all that its user is known by
        if at is None:
            self._people.put(finder.keys, NOBODY)
        else:
            self._loosen(finder, at[0], rows)
        add_finder(self._people.connection, finder.key, names, finder.others)
        self._put_loose(finder.key)
        self._place(finder.key)

    def _tell_digests_apart(self, finder: Finder, users: Sequence[int]) -> None:
        """Store which digests are of which number, if a user gets a further one and numbers are not stored."""
        if finder.name is not None or not finder.keys[0].lone:
            return
        phones = {phone: others for each in self._people.known(set(users)) for phone, others in each.phones.items()}
        for phone, others in phones.items():
            add_finder(self._people.connection, phone, (), others)
        if phones:
            add_finder(self._people.connection, finder.key, (), finder.others)

    def _has_only(self, user: int, finder: Finder, names: Sequence[bytes]) -> bool:
        """Whether a user is known by these names alone, or by the email that this is a form of."""
        return finder.name is not None or len(self._people.known_by(user).names) <= len(set(names))

    def _loosen(self, finder: Finder, user: int, rows: Collection[bytes]) -> None:
        """Store explicitly that a finder was named with all that its user is known by."""
        if rows:
            return
        hers = self._people.known_by(user).names
        slots = hers.values() if finder.name is None else [hers[EMAIL]] if EMAIL in hers else []
        add_finder(self._people.connection, finder.key, [keys[0] for keys in slots] or [finder.key], finder.others)
        self._put_loose(finder.key)

    def loosen_phones(self, hers: KnownBy, user: int, but: Finder | None) -> None:
        """The same, of every number of a user but one: they get or lose a name that was not named with it."""
        for phone, others in hers.phones.items():
            at = where_is(self._people.connection, phone)
            if at and at[0] == user and at[1] != LOOSE and not (but and but.key == phone):
                add_finder(self._people.connection, phone, [keys[0] for keys in hers.names.values()] or [phone], others)
                self._put_loose(phone)

    def _put_loose(self, key: bytes) -> None:
        at = where_is(self._people.connection, key)
        if at and at[1] not in WEAKER:
            put_form(self._people.connection, key, LOOSE)

    def _place(self, key: bytes) -> None:
        """Give a finder to whom it finds: the one person it was named with, or who it was named as alone, or nobody."""
        at = where_is(self._people.connection, key)
        if at is None or at[1] == Form.STRICT:
            return
        names = others_of(self._people.connection, [key], FOUND)
        people = self._people_of(names - {key}, shared=at[1] in WEAKER)
        own = at[0] if key in names and at[0] != NOBODY and not self._people.known_by(at[0]).names else None
        if own is not None:
            self._place_alone(key, own, list(people.values()))
        elif len(people) == 1:
            ((person, found),) = people.items()
            if at[0] == NOBODY or self._people.person(at[0]) != person:
                self._give(key, found.user)
        else:
            self._give(key, self._people.newcomer() if key in names else NOBODY)

    def _place_alone(self, key: bytes, own: int, people: Sequence[End]) -> None:
        """Place a number that was named alone, too: it has a user of its own, who is merged into the one person."""
        if len(people) == 1:
            self._people.merge(people[0], End(own, key, "PHONE"))
        elif len(members_of(self._people.connection, own)) > 1:
            self._people.give_back([key], [own])

    def _people_of(self, names: set[bytes], *, shared: bool) -> dict[int, End]:
        """The people of these names, each with one of the names; without the names that are shared, or with them."""
        if not shared:
            names -= unreliable_among(self._people.connection, sorted(names))
        found = find_by_keys(self._people.connection, sorted(names))
        name_of = self._people.names_of({hit.via for hit in found.values()})
        return {hit.user.id: End(hit.via, key, GIVEN[name_of[key][1]]) for key, hit in found.items()}

    def _give(self, key: bytes, user: int) -> None:
        keys = [key, *others_of(self._people.connection, [key], WITH)]
        give_keys(self._people.connection, keys, user)
        if user == NOBODY:
            mark_unreliable(self._people.connection, keys, self._people.now)
        else:
            unmark_unreliable(self._people.connection, keys)
        self._people.moved.update(keys)

    def settle(self) -> None:
        """Place again what finds one of the people who were changed, and compute who of them is suppressed."""
        everybody = {each for user in self._people.touched for each in members_of(self._people.connection, user)}
        names = [key for hers in self._people.known(everybody) for keys in hers.names.values() for key in keys]
        for finder in sorted(others_of(self._people.connection, names, FINDS)):
            self._place(finder)
        if self._people.taken_apart:
            survivors = {
                user.id for user in find_by_ids(self._people.connection, sorted(self._people.touched)).values()
            }
            refresh_suppressed(
                self._people.connection, self._people.app, self._people.index, survivors, self._people.now
            )
