"""What is said of people, and what becomes of it: the request to identify persons, and the results."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from heropixel.directory.merges import Merge
from heropixel.directory.users import User
from heropixel.identity.identifiers import Index, Known, keys_of
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
    added: Sequence[str] = ()  # identifiers that are new of a known user, as the contract calls them
    conflicts: Sequence[str] = ()  # identifiers that are shared, or another user's: they joined nobody
    merges: Sequence[Merge] = ()  # users who became one by this


class ToIdentify(NamedTuple):
    """Persons of an app to identify, the keys of each, the origin of the request, and its time (Unix milliseconds)."""

    app: int
    persons: Sequence[Person]
    keys: Sequence[list[Known]]
    hasher: Index
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
        return cls(app, persons, keys, index, origin, now, max_joined)

    def parts(self, most: int) -> "Iterator[ToIdentify]":
        """The same in parts, each of so many persons at most."""
        for start in range(0, len(self.persons), most):
            end = start + most
            yield self._replace(persons=self.persons[start:end], keys=self.keys[start:end])
