"""The country of a browser's time zone, where no address tells it. Pure.

The zones and their countries are those of the tz database, in the package tzdata: it is a dependency anyway, and is
released a few days after the database. Its `zone.tab` names one country for each zone, also where several keep the same
time: Oslo is Norway's, though its clocks are Berlin's. Browsers also send older names, which are links in `tzdata.zi`.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final


class PlaceBasis(StrEnum):
    """By what the place of a pageview is known."""

    GIVEN = "GIVEN"  # by the caller
    ADDRESS = "ADDRESS"  # by the IP address
    HEADER = "HEADER"  # by the headers of a proxy
    TIMEZONE = "TIMEZONE"  # by the time zone of the browser: the country only


def country_of_zone(name: str) -> str:
    """The country of a time zone (ISO 3166-1 alpha-2); empty for UTC, for `Etc/GMT+1` and for what is no zone."""
    return _countries().get(name, "")


# Links of the tz database lead to a zone that has kept the same time since 1970, wherever that is. These are the older
# names that lead to another country (their countries are noted in its file `backward`), and those of no country.
_NOT_AS_LINKED: Final[Mapping[str, str]] = {
    "Africa/Asmera": "ER",
    "Africa/Timbuktu": "ML",
    "America/Coral_Harbour": "CA",
    "America/Virgin": "VI",
    "Antarctica/South_Pole": "AQ",
    "Atlantic/Jan_Mayen": "SJ",
    "Iceland": "IS",
    "Pacific/Ponape": "FM",
    "Pacific/Truk": "FM",
    "Pacific/Yap": "FM",
    **dict.fromkeys(("CET", "EET", "EST", "HST", "MET", "MST", "WET"), ""),
}


@cache
def _countries() -> Mapping[str, str]:
    """The country of each name: 10 ms to read, so it is kept."""
    listed = {zone: country for country, _, zone, *_ in _lines("zone.tab")}
    links = (words for words in _lines("tzdata.zi") if words[0] == "L")
    linked = {name: listed[zone] for _, zone, name in links if zone in listed}
    return {**linked, **_NOT_AS_LINKED, **listed}


def _lines(name: str) -> Iterator[list[str]]:
    """The words of each line of a file of the tz database, without comments."""
    lines = (files("tzdata") / "zoneinfo" / name).read_text("utf-8").splitlines()
    return (line.split() for line in lines if line and not line.startswith("#"))
