"""What each user is known by, from what the directory stores of them."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from heropixel.directory.users import contacts_of_users, lone_keys_of
from heropixel.identity.identifiers import Claims, Form, IdentifierKind, Index, Known, keys_of
from heropixel.identity.names import EMAIL, ID

_DIGESTS = (IdentifierKind.SHA256, IdentifierKind.SHA1, IdentifierKind.MD5)


class KnownBy(NamedTuple):
    """The identifiers of one user, without visitors."""

    names: dict[str, list[bytes]]  # the keys of their external id and of their email, strongest first
    weaker: list[bytes]  # the keys of weaker forms of their email; another user may have them
    phones: dict[bytes, list[bytes]]  # telephone numbers and their other keys; another user may have them
    digests: set[int]  # the kinds of digests that came without an email

    def lacks(self, digests: Sequence[Known]) -> bool:
        """Whether the user has no other digest of these kinds. Then these are assumed to be of their email."""
        return not self.digests & {known.kind for known in digests if known.kind in _DIGESTS} and all(
            known.kind in _DIGESTS for known in digests
        )


def known_by(connection: Connection, app: int, index: Index, users: Collection[int]) -> dict[int, KnownBy]:
    """What each of these users is known by."""
    listed = sorted(users)
    known = {user: KnownBy({}, [], {}, set()) for user in listed}
    for user, kind, value in contacts_of_users(connection, listed):
        if kind == "phone":
            first, *others = [each.key for each in keys_of(Claims(phone=value), app, index)]
            known[user].phones[first] = others
        else:
            keys = keys_of(Claims(email=value), app, index)
            known[user].names[EMAIL] = [each.key for each in keys if each.form == Form.STRICT]
            known[user].weaker.extend(each.key for each in keys if each.form != Form.STRICT)
    lone: dict[int, list[tuple[int, int, bytes]]] = {user: [] for user in listed}
    for user, key, sort, form in lone_keys_of(connection, listed):
        lone[user].append((sort, form, key))
    for user, keys_of_user in lone.items():
        _put_lone(known[user], sorted(keys_of_user))
    return known


def _put_lone(known: KnownBy, lone: Sequence[tuple[int, int, bytes]]) -> None:
    """Add the keys that are made of no stored contact."""
    digests_of_phones = []
    phones = []
    for kind, form, key in lone:
        if kind == IdentifierKind.EXTERNAL_ID:
            known.names.setdefault(ID, []).append(key)
        elif kind == IdentifierKind.PHONE:
            phones.append(key)
        elif kind in _DIGESTS and form == Form.STRICT:
            known.names.setdefault(EMAIL, []).append(key)
            known.digests.add(kind)
        elif kind in _DIGESTS and form in (Form.GOOGLE, Form.UID2):
            known.weaker.append(key)
        elif kind in _DIGESTS:
            digests_of_phones.append(key)
    for phone in phones:  # of several it is not known which digest is of which
        known.phones.setdefault(phone, digests_of_phones if len(phones) == 1 else [])
