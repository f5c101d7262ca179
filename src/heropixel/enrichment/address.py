"""The parts of an address: host name, path, query, and the campaign in its query. Pure."""

import re
from typing import NamedTuple
from urllib.parse import unquote_plus

from heropixel.columns import CAMPAIGN, LIMITS
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
    host = authority.rpartition("@")[2]
    return normalise_host(_PORT.sub("", host)) or ""


_PORT = re.compile(r":\d*\Z")


def campaign_of(query: str) -> dict[str, str]:
    """The UTM parameters of a query that are not empty, the first of each."""
    campaign: dict[str, str] = {}
    for parameter in query.split("&"):
        if parameter.startswith("utm_"):
            name, _, value = parameter.partition("=")
            if value and name in CAMPAIGN and name not in campaign:
                campaign[name] = _plain(value)[: LIMITS[name]]
    return campaign


def _plain(value: str) -> str:
    if "%" in value or "+" in value:
        value = unquote_plus(value).replace("\0", "")
    return value
