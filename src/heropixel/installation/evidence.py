"""The evidence for the checks: the page, the script of its tag, and the answer of the endpoint."""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple

import httpx

from heropixel.errors import AddressForbidden
from heropixel.installation.fetch import Fetched, Fetcher, NotFetched
from heropixel.installation.tags import ParsedPage, Tag, read_page
from heropixel.installation.urls import Unusable, is_trustworthy, joined, origin_of

FetchResult = Fetched | NotFetched


class Evidence(NamedTuple):
    """Everything that was fetched and parsed. None: it was not fetched, since what it depends on is missing."""

    asked: httpx.URL
    page: FetchResult
    read: ParsedPage | None = None
    tag: Tag | None = None
    src: httpx.URL | None = None  # of the tag, as the browser requests it
    script: FetchResult | None = None
    endpoint: httpx.URL | None = None
    preflight: FetchResult | None = None

    @property
    def url(self) -> httpx.URL:
        """The URL of the page after redirects."""
        return self.page.url if isinstance(self.page, Fetched) else self.asked

    @property
    def origin(self) -> str:
        """The origin of the page."""
        return origin_of(self.url)


async def look(fetcher: Fetcher, url: httpx.URL, until: float) -> Evidence:
    """Fetch the page, and then what it refers to.

    Raises:
        AddressForbidden: the page is at an address that the fetcher must not use.
    """
    try:
        page = await fetcher.fetch(url, until, headers={"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5"})
    except NotFetched as error:
        return Evidence(url, error)
    if not httpx.codes.is_success(page.status) or page.media_type not in HTML:
        return Evidence(url, page)
    read = read_page(page.url, page.headers, page.body)
    tag = chosen(read)
    seen = Evidence(url, page, read, tag)
    if tag is None or tag.src is None:
        return seen
    src = _as_asked_for(tag.src, read)
    endpoint = _endpoint(tag, src, read)
    seen = seen._replace(src=src, endpoint=endpoint)
    script, preflight = await asyncio.gather(
        _fetch(fetcher, src, seen, until, headers=_of_script(seen)),
        _fetch(fetcher, endpoint, seen, until, "OPTIONS", _PREFLIGHT, redirects=0),
    )
    if not tag.names_pixel and isinstance(script, Fetched) and not is_ours(script):
        return Evidence(url, page, read)  # the pixel.js of another product
    return seen._replace(script=script, preflight=preflight)


def is_ours(script: Fetched) -> bool:
    """Whether a script looks like ours, of any version."""
    return all(word in script.body for word in _OURS)


_OURS = (b"heropixel", b"pixelId")  # its name in a page, and a field name in requests: minifying shortens neither


HTML = {"text/html", "application/xhtml+xml"}


def chosen(page: ParsedPage) -> Tag | None:
    """The tag that counts: the first that runs. Each later one sees that there is one already, and does nothing."""
    ranked = sorted(page.tags, key=lambda tag: (not tag.names_pixel, not tag.runs))
    return ranked[0] if ranked else None


def _as_asked_for(url: httpx.URL, page: ParsedPage) -> httpx.URL:
    if url.scheme == "http" and any(placed.policy.upgrades for placed in page.policies):
        return url.copy_with(scheme="https")
    return url


def _endpoint(tag: Tag, src: httpx.URL, page: ParsedPage) -> httpx.URL | None:
    """The URL that the script sends to: from the tag, or `collect` beside the script."""
    said = tag.attributes.get("data-endpoint")
    try:
        if said:
            return _as_asked_for(joined(page.base, said), page)
        return joined(src, "collect")
    except Unusable:
        return None


def is_mixed(url: httpx.URL, page: httpx.URL) -> bool:
    """Whether it is mixed content: browsers do not load it, since the page is secure and it is not."""
    return page.scheme == "https" and url.scheme == "http" and not is_trustworthy(url)


_PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}


def _of_script(seen: Evidence) -> Mapping[str, str]:
    return {"Origin": seen.origin} if seen.tag and "crossorigin" in seen.tag.attributes else {}


async def _fetch(
    fetcher: Fetcher,
    url: httpx.URL | None,
    seen: Evidence,
    until: float,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    **more: int,
) -> FetchResult | None:
    if url is None:
        return None
    if is_mixed(url, seen.url):
        return NotFetched(url, "is http on an https page: browsers do not load it")
    if method == "OPTIONS":
        headers = {"Origin": seen.origin, **(headers or {})}
    try:
        return await fetcher.fetch(url, until, method, headers, **more)
    except NotFetched as error:
        return error
    except AddressForbidden:
        return NotFetched(url, "is at, or leads to, an address that is not public, where visitors cannot reach it")
