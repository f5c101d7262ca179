"""What a page has to do with us: the tag, the image beside it, its policies, and who else may insert a tag. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import httpx

from heropixel.installation import policy
from heropixel.installation.markup import Element, decoded, elements
from heropixel.installation.urls import Unusable, joined


class Tag(NamedTuple):
    """A script that is ours, or says it is."""

    attributes: Mapping[str, str]
    src: httpx.URL | None  # None: a browser would not open it
    why: str = ""  # then
    at: int = 0  # which element of the page it is

    @property
    def names_pixel(self) -> bool:
        """Whether it says which pixel."""
        return "data-pixel" in self.attributes

    @property
    def pixel(self) -> int | None:
        """Which; None where it is no number."""
        return _number(self.attributes.get("data-pixel", ""))

    @property
    def runs(self) -> bool:
        """Whether a browser runs it as it stands there; a consent tool may make it run later."""
        kind = self.attributes.get("type", "").partition(";")[0].strip().lower()
        return kind in _RUN and "nomodule" not in self.attributes


_RUN = {"", "module"} | {
    f"{family}/{name}"
    for family in ("text", "application")
    for name in ("javascript", "ecmascript", "x-javascript", "x-ecmascript")
}


class Image(NamedTuple):
    """The image for browsers without JavaScript."""

    src: httpx.URL
    in_noscript: bool

    @property
    def pixel(self) -> int | None:
        """Which pixel it counts for."""
        return _number(self.src.params.get("pixelId", ""))


class Placed(NamedTuple):
    """A policy of the page and from where on it holds; those of headers hold for all of it."""

    policy: policy.Policy
    at: int = -1


class Page(NamedTuple):
    """What was found."""

    tags: Sequence[Tag] = ()
    images: Sequence[Image] = ()
    policies: Sequence[Placed] = ()
    base: httpx.URL | None = None  # against which a relative endpoint is read
    inserted_by: str = ""  # what may insert a tag once the page runs
    pushed: int | None = None  # the pixel of an `analyticsLayer.push`
    goes_on_to: str | None = None  # where the page sends the browser


def read_page(url: httpx.URL, headers: httpx.Headers, body: bytes) -> Page:
    """Read a page that was answered."""
    tags: list[Tag] = []
    images: list[Image] = []
    policies = [Placed(one) for one in policy.of_headers(headers.get_list("content-security-policy"))]
    page = Page(base=url)
    based, looked_at = False, 0
    for at, element in enumerate(elements(decoded(body, headers.get("content-type", "")))):
        base = page.base or url
        match element.name:
            case "base" if not based and "href" in element.attributes:
                based = True
                page = page._replace(base=_joined(url, element.attributes["href"]) or url)
            case "meta" if not element.in_noscript:
                placed = _policy(element, at)
                policies += [placed] if placed and len(policies) < _MAX else []
                page = _with_refresh(page, element, base)
            case "img" if looked_at < _MAX and _is_image(element):
                looked_at += 1
                images += _image(element, base)
            case "script" if not element.in_noscript:
                if len(tags) < _MAX and (tag := _tag(element, base, at)):
                    tags.append(tag)
                page = _with_inserters(page, element)
    return page._replace(tags=tags, images=images, policies=policies)


_MAX = 10  # of a kind: a page with more is made to keep us busy
_MAX_POLICY = 16_384  # characters
_NAME = re.compile(r"/pixel(\.[0-9a-f]{12})?\.js", re.IGNORECASE)


def _joined(base: httpx.URL, text: str) -> httpx.URL | None:
    try:
        return joined(base, text)
    except Unusable:
        return None


def _tag(element: Element, base: httpx.URL, at: int) -> Tag | None:
    src = element.attributes.get("src", "")
    path = src.partition("?")[0].partition("#")[0]
    if "data-pixel" not in element.attributes and not _NAME.fullmatch("/" + path.rpartition("/")[2]):
        return None
    if not src.strip():
        return Tag(element.attributes, None, "it has no src", at)
    try:
        return Tag(element.attributes, joined(base, src), at=at)
    except Unusable as error:
        return Tag(element.attributes, None, str(error), at)


def _is_image(element: Element) -> bool:
    src = element.attributes.get("src", "")
    return "pixel.gif?" in src and "pixelId=" in src


def _image(element: Element, base: httpx.URL) -> list[Image]:
    url = _joined(base, element.attributes["src"])
    return [Image(url, element.in_noscript)] if url else []


def _policy(element: Element, at: int) -> Placed | None:
    if not element.in_head or element.attributes.get("http-equiv", "").lower() != "content-security-policy":
        return None
    said = policy.of_meta(element.attributes.get("content", "")[:_MAX_POLICY])
    return Placed(said, at) if said.directives else None


_REFRESH = re.compile(r"""\s*[0-9.]+\s*[;,]\s*(?:url\s*=\s*)?["']?([^"']+)""", re.IGNORECASE)


def _with_refresh(page: Page, element: Element, base: httpx.URL) -> Page:
    """The first of them counts."""
    if page.goes_on_to is not None or element.attributes.get("http-equiv", "").lower() != "refresh":
        return page
    found = _REFRESH.match(element.attributes.get("content", "")[:2_000])
    url = _joined(base, found[1]) if found else None
    return page._replace(goes_on_to=str(url) if url else "")


# What inserts scripts, by what stands in the page.
_INSERTERS = {
    "googletagmanager.com": "Google Tag Manager",
    "assets.adobedtm.com": "Adobe Tags",
    "tags.tiqcdn.com": "Tealium",
    "cdn.segment.com": "Segment",
    "js/container_": "Matomo Tag Manager",
    "analyticsLayer": "analyticsLayer",
    "pixel.js": "a script of the page",
}
_SITE = re.compile(r"""websiteId["']?\s{0,9}:\s{0,9}["']?([0-9]{1,10})""")


def _with_inserters(page: Page, element: Element) -> Page:
    text = element.text[:100_000]
    seen = element.attributes.get("src", "") + "\n" + text
    if not page.inserted_by:
        names = [name for sign, name in _INSERTERS.items() if sign in seen and not _is_ours(sign, element)]
        page = page._replace(inserted_by=names[0] if names else "")
    if page.pushed is None and "analyticsLayer" in text and (found := _SITE.search(text)):
        page = page._replace(pushed=int(found[1]))
    return page


def _is_ours(sign: str, element: Element) -> bool:
    """A tag with pixel.js in its own address inserts nothing."""
    return sign == "pixel.js" and sign not in element.text


def _number(text: str) -> int | None:
    """As a browser's `Number` reads what people write there."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None
