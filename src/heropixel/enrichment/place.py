"""The place of a pageview: by its IP address from a file, or from headers of a proxy. No IP address is stored."""

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, unquote_to_bytes

import maxminddb
from maxminddb import InvalidDatabaseError, Reader

from heropixel.columns import LIMITS
from heropixel.enrichment.zones import PlaceBasis
from heropixel.troubles import PlacesUnusable, SettingUnusable
from heropixel.wire.proxies import Proxies


class Place(NamedTuple):
    """A country (ISO 3166-1 alpha-2), and region and city by their English names; empty where they are unknown."""

    country: str = ""
    region: str = ""
    city: str = ""
    place_basis: str = ""  # see zones.py; the fields are named as the columns


NOWHERE = Place()
_LOOK_SECONDS = 60.0


class Places:
    """A file in MaxMind's format, mapped into memory. A file that replaces it is opened within a minute.

    Raises:
        PlacesUnusable: the file is missing, or has another format.
    """

    def __init__(self, path: Path, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._elapsed = elapsed
        try:
            self._file = _identity(path)
            self._reader = _open(path)
        except (OSError, ValueError, InvalidDatabaseError) as error:
            raise PlacesUnusable(path=path, why=getattr(error, "strerror", None) or error) from None
        self._looked_at = elapsed()

    def place_of(self, ip: str) -> Place:
        """The place of an IP address; an empty place for one that is private, unknown or missing."""
        if self._elapsed() - self._looked_at >= _LOOK_SECONDS:
            self._look_for_a_new_one()
        try:
            found: Any = self._reader.get(ip.strip())
        except (ValueError, InvalidDatabaseError):  # IPv6 in a file of IPv4, or a file that was cut off
            return NOWHERE
        return _place_in(found) if isinstance(found, dict) else NOWHERE

    @property
    def built_at(self) -> int:
        """When the file was made, in Unix seconds, as it says itself."""
        return self._reader.metadata().build_epoch

    def _look_for_a_new_one(self) -> None:
        """The old file stays open while the new one is incomplete."""
        self._looked_at = self._elapsed()
        with suppress(OSError, ValueError, InvalidDatabaseError):
            file = _identity(self._path)
            if file != self._file:
                # Not closed: another thread may be using it. It is freed with its last reference.
                self._reader = _open(self._path)
                self._file = file


def whereabouts(places: Places | None, default: Place) -> Callable[[str | None], Place] | None:
    """Returns a function from an IP address to its place, or from None to `default`. None: no place is known."""
    if places is None and default is NOWHERE:
        return None
    return lambda ip: (places.place_of(ip) if places else NOWHERE) if ip else default


def _identity(path: Path) -> tuple[int, int, int]:
    stat = path.stat()
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def _open(path: Path) -> Reader:
    return maxminddb.open_database(path, maxminddb.MODE_AUTO)


def _place_in(record: Mapping[str, Any]) -> Place:
    """MaxMind's and DB-IP's files nest names by language; those of IPinfo and others are flat."""
    country = record.get("country") or record.get("registered_country") or record.get("country_code")
    code = country.get("iso_code") if isinstance(country, dict) else record.get("country_code") or country
    regions = record.get("subdivisions")
    region = regions[0] if isinstance(regions, list) and regions else record.get("region") or record.get("state1")
    return _place(code, _name(region), _name(record.get("city")), PlaceBasis.ADDRESS)


def _name(named: Any) -> Any:  # noqa: ANN401 - whatever the file holds
    if isinstance(named, dict):
        names = named.get("names")
        return names.get("en") if isinstance(names, dict) else named.get("name")
    return named


def _place(country: object, region: object, city: object, basis: PlaceBasis) -> Place:
    """Without a country there is no place."""
    code = country.strip().upper() if isinstance(country, str) else ""
    if len(code) != 2 or not code.isascii() or not code.isalpha() or code in _UNKNOWN:
        return NOWHERE
    return Place(code, _cut(region, LIMITS["region"]), _cut(city, LIMITS["city"]), basis)


# What proxies and files write for the unknown (XX, ZZ), and for a continent (AP, EU).
_UNKNOWN = frozenset(("XX", "ZZ", "AP", "EU"))
# Tor, anonymous proxies and satellites: the address is not where the visitor is.
_HIDDEN = frozenset(("T1", "A1", "A2"))


def _cut(name: object, limit: int) -> str:
    return name.strip().replace("\0", "")[:limit] if isinstance(name, str) else ""


class PlaceHeaders:
    """The headers in which a trusted proxy sends its client's place. From other peers they are ignored."""

    def __init__(self, proxies: Proxies, names: Iterable[bytes]) -> None:
        self._proxies = proxies
        self._names = tuple(names)

    @classmethod
    def parse(cls, proxies: Proxies, place_headers: str) -> "PlaceHeaders | None":
        """From the setting of this name; None where it is empty.

        Raises:
            SettingUnusable: the setting is invalid, or there is no trusted proxy.
        """
        if not place_headers.strip():
            return None
        names = [part.strip().lower().encode() for part in place_headers.split(",")]
        if len(names) > _MOST_NAMES:
            why = "it may hold at most three names: those of country, region and city"
            raise SettingUnusable(setting="HEROPIXEL_PLACE_HEADERS", why=why)
        if not proxies:
            why = "it is not set, and without it HEROPIXEL_PLACE_HEADERS has no effect"
            raise SettingUnusable(setting="HEROPIXEL_TRUSTED_PROXIES", why=why)
        return cls(proxies, names)

    def place_of(self, peer: str, headers: Mapping[bytes, bytes]) -> Place:
        """The place of the client, of a request that came from the address `peer`."""
        if not self._proxies.trusts(peer):
            return NOWHERE
        told = [_text(headers.get(name, b"")) for name in self._names]
        country, region, city = [*told, "", ""][:3]
        return _place(country, region, city, PlaceBasis.HEADER)

    def hides(self, peer: str, headers: Mapping[bytes, bytes]) -> bool:
        """Whether the proxy says that the visitor is not where the address is, as for Tor (`T1`)."""
        return self._proxies.trusts(peer) and _text(headers.get(self._names[0], b"")).upper() in _HIDDEN


_MOST_NAMES = 3  # country, region, city


def _text(value: bytes) -> str:
    """Most proxies send names in UTF-8, some in Latin-1; some percent-encoded, some in quotes."""
    text = _decoded(value).strip().strip('"')
    if "%" in text:
        text = _decoded(unquote_to_bytes(text)) if text.isascii() else unquote(text)
    return text.strip()


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
