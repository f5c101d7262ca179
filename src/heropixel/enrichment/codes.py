"""Countries, regions and languages have one form, however a tool has written them. Pure.

A country is its ISO 3166-1 code, a region its English name, a language its tag of BCP 47. Codes are read here. Names of
countries, and the codes of regions (ISO 3166-2), are those of the package pycountry. It takes 0.4 s and 15 MB, so it is
loaded at the first name of a country, or the first code of a region.
"""

import gettext
import re
from functools import cache, lru_cache
from unicodedata import combining, normalize

from heropixel.enrichment.place_names import ENGLISH_REGIONS, OTHER_NAMES
from heropixel.nothing import NO_VALUES, is_unfilled


@lru_cache(maxsize=10_000)
def country_of(text: str) -> str:
    """The code of a country, from a code in any letter case or a name in one of many languages; else empty."""
    code = text.strip().upper()
    if len(code) == 2 and code.isascii() and code.isalpha():
        return "" if _NO_COUNTRY.fullmatch(code) else _SAME_COUNTRY.get(code, code)
    return "" if is_no_place(text) else _countries().get(_folded(text), "")


# Codes that ISO leaves to its users (XK is Kosovo's), and those of tools for a continent or an unknown country.
_NO_COUNTRY = re.compile(r"AA|Q[M-Z]|X[A-JL-Z]|ZZ|EU|AP|UN")
_SAME_COUNTRY = {"UK": "GB", "EL": "GR", "FX": "FR"}


@lru_cache(maxsize=10_000)
def region_of(text: str, country: str) -> str:
    """The name of a region of a country, from its name or its code (`US-CA`, or `CA` alone); else empty."""
    text = " ".join(text.split())
    if is_no_place(text):
        return ""
    if found := _REGION_CODE.fullmatch(text.upper()):
        return _regions().get(text.upper(), "") if not country or found[1] == country else ""
    if len(text) <= _LONGEST_CODE and text.isascii() and text.isalnum() and country:
        return _regions().get(f"{country}-{text.upper()}", "" if text.isdigit() else text)
    return text


_REGION_CODE = re.compile(r"([A-Z]{2})-[A-Z0-9]{1,3}")
_LONGEST_CODE = 3


@lru_cache(maxsize=10_000)
def language_of(text: str) -> str:
    """The tag of a language, such as `en-US`, from a tag in any form or a list of them; else empty."""
    tag = _AFTER_TAG.split(text.strip(), maxsplit=1)[0].replace("_", "-").lower()
    language, *others = tag.split("-")
    language = _LANGUAGES.get(language, language)
    if not _LANGUAGE.fullmatch(language) or language in _NO_LANGUAGE:
        return ""
    kept = [language]
    for part in others:
        if len(part) == 1:  # what follows says more than the language, such as how to sort
            break
        if len(part) == 2:
            part = country_of(part)  # noqa: PLW2901 - in its one form
        elif len(part) == 4 and part.isalpha():
            part = part.title()  # noqa: PLW2901 - a script
        if part.isascii() and part.isalnum() and len(part) <= _LONGEST_PART:
            kept.append(part)
    return "-".join(kept[:_MOST_PARTS])


_AFTER_TAG = re.compile(r"[,;.@\s]")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_NO_LANGUAGE = frozenset(("xx", "und", "mul", "zxx", "mis", "nan", "na"))
_LONGEST_PART, _MOST_PARTS = 8, 4
# Old codes, and those with three letters where there are two.
_OTHER_TAGS = (
    "he iw heb hebrew, id in indonesian, yi ji, en eng english, de deu ger german, fr fra fre french, it "
    "ita italian, es spa spanish, pt por portuguese, nl nld dut dutch, pl pol polish, ru rus russian, uk "
    "ukr ukrainian, cs ces cze czech, sk slk slo slovak, hu hun hungarian, ro ron rum romanian, tr tur "
    "turkish, ar ara arabic, ja jpn japanese, zh zho chi chinese, ko kor korean, sv swe swedish, da dan "
    "danish, no nor norwegian, nb nob, fi fin finnish, el ell gre greek, ca cat catalan, hi hin hindi, vi "
    "vie vietnamese, hr croatian, sl slovenian, sr serbian, bg bulgarian, th thai"
)
_LANGUAGES = {other: tag for tag, *others in map(str.split, _OTHER_TAGS.split(",")) for other in others}


