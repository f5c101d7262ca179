"""A pageview, as an endpoint receives it and after every field is checked."""

import random
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import msgspec

from heropixel.columns import COLUMNS, LIMITS, Cleaning, GivenBy, Row, given_by
from heropixel.directory.hosts import host_in
from heropixel.directory.registry import Pixel
from heropixel.enrichment import Place, PlaceBasis, clean_text, clean_url, is_surely_bot
from heropixel.errors import (
    DomainNotAuthorized,
    InvalidDomain,
    InvalidTimestamp,
)
from heropixel.identity.identifiers import NOBODY, Claims, Form, Known, parse_opaque
from heropixel.identity.resolve import LateQuestion, Lookup, Resolution
from heropixel.recording.leniency import (
    FieldWarning,
    cleaned_warning,
    client_ip,
    is_storable,
    storable_properties,
    storable_text,
)
from heropixel.values import BEACON, DAILY, camel, milliseconds


class PageviewEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel", omit_defaults=True):
    """What a caller sends, typed and not yet checked: the contract's `PageviewEventInput`, field by field."""

    pixel_id: Annotated[int, msgspec.Meta(ge=-(2**31), lt=2**31)]  # GraphQL's Int
    domain: str
    email: str | None = None
    md5: str | None = None
    sha1: str | None = None
    sha256: str | None = None
    phone: str | None = None
    external_id: str | None = None
    visitor_id: str | None = None
    timestamp: str | int | float | None = None
    ip: str | None = None
    consent: bool | None = None
    properties: Any = None
    event_id: str | None = None
    session_id: str | None = None
    # The stored texts, all of them and no others, last.
    url: str | None = None
    canonical: str | None = None
    referrer: str | None = None
    title: str | None = None
    description: str | None = None
    user_agent: str | None = None
    client_hints: str | None = None
    language: str | None = None
    timezone: str | None = None
    screen: str | None = None
    viewport: str | None = None
    country: str | None = None
    region: str | None = None
    city: str | None = None
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    utm_term: str | None = None
    utm_content: str | None = None


class Entry(Row, forbid_unknown_fields=False):
    """A row of the event store, as it waits in the journal. Fields of other versions are ignored."""

    # What the loader needs and does not load: the keys by which it will resolve the pageview.
    known_by: tuple[Known, ...] = ()
    # The event id of an anonymous pageview that the loader removes: it is this one, from before the visitor consented.
    replaces: str = ""


# The place of an IP address, or without one that of the caller. It is looked up at once: the address is not stored.
Where = Callable[[str | None], Place]


class Pageview(msgspec.Struct, frozen=True, gc=False):
    """A pageview that can be recorded: every part of it is checked, normalised and within its limits."""

    question: Lookup
    row: Entry
    guarded: bool  # the caller gave the event id: the pageview is recorded once
    warnings: Sequence[FieldWarning] = ()  # the describing fields that are not stored as they were given

    @classmethod
    def parse(
        cls,
        event: PageviewEvent,
        pixel: Pixel,
        now: int,
        since: int | None = None,
        where: Where | None = None,
        *,
        from_browser: bool = False,
        anonymous_visitor: str = "",
    ) -> "Pageview":
        """Check a pageview for a pixel; `now` and `since` are in Unix milliseconds.

        It may have happened as long ago as `since`; without it, 30 days. `where` gives the place of a pageview that
        names none. One that is `from_browser` came in without a secret. An `anonymous_visitor` is a daily hash: the
        pageview counts for this visitor where it names no other.

        What decides is strict, what describes is lenient: an odd title, agent, place or campaign is changed, cut or
        dropped, and `warnings` says so.

        Raises:
            Refusal: a field that decides is wrong. The message says which one, and why.
        """
        host = _authorised_host(event.domain, pixel)
        visitor_id = event.visitor_id
        if visitor_id and visitor_id.lstrip().startswith(DAILY):  # as in our own exports; it identifies nobody
            anonymous_visitor = anonymous_visitor or parse_opaque("visitorId", visitor_id) or ""
            visitor_id = None
        claims = Claims.parse(
            event.external_id, event.email, event.sha256, event.sha1, event.md5, event.phone, visitor_id
        )
        warnings: list[FieldWarning] = []
        texts: dict[str, Any] = _texts(event, warnings)
        ip = client_ip(event.ip, warnings) if event.ip else None
        # An address that cannot be read is nobody's: the place of the caller would be wrong.
        if event.country or event.region or event.city:
            texts["place_basis"] = PlaceBasis.GIVEN
        elif where is not None and (ip or not event.ip):
            texts |= where(ip)._asdict()
        event_id = parse_opaque("eventId", event.event_id) if event.event_id else None
        session_id = parse_opaque("sessionId", event.session_id) if event.session_id else None
        if event.consent is not False:  # a refusal forbids all that connects this pageview to another
            if session_id:
                texts["session_id"] = session_id
            if claims.visitor_id:
                texts["visitor_id"] = claims.visitor_id
        if event.consent is not None:
            texts["consent"] = "given" if event.consent else "refused"
        if event.properties is not None:
            texts["properties"] = storable_properties(event.properties, warnings)
        is_claimed = event.consent is not False and claims != NOBODY
        if anonymous_visitor and not is_claimed:  # beside a claim it would become that person's
            texts["visitor_id"] = anonymous_visitor
        agent = texts.get("user_agent")
        bot = bool(agent) and is_claimed and is_surely_bot(agent, texts.get("client_hints", ""))
        received = str(now)
        row = Entry(  # positional: keywords take three times as long
            pixel.app,
            pixel.id,
            received if event.timestamp in (None, "") else str(parse_timestamp(event.timestamp, now, since)),
            received,
            _recorded_id(event_id, from_browser=from_browser),
            host,
            **texts,
        )
        question = Lookup(pixel.app, claims, event.consent, from_browser, bot)
        # A list would be followed by the garbage collector for as long as the pageview waits.
        return cls(question, row, bool(event_id), tuple(warnings) if warnings else ())


