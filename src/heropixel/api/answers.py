"""The envelope: the only place where an error becomes code, message, reason and data."""

import functools
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from operator import attrgetter, itemgetter, methodcaller
from typing import Any, ParamSpec, Self, TypeVar

import msgspec

from heropixel import metrics, shown
from heropixel.directory.link_evidence import unpacked
from heropixel.directory.users import User
from heropixel.enrichment import Bot, Channel, Device, PlaceBasis
from heropixel.errors import Refusal
from heropixel.events.pageviews import EXPORT_COLUMNS
from heropixel.events.visit_sources import FIELDS as VISIT_SOURCE
from heropixel.identity.resolve import Miss, Resolution
from heropixel.metrics.soon import soon
from heropixel.recording.leniency import FieldWarning
from heropixel.reports.dimensions import OF_PAGEVIEW, OF_SESSION, TRAIT, USER
from heropixel.reports.figures import field_of
from heropixel.reports.question import Metric
from heropixel.reports.viewed import read_view
from heropixel.shown import getters, traits
from heropixel.unexpected import unexpected
from heropixel.values import camel, counted, date_time

NOTHING = shown.EMPTY


class Answer(msgspec.Struct):
    """The answer of every root field: the contract's `ApiResponse`. Typed fields are None on an error."""

    code: int = 200
    message: str = "OK"
    reason: str | None = None

    @classmethod
    def refused(cls, refusal: Refusal) -> Self:
        """The answer to a refused request, with the reason."""
        metrics.refused.labels(refusal.reason).inc()
        return cls(refusal.code, refusal.message, refusal.reason)

    @property
    def data(self) -> Any:  # noqa: ANN401 - any JSON; computed on request
        """The result as plain JSON."""
        return NOTHING


USER_FOUND = "User Found"
USER_CREATED = "User Created"
USER_NOT_FOUND = "User Not Found"
_ANSWERED = {message: metrics.answered.labels(message) for message in (USER_FOUND, USER_CREATED, USER_NOT_FOUND)}


class PageviewAnswer(Answer):
    """The answer to one pageview."""

    event_id: str | None = None
    match: Resolution | None = None
    warnings: Sequence[FieldWarning] | None = None
    sees_people: bool = True  # False: the caller may record, and is not told who it was

    @classmethod
    def of(
        cls, event_id: str, resolution: Resolution, warnings: Sequence[FieldWarning], *, sees_people: bool = True
    ) -> Self:
        """The answer to a pageview that was recorded."""
        message = USER_CREATED if resolution.created else USER_NOT_FOUND if resolution.user is None else USER_FOUND
        return cls(200, message, None, event_id, resolution, warnings, sees_people)  # keywords take twice as long

    @property
    def user(self) -> User | None:
        """The user that was found or created."""
        return self.match.user if self.match and self.sees_people else None

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The traits of the user that was found."""
        match = self.match
        if match is None or match.user is None or match.created or not self.sees_people:
            return NOTHING
        return traits(match.user)


def count(message: str, recorded: int = 1) -> None:
    """Count pageviews answered with this message, on the event loop."""
    soon.count(_ANSWERED[message], recorded)


class PageviewsAnswer(Answer):
    """The answer to many pageviews."""

    results: Sequence[PageviewAnswer] | None = None

    @classmethod
    def of(cls, results: Sequence[PageviewAnswer]) -> Self:
        """The answer that holds one answer for each pageview."""
        recorded = sum(result.code == 200 for result in results)
        return cls(message=f"{recorded} of {counted(len(results), 'pageviews')} recorded", results=results)

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """How many were recorded and how many refused."""
        if self.results is None:
            return NOTHING
        recorded = sum(result.code == 200 for result in self.results)
        return {"recorded": recorded, "refused": len(self.results) - recorded}


def _of_user(get: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda profile: get(profile.user)


def _value_of(dimension: str) -> Callable[[Any], Any]:
    return lambda row: row.values.get(dimension)


def _known(values: type[StrEnum], value: str | None) -> str | None:
    """The value of an enum; None for an imported value that this version's rules have not processed yet."""
    return value if value in values.__members__ else None


