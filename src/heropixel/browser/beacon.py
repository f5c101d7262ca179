"""A beacon: what a page may send of a pageview, in the body of `/collect` or the query of `/pixel.gif`.

It has no field for an address, a time or a person other than the visitor. Address, time and visitor come from the
request, the clock and the visitor's own cookie.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import unquote_to_bytes

import msgspec

from heropixel.browser.drops import ForbiddenField, InvalidId, MalformedBeacon
from heropixel.half_pairs import whole_json
from heropixel.recording.pageview import PageviewEvent
from heropixel.strict_json import JsonRefused, decode
from heropixel.values import camel


class BeaconEvent(StrEnum):
    """What a beacon is about."""

    PAGEVIEW = "pageview"
    IDENTIFY = "identify"  # the page named the visitor after it sent the pageview; it is no pageview
    CONSENT = "consent"  # the visitor has given or refused consent; it is no pageview


class Beacon(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel", omit_defaults=True):
    """The fields of a beacon: typed, and not checked yet."""

    pixel_id: Annotated[int, msgspec.Meta(ge=-(2**31), lt=2**31)]
    url: str | None = None
    event: BeaconEvent = BeaconEvent.PAGEVIEW
    id: str | None = None
    replaces: str | None = None  # with consent: the id of the same page's pageview, from before
    consent: bool | None = None
    private: bool | None = None  # the script sees Global Privacy Control or Do Not Track
    visitor_id: str | None = None
    sha256: str | None = None
    external_id: str | None = None
    canonical: str | None = None
    referrer: str | None = None
    title: str | None = None
    description: str | None = None
    language: str | None = None
    timezone: str | None = None
    screen: str | None = None
    viewport: str | None = None
    properties: Any = None


def beacon_in_body(body: bytes) -> Beacon:
    """The beacon in a JSON text.

    Raises:
        ForbiddenField, MalformedBeacon, InvalidId: it is no valid beacon.
    """
    try:
        return _checked(_decoded(body))
    except msgspec.ValidationError as error:
        unknown = _UNKNOWN.search(str(error))
        if unknown:
            raise _not_taken(unknown[1]) from None
        raise MalformedBeacon(why=_in_words(str(error))) from None
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise MalformedBeacon(why=_why_no_json(body) or str(error)) from None


_DECODER = msgspec.json.Decoder(Beacon)


def _decoded(body: bytes) -> Beacon:
    """A page may cut its title within an emoji. That is no reason to lose the pageview."""
    try:
        return _DECODER.decode(body)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, ValueError):
        return _DECODER.decode(whole_json(body))


_UNKNOWN = re.compile(r"unknown field `(.*?)`")


def _why_no_json(body: bytes) -> str:
    try:
        decode(body)
    except JsonRefused as refused:
        return str(refused)
    return ""


def _in_words(said: str) -> str:
    """A message of msgspec, such as "Expected `int`, got `str` - at `$.pixelId`", with the field first."""
    what, _, where = said.partition(" - at `$")
    return f"{where.strip('.`')}: {what}" if where.strip(".`") else what


def beacon_in_query(query: bytes) -> Beacon:
    """The beacon in the query of an image's URL, where every value is a text.

    Raises:
        ForbiddenField, MalformedBeacon, InvalidId: it is no valid beacon.
    """
    if not query.isascii() or query.count(b"&") >= _MAX_FIELDS:
        raise MalformedBeacon(why="the query is not ASCII, or has too many fields")
    given: dict[str, Any] = {}
    for part in query.decode("ascii").split("&"):
        name, _, text = part.partition("=")
        if not text:
            continue
        if name not in OF_PICTURES:
            name = _plain(name)
            if name not in OF_PICTURES:
                raise _not_taken(name)
        value = _plain(text)
        if name in given:
            raise MalformedBeacon(why=f"{name} is given twice in the query")
        given[name] = _VALUES[name](value) if name in _VALUES else value
    try:
        return _checked(msgspec.convert(given, Beacon))
    except msgspec.ValidationError as error:
        raise MalformedBeacon(why=_in_words(str(error))) from None


def _plain(text: str) -> str:
    """An ASCII text as `urllib.parse.unquote_plus` decodes it, which looks for other characters first.

    Bytes that are not UTF-8, such as those of a title in another encoding, become U+FFFD.
    """
    if "+" in text:
        text = text.replace("+", " ")
    if "%" not in text:
        return text
    for escape, character in _IN_ADDRESSES:  # no other escape can come of it, and often none is left
        text = text.replace(escape, character)
    return unquote_to_bytes(text).decode("utf-8", "replace") if "%" in text else text


_IN_ADDRESSES = (("%3A", ":"), ("%2F", "/"), ("%3F", "?"), ("%3D", "="), ("%26", "&"), ("%20", " "))


_MAX_FIELDS = 50
# An image cannot say who the visitor is: its URL is written in the page and is the same for everybody.
OF_PICTURES = frozenset(
    ("pixelId", "id", "url", "consent", "canonical", "referrer", "title", "description", "language", "timezone")
)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 10:
        raise MalformedBeacon(why="pixelId: Expected a number")
    return int(text)


def _yes_or_no(text: str) -> bool:
    said = _SAID.get(text.lower())
    if said is None:
        raise MalformedBeacon(why="consent: Expected 1 or 0")
    return said


_SAID = {"1": True, "true": True, "0": False, "false": False}
_VALUES: Mapping[str, Callable[[str], Any]] = {"pixelId": _number, "consent": _yes_or_no}


def _not_taken(field: str) -> ForbiddenField | MalformedBeacon:
    """Why a field is refused: only the API has it, or nothing has it."""
    if field in _OF_THE_API:
        return ForbiddenField(field=field)
    return MalformedBeacon(why=f"there is no field {field[:40]}")


_OF_THE_API = {
    *(camel(name) for name in (*PageviewEvent.__struct_fields__, *Beacon.__struct_fields__)),
    *("browser", "os", "device", "userId", "traits"),
}


def _checked(beacon: Beacon) -> Beacon:
    for field, given in (("id", beacon.id), ("replaces", beacon.replaces)):
        if given and not _HEX.fullmatch(given):
            raise InvalidId(field=field, form="32 hexadecimal digits in lower case")
    if beacon.event is BeaconEvent.CONSENT and beacon.consent is None:
        raise MalformedBeacon(why="consent: this event must give it")
    if beacon.replaces and beacon.event is not BeaconEvent.CONSENT:
        raise MalformedBeacon(why="replaces: only the event consent may give it")
    return beacon


_HEX = re.compile("[0-9a-f]{32}")
