"""The client behind a proxy: the visitor's address and the requested host, as far as trusted proxies give them.

Only one header is read: a proxy that sets one forwards the others as the visitor wrote them.
"""

import ipaddress
import re
from collections.abc import Container, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import structlog

from heropixel.troubles import SettingUnusable

log = structlog.get_logger()

Headers = Sequence[tuple[bytes, bytes]]  # names in lower case, as in ASGI
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Proxies:
    """The trusted proxies, and the header in which they give the client's address."""

    def __init__(self, networks: Sequence[Network], header: bytes) -> None:
        self._networks = tuple(networks)
        self._header = header
        self._said: set[str] = set()
        self._known = lru_cache(_MAX_KNOWN)(self._seen)

    @classmethod
    def parse(cls, trusted_proxies: str, address_header: str) -> "Proxies":
        """Parse the settings of these names.

        Raises:
            SettingUnusable: a setting is not valid.
        """
        try:
            networks = [_network(part.strip()) for part in trusted_proxies.split(",") if part.strip()]
        except ValueError as error:
            raise SettingUnusable(setting="HEROPIXEL_TRUSTED_PROXIES", why=error) from None
        header = address_header.strip().lower()
        if not re.fullmatch(_TOKEN, header):
            raise SettingUnusable(setting="HEROPIXEL_ADDRESS_HEADER", why="it must be the name of one header")
        return cls(networks, header.encode())

    def __bool__(self) -> bool:
        """Whether any proxy is trusted."""
        return bool(self._networks)

    def trusts(self, peer: str) -> bool:
        """Whether headers from this address are trusted."""
        seen = self._address(peer)
        return seen is not None and seen.trusted

    def address_of(self, peer: str, headers: Headers, by_name: Container[bytes] | None = None) -> str:
        """The visitor's address of a request from `peer`: the first from the right that is no trusted proxy's.

        If the peer is not trusted, it is the peer's address, and the headers do not matter. Never raises. `by_name` may
        hold the names of the headers: to look for one there is quicker. A likely mistake is logged once: a proxy that
        is missing in the settings, or a proxy that does not set the header.
        """
        last = self._address(peer)
        if last is None or not last.trusted:
            if _NOT_TRUSTED not in self._said:
                if by_name is None:
                    by_name = [name for name, _ in headers]
                if self._header in by_name:
                    self._warn(_NOT_TRUSTED)
            return last.text if last else peer
        hop = None
        for hop in self._hops(headers):
            seen = self._address(hop.address)
            if seen is None:
                break
            last = seen
            if not last.trusted:
                break
        if hop is None and _NOT_SAID not in self._said:
            self._warn(_NOT_SAID)
        return last.text

    def forwarded_host(self, peer: str, headers: Headers) -> str:
        """The host that the visitor has requested, with its port, in lower case; empty where no header gives it."""
        host = _last(headers, b"host")
        if self.trusts(peer):
            if self._header == b"forwarded":
                host = self._outermost_host(headers) or host
            else:
                host = _last(headers, b"x-forwarded-host").rpartition(b",")[2].strip() or host
        return host.decode("latin-1").lower()

    def _outermost_host(self, headers: Headers) -> bytes:
        host = b""
        for hop in self._hops(headers):
            host = hop.host or host
            if not self.trusts(hop.address):  # the client itself may have written what is to the left
                break
        return host

    def _hops(self, headers: Headers) -> Iterator["_Hop"]:
        """The entries of the header, from right to left: the nearest proxy wrote last."""
        read = _forwarded if self._header == b"forwarded" else _listed
        lines = [value for name, value in headers if name == self._header]
        for line in reversed(lines[-_MAX_HOPS:]):
            yield from read(line)

    def _address(self, text: str) -> "_Address | None":
        return self._known(text) if len(text) <= _MAX_ADDRESS else None  # so the cache stays small

    def _seen(self, text: str) -> "_Address | None":
        try:
            address = _unmapped(ipaddress.ip_address(_bare(text)))
        except ValueError:
            return None
        trusted = any(address in network for network in self._networks if network.version == address.version)
        return _Address(str(address), trusted)

    def _warn(self, what: str) -> None:
        self._said.add(what)
        log.warning(what, header=self._header.decode())