# By type and field: how a field is read, where it is not the attribute of the same name.
FIELDS: dict[str, dict[str, Callable[[Any], Any]]] = {
    "App": getters(shown.APP),
    "Secret": getters(shown.SECRET),
    "SavedView": {**getters(shown.VIEW), "shows": lambda view: read_view(view.shows)},
    "Pixel": getters(shown.PIXEL),
    "User": getters(shown.USER),
    "Profile": {
        **{name: _of_user(get) for name, get in getters(shown.USER).items()},
        "name": _of_user(shown.name_of),
        "firstPageview": lambda profile: date_time(profile.activity.first),
        "lastSeen": lambda profile: date_time(profile.activity.last),
        "pageviewCount": lambda profile: profile.activity.pageviews,
    },
    "Pageview": {
        **{name: itemgetter(name) for name in EXPORT_COLUMNS},
        "timestamp": lambda pageview: date_time(pageview["timestamp"]),
        "channel": lambda pageview: _known(Channel, pageview["channel"]),
        "device": lambda pageview: _known(Device, pageview["device"]),
        "bot": lambda pageview: _known(Bot, pageview["bot"]),
        "placeBasis": lambda pageview: _known(PlaceBasis, pageview["placeBasis"]),
        "eventId": lambda pageview: pageview["eventId"] or "",  # erased with its user
        "why": lambda pageview: pageview.get("why", ()),
        "visitSource": lambda pageview: pageview.get("visitSource"),
    },
    "TimelineEntry": {"at": lambda entry: date_time(entry.at)},
    "SeenInRange": {
        "firstPageview": lambda seen: date_time(seen.first),
        "lastSeen": lambda seen: date_time(seen.last),
        "pageviewCount": attrgetter("pageviews"),
    },
    "Evidence": {name: methodcaller("get", name) for name in shown.EVIDENCE},
    "Browser": {
        "linkedAt": lambda link: date_time(link.linked_at),
        "linkedBy": lambda link: evidence.by.name if (evidence := unpacked(link.evidence)) else None,
        "key": lambda link: evidence.key if (evidence := unpacked(link.evidence)) else None,
    },
    "Unlink": getters(shown.UNLINK),
    "ReportRow": {
        "time": lambda row: date_time(row.begin),
        "pixel": lambda row: int(row.values["PIXEL"]) if "PIXEL" in row.values else None,
        **{camel(dimension): _value_of(dimension) for dimension in (*OF_PAGEVIEW, *OF_SESSION, USER, TRAIT)},
        **{camel(metric): attrgetter(f"figures.{field_of(metric)}") for metric in Metric},
    },
    "Period": {
        "from": lambda range_: date_time(range_.start),
        "to": lambda range_: date_time(range_.end),
    },
    "Session": {**getters(shown.SESSION), "visitSource": attrgetter("visit_source")},
    "VisitSource": {
        **{field: itemgetter(field) for field in VISIT_SOURCE},
        "channel": lambda source: _known(Channel, source["channel"]),
    },
    "FirstSource": {
        **getters(shown.FIRST_SOURCE),
        "channel": lambda source: _known(Channel, source.channel),
    },
    "Hashes": {"sha256Base64": lambda hashes: hashes.sha256_base64},
    "Merge": getters(shown.MERGE),
    "Suppression": getters(shown.SUPPRESSION),
    "Erasure": getters(shown.ERASURE),
    "Erased": {name: methodcaller("get", name) for name in shown.ERASED},
    "Member": getters(shown.MEMBER),
    "MemberSession": getters(shown.MEMBER_SESSION),
    "Key": getters(shown.KEY),
    "Share": getters(shown.SHARE),
    "OpenedShare": getters(shown.OPENED_SHARE),
    "AuditEntry": getters(shown.AUDIT_ENTRY),
    "Match": {
        "matchedOn": lambda resolution: resolution.matched_on,
        "normalisation": lambda resolution: None if resolution.form is None else resolution.form.name,
        "firstSeen": lambda resolution: date_time(resolution.user.created_at) if resolution.found else None,
        "missReason": lambda resolution: Miss.NOT_KNOWN if resolution.created else resolution.miss,
    },
}

P = ParamSpec("P")
A = TypeVar("A", bound=Answer)


def answers(
    kind: type[A],
) -> Callable[[Callable[P, Awaitable[A]]], Callable[P, Awaitable[A]]]:
    """Let a resolver answer its refusals. An unexpected exception is logged; the caller gets only its id in the log."""

    def decorate(resolver: Callable[P, Awaitable[A]]) -> Callable[P, Awaitable[A]]:
        @functools.wraps(resolver)
        async def answering(*args: P.args, **kwargs: P.kwargs) -> A:
            try:
                return await resolver(*args, **kwargs)
            except Refusal as refusal:
                return kind.refused(refusal)
            except Exception:
                return kind.refused(unexpected("a resolver failed"))

        return answering

    return decorate
