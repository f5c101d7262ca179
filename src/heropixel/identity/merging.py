"""The people of a directory while one call is decided: users are made, merged and taken apart, and it is noted who."""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import Connection

from heropixel.directory.merges import End, are_kept_apart, give_back, members_of, merge, unreliable_among
from heropixel.directory.pairs import NOBODY
from heropixel.directory.users import User, add_users, find_by_ids, put_identifiers, reserve_ids
from heropixel.identity.identifiers import Index, Known
from heropixel.identity.known_by import KnownBy, known_by
from heropixel.identity.names import EMAIL, ID

GIVEN = {ID: "EXTERNAL_ID", EMAIL: "EMAIL"}  # as the contract calls them


class Merging:
    """Used within the transaction of the caller. Everything that was decided before must be written."""

    def __init__(
        self,
        connection: Connection,
        app: int,
        index: Index,
        origin: str,
        now: int,
        new_ids: Iterator[int] | None = None,
    ) -> None:
        self.connection = connection
        self.app = app
        self.index = index
        self.now = now
        self.newcomers: set[int] = set()
        self.touched: set[int] = set()  # users whose person may be another now
        self.moved: set[bytes] = set()  # identifiers whose user may be another now
        self.merged = False  # people who were known before became one
        self.changed = False  # people were merged, or taken apart
        self.taken_apart = False
        self._origin = origin
        self._new_ids = new_ids or reserved_ids(connection, app, 1)

    def newcomer(self, traits: str | None = None) -> int:
        """Make a user."""
        user = next(self._new_ids)
        add_users(self.connection, [User(user, None, traits, self.now)], learned=False)
        self.newcomers.add(user)
        self.touched.add(user)
        return user

    def put(self, keys: Sequence[Known], user: int) -> None:
        """Write identifiers."""
        put_identifiers(
            self.connection, [(known.key, user, known.kind, known.form, known.lone, None) for known in keys]
        )
        self.moved.update(known.key for known in keys)

    def names_of(self, users: Collection[int]) -> dict[bytes, tuple[int, str]]:
        """The user and the sort of every key that names one of these users."""
        known = known_by(self.connection, self.app, self.index, users)
        return {key: (user, slot) for user, hers in known.items() for slot, keys in hers.names.items() for key in keys}

    def are_shared(self, keys: Sequence[bytes]) -> bool:
        """Whether one of these identifiers is shared."""
        return bool(unreliable_among(self.connection, keys))

    def merge(self, one: End, other: End) -> None:
        """Merge two people, unless they are one or kept apart."""
        people = find_by_ids(self.connection, [one.user, other.user])
        pair = {people[one.user].id, people[other.user].id}
        is_new = max(pair) in self.newcomers
        if len(pair) == 1 or (not is_new and are_kept_apart(self.connection, one.user, other.user)):
            return
        self.changed = True
        stays = merge(self.connection, one, other, self._origin, self.now)
        self.touched.update(members_of(self.connection, stays.id))
        self.merged |= not is_new

    def person(self, user: int) -> int:
        """The surviving user of a user."""
        return find_by_ids(self.connection, [user])[user].id

    def known_by(self, user: int) -> KnownBy:
        """What a user is known by."""
        (hers,) = self.known([user])
        return hers

    def known(self, users: Collection[int]) -> list[KnownBy]:
        """What each of these users is known by."""
        return list(known_by(self.connection, self.app, self.index, users).values())

    def is_of(self, at: tuple[int, int] | None, user: int) -> bool:
        """Whether the identifier that is there is one of a user's person."""
        return bool(at and at[0] != NOBODY and self.person(at[0]) == self.person(user))

    def give_back(self, keys: Sequence[bytes], users: Sequence[int]) -> set[int]:
        """Undo what these identifiers, of these users, have merged. Returns all users of those people."""
        concerned = give_back(self.connection, keys, self.now, users)
        self.touched |= concerned
        self.changed = self.taken_apart = True
        return concerned


def reserved_ids(connection: Connection, app: int, at_once: int) -> Iterator[int]:
    """Ids for new users, reserved some at a time. An unused id costs nothing."""
    while True:
        yield from reserve_ids(connection, app, at_once)
