"""The place of a pageview, by a file in MaxMind's format or by the headers of a trusted proxy."""

from pathlib import Path
from typing import Any

import pytest

from heropixel.enrichment import NOWHERE, Place, PlaceBasis, PlaceHeaders, Places, whereabouts
from heropixel.troubles import PlacesUnusable, SettingUnusable
from heropixel.wire.proxies import Proxies
from tests.enrichment.mmdb import write

BERLIN = {
    "country": {"iso_code": "DE", "names": {"en": "Germany", "de": "Deutschland"}},
    "subdivisions": [{"iso_code": "BE", "names": {"en": "State of Berlin"}}],
    "city": {"names": {"en": "Berlin", "fr": "Berlin"}},
}


def known(place: Place, basis: PlaceBasis) -> Place:
    """A place with its basis, if there is a place."""
    return place._replace(place_basis=basis) if place.country else place


@pytest.mark.parametrize(
    ("record", "place"),
    [
        (BERLIN, Place("DE", "State of Berlin", "Berlin")),
        ({"country": {"iso_code": "de"}}, Place("DE", "", "")),
        ({"country_code": "FR"}, Place("FR", "", "")),
        ({"country": "US", "region": "California", "city": "San José"}, Place("US", "California", "San José")),
        ({"country_code": "US", "state1": "Texas", "city": "Austin"}, Place("US", "Texas", "Austin")),
        ({"country": "Canada", "country_code": "CA", "asn": "AS1"}, Place("CA", "", "")),
        ({"registered_country": {"iso_code": "SE"}}, Place("SE", "", "")),
        ({"country": {"iso_code": "DE"}, "subdivisions": [], "city": {}}, Place("DE", "", "")),
        ({"city": {"names": {"en": "Nowhere"}}}, NOWHERE),
        ({"country": "Germany"}, NOWHERE),
    ],
)
def test_a_place_is_read_from_what_makers_of_such_files_write(
    tmp_path: Path, record: dict[str, Any], place: Place
) -> None:
    places = Places(write(tmp_path / "places.mmdb", {"192.0.2.0/24": record}))
    assert places.place_of("192.0.2.77") == known(place, PlaceBasis.ADDRESS)


@pytest.mark.parametrize(
    ("ip", "country"),
    [
        ("192.0.2.1", "DE"),
        (" 192.0.2.1 ", "DE"),
        ("2001:db8::1", "FR"),
        ("198.51.100.1", ""),
        ("10.0.0.1", ""),
        ("::1", ""),
        ("noise", ""),
        ("", ""),
    ],
)
def test_what_the_file_does_not_know_is_nowhere(tmp_path: Path, ip: str, country: str) -> None:
    file = write(tmp_path / "places.mmdb", {"192.0.2.0/24": BERLIN, "2001:db8::/32": {"country_code": "FR"}})
    assert Places(file).place_of(ip).country == country


def test_a_file_that_was_replaced_is_opened_within_a_minute(tmp_path: Path) -> None:
    now = 0.0
    file = write(tmp_path / "places.mmdb", {"192.0.2.0/24": BERLIN})
    places = Places(file, lambda: now)
    write(file, {"192.0.2.0/24": {"country_code": "FR"}})
    now = 59
    assert places.place_of("192.0.2.1").country == "DE", "it is not looked at for every pageview"
    now = 60
    assert places.place_of("192.0.2.1").country == "FR"
    file.unlink()
    file.write_bytes(b"half a fi")
    now = 120
    assert places.place_of("192.0.2.1").country == "FR", "the old one serves on"
    file.unlink()
    now = 180
    assert places.place_of("192.0.2.1").country == "FR"
    write(file, {"192.0.2.0/24": BERLIN})
    now = 240
    assert places.place_of("192.0.2.1").country == "DE"


def test_a_file_that_cannot_be_read_is_reported_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "noise.mmdb").write_bytes(b"noise" * 1000)
    for name in ("noise.mmdb", "missing.mmdb", "."):
        with pytest.raises(PlacesUnusable, match="HEROPIXEL_PLACES must name one in MaxMind's format"):
            Places(tmp_path / name)
    with pytest.raises(PlacesUnusable, match=r"missing.mmdb cannot .* \(No such file or directory\)"):
        Places(tmp_path / "missing.mmdb")


HEADERS = {b"cf-ipcountry": b"DE", b"cf-region": b"Berlin", b"cf-ipcity": "Köln".encode()}
NAMES = "CF-IPCountry, CF-Region, CF-IPCity"


