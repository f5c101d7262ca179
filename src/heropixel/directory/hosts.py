"""Host names: they are normalised, and a host may authorise its subdomains. Pure."""

import ipaddress
import re
from functools import cache, lru_cache

import idna
from publicsuffixlist import PublicSuffixList

from heropixel.remembering import remembered

# An underscore is in no host name of RFC 1123, and in many that exist.
_LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
_NUMERIC = re.compile(r"[0-9.]+")


_MAX_WRITTEN = 1_000  # characters: a host name has 253 at most, and may be written in any alphabet


@remembered(longest=_MAX_WRITTEN)
def normalise_host(text: str) -> str | None:
    """The host in lower case, in punycode, without a trailing dot; None where it is no host name and no IP address."""
    if len(text) > _MAX_WRITTEN:
        return None
    host = text.strip().lower().removesuffix(".")
    if not host.isascii():
        try:
            host = _in_ascii(host)
        except (idna.IDNAError, UnicodeError):
            return None
    if _HOST.fullmatch(host) and not _NUMERIC.fullmatch(host):
        return host
    return _normalise_address(host)


def _in_ascii(host: str) -> str:
    try:
        return idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        # Emoji are in no name of IDNA 2008. Registries have given them out, and browsers open them.
        mapped = idna.uts46_remap(host, std3_rules=False, transitional=False)
        return ".".join(
            label if label.isascii() else f"xn--{label.encode('punycode').decode()}" for label in mapped.split(".")
        )


def host_in(text: str) -> str | None:
    """The host of a text that may be an address: `https://example.com:8443/page`, `capacitor://localhost`; normalised.

    None where there is no host, as in `file:///page.html`, and where it is none.
    """
    host = normalise_host(text)
    if host is None and len(text) <= _MAX_WRITTEN and (written := _ADDRESS.fullmatch(text.strip())):
        return normalise_host(written[1])
    return host


_ADDRESS = re.compile(
    r"(?:(?:[a-z][a-z0-9+.-]*:)?//(?:[^/?#@]*@)?)?([^/?#@]*?)(?::[0-9]*)?(?:[/?#].*)?", re.IGNORECASE | re.DOTALL
)


def _normalise_address(host: str) -> str | None:
    if "%" in host:  # a zone of IPv6 (RFC 6874): it may be any text, and it has a meaning on one machine alone
        return None
    try:
        return str(ipaddress.ip_address(host.removeprefix("[").removesuffix("]")))
    except ValueError:
        return None


@cache
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def is_public_suffix(host: str) -> bool:
    """Whether everybody can register names below the host, as below `co.uk`. Such a host belongs to nobody."""
    return not is_address(host) and _public_suffixes().publicsuffix(host, accept_unknown=False) == host


def is_registrable(host: str) -> bool:
    """Whether the host is a registrable domain, such as `example.co.uk`. `localhost` counts, with its subdomains."""
    return host == "localhost" or (not is_address(host) and _public_suffixes().privatesuffix(host) == host)


@lru_cache(maxsize=10_000)
def registrable_of(host: str) -> str:
    """The registrable domain of a host, `example.co.uk` of `shop.example.co.uk`; the host itself where it has none."""
    if is_address(host):
        return host
    return _public_suffixes().privatesuffix(host) or host


def is_address(host: str) -> bool:
    """Whether the host is an IPv4 or IPv6 address."""
    return _normalise_address(host) is not None