# Either way all visitors would share one address and one rate limit, and nobody would know why.
_NOT_TRUSTED = (
    "the address header of a request is ignored, because the request does not come from HEROPIXEL_TRUSTED_PROXIES: "
    "if it comes from your proxy, add the proxy's address, see docs/proxying.md"
)
_NOT_SAID = (
    "a request from HEROPIXEL_TRUSTED_PROXIES has no visitor's address: if it comes from your proxy, let the proxy set "
    "the header that HEROPIXEL_ADDRESS_HEADER names, see docs/proxying.md"
)

_MAX_KNOWN = 10_000  # parsed addresses in the cache, 2 MB
_MAX_ADDRESS = 64  # characters: a full IPv6 address with brackets, a zone and a port
_MAX_HOPS = 32
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - RFC 9110's token, no secret


class _Address(NamedTuple):
    text: str
    trusted: bool


class _Hop(NamedTuple):
    """What a proxy says of its client."""

    address: str
    host: bytes = b""


def _network(text: str) -> Network:
    network: Network = ipaddress.ip_network(text, strict=False)
    if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(_MAPPED):
        network = ipaddress.IPv4Network((int(network.network_address) & 0xFFFFFFFF, network.prefixlen - 96))
    if not network.prefixlen:
        raise ValueError(
            f"{text} is every address, so any client could claim any address; name the addresses and networks that "
            "your proxies connect from, such as 127.0.0.1 or 10.0.0.0/8"
        )
    return network


_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")


def _unmapped(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    return (address.version == 6 and address.ipv4_mapped) or address


def _bare(text: str) -> str:
    """An address without its port, brackets and zone."""
    if text.startswith("["):
        text, closed, port = text[1:].partition("]")
        if not closed or not re.fullmatch(_PORT, port):
            raise ValueError(text)
    elif text.count(":") == 1:  # an IPv4 address; IPv6 without brackets has no port
        text, colon, port = text.partition(":")
        if not re.fullmatch(_PORT, colon + port):
            raise ValueError(text)
    return text.partition("%")[0]


_PORT = r"(:[0-9A-Za-z._-]*)?"  # RFC 7239 allows `_hidden` as a port too


def _last(headers: Headers, wanted: bytes) -> bytes:
    return next((value for name, value in reversed(headers) if name == wanted), b"")


def _listed(line: bytes) -> Iterator[_Hop]:
    for part in reversed(line.rsplit(b",", _MAX_HOPS)[-_MAX_HOPS:]):
        if part.strip():
            yield _Hop(part.strip().decode("latin-1"))


def _forwarded(line: bytes) -> Iterator[_Hop]:
    """The elements of RFC 7239. An invalid one has no address, so that nothing to the left of it is used."""
    elements = ["".join(parts) for parts in _elements(line.decode("latin-1"))[-_MAX_HOPS:]]
    for element in reversed(elements):
        if element.strip():
            yield _hop(element)


def _elements(line: str) -> list[list[str]]:
    elements: list[list[str]] = [[]]
    for part in re.findall(_PARTS, line):
        if part == ",":
            elements.append([])
        else:
            elements[-1].append(part)
    return elements


# An unclosed quote extends to the end, and matches in one step: otherwise many of them would take quadratic time.
_PARTS = re.compile(r',|[^,"]+|"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_PAIR = rf'({_TOKEN})=(?:([!#-+.-:A-Z\[\]^-~-]+)|"((?:[^"\\]|\\.)*)")'
_PAIRS = re.compile(rf"\s*+(?:{_PAIR}\s*+)?+(?:;\s*+(?:{_PAIR}\s*+)?+)*+", re.DOTALL)


def _hop(element: str) -> _Hop:
    if not _PAIRS.fullmatch(element):
        return _NOBODY
    pairs = [(name.lower(), bare or re.sub(r"\\(.)", r"\1", quoted)) for name, bare, quoted in _pairs(element)]
    fields = dict(pairs)
    if len(fields) != len(pairs):
        return _NOBODY
    return _Hop(fields.get("for", ""), fields.get("host", "").encode("latin-1"))


def _pairs(element: str) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = re.findall(_PAIR, element, re.DOTALL)
    return found


_NOBODY = _Hop("")
