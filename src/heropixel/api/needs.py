"""What each operation needs, once: which role of a member, which scope of a key, and whether its pixels limit it.

The secret of an app may do everything that is not a member's own. An operation without a line here cannot be served.
"""

from collections.abc import Callable, Mapping
from enum import Enum, auto
from operator import attrgetter
from typing import Any, NamedTuple

from heropixel.api.callers import Caller, CallerKind
from heropixel.errors import NotAllowed, PixelNotFound
from heropixel.members.roles import KeyScope, Role
from heropixel.reports.filters import FilterInput
from heropixel.reports.question import ReportInput

VIEWER, ANALYST, EDITOR, OWNER = Role
RECORD, READ_FIGURES, READ_PEOPLE, MANAGE = KeyScope


class Reach(Enum):
    """How a limit to some pixels applies to an operation."""

    APP = auto()  # it reads or changes more than pixels: a limited caller may not
    PIXELS = auto()  # of the pixels that it names; the resolver leaves out the others where it names none
    NOTHING = auto()  # it is about no pixel and no person


class Whose(Enum):
    """Who may call an operation at all."""

    CALLERS = auto()  # whoever has a secret, a key or a session, if the role or the scope is enough
    MEMBERS = auto()  # a signed-in member, about themselves
    ANYBODY = auto()  # without credentials: to get some


class Sharing(Enum):
    """Which visitors of shares may do an operation, for the pixel of the share and within its filter."""

    NOBODY = auto()
    ALL = auto()
    OF_PEOPLE = auto()  # those of shares that show people


class Need(NamedTuple):
    """What an operation needs."""

    does: str  # as a sentence says it: "deleting a pixel"
    role: Role | None = None  # None: any
    scopes: frozenset[KeyScope] | None = frozenset()  # one of these; none of them: no key may; None: any
    reach: Reach = Reach.APP
    pixels: str = ""  # the argument with the ids of pixels, such as "report.pixel_ids"
    who: Whose = Whose.CALLERS
    further: Callable[[Mapping[str, Any]], "Need | None"] | None = None  # what these arguments need beside
    shares: Sharing = Sharing.NOBODY
    audits_keys: bool = True  # False: keys do it too often to list each in the audit list
    name: str = ""  # of the operation

    def check(self, caller: Caller, arguments: Mapping[str, Any]) -> None:
        """Check that a caller may do it.

        Raises:
            NotAllowed: they may not; it says what is missing.
            PixelNotFound: they may, but not with these pixels.
        """
        if caller.kind is not CallerKind.SECRET:
            self._check_right(caller)
            self._check_pixels(caller, arguments)
            further = self.further and self.further(arguments)
            if further:
                further.check(caller, arguments)

    def role_for(self, arguments: Mapping[str, Any]) -> Role | None:
        """The role that it needs with these arguments."""
        further = self.further and self.further(arguments)
        return further.role if further else self.role

    def _check_right(self, caller: Caller) -> None:
        if caller.kind is CallerKind.MEMBER:
            if self.role and not (caller.role and caller.role.includes(self.role)):
                raise NotAllowed(why=f"Your role is {caller.role}; {self.does} needs {self.role}")
        elif caller.kind is CallerKind.KEY:
            if self.scopes is not None and not self.scopes & caller.scopes:
                raise NotAllowed(why=f"This key has {_listed(caller.scopes)}; {self.does} needs {self._instead()}")
        elif caller.kind is CallerKind.SHARE:
            if not self._is_shared_with(caller):
                shown = "figures and who was here" if caller.sees_people else "figures only"
                raise NotAllowed(why=f"A share shows {shown}; {self.does} needs a member who is signed in")
        else:
            raise NotAllowed(why=f"{self.does.capitalize()} needs a member, a key or the secret of the app")

    def _is_shared_with(self, visitor: Caller) -> bool:
        return self.shares is Sharing.ALL or (self.shares is Sharing.OF_PEOPLE and visitor.sees_people)

    def _instead(self) -> str:
        return " or ".join(sorted(self.scopes or ())) or f"a member who is {self.role}, or the secret of the app"

    def _check_pixels(self, caller: Caller, arguments: Mapping[str, Any]) -> None:
        if caller.pixels is None or self.reach is Reach.NOTHING:
            return
        if self.reach is Reach.APP and caller.kind is not CallerKind.SHARE:
            raise NotAllowed(why=f"This key is for some pixels only; {self.does} needs a key for all pixels")
        if self.pixels and not all(map(caller.sees, _ids(arguments, self.pixels))):
            raise PixelNotFound


