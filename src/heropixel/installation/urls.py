"""The URLs of pages, scripts and endpoints, parsed as a browser parses them. Pure."""

import re

import httpx

from heropixel.directory.hosts import normalise_host
from heropixel.installation.addresses import CLOSED_PORTS

_MAX = 8_192  # characters, as of a pageview's url
_LEFT_OUT = re.compile(r"[\t\n\r]")  # browsers remove these anywhere in a URL
_SCHEME = re.compile(r"^[A-Za-z]+(?=:)")
_AROUND = "".join(map(chr, range(0x21)))


class Unusable(Exception):  # noqa: N818 - named as what the URL is
    """Why a URL cannot be opened, as a sentence without its end."""


def absolute(text: str) -> httpx.URL:
    """The URL.

    Raises:
        Unusable: no browser would open a page there, or not in this form.
    """
    return _usable(_parsed(text))


def joined(base: httpx.URL, text: str) -> httpx.URL:
    """The absolute form of a URL in a page.

    Raises:
        Unusable: see `absolute`.
    """
    try:
        return _usable(base.join(_parsed(text)))
    except httpx.InvalidURL as error:
        raise Unusable(str(error)[:100]) from None


def _parsed(text: str) -> httpx.URL:
    cleaned = _LEFT_OUT.sub("", text.strip(_AROUND))
    if len(cleaned) > _MAX:
        raise Unusable(f"it is longer than {_MAX:,} characters")
    address, mark, rest = cleaned.partition("?")
    try:
        # httpx knows no default port for a scheme in upper case.
        address = _SCHEME.sub(lambda found: found[0].lower(), address.replace("\\", "/"))
        return httpx.URL(address + mark + rest)
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise Unusable(str(error)[:100]) from None


def _usable(url: httpx.URL) -> httpx.URL:
    if url.scheme not in ("http", "https"):
        raise Unusable("it must begin with https:// or http://")
    try:
        host = url.host
    except UnicodeError:  # it is decoded only now
        raise Unusable("its host name is not valid punycode") from None
    if normalise_host(host) is None:
        raise Unusable("it has no host name")
    if url.userinfo:
        raise Unusable("it contains a user name or a password")
    if url.port is not None and (url.port in CLOSED_PORTS or url.port > 65_535):
        raise Unusable(f"browsers open no page on port {url.port}")
    return url


def origin_of(url: httpx.URL) -> str:
    """Its origin, as a browser writes it in `Origin`."""
    return f"{url.scheme}://{url.netloc.decode()}"


def is_trustworthy(url: httpx.URL) -> bool:
    """Whether browsers treat it as secure without TLS, since it is on the same machine."""
    return url.host in ("localhost", "127.0.0.1", "::1") or url.host.endswith(".localhost")
