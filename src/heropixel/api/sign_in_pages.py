"""The part of a request that a browser adds by itself: the cookie of a session, and which page has sent it.

A browser sends cookies whoever made the page. So a cookie counts only where the request comes from our own pages, by
whatever method, event stream or WebSocket.
"""

from collections.abc import Callable, Mapping
from enum import Enum, auto
from http.cookies import CookieError, SimpleCookie

import msgspec

from heropixel.api.callers import Caller
from heropixel.api.credentials import SessionProof
from heropixel.members.refusals import InsecureAddress

COOKIE = "__Host-heropixel"
_NAME = COOKIE.encode() + b"="
APP_HEADER = b"heropixel-app"
_MAX_AGE = 400 * 86_400  # seconds, the most that browsers keep: the server says when a session has ended
_ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Lax"


class FromPage(Enum):
    """Which page has sent a request."""

    OURS = auto()
    FOREIGN = auto()
    NONE = auto()  # no page: a program, or an address that somebody typed


class Reply(msgspec.Struct):
    """What an operation adds to the response of its request."""

    is_last: bool = False  # there is no response with headers, as on a WebSocket
    caller: Caller | None = None  # the last that was authenticated
    masked: bool = False  # addresses in the response are to be masked
    tells_people: bool = False  # a report in the response has rows of people
    cookie: bytes | None = None  # to be set

    def begin(self, token: str) -> None:
        """Set the cookie of a session."""
        self.cookie = f"{COOKIE}={token}; {_ATTRIBUTES}; Max-Age={_MAX_AGE}".encode()

    def end(self) -> None:
        """Remove the cookie."""
        self.cookie = f"{COOKIE}=; {_ATTRIBUTES}; Max-Age=0".encode()


def sender_of(headers: Mapping[bytes, bytes], host: Callable[[], str]) -> FromPage:
    """Which page has sent a request. `host` is the requested host with its port, in lower case.

    Browsers send `Sec-Fetch-Site` to https and to localhost, and `Origin` with every POST and WebSocket.
    """
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return FromPage.OURS if site == b"same-origin" else FromPage.FOREIGN
    origin = headers.get(b"origin")
    if origin is None:
        return FromPage.NONE
    scheme, _, of = origin.decode("latin-1").lower().partition("://")
    own = of == host() and (scheme == "https" or is_local(of))
    return FromPage.OURS if own else FromPage.FOREIGN


def check_secure(headers: Mapping[bytes, bytes], host: Callable[[], str]) -> None:
    """Check that the browser would keep a cookie that it sends by https only.

    Raises:
        InsecureAddress: the page came by plain http, and not from this machine.
    """
    scheme, _, of = headers.get(b"origin", b"").decode("latin-1").lower().partition("://")
    if scheme == "http" and of == host() and not is_local(of):
        raise InsecureAddress


def base_of(headers: Mapping[bytes, bytes], host: Callable[[], str]) -> str:
    """The address of the server, as the sender of a request knows it."""
    if sender_of(headers, host) is FromPage.OURS and b"origin" in headers:
        return headers[b"origin"].decode("latin-1")
    scheme = "http" if is_local(host()) else "https"
    return f"{scheme}://{host()}"


def is_local(host: str) -> bool:
    """Whether browsers trust this host by plain http, since it is this machine."""
    name = host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
    return name in ("localhost", "[::1]") or name.endswith(".localhost") or name.startswith("127.")


def session_of(headers: Mapping[bytes, bytes], host: Callable[[], str]) -> SessionProof | None:
    """The session of a request that comes from our own pages."""
    cookies = headers.get(b"cookie")
    if cookies is None or _NAME not in cookies or sender_of(headers, host) is not FromPage.OURS:
        return None
    try:
        found = SimpleCookie(cookies.decode("latin-1")).get(COOKIE)
    except CookieError:
        return None
    if found is None or not found.value:
        return None
    return SessionProof.of(found.value, headers.get(APP_HEADER, b"").decode("latin-1").strip())
