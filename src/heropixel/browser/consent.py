"""Consent: what a visitor has said, now and on earlier pages, and what a pixel may make of it. Pure."""

import re
import secrets
from collections.abc import Mapping
from typing import Final, NamedTuple

from heropixel.directory.consent_modes import ConsentMode
from heropixel.directory.hosts import is_address, is_public_suffix, registrable_of

NAME: Final = "heropixel"
REFUSED: Final = "no"  # where consent is implied, so that the next page does not imply it again
OUT: Final = "out"  # `heropixel.optOut()`: the script sends nothing more, and what comes all the same is dropped
LIFE: Final = 34_190_000  # seconds: 13 months; that of an id is never renewed


class Cookie(NamedTuple):
    """What our cookie says of earlier pages."""

    visitor_id: str | None = None
    refused: bool = False
    opted_out: bool = False

    @classmethod
    def parse(cls, header: bytes) -> "Cookie":
        """Read the header `Cookie`. What is not ours says nothing; of ours that contradict each other each is heard.

        There may be several, of a host and of the domain above it; the browser sends the nearest and oldest first, and
        it is the first visitor id that counts.
        """
        if b"heropixel" not in header:  # most requests, whatever other cookies a site has
            return NO_COOKIE
        values = _OURS.findall(header)
        ids = [value for value in values if value.startswith(b"hp1.")]
        return cls(ids[0].decode() if ids else None, b"no" in values, b"out" in values)


NO_COOKIE: Final = Cookie()

# Some proxies put values in quotes, or a comma between cookies. What is none of ours is no match, and never decoded.
# That the name begins there is looked up behind it: a pattern that begins with letters is found ten times as quickly.
_OURS = re.compile(
    rb'heropixel(?<![^;, \t]heropixel)[ \t]*=[ \t]*"?(hp1\.[0-9a-f]{32}|no|out)"?[ \t]*(?=[;,]|\Z)',
)
_VISITOR_ID = re.compile(r"hp1\.[0-9a-f]{32}")


class Consent(NamedTuple):
    """What a visitor's consent comes to on one pageview."""

    allowed: bool  # an id, who she says she is, and a link between the two may be used
    said: bool | None  # as it is recorded: given, refused, or None where she has said nothing


_REFUSED = Consent(allowed=False, said=False)


def consent_of(mode: str, said: bool | None, cookie: Cookie, *, private: bool) -> Consent:  # noqa: FBT001 - three values
    """The consent on a pixel of this mode, by what was said with this pageview, and what the browser has kept.

    `private` is what `asks_for_privacy` tells. Whoever asks for it, or has opted out, has refused, whatever else is
    said: neither is taken back by a script that says `consent(true)`.
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
    # Where consent is required, only consent has brought an id there; where it is implied, nothing need have been said.
    return True if mode == ConsentMode.REQUIRED and cookie.visitor_id else None


def asks_for_privacy(headers: Mapping[bytes, bytes]) -> bool:
    """Whether the browser asks for privacy, by Global Privacy Control or Do Not Track; header names in lower case."""
    # By the first character: a Do Not Track header may go on behind it, and a proxy may have joined two of them.
    return headers.get(b"sec-gpc", b"")[:1] == b"1" or headers.get(b"dnt", b"")[:1] == b"1"


def set_cookie(value: str, host: str, *, secure: bool) -> bytes:
    """A `Set-Cookie` with a visitor id, REFUSED or OUT, for all of the site that a normalised host is of."""
    return f"{NAME}={value}; Max-Age={LIFE}{_attributes(host, secure=secure)}".encode()


def erase_cookie(host: str, *, secure: bool) -> bytes:
    """A `Set-Cookie` that takes away what `set_cookie` has set."""
    return f"{NAME}=; Max-Age=0{_attributes(host, secure=secure)}".encode()


def _attributes(host: str, *, secure: bool) -> str:
    site = registrable_of(host)
    # A browser takes no Domain that is an address or that everybody shares: then the cookie is of the host alone.
    shared = "." in site and not is_address(site) and not is_public_suffix(site)
    # Not HttpOnly: the script has to see whether there is one, and takes it away without the server's help.
    return f"{f'; Domain={site}' if shared else ''}; Path=/; SameSite=Lax{'; Secure' if secure else ''}"


def new_visitor_id() -> str:
    """An id for a browser that has none, with consent: random, so it tells nothing."""
    return f"hp1.{secrets.token_hex(16)}"


def is_visitor_id(text: str) -> bool:
    """Whether it is a visitor id as the script and the server make them."""
    return _VISITOR_ID.fullmatch(text) is not None