class OfUser(msgspec.Struct, omit_defaults=True, gc=False):
    """What of a row follows from its user, under the names of `Entry`."""

    user_id: int = 0
    resolution: str = ""
    matched_on: str = ""
    normalisation: str = ""
    unlinked_from: int = 0
    known_by: tuple[Known, ...] = ()


def put_resolution(row: Entry | OfUser, resolution: Resolution) -> None:
    """Write the user of a row; or the keys by which the loader will find the user."""
    row.known_by = resolution.known_by
    if not resolution.known_by:
        row.user_id = resolution.via
        row.resolution = resolution.miss or ("CREATED" if resolution.created else "FOUND")
        row.matched_on = resolution.matched_on or ""
        if resolution.unlinked:  # the pageview is the user's, and shows no link
            row.unlinked_from = resolution.via
        if resolution.form is not None:
            row.normalisation = _FORM_NAMES[resolution.form]


_FORM_NAMES = tuple(form.name for form in Form)  # by number: the name of an enum's member takes ten times as long


def put_after(row: Entry, instant: int) -> None:
    """Move a row behind an instant, if it is not: of two users of one browser in a batch, the first has its history."""
    if int(row.received) > instant:
        return
    received = str(instant + 1)
    if row.timestamp == row.received:  # it has no time of its own
        row.timestamp = received
    row.received = received


def late_question(row: Entry) -> LateQuestion:
    """The question that a row of a browser endpoint leaves for the loader: who its user is."""
    return LateQuestion(row.known_by, int(row.received))


def _recorded_id(given: str | None, *, from_browser: bool) -> str:
    event_id = given or _new_id()
    return event_id if not from_browser or event_id.startswith(BEACON) else BEACON + event_id


def _new_id() -> str:
    if not _ids:  # many at a time: that takes a fifth of the time
        digits = _random_bytes(16 * _IDS_AT_ONCE).hex()
        _ids.extend(digits[start : start + 32] for start in range(0, len(digits), 32))
    return _ids.pop()


# An event id has to be unique, not unguessable: so no system call a pageview. The system seeds it.
_random_bytes = random.Random().randbytes  # noqa: S311 - see above
_IDS_AT_ONCE = 256
_ids: list[str] = []

# The stored texts, and how many characters each may have.
TEXT_LIMITS = {name: LIMITS[name] for name in given_by(GivenBy.CALLER) if name in LIMITS}
# How texts are cleaned before they are written anywhere, the journal included.
_CLEANED_BY = {Cleaning.ADDRESS: clean_url, Cleaning.TEXT: clean_text, None: None}
_TEXTS = tuple(
    (name, camel(name), TEXT_LIMITS[name], _CLEANED_BY[COLUMNS[name].cleaned])
    for name in PageviewEvent.__struct_fields__[-len(TEXT_LIMITS) :]
)
_NO_TEXTS = (None,) * len(_TEXTS)


def _texts(event: PageviewEvent, warnings: list[FieldWarning]) -> dict[str, str]:
    """The given texts, each as it can be stored, and cleaned."""
    given: dict[str, str] = {}
    values = msgspec.structs.astuple(event)[-len(_TEXTS) :]
    if values == _NO_TEXTS:
        return given
    # All at once: nearly always no text has anything to look for in each of them.
    storable = is_storable("".join(filter(None, values)))
    for text, (name, field, limit, clean) in zip(values, _TEXTS, strict=True):
        if text:
            kept = text
            if not storable or len(text) > limit:
                kept = storable_text(field, text, limit, warnings)
            if clean:
                cleaned = clean(kept)
                if cleaned != kept:
                    warnings.append(cleaned_warning(field, cleaned))
                kept = cleaned
            given[name] = kept
    return given


def _authorised_host(domain: str, pixel: Pixel) -> str:
    if domain in pixel.with_subdomains or domain in pixel.exact:  # exactly as it is stored, nearly always
        return domain
    host = host_in(domain)
    if host is None:
        raise InvalidDomain
    if not pixel.authorises(host):
        raise DomainNotAuthorized
    return host


LATE = 30 * 86_400_000  # milliseconds
EARLY = 10 * 60_000


def parse_timestamp(value: str | float | None, now: int, since: int | None = None) -> int:
    """Unix milliseconds, see `values.milliseconds`.

    Raises:
        InvalidTimestamp: it is no instant, too far ahead of `now`, or before `since`; without it, 30 days back.
    """
    try:
        instant = milliseconds(value or "")
    except (ValueError, OverflowError):
        raise InvalidTimestamp from None
    if not (now - LATE if since is None else since) <= instant <= now + EARLY:
        raise InvalidTimestamp
    return instant
