"""What is relevant on a page: the tag, the image beside it, its policies, and scripts that may insert a tag. Pure."""

import re
from collections.abc import Mapping
from typing import NamedTuple

import httpx

from heropixel.installation import policy
from heropixel.installation.markup import Element, decoded, elements
from heropixel.installation.urls import Unusable, joined


class Tag(NamedTuple):
    """A script that is ours, or claims to be."""

    attributes: Mapping[str, str]
    src: httpx.URL | None  # None: a browser would not open it
    why: str = ""  # the reason, if `src` is None
    at: int = 0  # its number among the elements of the page

    @property
    def names_pixel(self) -> bool:
        """Whether it names a pixel."""
        return "data-pixel" in self.attributes

    @property
    def pixel(self) -> int | None:
        """The pixel that it names; None where that is no number."""
        return _number(self.attributes.get("data-pixel", ""))

    @property
    def runs(self) -> bool:
        """Whether a browser runs it without further changes. A consent tool may make it run later."""
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
    """A policy of the page, and the element from which on it applies. A header's policy applies to the whole page."""

    policy: policy.Policy
    at: int = -1


class ParsedPage:
    """What was found on a page."""

    def __init__(self, url: httpx.URL, headers: httpx.Headers) -> None:
        self.tags: list[Tag] = []
        self.images: list[Image] = []
        self.policies = [Placed(one) for one in policy.of_headers(headers.get_list("content-security-policy"))]
        self.base = url  # the base of relative URLs
        self.inserted_by = ""  # the tool that may insert a tag when the page runs
        self.pushed: int | None = None  # the pixel of an `analyticsLayer.push`, or of a tag that a script inserts
        self.inserts_without_pixel = False  # a script inserts a tag, and nothing in it names a pixel
        self.commented = False  # there is a tag in a comment
        self.goes_on_to: str | None = None  # the URL to which the page redirects the browser
        self._url = url
        self._based = False
        self._images = 0  # how many were examined

    def take(self, element: Element, at: int) -> None:
        """Examine the next element."""
        match element.name:
            case "" if not element.in_noscript:
                self.commented = self.commented or _COMMENTED.search(element.text) is not None
            case "base" if not self._based and "href" in element.attributes:
                self._based = True
                self.base = _joined(self._url, element.attributes["href"]) or self._url
            case "meta" if not element.in_noscript:
                self._take_meta(element, at)
            case "img" if self._images < _MAX and _is_image(element):
                self._images += 1
                src = _joined(self.base, element.attributes["src"])
                self.images += [Image(src, element.in_noscript)] if src else []
            case "script" if not element.in_noscript:
                tag = _tag(element, self.base, at) if len(self.tags) < _MAX else None
                self.tags += [tag] if tag else []
                self._take_text(element)

    def _take_meta(self, element: Element, at: int) -> None:
        says, content = element.attributes.get("http-equiv", "").lower(), element.attributes.get("content", "")
        if says == "content-security-policy" and element.in_head and len(self.policies) < _MAX:
            said = policy.of_meta(content[:_MAX_POLICY])
            self.policies += [Placed(said, at)] if said.directives else []
        elif says == "refresh" and self.goes_on_to is None:  # the first one counts
            found = _REFRESH.match(content[:2_000])
            url = _joined(self.base, found[1]) if found else None
            self.goes_on_to = str(url) if url else ""

    def _take_text(self, element: Element) -> None:
        text = element.text[:100_000]
        if not self.inserted_by:
            seen = element.attributes.get("src", "") + "\n" + text
            names = [name for sign, name in _INSERTERS.items() if sign in seen and not _is_ours(sign, element)]
            self.inserted_by = names[0] if names else ""
        if self.pushed is None and "analyticsLayer" in text and (found := _SITE.search(text)):
            self.pushed = int(found[1])
        if "pixel.js" in text:
            if self.pushed is None and (found := _INSERTED.search(text)):
                self.pushed = int(found[1])
            self.inserts_without_pixel |= not _NAMING.search(text)


def read_page(url: httpx.URL, headers: httpx.Headers, body: bytes) -> ParsedPage:
    """Parse a page that was fetched."""
    page = ParsedPage(url, headers)
    for at, element in enumerate(elements(decoded(body, headers.get("content-type", "")))):
        page.take(element, at)
    return page


_MAX = 10  # of each kind: a page with more is made to keep us busy
_MAX_POLICY = 16_384  # characters
_COMMENTED = re.compile(r"<script(?=\s)[^<>]*\sdata-pixel", re.IGNORECASE)
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
        url = joined(base, src)
    except Unusable as error:
        return Tag(element.attributes, None, str(error), at)
    return Tag({**_options_in(url), **element.attributes}, url, at=at)


def _options_in(src: httpx.URL) -> dict[str, str]:
    """The options in the query of the address, as the attributes that they stand for."""
    return {f"data-{name}": src.params[name] for name in IN_QUERY if name in src.params}


# What the script reads from the query of its address, since tag managers take `data-*` attributes off.
IN_QUERY = ("pixel", "endpoint", "consent", "auto", "hash")


def _is_image(element: Element) -> bool:
    src = element.attributes.get("src", "")
    return "pixel.gif?" in src and "pixelId=" in src


_REFRESH = re.compile(r"""\s*[0-9.]+\s*[;,]\s*(?:url\s*=\s*)?["']?([^"']+)""", re.IGNORECASE)


# Tools that insert scripts, by a text that is then in the page.
_INSERTERS = {
    "googletagmanager.com": "Google Tag Manager",
    "assets.adobedtm.com": "Adobe Tags",
    "tags.tiqcdn.com": "Tealium",
    "cdn.segment.com": "Segment",
    "js/container_": "Matomo Tag Manager",
    "analyticsLayer": "analyticsLayer",
    "pixel.js": "a script of the page",
}
MANAGERS = {name for sign, name in _INSERTERS.items() if sign not in ("analyticsLayer", "pixel.js")}
_SITE = re.compile(r"""websiteId["']?\s{0,9}:\s{0,9}["']?([0-9]{1,10})""")

_INSERTED = re.compile(r"pixel\.js\?(?:[^\s\"'<>]{0,200}&)?pixel=([0-9]{1,10})")
# How a script may name the pixel of a tag that it makes: in its address, or by an attribute.
_NAMING = re.compile(r"[?&]pixel=|data-pixel|dataset|setAttribute|websiteId")


def _is_ours(sign: str, element: Element) -> bool:
    """Whether it is the tag itself: one with pixel.js in its own URL inserts nothing."""
    return sign == "pixel.js" and sign not in element.text


def _number(text: str) -> int | None:
    """The number of a text, as JavaScript's `Number` reads it; None where it is no id."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None