@pytest.mark.parametrize(
    ("trusted", "names", "peer", "headers", "place"),
    [
        ("10.0.0.0/8", NAMES, "10.1.2.3", HEADERS, Place("DE", "Berlin", "Köln")),
        ("10.0.0.0/8, ::1", NAMES, "::1", HEADERS, Place("DE", "Berlin", "Köln")),
        ("10.1.2.3", NAMES, "::ffff:10.1.2.3", HEADERS, Place("DE", "Berlin", "Köln")),
        ("10.0.0.0/8", "CF-IPCountry", "10.1.2.3", HEADERS, Place("DE", "", "")),
        ("10.0.0.0/8", "CF-IPCountry,,CF-IPCity", "10.1.2.3", HEADERS, Place("DE", "", "Köln")),
        ("10.0.0.0/8", NAMES, "11.1.2.3", HEADERS, NOWHERE),
        ("10.0.0.0/8", NAMES, "", HEADERS, NOWHERE),
        ("10.0.0.0/8", NAMES, "10.1.2.3", {}, NOWHERE),
        ("10.0.0.0/8", NAMES, "10.1.2.3", {**HEADERS, b"cf-ipcountry": b"XX"}, NOWHERE),
        ("10.0.0.0/8", NAMES, "10.1.2.3", {**HEADERS, b"cf-ipcountry": b"T1"}, NOWHERE),
        ("10.0.0.0/8", NAMES, "10.1.2.3", {**HEADERS, b"cf-ipcountry": b"ZZ"}, NOWHERE),
        ("10.0.0.0/8", NAMES, "10.1.2.3", {**HEADERS, b"cf-ipcountry": b" de "}, Place("DE", "Berlin", "Köln")),
        ("10.0.0.0/8", NAMES, "10.1.2.3", {**HEADERS, b"cf-ipcity": b"K\xf6ln"}, Place("DE", "Berlin", "Köln")),
        ("10.0.0.0/8", NAMES, "10.1.2.3", {**HEADERS, b"cf-ipcity": b"K%C3%B6ln"}, Place("DE", "Berlin", "Köln")),
        ("10.0.0.0/8", NAMES, "10.1.2.3", {**HEADERS, b"cf-ipcity": b"K%F6ln"}, Place("DE", "Berlin", "Köln")),
        (
            "10.0.0.0/8",
            NAMES,
            "10.1.2.3",
            {**HEADERS, b"cf-ipcity": b'"San%20Jose"'},
            Place("DE", "Berlin", "San Jose"),
        ),
        ("10.0.0.0/8", NAMES, "10.1.2.3", {**HEADERS, b"cf-ipcity": b"100%"}, Place("DE", "Berlin", "100%")),
        (
            "10.0.0.0/8",
            NAMES,
            "10.1.2.3",
            {**HEADERS, b"cf-ipcity": b"a%00%ED%A0%BD"},
            Place("DE", "Berlin", "aí\xa0½"),
        ),
    ],
)
def test_only_a_trusted_proxy_says_where_a_caller_is(
    trusted: str, names: str, peer: str, headers: dict[bytes, bytes], place: Place
) -> None:
    told = PlaceHeaders.parse(Proxies.parse(trusted, "X-Forwarded-For"), names)
    assert told is not None
    assert told.place_of(peer, headers) == known(place, PlaceBasis.HEADER)
    assert told.place_of(peer, headers) == known(place, PlaceBasis.HEADER), "also when it asks again"


@pytest.mark.parametrize(
    ("country", "peer", "hides"),
    [(b"T1", "10.1.2.3", True), (b"t1", "10.1.2.3", True), (b"A1", "10.1.2.3", True), (b"XX", "10.1.2.3", False)]
    + [(b"CH", "10.1.2.3", False), (b"", "10.1.2.3", False), (b"T1", "11.1.2.3", False)],
)
def test_the_place_of_a_visitor_by_tor_is_not_looked_up_by_the_address(country: bytes, peer: str, hides: bool) -> None:
    headers = PlaceHeaders.parse(Proxies.parse("10.0.0.0/8", "X-Forwarded-For"), NAMES)
    assert headers is not None
    assert headers.hides(peer, {b"cf-ipcountry": country}) is hides
    assert headers.place_of(peer, {b"cf-ipcountry": country}).country == ("CH" if country == b"CH" else "")


@pytest.mark.parametrize(("trusted", "names"), [("", ""), (" , ", " "), ("10.0.0.0/8", "")])
def test_without_the_settings_no_header_is_read(trusted: str, names: str) -> None:
    assert PlaceHeaders.parse(Proxies.parse(trusted, "X-Forwarded-For"), names) is None


def test_headers_that_no_proxy_is_trusted_to_set_are_refused_at_the_start() -> None:
    with pytest.raises(SettingUnusable, match="PROXIES cannot be used: it is not set, and without it"):
        PlaceHeaders.parse(Proxies.parse("", "X-Forwarded-For"), NAMES)


def test_a_wrong_setting_is_reported_at_the_start() -> None:
    with pytest.raises(
        SettingUnusable, match="HEROPIXEL_PLACE_HEADERS cannot be used: it may hold at most three names"
    ):
        PlaceHeaders.parse(Proxies.parse("10.0.0.0/8", "X-Forwarded-For"), "a,b,c,d")


def test_the_ip_of_a_pageview_overrides_the_place_of_its_caller(tmp_path: Path) -> None:
    places = Places(write(tmp_path / "places.mmdb", {"192.0.2.0/24": BERLIN}))
    told = Place("FR")
    for file, caller, ip, country in [
        (places, told, "192.0.2.1", "DE"),
        (places, told, "198.51.100.1", ""),  # of that address nothing is known; the caller is somebody else
        (places, told, None, "FR"),
        (places, NOWHERE, None, ""),
        (None, told, "192.0.2.1", ""),
        (None, told, None, "FR"),
    ]:
        where = whereabouts(file, caller)
        assert where is not None
        assert where(ip).country == country
    assert whereabouts(None, NOWHERE) is None
