"""The country of a browser's time zone, and when it is the country of a pageview."""

from copy import copy
from zoneinfo import available_timezones

import pytest

from heropixel.enrichment import country_of, enrich
from heropixel.enrichment.zones import country_of_zone
from tests.enrichment.rows import enriched

NO_COUNTRY = {"CET", "CST6CDT", "EET", "EST", "EST5EDT", "Factory", "GMT", "GMT+0", "GMT-0", "GMT0", "Greenwich", "HST"}
NO_COUNTRY |= {"MET", "MST", "MST7MDT", "PST8PDT", "UCT", "UTC", "Universal", "WET", "Zulu", "localtime", "posixrules"}


def test_every_zone_of_the_database_has_a_country_but_utc_and_the_like() -> None:
    without = {name for name in available_timezones() if not country_of_zone(name)}
    assert {name for name in without if not name.startswith("Etc/")} == NO_COUNTRY & available_timezones()
    countries = {country_of_zone(name) for name in available_timezones()} - {""}
    assert {country_of(country) for country in countries} == countries, "as a pageview has them"


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("Europe/Zurich", "CH"),
        ("Europe/Busingen", "DE"),
        ("Europe/Oslo", "NO"),  # a link to Berlin
        ("Atlantic/Reykjavik", "IS"),  # a link to Abidjan
        ("Asia/Calcutta", "IN"),  # the names that Chromium sends
        ("Asia/Saigon", "VN"),
        ("Asia/Katmandu", "NP"),
        ("Europe/Kiev", "UA"),
        ("America/Buenos_Aires", "AR"),
        ("America/Coral_Harbour", "CA"),
        ("Africa/Asmera", "ER"),
        ("Pacific/Truk", "FM"),
        ("US/Pacific", "US"),
        ("Iceland", "IS"),
        ("UTC", ""),
        ("Etc/UTC", ""),
        ("Etc/GMT+5", ""),
        ("CET", ""),
        ("", ""),
        ("Mars/Olympus", ""),
        ("europe/zurich", ""),
    ],
)
def test_the_country_of_a_zone_is_that_of_the_tz_database_also_by_older_names(zone: str, country: str) -> None:
    assert country_of_zone(zone) == country


@pytest.mark.parametrize(
    ("given", "country", "basis"),
    [
        ({"timezone": "Europe/Zurich"}, "CH", "TIMEZONE"),
        ({"timezone": "Etc/UTC"}, "", ""),
        ({"timezone": "Europe/Zurich", "country": "de", "place_basis": "GIVEN"}, "DE", "GIVEN"),
        ({"timezone": "Europe/Zurich", "country": "DE", "place_basis": "ADDRESS"}, "DE", "ADDRESS"),
        ({"timezone": "Europe/Zurich", "country": "XX", "place_basis": "GIVEN"}, "CH", "TIMEZONE"),
        ({"timezone": "Europe/Zurich", "city": "Köln", "place_basis": "GIVEN"}, "", "GIVEN"),
        ({"country": "DE"}, "DE", ""),  # recorded by a version that did not say
        ({"country": "DE", "place_basis": "odd"}, "DE", ""),
        ({"country": "XX", "place_basis": "GIVEN"}, "", ""),
        ({"timezone": "Asia/Tokyo", "country": "CH", "place_basis": "TIMEZONE"}, "JP", "TIMEZONE"),  # by other rules
        ({"country": "CH", "place_basis": "TIMEZONE"}, "", ""),
    ],
)
def test_a_country_that_nothing_else_tells_is_the_time_zones_and_says_so(
    given: dict[str, str], country: str, basis: str
) -> None:
    row = enriched(**given)
    assert (row.country, row.place_basis) == (country, basis)
    again = enrich(copy(row))
    assert again == row, "enriching again changes nothing"
