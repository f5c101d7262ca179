"""The campaign and the click id that an address names, however a program has mangled it. Pure.

They stand in the query, or behind the `#`. Names come in any letter case, `&` as `&amp;`, and a second query is often
appended with a `?` of its own. A campaign has one spelling, but letter case is kept: it is what somebody chose.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple
from unicodedata import normalize
from urllib.parse import unquote

from heropixel.columns import CAMPAIGN, LIMITS
from heropixel.nothing import NO_VALUES, is_unfilled


class Campaign(NamedTuple):
    """What an address tells of where its visitor came from."""

    fields: dict[str, str]  # the UTM parameters that are not empty, the first of each
    names: tuple[str, ...]  # of all parameters, in lower case


NO_CAMPAIGN = Campaign({}, ())


def campaign_of(query: str, fragment: str = "") -> Campaign:
    """The campaign of an address, by its query and its fragment."""
    if not query and "=" not in fragment:
        return NO_CAMPAIGN
    campaign: dict[str, str] = {}
    names: list[str] = []
    for name, value in _parameters(query, fragment):
        names.append(name)
        if name in CAMPAIGN and name not in campaign and (text := spelled_campaign(value.replace("+", " "))):
            campaign[name] = text[: LIMITS[name]]
    return Campaign(campaign, tuple(names))


def spelled_campaign(text: str) -> str:
    """The one spelling of a campaign's field; empty where a program has put nothing into its place."""
    if not _PLAIN.fullmatch(text):
        text = normalize("NFC", " ".join(_decoded(text).replace("\0", "").split()))
        text = _SECOND_QUERY.sub("", text)
    no_value = text in NO_VALUES or is_unfilled(text) or _ONLY_HERE.fullmatch(text)
    return "" if no_value else text


def _parameters(query: str, fragment: str) -> Iterator[tuple[str, str]]:
    for part in (query, fragment):
        for parameter in _BETWEEN.split(part):
            name, found, value = parameter.partition("=")
            if found or part is query:
                name = _decoded(name).strip() if "%" in name or "+" in name else name
                yield _REMAINS.sub("", name.lower()), value


def _decoded(text: str) -> str:
    """Percent-decoded, also where it was encoded more than once."""
    for _ in range(3):
        if "%" not in text:
            break
        text = unquote(text)
    return text


# `&amp;` and `&#038;` are an ampersand that was escaped for HTML and never read as HTML.
_BETWEEN = re.compile(r"&(?:amp;|#0*38;)*|\?(?=[\w.%-]+=)|;(?=utm_)", re.IGNORECASE)
_REMAINS = re.compile(r"\A(?:amp;|#?0*38;|[\s?/]+)+")
_SECOND_QUERY = re.compile(r"\?[\w.-]+=.*", re.DOTALL)
_PLAIN = re.compile(r"[A-Za-z0-9_.,:|-]*")
_ONLY_HERE = re.compile(r"\(not provided\)|\{[^{}]*\}|<[^<>]*>", re.IGNORECASE)  # marks of advertising platforms