def _listed(scopes: frozenset[KeyScope]) -> str:
    return "the scope " + next(iter(scopes)) if len(scopes) == 1 else "the scopes " + ", ".join(sorted(scopes))


def _ids(arguments: Mapping[str, Any], path: str) -> list[int]:
    """The ids in an argument, or in a field of one."""
    name, _, field = path.partition(".")
    given = arguments.get(name)
    value = attrgetter(field)(given) if field and given is not None else given
    if value is None:
        return []
    return [value] if isinstance(value, int) else [*value]


# --- what some arguments need beside ---

_OF_PEOPLE = {"USER", "TRAIT"}


def _names_people(given: FilterInput | None) -> bool:
    if given is None:
        return False
    if given.on is not None and given.on.dimension in _OF_PEOPLE:
        return True
    return any(map(_names_people, [*(given.and_ or ()), *(given.or_ or ()), given.not_]))


def _of_report(arguments: Mapping[str, Any]) -> Need | None:
    report: ReportInput = arguments["report"]
    if _OF_PEOPLE.intersection(report.dimensions) or _names_people(report.filter):
        return Need("a report about users", ANALYST, frozenset({READ_PEOPLE}), Reach.PIXELS, shares=Sharing.OF_PEOPLE)
    return None


def _of_deleting(arguments: Mapping[str, Any]) -> Need | None:
    erases = arguments["pageviews"] == "ERASE"
    return Need("erasing pageviews", OWNER, _MANAGING, Reach.PIXELS) if erases else None


def _of_share(arguments: Mapping[str, Any]) -> Need | None:
    return Need("letting a share show people", OWNER) if arguments.get("show_people") else None


def _of_owner(arguments: Mapping[str, Any]) -> Need | None:
    return VIEWS_OF_APP if arguments["owner"] == "APP" else None


_MANAGING = frozenset({MANAGE})
VIEWS_OF_APP = Need("keeping views for everybody", EDITOR, _MANAGING)
_READING = frozenset({READ_PEOPLE})
_RECORDING = frozenset({RECORD})
_SEEING = frozenset({READ_FIGURES, MANAGE})

_PEOPLE = Need("reading about people", ANALYST, _READING)
_MEMBERS = Need("managing members", OWNER)
_KEYS = Need("managing keys", OWNER)
_ONESELF = Need("this", None, frozenset(), Reach.APP, who=Whose.MEMBERS)
# No scope is enough: a share shows figures, which a key may not be for.
_SHARES = Need("managing shares", EDITOR)
_SIGNING_IN = Need("signing in", None, None, Reach.NOTHING, who=Whose.ANYBODY)

