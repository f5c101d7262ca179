"""What the addresses of a page and of its referrer tell, remembered: few pages are most of what is seen. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

from heropixel.enrichment.address import campaign_of, host_of, parts_of, referring_host
from heropixel.enrichment.channel import click_of
from heropixel.enrichment.cleaning import clean_text, clean_url
from heropixel.remembering import remembered


class Page(NamedTuple):
    """What its address tells of a page."""

    url: str  # without secrets and addresses of people
    host: str  # normalised; empty where it has none
    path: str
    query: str
    campaign: Mapping[str, str]  # its UTM fields that are not empty
    click: str  # the name of its click id


class Referrer(NamedTuple):
    """What its address tells of where a visitor came from."""

    url: str  # without secrets and addresses of people
    host: str  # normalised; empty where it has none


# Of what the door has cleaned: a secret would not be remembered for long, but it is not to be at all.
_LONGEST, _MOST = 500, 5_000


@remembered(longest=_LONGEST, most=_MOST)
def page_of(url: str) -> Page:
    """A page, by its address."""
    url = clean_url(url)
    authority, path, query = parts_of(url)
    campaign = {name: clean_text(value) for name, value in campaign_of(query).items()} if "utm_" in query else {}
    return Page(url, host_of(authority), path, query, campaign, click_of(query) if query else "")


@remembered(longest=_LONGEST, most=_MOST)
def referrer_of(url: str) -> Referrer:
    """A referrer, by its address."""
    url = clean_url(url)
    return Referrer(url, referring_host(url) if url else "")
