"""What one call says of a person, by identifiers: those that name a person, and those that only find one.

An external id and an email name a person, and so does a digest that comes without its email. A telephone number and a
weaker form of an email only find somebody: several people may have the same.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from heropixel.directory.users import Found
from heropixel.identity.identifiers import LOOSE, NO_EMAIL, Form, IdentifierKind, Known

ID, EMAIL = "id", "email"  # what a user has at most one of

WEAKER = (Form.GOOGLE, Form.UID2)
_NOT_AN_EMAIL = (NO_EMAIL, LOOSE)


class Name(NamedTuple):
    """One identifier that names a person, with all its keys: an email has one for each of its digests."""

    slot: str  # ID or EMAIL
    keys: Sequence[Known]
    owner: Found | None  # the user of the identifier; None: it has none yet

    @property
    def key(self) -> bytes:
        """The key that stands for the identifier."""
        return self.keys[0].key

    @property
    def given(self) -> str:
        """The identifier, as the contract calls it."""
        return self.keys[0].given


class Finder(NamedTuple):
    """One identifier that finds a person, with all its keys, and the place of the name that it is a form of."""

    keys: Sequence[Known]
    name: int | None = None  # None: a telephone number, which is named with every name

    @property
    def key(self) -> bytes:
        """The key that stands for the identifier."""
        return self.keys[0].key

    @property
    def others(self) -> list[bytes]:
        """The other keys."""
        return [known.key for known in self.keys[1:]]


class Named(NamedTuple):
    """The identifiers of one call."""

    names: list[Name]  # strongest first
    phone: Finder | None
    weaker: list[Finder]
    visitor: Known | None

    @property
    def strongest(self) -> str:
        """The strongest identifier that is no visitor, as the contract calls it; empty where there is none."""
        if self.names:
            return self.names[0].given
        return self.phone.keys[0].given if self.phone else ""

    @classmethod
    def of(cls, keys: Sequence[Known], found: Mapping[bytes, Found]) -> "Named":
        """Sort the keys of a call. `found` are the users of known keys."""
        visitor = keys[-1] if keys[-1].kind == IdentifierKind.VISITOR_ID else None
        phone = [known for known in keys if known.given == "PHONE"]
        names: list[Name] = []
        place_of: dict[str | None, int] = {}
        strict = [known for known in keys if known.given not in ("PHONE", "VISITOR_ID") and not _is_weaker(known)]
        people = [known for known in strict if not _is_of_phone(known, found)]
        for (slot, contact), group in groupby(people or strict, _sort):
            place_of.setdefault(contact, len(names))
            names += _names(slot, list(group), found)
        weaker = [known for known in keys if _is_weaker(known)]
        return cls(
            names,
            Finder(phone) if phone else None,
            # Each form has three digests.
            [Finder(weaker[at : at + 3], place_of[weaker[at].contact]) for at in range(0, len(weaker), 3)],
            visitor,
        )


def owner_of(known: Known, found: Mapping[bytes, Found]) -> Found | None:
    """The user whom a key names. A weaker form of an email names nobody."""
    hit = found.get(known.key)
    if hit is None or known.form != Form.STRICT:
        return hit
    return hit if hit.form == Form.STRICT else None


def finds(keys: Iterable[Known], found: Mapping[bytes, Found]) -> Found | None:
    """The user whom digests find that are no name of anybody: those of weaker forms, and of telephone numbers."""
    return next((hit for known in keys if (hit := found.get(known.key))), None)


def _is_weaker(known: Known) -> bool:
    return known.form in WEAKER


def _is_of_phone(known: Known, found: Mapping[bytes, Found]) -> bool:
    """Whether a digest is that of a known telephone number."""
    hit = found.get(known.key)
    return known.form == Form.STRICT and hit is not None and hit.form in _NOT_AN_EMAIL


def _sort(known: Known) -> tuple[str, str | None]:
    # Digests that come without their email are assumed to be of one email.
    return (ID if known.kind == IdentifierKind.EXTERNAL_ID else EMAIL), known.contact


def _names(slot: str, keys: Sequence[Known], found: Mapping[bytes, Found]) -> Iterator[Name]:
    """An identifier as one name. If its keys belong to several users, it is a name for each of them."""
    owners = {hit.via: hit for known in keys if (hit := owner_of(known, found))}
    if len(owners) < 2:
        yield Name(slot, keys, next(iter(owners.values()), None))
        return
    unknown = [known for known in keys if not owner_of(known, found)]
    for owner in owners.values():
        theirs = [known for known in keys if (hit := owner_of(known, found)) and hit.via == owner.via]
        yield Name(slot, [*theirs, *unknown], owner)
        unknown = []
