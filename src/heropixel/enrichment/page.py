"""Addresses of pages and referrers are parsed once and cached: few pages make up most pageviews. Pure."""

from typing import NamedTuple

from heropixel.enrichment.address import host_of, parts_of, referring_host
from heropixel.enrichment.campaign import NO_CAMPAIGN, Campaign, campaign_of
from heropixel.enrichment.cleaning import clean_url
from heropixel.enrichment.spelling import spelled
from heropixel.remembering import remembered


class PageAddress(NamedTuple):
    """The parts of a page's address."""

    url: str  # without secrets and personal data
    host: str  # normalised; empty where it has none
    path: str  # as a person reads it, with the route behind a `#`, as in `/#/prices`
    path_with_fragment: str  # the same, with any fragment: another page where the site says so
    query: str
    campaign: Campaign


NO_PAGE = PageAddress("", "", "", "", "", NO_CAMPAIGN)


class Referrer(NamedTuple):
    """The parts of a referrer's address."""

    url: str  # without secrets and personal data
    host: str  # normalised; empty where it has none


NO_REFERRER = Referrer("", "")


_LONGEST, _MOST = 500, 5_000  # some 5 MB


@remembered(longest=_LONGEST, most=_MOST)
def page_of(url: str) -> PageAddress:
    """A page, by its address."""
    url = clean_url(url.strip())
    authority, path, query = parts_of(url)
    fragment = url.partition("#")[2]
    path = spelled(path) or "/"
    page = f"{path}#{route}" if (route := _route(fragment)) else path
    return PageAddress(
        url,
        host_of(authority),
        page if route.startswith(("/", "!")) else path,
        page,
        query,
        campaign_of(query, fragment),
    )


def _route(fragment: str) -> str:
    """The page that a fragment names; empty where it only has a campaign."""
    route = fragment.partition("?")[0]
    if not route or ("utm_" in route.lower() and not route.startswith(("/", "!"))):
        return ""
    return spelled(route)


@remembered(longest=_LONGEST, most=_MOST)
def referrer_of(url: str) -> Referrer:
    """A referrer, by its address."""
    url = clean_url(url.strip())
    return Referrer(url, referring_host(url))
