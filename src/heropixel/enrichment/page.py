"""Addresses of pages and referrers are parsed once and cached: few pages make up most pageviews. Pure."""

from typing import NamedTuple

from heropixel.enrichment.address import host_of, parts_of, referring_host
from heropixel.enrichment.cleaning import clean_url
from heropixel.remembering import remembered


class PageAddress(NamedTuple):
    """The parts of a page's address."""

    url: str  # without secrets and personal data
    host: str  # normalised; empty where it has none
    path: str
    query: str


class Referrer(NamedTuple):
    """The parts of a referrer's address."""

    url: str  # without secrets and personal data
    host: str  # normalised; empty where it has none


_LONGEST, _MOST = 500, 5_000  # some 5 MB


@remembered(longest=_LONGEST, most=_MOST)
def page_of(url: str) -> PageAddress:
    """A page, by its address."""
    url = clean_url(url)
    authority, path, query = parts_of(url)
    return PageAddress(url, host_of(authority), path, query)


@remembered(longest=_LONGEST, most=_MOST)
def referrer_of(url: str) -> Referrer:
    """A referrer, by its address."""
    url = clean_url(url)
    return Referrer(url, referring_host(url) if url else "")
