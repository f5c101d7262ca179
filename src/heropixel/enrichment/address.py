"""The parts of an address: host name, path and query. Pure."""

import re
from typing import NamedTuple
from urllib.parse import unquote

from heropixel.directory.hosts import normalise_host
from heropixel.remembering import remembered


class AddressParts(NamedTuple):
    """The parts of an address, each as it is written there."""

    host: str
    path: str
    query: str


def parts_of(url: str) -> AddressParts:
    """Split an address. An address without a host, such as `/page?a=1`, is path and query only."""
    rest = url.partition("#")[0]
    rest, _, query = rest.partition("?")
    scheme, found, after = rest.partition("//")
    if not found or (scheme and not scheme.endswith(":")):
        return AddressParts("", rest, query)
    authority, slash, path = after.partition("/")
    return AddressParts(authority, slash + path if slash else "/", query)


def referring_host(referrer: str) -> str:
    """The host name of a referrer, also without `https://`; empty where it has none."""
    host, path, _ = parts_of(referrer)
    if not host:
        host = path.partition("/")[0]
        if "." not in host:
            return ""
    return host_of(host)


_MAX_AUTHORITY = 300  # characters: a host name has 253 at most


@remembered(longest=_MAX_AUTHORITY)
def host_of(authority: str) -> str:
    """The host name of `user@host:port`, normalised; empty where it is invalid."""
    if len(authority) > _MAX_AUTHORITY:
        return ""
    host = _PORT.sub("", authority.rpartition("@")[2])
    if "%" in host and not host.startswith("["):  # there it begins the zone of an IPv6 address
        host = unquote(host)
    return normalise_host(host) or ""


_PORT = re.compile(r":\d*\Z")
