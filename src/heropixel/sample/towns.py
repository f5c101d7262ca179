"""Where the visitors of the sample site live: what a proxy's headers and a browser would say of it."""

from typing import NamedTuple

from heropixel.sample.chance import Choice


class Town(NamedTuple):
    """A place with the time zone and the language of its browsers."""

    city: str
    region: str
    country: str
    timezone: str
    language: str


_TOWNS = (
    (9.0, Town("Zurich", "Zurich", "CH", "Europe/Zurich", "de-CH")),
    (4.0, Town("Bern", "Bern", "CH", "Europe/Zurich", "de-CH")),
    (2.5, Town("Geneva", "Geneva", "CH", "Europe/Zurich", "fr-CH")),
    (7.0, Town("Berlin", "Berlin", "DE", "Europe/Berlin", "de-DE")),
    (5.0, Town("Munich", "Bavaria", "DE", "Europe/Berlin", "de-DE")),
    (3.5, Town("Hamburg", "Hamburg", "DE", "Europe/Berlin", "de-DE")),
    (4.0, Town("Vienna", "Vienna", "AT", "Europe/Vienna", "de-AT")),
    (1.5, Town("Graz", "Styria", "AT", "Europe/Vienna", "de-AT")),
    (5.5, Town("Paris", "Île-de-France", "FR", "Europe/Paris", "fr-FR")),
    (2.0, Town("Lyon", "Auvergne-Rhône-Alpes", "FR", "Europe/Paris", "fr-FR")),
    (1.5, Town("Ghent", "Flanders", "BE", "Europe/Brussels", "nl-BE")),
    (3.5, Town("Amsterdam", "North Holland", "NL", "Europe/Amsterdam", "nl-NL")),
    (2.5, Town("Milan", "Lombardy", "IT", "Europe/Rome", "it-IT")),
    (1.0, Town("Turin", "Piedmont", "IT", "Europe/Rome", "it-IT")),
    (2.5, Town("Madrid", "Madrid", "ES", "Europe/Madrid", "es-ES")),
    (1.5, Town("Porto", "Porto", "PT", "Europe/Lisbon", "pt-PT")),
    (2.0, Town("Stockholm", "Stockholm", "SE", "Europe/Stockholm", "sv-SE")),
    (1.0, Town("Malmo", "Skåne", "SE", "Europe/Stockholm", "sv-SE")),
    (1.5, Town("Oslo", "Oslo", "NO", "Europe/Oslo", "nb-NO")),
    (1.5, Town("Copenhagen", "Capital Region", "DK", "Europe/Copenhagen", "da-DK")),
    (2.0, Town("Warsaw", "Mazovia", "PL", "Europe/Warsaw", "pl-PL")),
    (6.5, Town("London", "England", "GB", "Europe/London", "en-GB")),
    (2.0, Town("Manchester", "England", "GB", "Europe/London", "en-GB")),
    (1.5, Town("Dublin", "Leinster", "IE", "Europe/Dublin", "en-IE")),
    (5.0, Town("New York", "New York", "US", "America/New_York", "en-US")),
    (4.0, Town("San Francisco", "California", "US", "America/Los_Angeles", "en-US")),
    (2.0, Town("Austin", "Texas", "US", "America/Chicago", "en-US")),
    (2.0, Town("Toronto", "Ontario", "CA", "America/Toronto", "en-CA")),
    (1.5, Town("Sao Paulo", "Sao Paulo", "BR", "America/Sao_Paulo", "pt-BR")),
    (2.5, Town("Bengaluru", "Karnataka", "IN", "Asia/Kolkata", "en-IN")),
    (1.0, Town("Singapore", "Singapore", "SG", "Asia/Singapore", "en-SG")),
    (1.0, Town("Tokyo", "Tokyo", "JP", "Asia/Tokyo", "ja-JP")),
    (1.5, Town("Sydney", "New South Wales", "AU", "Australia/Sydney", "en-AU")),
)

TOWNS = Choice((town, weight) for weight, town in _TOWNS)
_BY_CITY = {town.city: town for _, town in _TOWNS}


def town_of(city: object) -> Town | None:
    """The town with this name."""
    return _BY_CITY.get(city) if isinstance(city, str) else None
