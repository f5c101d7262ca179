"""Who calls, and what they may do: an app by its secret, a key, a member by their session, or a visitor of a share."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Protocol

import msgspec

from heropixel.api.guesses import Guesses
from heropixel.directory.apps import hash_secret
from heropixel.directory.registry import App, Pixel, Registry
from heropixel.errors import InvalidCredentials
from heropixel.members.refusals import AppNotNamed
from heropixel.members.roles import KeyScope, Role
from heropixel.members.roster import Member, MemberSession, Roster
from heropixel.members.shares import SharedLink
from heropixel.members.uses import LastUses


class CallerKind(StrEnum):
    """By what a caller is known."""

    SECRET = "SECRET"  # noqa: S105 - a kind, no secret
    KEY = "KEY"
    MEMBER = "MEMBER"
    SHARE = "SHARE"


# Looked up once: to look up a member of an enumeration takes as long as to make a caller.
_SECRET, _KEY = CallerKind.SECRET, CallerKind.KEY


class Caller(msgspec.Struct, frozen=True):
    """Who calls. A secret may do everything; what limits the others is in the fields of their kind."""

    kind: CallerKind
    of: App | None  # None: a member who must say which
    role: Role | None = None
    scopes: frozenset[KeyScope] = frozenset()
    pixels: frozenset[int] | None = None  # None: all pixels of the app
    member: Member | None = None
    session: MemberSession | None = None
    key_id: str | None = None
    share: SharedLink | None = None

    @property
    def app(self) -> App:
        """The app that they call for.

        Raises:
            AppNotNamed: the member must say which.
        """
        if self.of is None:
            raise AppNotNamed
        return self.of

    @property
    def is_secret(self) -> bool:
        """Whether it is the app itself."""
        return self.kind is _SECRET

    @property
    def is_owner(self) -> bool:
        """Whether they may do everything."""
        return self.is_secret or self.role is Role.OWNER

    @property
    def masked(self) -> bool:
        """Whether addresses and telephone numbers are masked in answers."""
        if self.member is None:
            return self.share is not None  # whoever has the link: a path may hold an address by mistake
        return not (self.member.show_addresses and self.role is not None and self.role.includes(Role.EDITOR))

    @property
    def sees_people(self) -> bool:
        """Whether answers may say who somebody is."""
        if self.kind is _SECRET:
            return True
        if self.kind is _KEY:
            return KeyScope.READ_PEOPLE in self.scopes
        if self.share is not None:
            return self.share.show_people
        return self.role is not None and self.role.includes(Role.ANALYST)

    @property
    def id(self) -> str | None:
        """The id of the member or the key; None for the app's secret, and for a visitor of a share."""
        return self.member.id if self.member else self.key_id

    def sees(self, pixel: int) -> bool:
        """Whether a pixel of the app is one that they may use."""
        return self.pixels is None or pixel in self.pixels

    def own_pixels(self, pixels: Mapping[int, Pixel]) -> dict[int, Pixel]:
        """Those of the pixels that they may use."""
        number = self.app.number
        return {id_: pixel for id_, pixel in pixels.items() if pixel.app == number and self.sees(id_)}


class Proof(Protocol):
    """What a request proves who it is by. A subscription keeps it, and never the secret itself."""

    def caller(self, callers: "Callers") -> Caller:
        """Whose it is.

        Raises:
            InvalidCredentials: nobody's.
        """


class Callers(msgspec.Struct, frozen=True):
    """Everybody who may call."""

    registry: Registry
    clock: Callable[[], int]  # Unix milliseconds
    guesses: Guesses = msgspec.field(default_factory=Guesses)
    roster: Roster = msgspec.field(default_factory=Roster)
    uses: LastUses = msgspec.field(default_factory=LastUses)

    def knows(self, secret: str) -> bool:
        """Whether the secret works for any app."""
        sha256, now = hash_secret(secret), self.clock()
        return any(
            kept.sha256 == sha256 and kept.works(now) for app in self.registry.apps.values() for kept in app.secrets
        )

    def recognises(self, proof: Proof) -> bool:
        """Whether it is anybody's."""
        try:
            proof.caller(self)
        except InvalidCredentials:
            return False
        except AppNotNamed:
            return True
        return True