def is_no_place(text: str) -> bool:
    """Whether a tool has written that it does not know a place."""
    return text in NO_VALUES or is_unfilled(text) or _NO_PLACE.fullmatch(text.strip().lower()) is not None


_NO_PLACE = re.compile(
    r"|\W+|x{2,}(-x+)*|null|none|nil|n/a|unknown|unbekannt|inconnue?|desconocid[oa]|sconosciut[oa]"
    r"|desconhecid[oa]|onbekend|nieznan[ye]|not[ _-]?set|\(none\)|\(unknown\)|private|localhost"
)


@cache
def _countries() -> dict[str, str]:
    """Codes of countries by their codes of three letters or digits, and by their names."""
    import pycountry  # noqa: PLC0415 - see above

    known = {"kosovo": "XK"}
    names: list[tuple[str, str]] = []
    for country in pycountry.countries:
        code = country.alpha_2
        known |= {country.alpha_3.lower(): code, country.numeric: code}
        names += [
            (getattr(country, name), code)
            for name in ("name", "common_name", "official_name")
            if getattr(country, name, None)
        ]
    for language in _NAMES_IN:
        translated = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, [language], fallback=True).gettext
        for name, code in names:
            known.setdefault(_folded(translated(name)), code)
    for code, others in OTHER_NAMES.items():
        known |= {_folded(name): code for name in others.split(", ")}
    return known


_NAMES_IN = (
    *("", "de", "fr", "it", "es", "pt", "pt_BR", "nl", "pl", "cs", "sk", "da", "sv", "nb", "nn", "fi", "hu", "ro"),
    *("bg", "el", "tr", "ru", "uk", "be", "ja", "ko", "zh_CN", "zh_TW", "ar", "he", "fa", "hi", "id", "ms", "vi", "th"),
    *("hr", "sl", "sr", "lt", "lv", "et", "ca", "eu", "gl", "is", "ga"),
)


def _folded(name: str) -> str:
    """Without case, accents and signs, so that `Cote d'Ivoire` is `Côte d’Ivoire`."""
    letters = "".join(one for one in normalize("NFKD", name.casefold()) if not combining(one))
    return _SIGNS.sub("", _SAINT.sub("saint ", letters.replace("&", "and")))


_SIGNS = re.compile(r"[\W_]+")
_SAINT = re.compile(r"\bst\b\.?\s*")


@cache
def _regions() -> dict[str, str]:
    """Names of regions by their codes."""
    import pycountry  # noqa: PLC0415 - see above

    names = {region.code: _without_kind(region.name) for region in pycountry.subdivisions}
    english = {
        f"{country}-{code}": name
        for country, listed in ENGLISH_REGIONS.items()
        for code, _, name in (each.partition(" ") for each in listed.split(", "))
    }
    return names | english


def _without_kind(name: str) -> str:
    """`Illes Balears` of `Illes Balears [Islas Baleares]`, `Tatarstan` of `Tatarstan, Respublika`."""
    name = _OTHER_NAME.sub("", name)
    first, comma, kind = name.partition(", ")
    return first if comma and _KIND.search(kind) else name


_OTHER_NAME = re.compile(r"\s*[\[(;/].*")
_KIND = re.compile(
    r"^(City of|County|Respublika|Kraj|Región|Principado|Comunidad|Hlavní)|( de| del| of)$", re.IGNORECASE
)