_NEEDS: Mapping[str, Mapping[str, Need]] = {
    "Query": {
        "app": Need("reading the name of the app", None, None, Reach.NOTHING),
        "me": Need("asking who one is", None, None, Reach.NOTHING, shares=Sharing.ALL),
        "pixel": Need("seeing a pixel", VIEWER, _SEEING, Reach.PIXELS, "id"),
        "pixels": Need("seeing pixels", VIEWER, _SEEING, Reach.PIXELS, shares=Sharing.ALL),
        "user": _PEOPLE,
        # Of a share only those who were here: see api/shared_people.py.
        "users": _PEOPLE._replace(pixels="seen.pixel_ids", shares=Sharing.OF_PEOPLE),
        "userPageviews": _PEOPLE,
        "userSessions": _PEOPLE,
        "userTimeline": _PEOPLE,
        "userData": _PEOPLE,
        "report": Need(
            "a report",
            VIEWER,
            frozenset({READ_FIGURES}),
            Reach.PIXELS,
            "report.pixel_ids",
            further=_of_report,
            shares=Sharing.ALL,
        ),
        "pageviews": Need("reading single pageviews", ANALYST, _READING, Reach.PIXELS, "pixel_ids"),
        "previewMerge": _PEOPLE,
        "suppressions": _PEOPLE,
        "merges": _PEOPLE,
        "erasure": Need("reading a receipt", EDITOR, _MANAGING),
        "erasures": Need("reading receipts", EDITOR, _MANAGING),
        "hashPreview": Need("hashing", None, None, Reach.NOTHING),
        "members": _MEMBERS,
        "keys": _KEYS,
        "shares": _SHARES,
        "savedViews": Need("seeing saved views", VIEWER, frozenset({READ_FIGURES}), Reach.PIXELS, "pixel_id"),
        "sessions": _ONESELF._replace(does="seeing your sessions"),
        "auditEntries": Need("reading the audit list", OWNER),
    },
    "Mutation": {
        "pageview": Need("recording pageviews", EDITOR, _RECORDING, Reach.PIXELS, "event.pixel_id"),
        # Of many events, each has its own answer: the resolver refuses those of other pixels.
        "pageviews": Need("recording pageviews", EDITOR, _RECORDING, Reach.PIXELS),
        "identify": Need("identifying users", EDITOR, _RECORDING, audits_keys=False),
        "identifyMany": Need("identifying users", EDITOR, _RECORDING, audits_keys=False),
        "mergeUsers": Need("merging users", EDITOR, _MANAGING),
        "unmerge": Need("undoing a merge", EDITOR, _MANAGING),
        "unlink": Need("taking a browser from a user", EDITOR, _MANAGING),
        "relink": Need("undoing an unlink", EDITOR, _MANAGING),
        "suppress": Need("suppressing contacts", EDITOR, _MANAGING),
        "unsuppress": Need("lifting suppressions", EDITOR, _MANAGING),
        "forget": Need("erasing a person", OWNER, _MANAGING),
        "createPixel": Need("making a pixel", EDITOR, _MANAGING),
        "updatePixel": Need("changing a pixel", EDITOR, _MANAGING, Reach.PIXELS, "id"),
        "deletePixel": Need("deleting a pixel", EDITOR, _MANAGING, Reach.PIXELS, "id", further=_of_deleting),
        "addDomain": Need("adding a domain", EDITOR, _MANAGING, Reach.PIXELS, "pixel_id"),
        "removeDomain": Need("removing a domain", EDITOR, _MANAGING, Reach.PIXELS, "pixel_id"),
        "addReturnHost": Need("adding a return host", EDITOR, _MANAGING, Reach.PIXELS, "pixel_id"),
        "removeReturnHost": Need("removing a return host", EDITOR, _MANAGING, Reach.PIXELS, "pixel_id"),
        "verifyInstallation": Need("verifying an installation", EDITOR, _MANAGING, Reach.PIXELS, "pixel_id"),
        "rotateSecret": Need("rotating the secret", OWNER),
        "revokeSecret": Need("revoking a secret", OWNER),
        "inviteMember": _MEMBERS,
        "changeMember": _MEMBERS,
        "removeMember": _MEMBERS,
        "createKey": _KEYS,
        "revokeKey": _KEYS,
        "createShare": _SHARES._replace(further=_of_share),
        "revokeShare": _SHARES,
        # Whose view it is decides further: see api/saved_views.py.
        "saveView": Need("saving a view", VIEWER, _MANAGING, further=_of_owner),
        "changeView": Need("changing a view", VIEWER, _MANAGING),
        "removeView": Need("removing a view", VIEWER, _MANAGING),
        "openShare": _SIGNING_IN._replace(does="opening a share"),
        "signInByLink": _SIGNING_IN,
        "signIn": _SIGNING_IN,
        "signOut": _ONESELF._replace(does="signing out"),
        "setPassword": _ONESELF._replace(does="setting your password"),
        "showAddresses": _ONESELF._replace(does="showing addresses"),
        "revokeSession": _ONESELF._replace(does="ending your session"),
    },
    "Subscription": {
        "pageviewRecorded": Need("watching pageviews", ANALYST, _READING, Reach.PIXELS, "pixel_ids"),
    },
}
NEEDS: Mapping[str, Mapping[str, Need]] = {
    root: {name: need._replace(name=name) for name, need in needs.items()} for root, needs in _NEEDS.items()
}
