"""Finds the known sender of a host name or a campaign source in the table of senders. Pure."""

import re
from functools import lru_cache

from heropixel.directory.hosts import registrable_of
from heropixel.enrichment.senders import SENDERS, KnownSender


@lru_cache(maxsize=10_000)
def origin_of_host(host: str) -> KnownSender | None:
    """The sender of a host name: the longest host in the table that it ends with, or the brand of a door."""
    labels = host.split(".")
    for start in range(len(labels) - 1):
        if origin := _BY_HOST.get(".".join(labels[start:])):
            return origin
    site = registrable_of(host)
    brand, _, suffix = site.partition(".")
    if len(suffix) > _LONGEST_SUFFIX:
        return None
    door = host[: -len(site)].rstrip(".")
    return _BY_BRAND.get(f"{door}.{brand}") or (_BY_BRAND.get(brand) if door in _FRONT_DOORS else None)


_LONGEST_SUFFIX = len("com.br")  # longer ones, such as blogspot.com, are hosts where anybody can take a name


@lru_cache(maxsize=10_000)
def origin_of_name(name: str) -> KnownSender | None:
    """The sender of a campaign source: a name, an alias such as `fb`, or a host name."""
    name = name.strip().lower()
    return _BY_NAME.get(_plain(name)) or (origin_of_host(name) if "." in name else None)


def _plain(name: str) -> str:
    """`Google Ads`, `google_ads` and `google-ads` are the same name."""
    return _NOT_PLAIN.sub("", name.lower())


_NOT_PLAIN = re.compile(r"[^a-z0-9.]")


# Prefixes of a brand's domain that belong to its front door. Others do not: mail.google.com is another sender.
_FRONT_DOORS = frozenset(
    (
        "",
        "www",
        "m",
        "search",
        "images",
        "image",
        "news",
        "lens",
        "cn",
        "www2",
        "html",
        "lite",
        "r.search",
        "mobile",
        "int",
    )
)

_BY_HOST: dict[str, KnownSender] = {}
_BY_BRAND: dict[str, KnownSender] = {}
_BY_NAME: dict[str, KnownSender] = {}


def _fill() -> None:
    for kind, table in SENDERS.items():
        for line in table.strip().splitlines():
            name, hosts, aliases = (cell.strip() for cell in line.split("|"))
            origin = KnownSender(name, kind)
            for host in hosts.split():
                brand, starred, _ = host.partition(".*")
                (_BY_BRAND if starred else _BY_HOST)[brand] = origin
            for alias in (_plain(name), *aliases.split()):
                _BY_NAME.setdefault(alias, origin)


_fill()
