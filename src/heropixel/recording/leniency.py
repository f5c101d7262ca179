"""What describes a pageview never costs it: an odd value is changed, cut or dropped, and the answer says so. Pure."""

import ipaddress
import re
from enum import StrEnum
from typing import NamedTuple

import msgspec

from heropixel.errors import FieldTooLong, InvalidText
from heropixel.half_pairs import LOST, whole_text
from heropixel.strict_json import JsonRefused, decode
from heropixel.values import checked_object, storable


class Treatment(StrEnum):
    """What became of a field."""

    CHANGED = "CHANGED"
    CUT = "CUT"
    DROPPED = "DROPPED"


class FieldWarning(NamedTuple):
    """A field that was not stored as it was given."""

    field: str
    treatment: Treatment
    message: str


def storable_text(field: str, text: str, limit: int, warnings: list[FieldWarning]) -> str:
    """The text as every store can hold it: no longer than its limit, without NUL and without half a surrogate pair."""
    kept = whole_text(text.replace("\0", ""))
    if len(kept) > limit:
        warnings.append(FieldWarning(field, Treatment.CUT, f"{field} was cut to {limit} characters"))
        kept = kept[:limit]
    if kept != text[:limit] or LOST in kept:
        message = f"{field} has a broken character (NUL or half of a surrogate pair): it was left out or replaced"
        warnings.append(FieldWarning(field, Treatment.CHANGED, message))
    return kept


def is_storable(text: str) -> bool:
    """Whether a text has nothing that `storable_text` would change or warn of, whatever its length."""
    return storable(text) and (text.isascii() or LOST not in text)


def cleaned_warning(field: str, cleaned: str) -> FieldWarning:
    """What is said of a text from which a secret or a person was removed."""
    if cleaned:
        message = f"{field} holds what looks like a secret or names a person: that part was left out"
        return FieldWarning(field, Treatment.CHANGED, message)
    return FieldWarning(field, Treatment.DROPPED, f"{field} holds an email address or a secret: it was left out")


def client_ip(text: str, warnings: list[FieldWarning]) -> str | None:
    """The address of the client: without a port, and of a list the first public one. None where there is none."""
    plain = text.strip()
    try:
        ipaddress.ip_address(plain)
    except ValueError:
        pass
    else:
        return plain
    addresses = [address for part in plain.split(",")[:_MAX_LISTED] if (address := _address_in(part))]
    if not addresses:
        warnings.append(FieldWarning("ip", Treatment.DROPPED, "ip is not an IPv4 or IPv6 address: it was left out"))
        return None
    found = next((address for address in addresses if address.is_global), addresses[0])
    message = "ip is not one address alone: a port was left out, and of a list the first public address taken"
    warnings.append(FieldWarning("ip", Treatment.CHANGED, message))
    return str(found)


_MAX_LISTED = 100

# An element of `X-Forwarded-For` or `Forwarded`, with what may stand around an address there.
_ELEMENT = re.compile(
    r"""\s*(?:for=)?["']?(?:\[(?P<bracketed>[0-9a-f:.]+)(?:%[^\]]*)?\]|(?P<v4>[0-9.]+)|(?P<v6>[0-9a-f:.]+)(?:%\S*?)?)"""
    r"""(?::[0-9]*)?["']?(?:;.*)?\s*""",
    re.IGNORECASE,
)


def _address_in(part: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    found = _ELEMENT.fullmatch(part)
    if not found:
        return None
    try:
        address = ipaddress.ip_address(found["bracketed"] or found["v4"] or found["v6"])
    except ValueError:
        return None
    return (address.version == 6 and address.ipv4_mapped) or address


def storable_properties(value: object, warnings: list[FieldWarning]) -> str:
    """The properties as JSON, also from the JSON of an object; empty where they cannot be stored."""
    if isinstance(value, str) and value:
        value = _decoded(value)
    try:
        return checked_object("properties", value, _NoObject)
    except (FieldTooLong, InvalidText) as refusal:
        why = refusal.message
    except _NoObject:
        why = "properties is not a JSON object"
    warnings.append(FieldWarning("properties", Treatment.DROPPED, f"{why}: it was left out"))
    return ""


class _NoObject(Exception):  # noqa: N818 - the name says what it is
    """The value is no JSON object that can be stored."""


def _decoded(text: str) -> object:
    try:
        return decode(text.encode(errors="surrogatepass"))
    except (JsonRefused, msgspec.MsgspecError):
        return text
