"""Consent: what a visitor has said, now and on earlier pages, and what a pixel may then do. Pure."""

import re
import secrets
from collections.abc import Mapping
from typing import Final, NamedTuple

from heropixel.directory.consent_modes import ConsentMode
from heropixel.directory.hosts import is_address, is_public_suffix, registrable_of

NAME: Final = "heropixel"
REFUSED: Final = "no"  # kept where consent is implied, so that the next page does not imply it again
OUT: Final = "out"  # after `heropixel.optOut()`: the script sends nothing more, and later beacons are dropped
LIFE: Final = 34_190_000  # seconds: 13 months; the cookie of an id is never renewed


class Cookie(NamedTuple):
    """What the cookie of heropixel has kept from earlier pages."""

    visitor_id: str | None = None
    refused: bool = False
    opted_out: bool = False

    @classmethod
    def parse(cls, header: bytes) -> "Cookie":
        """Read the header `Cookie`. Other cookies are ignored. If several of ours contradict each other, each counts.

        There may be several: one of a host and one of the domain above it. The browser sends the nearest and oldest
        first, and the first visitor id counts.
        """
        if b"heropixel" not in header:  # true for most requests: other cookies of a site need no parsing
            return NO_COOKIE
        values = _OURS.findall(header)
        ids = [value for value in values if value.startswith(b"hp1.")]
        return cls(ids[0].decode() if ids else None, b"no" in values, b"out" in values)


NO_COOKIE: Final = Cookie()

# Some proxies put values in quotes, or a comma between cookies. Other cookies do not match and are never decoded.
# A lookbehind after the name checks that the name begins there: a pattern that begins with letters is found ten times
# as quickly.
_OURS = re.compile(
    rb'heropixel(?<![^;, \t]heropixel)[ \t]*=[ \t]*"?(hp1\.[0-9a-f]{32}|no|out)"?[ \t]*(?=[;,]|\Z)',
)
_VISITOR_ID = re.compile(r"hp1\.[0-9a-f]{32}")


class Consent(NamedTuple):
    """What the visitor's consent means for one pageview."""

    allowed: bool  # the server may use a visitor id, the user that the page names, and a link between the two
    said: bool | None  # as it is recorded: given, refused, or None where the visitor has said nothing


_REFUSED = Consent(allowed=False, said=False)


def consent_of(mode: str, said: bool | None, cookie: Cookie, *, private: bool) -> Consent:  # noqa: FBT001 - three values
    """The consent on a pixel of this mode, from what this pageview says and what the cookie has kept.

    `private` is the answer of `asks_for_privacy`. A visitor who asks for privacy, or who has opted out, has refused.
    A script that calls `consent(true)` does not change that.
    """
    if private or cookie.opted_out:
        return _REFUSED
    if said is None:
        said = _said_before(mode, cookie)
    if said is False:
        return _REFUSED
    allowed = mode == ConsentMode.IMPLIED or (mode == ConsentMode.REQUIRED and said is True)
    return Consent(allowed, said)


def _said_before(mode: str, cookie: Cookie) -> bool | None:
    if cookie.refused:
        return False
    # Where consent is required, an id exists only after consent. Where it is implied, nothing may have been said.
    return True if mode == ConsentMode.REQUIRED and cookie.visitor_id else None


def asks_for_privacy(headers: Mapping[bytes, bytes]) -> bool:
    """Whether the browser asks for privacy, by Global Privacy Control or Do Not Track. Header names: lower case."""
    # Only the first character counts: a Do Not Track header may have more, and a proxy may have joined two of them.
    return headers.get(b"sec-gpc", b"")[:1] == b"1" or headers.get(b"dnt", b"")[:1] == b"1"


def set_cookie(value: str, host: str, *, secure: bool) -> bytes:
    """A `Set-Cookie` with a visitor id, REFUSED or OUT, for the whole site of a normalised host."""
    return f"{NAME}={value}; Max-Age={LIFE}{_attributes(host, secure=secure)}".encode()


def erase_cookie(host: str, *, secure: bool) -> bytes:
    """A `Set-Cookie` that removes the cookie of `set_cookie`."""
    return f"{NAME}=; Max-Age=0{_attributes(host, secure=secure)}".encode()


def _attributes(host: str, *, secure: bool) -> str:
    site = registrable_of(host)
    # A browser refuses a Domain that is an IP address or a public suffix. Then the cookie is for the host alone.
    shared = "." in site and not is_address(site) and not is_public_suffix(site)
    # Not HttpOnly: the script must see whether there is one, and must be able to remove it without the server.
    return f"{f'; Domain={site}' if shared else ''}; Path=/; SameSite=Lax{'; Secure' if secure else ''}"


def new_visitor_id() -> str:
    """An id for a browser that has consent and no id. It is random, so it reveals nothing."""
    return f"hp1.{secrets.token_hex(16)}"


def is_visitor_id(text: str) -> bool:
    """Whether it is a visitor id in the form that the script and the server create."""
    return _VISITOR_ID.fullmatch(text) is not None
