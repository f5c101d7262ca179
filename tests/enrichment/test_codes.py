"""Countries, regions and languages have one form, however a tool has written them."""

import pytest

from heropixel.enrichment.codes import country_of, language_of, region_of
from tests.enrichment.rows import enriched

COUNTRIES = {
    "CH": ["CH", "ch", " Ch ", "CHE", "756", "Switzerland", "switzerland", "Schweiz", "Suisse", "Svizzera", "スイス"],
    "US": ["us", "USA", "U.S.A.", "United States", "United States of America", "Vereinigte Staaten", "Estados Unidos"],
    "GB": ["gb", "UK", "uk", "United Kingdom", "Great Britain", "Royaume-Uni", "Vereinigtes Königreich"],
    "DE": ["Germany", "Deutschland", "Allemagne", "Германия", "德国"],
    "TR": ["Türkiye", "Turkiye", "Turkey", "Türkei"],
    "CI": ["Côte d'Ivoire", "Cote d’Ivoire", "Ivory Coast"],
    "TT": ["Trinidad & Tobago", "Trinidad and Tobago"],
    "CD": ["Congo - Kinshasa"],
    "XK": ["XK", "Kosovo"],
    "": ["XX", "xx", "ZZ", "EU", "ap", "T1", "A1", "Unknown", "unbekannt", "(not set)", "null", "-", "", "Atlantis"],
}


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in COUNTRIES.items() for text in texts])
def test_a_country_is_one_whether_code_or_name_in_any_language(code: str, text: str) -> None:
    assert country_of(text) == code


REGIONS = [
    ("US", "US-CA", "California"),
    ("us", "us-ca", "California"),
    ("US", "CA", "California"),
    ("US", "California", "California"),
    ("United States", "US-CA", "California"),
    ("CH", "CH-ZH", "Zurich"),
    ("CH", "GE", "Geneva"),
    ("DE", "DE-BY", "Bavaria"),
    ("AT", "9", "Vienna"),
    ("IT", "IT-25", "Lombardy"),
    ("PE", "Ica", "Ica"),
    ("US", "US-XX", ""),
    ("US", "07", ""),
    ("CH", "DE-BY", ""),
    ("DE", "unknown", ""),
    ("DE", "(not set)", ""),
]


@pytest.mark.parametrize(("country", "region", "name"), REGIONS)
def test_a_region_has_its_english_name_whether_it_came_as_a_code_or_not(country: str, region: str, name: str) -> None:
    assert region_of(region, country_of(country)) == name


LANGUAGES = {
    "en-US": ["en-US", "en-us", "en_US", "EN_us", "en-US,en;q=0.9", "en_US.UTF-8", " en-us "],
    "de": ["de", "DE", "deu", "ger", "German"],
    "zh-Hans-CN": ["zh-hans-cn", "zh_Hans_CN", "ZH-HANS-CN"],
    "es-419": ["es-419", "es_419"],
    "he-IL": ["iw-IL", "he_il"],
    "de-DE": ["de-DE-u-co-phonebk", "de_DE@euro"],
    "en-GB": ["en-UK", "en-gb"],
    "en": ["en-XX"],
    "": ["xx", "XX-XX", "C", "*", "und", "undefined", "null", "(not set)", "", "x" * 300],
}


@pytest.mark.parametrize(("tag", "text"), [(tag, text) for tag, texts in LANGUAGES.items() for text in texts])
def test_a_language_is_one_however_its_tag_is_written(tag: str, text: str) -> None:
    assert language_of(text) == tag


@pytest.mark.parametrize("texts", [*COUNTRIES.values()])
def test_every_spelling_of_a_country_is_one_row_of_reports(texts: list[str]) -> None:
    assert len({enriched(country=text).country for text in texts}) == 1


def test_the_rules_put_places_and_languages_into_their_usual_form() -> None:
    row = enriched(country="ch", region="CH-ZH", city="(not set)", language="de_ch")
    assert (row.country, row.region, row.city, row.language) == ("CH", "Zurich", "", "de-CH")
    row = enriched(region="US-CA")
    assert (row.country, row.region) == ("US", "California")
    row = enriched(region="Baden-Württemberg")
    assert (row.country, row.region) == ("", "Baden-Württemberg")


def test_what_is_in_its_usual_form_is_left_alone() -> None:
    for texts, form in ((COUNTRIES, country_of), (LANGUAGES, language_of)):
        assert [form(usual) for usual in texts] == [*texts]
    assert [region_of(name, country_of(country)) for country, _, name in REGIONS] == [name for _, _, name in REGIONS]
