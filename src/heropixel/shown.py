"""How an object is shown, once: in the typed fields of an answer, in its `data`, and in the output of a command.

Each table maps the field names of the API to functions that read the object. Fields are shown in this order. The API
shows instants to the millisecond, and commands to the second.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final

import msgspec

from heropixel.values import date_time

EMPTY: Final = msgspec.Raw(b"{}")


class Instant:
    """A field that is an instant, read in Unix milliseconds."""

    def __init__(self, attribute: str) -> None:
        self.read: Callable[[Any], int | None] = attrgetter(attribute)


Fields = Mapping[str, Callable[[Any], Any] | Instant]


def show(
    fields: Fields,
    thing: Any,  # noqa: ANN401 - any object with these fields
    names: Iterable[str] | None = None,
    instant: Callable[[int | None], str | None] = date_time,
) -> dict[str, Any]:
    """An object as plain JSON: all fields, or only `names`."""
    wanted = ((name, fields[name]) for name in (fields if names is None else names))
    return {name: instant(field.read(thing)) if isinstance(field, Instant) else field(thing) for name, field in wanted}


def getters(fields: Fields) -> dict[str, Callable[[Any], Any]]:
    """A function for each field that reads it as the API shows it."""
    return {name: _getter(field) if isinstance(field, Instant) else field for name, field in fields.items()}


def _getter(field: Instant) -> Callable[[Any], str | None]:
    read = field.read
    return lambda thing: date_time(read(thing))


def _text(attribute: str) -> Callable[[Any], str]:
    read = attrgetter(attribute)
    return lambda thing: str(read(thing))


def _text_or_none(attribute: str) -> Callable[[Any], str | None]:
    read = attrgetter(attribute)
    return lambda thing: read(thing) or None


def traits(user: Any) -> msgspec.Raw:  # noqa: ANN401 - a user; this module may not import the directory
    """The traits of a user as the stored JSON: it is passed on and never decoded."""
    return msgspec.Raw(user.traits) if user.traits else EMPTY


# Traits that hold a name, as the tools of the field write them; the first pair or name that is there.
_NAMES = (("name",), ("full_name",), ("fullName",), ("first_name", "last_name"), ("firstName", "lastName"))


def person_name(user: Any, emails: Sequence[str]) -> str:  # noqa: ANN401 - as above
    """The name of a user for people: by traits, else an address, else the externalId; empty where there is none."""
    return name_of(user) or (emails[0] if emails else user.external_id or "")


def name_of(user: Any) -> str | None:  # noqa: ANN401 - as above
    """The name of a user by traits; None where they have none. It is no identifier, unless a trait is one."""
    known = msgspec.json.decode(traits(user)) if user.traits else {}
    for names in _NAMES:
        parts = [str(known[name]).strip() for name in names if known.get(name)]
        if parts:
            return " ".join(parts)
    return None


def show_session(session: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    """A session as plain JSON."""
    return show(SESSION, session) | ({"visitSource": session.visit_source} if session.visit_source else {})


def show_pageview(exported: Mapping[str, Any]) -> dict[str, Any]:
    """A pageview of the event store as plain JSON."""
    return {**exported, "timestamp": date_time(exported["timestamp"])}


APP: Final[Fields] = {"id": attrgetter("id"), "name": attrgetter("name"), "createdAt": Instant("created_at")}

SECRET: Final[Fields] = {
    "id": attrgetter("id"),
    "createdAt": Instant("created_at"),
    "expiresAt": Instant("expires_at"),
}

PIXEL: Final[Fields] = {
    "id": attrgetter("id"),
    "name": attrgetter("name"),
    "domains": attrgetter("domains"),
    "returnHosts": attrgetter("return_hosts"),
    "retentionDays": attrgetter("retention_days"),
    "consentMode": attrgetter("consent_mode"),
    "timezone": attrgetter("timezone"),
    "weekStartsOn": attrgetter("week_starts_on"),
    "createdAt": Instant("created_at"),
}

USER: Final[Fields] = {
    "id": _text("id"),
    "externalId": attrgetter("external_id"),
    "traits": traits,
    "firstSeen": Instant("created_at"),
}

SESSION: Final[Fields] = {
    "startedAt": Instant("started"),
    "endedAt": Instant("ended"),
    "pageviewCount": attrgetter("pageviews"),
    "entryUrl": attrgetter("entry_url"),
    "exitUrl": attrgetter("exit_url"),
}

# The fields of a step that shows whose a pageview is; see api/why.py.
EVIDENCE: Final = (
    "kind",
    "text",
    "at",
    "key",
    "normalisation",
    "visitorId",
    "userId",
    "linkedBy",
    "mergeId",
    "mergedBy",
    "keys",
)

# Values of the contract's enums, as a sentence writes them.
KEY_NAMES: Final[Mapping[str, str]] = {
    "EXTERNAL_ID": "the external id",
    "EMAIL": "the email address",
    "SHA256": "the SHA-256 of the email address",
    "SHA1": "the SHA-1 of the email address",
    "MD5": "the MD5 of the email address",
    "PHONE": "the telephone number",
    "VISITOR_ID": "the browser",
}
LINKED_BY: Final[Mapping[str, str]] = {
    "PAGEVIEW": "a pageview from your server",
    "BROWSER_PAGEVIEW": "a pageview from a browser",
    "IMPORTED_PAGEVIEW": "an imported pageview",
    "IDENTIFY": "identify",
    "COMMAND": "a command",
    "BROWSER_IDENTIFY": "identify in the browser",
}
MERGED_BY: Final[Mapping[str, str]] = {"API": "identify", "COMMAND": "a command", "IMPORT": "an import"}

UNLINK: Final[Fields] = {
    "id": _text("id"),
    "userId": _text("person"),
    "visitorId": attrgetter("visitor_id"),
    "origin": attrgetter("origin"),
    "unlinkedAt": Instant("unlinked_at"),
    "undoneAt": Instant("undone_at"),
    "liftedAt": Instant("lifted_at"),
    "pageviewCount": attrgetter("pageviews"),
    "done": lambda unlink: not unlink.waiting,
}

FIRST_SOURCE: Final[Fields] = {
    "at": Instant("at"),
    "source": _text_or_none("source"),
    "channel": _text_or_none("channel"),
    "referrer": _text_or_none("referrer"),
    "utmSource": _text_or_none("utm_source"),
    "utmMedium": _text_or_none("utm_medium"),
    "utmCampaign": _text_or_none("utm_campaign"),
    "utmTerm": _text_or_none("utm_term"),
    "utmContent": _text_or_none("utm_content"),
}

MERGE: Final[Fields] = {
    "id": _text("id"),
    "mergedAt": Instant("merged_at"),
    "undoneAt": Instant("undone_at"),
    "olderId": _text("older"),
    "newerId": _text("newer"),
    "evidence": attrgetter("evidence"),
    "origin": attrgetter("origin"),
}

SUPPRESSION: Final[Fields] = {
    "id": _text("id"),
    "by": attrgetter("kind"),
    "contact": attrgetter("value"),
    "reason": attrgetter("reason"),
    "createdAt": Instant("created_at"),
    "expiresAt": Instant("expires_at"),
}

MEMBER: Final[Fields] = {
    "id": attrgetter("id"),
    "email": attrgetter("email"),
    "role": attrgetter("role"),
    "addedAt": Instant("added_at"),
}

MEMBER_SESSION: Final[Fields] = {
    "id": attrgetter("id"),
    "createdAt": Instant("created_at"),
    "lastUsed": Instant("used_at"),
    "userAgent": attrgetter("user_agent"),
    "current": attrgetter("current"),
}

KEY: Final[Fields] = {
    "id": attrgetter("id"),
    "name": attrgetter("name"),
    "scopes": lambda key: sorted(key.scopes),
    "pixelIds": lambda key: None if key.pixels is None else sorted(key.pixels),
    "createdAt": Instant("created_at"),
    "expiresAt": Instant("expires_at"),
    "lastUsed": Instant("used_at"),
}

SHARE: Final[Fields] = {
    "id": attrgetter("id"),
    "name": attrgetter("name"),
    "pixelId": attrgetter("pixel"),
    "hasPassword": attrgetter("has_password"),
    "filter": lambda share: None if share.filter is None else msgspec.json.decode(share.filter),
    "showPeople": attrgetter("show_people"),
    "embedOn": lambda share: [*share.embed_on],
    "createdAt": Instant("created_at"),
    "expiresAt": Instant("expires_at"),
    "lastUsed": Instant("used_at"),
}

OPENED_SHARE: Final[Fields] = {name: SHARE[name] for name in ("id", "name", "pixelId", "showPeople", "expiresAt")}

# A view has what it shows beside these.
VIEW: Final[Fields] = {
    "id": attrgetter("id"),
    "name": attrgetter("name"),
    "owner": lambda view: "APP" if view.member is None else "MEMBER",
    "pixelId": attrgetter("pixel"),
    "createdAt": Instant("created_at"),
    "changedAt": Instant("changed_at"),
}

SHOWN_VIEW: Final[Fields] = {
    "table": attrgetter("table"),
    "range": attrgetter("range"),
    "compare": attrgetter("compare"),
    "filter": attrgetter("filter"),
    "options": lambda kept: [{"name": option.name, "value": option.value} for option in kept.options],
}

AUDIT_ENTRY: Final[Fields] = {
    "id": _text("id"),
    "at": Instant("at"),
    "by": attrgetter("by"),
    "byId": attrgetter("by_id"),
    "action": attrgetter("action"),
    "about": attrgetter("about"),
}

ERASED: Final = (
    "users",
    "identifiers",
    "visitors",
    "contacts",
    "traits",
    "merges",
    "unlinks",
    "suppressions",
    "pageviews",
)

ERASURE: Final[Fields] = {
    "id": attrgetter("id"),
    "done": lambda erasure: erasure.done_at is not None,
    "requestedAt": Instant("requested_at"),
    "doneBy": Instant("done_by"),
    "doneAt": Instant("done_at"),
    "waitsFor": attrgetter("waits_for"),
    "erased": attrgetter("counts"),
}
