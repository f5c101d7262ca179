"""A user in a request of a caller, before and after every field is checked."""

from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection

from heropixel.directory.users import User
from heropixel.errors import IdentifierMissing, InvalidSelector, InvalidTraits, TooManyEmails
from heropixel.identity.emails import normalise_email
from heropixel.identity.find import find_by_claims, find_by_id
from heropixel.identity.identifiers import Claims, Index
from heropixel.values import checked_object

MAX_EMAILS = 5  # in one call


class Person(NamedTuple):
    """A person and what the app knows of them."""

    claims: Claims
    traits: dict[str, Any]  # merged into the stored ones; None removes one
    emails: tuple[str, ...] = ()  # more emails, normalised


class UserInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What a caller sends of a user, not yet checked: the contract's `UserInput`."""

    external_id: str | None = None
    email: str | None = None
    emails: list[str] | None = None
    md5: str | None = None
    sha1: str | None = None
    sha256: str | None = None
    phone: str | None = None
    visitor_id: str | None = None
    traits: Any = None

    def person(self) -> Person:
        """The checked person.

        Raises:
            Refusal: a field is wrong. The message says which one, and why.
        """
        emails = dict.fromkeys(
            email for text in (self.email, *(self.emails or ())) if text and (email := normalise_email(text))
        )
        if len(emails) > MAX_EMAILS:
            raise TooManyEmails(limit=MAX_EMAILS)
        first, *further = emails or [None]
        claims = Claims.parse(self.external_id, first, self.sha256, self.sha1, self.md5, self.phone, self.visitor_id)
        if claims == Claims():
            raise IdentifierMissing
        checked_object("traits", self.traits, InvalidTraits)
        return Person(claims, self.traits or {}, tuple(filter(None, further)))


class UserSelector(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The identifier by which a caller asks for a user: the contract's `UserSelector`."""

    id: str | None = None
    external_id: str | None = None
    email: str | None = None
    md5: str | None = None
    sha1: str | None = None
    sha256: str | None = None
    phone: str | None = None
    visitor_id: str | None = None

    def find(self, connection: Connection, app: int, index: Index) -> User:
        """The user of an app.

        Raises:
            InvalidSelector: there is not exactly one identifier.
            UserNotFound: the app has no user with this identifier.
            Refusal: the identifier is malformed.
        """
        if sum(bool(value) for value in msgspec.structs.astuple(self)) != 1:
            raise InvalidSelector
        return (
            find_by_id(connection, app, self.id) if self.id else find_by_claims(connection, app, self.claims(), index)
        )

    def claims(self) -> Claims:
        """The identifiers that name the user, without the id.

        Raises:
            Refusal: an identifier is malformed.
        """
        return Claims.parse(self.external_id, self.email, self.sha256, self.sha1, self.md5, self.phone, self.visitor_id)
