"""A page that is verified, and what was said of it."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler

from heropixel.directory.registry import Pixel
from heropixel.installation.addresses import is_no_link
from heropixel.installation.fetch import Fetcher
from heropixel.installation.verify import Verification, Verifier
from tests.installation.sites import (
    OUR_SCRIPT,
    Reply,
    Site,
    here,
)

PIXELS = {
    1: Pixel(1, 1, frozenset(), frozenset({"shop.example"}), name="Web"),
    2: Pixel(2, 1, frozenset({"www.other.example"}), frozenset()),
    3: Pixel(3, 1, frozenset(), frozenset({"shop.example"}), "IMPLIED", "Shop"),
}

TAG = '<script defer src="/pixel.js" data-pixel="1"></script>'
PUSH = "<script>analyticsLayer.push({event: 'pageview', websiteId: 1})</script>"
INTEGRITY = "sha384-" + base64.b64encode(hashlib.sha384(OUR_SCRIPT).digest()).decode()
WRONG = "sha384-" + base64.b64encode(hashlib.sha384(b"another").digest()).decode()

ORDER = [
    "PAGE_REACHABLE",
    "TAG_FOUND",
    "PIXEL_KNOWN",
    "DOMAIN_AUTHORIZED",
    "SCRIPT_REACHABLE",
    "INTEGRITY",
    "ENDPOINT_REACHABLE",
    "POLICY_ALLOWS",
    "CONSENT_AGREES",
]


async def verify(
    shop: Site,
    answer: Reply | Callable[[BaseHTTPRequestHandler], None],
    *,
    host: str = "shop.example",
    wanted: int | None = None,
    pixels: Mapping[int, Pixel] = PIXELS,
    others: Mapping[str, Reply] | None = None,
) -> Verification:
    """Verify a page, with other answers of the site by path."""
    shop.answers |= {"/": answer, **(others or {})}
    return await Verifier(Fetcher(is_no_link, here), 5).verify(shop.url(host=host), pixels, wanted)


def said(verification: Verification, name: str) -> tuple[bool | None, str, str]:
    assert [check.name for check in verification.checks] == ORDER
    (check,) = (check for check in verification.checks if check.name == name)
    return check.passed, check.found, check.to_do or ""


def assert_says(check: tuple[bool | None, str, str], passes: bool | None, found: str, to_do: str) -> None:
    assert check[0] is passes, check
    assert found in check[1], check
    assert to_do in check[2], check
    assert (check[2] == "") is (passes is True or "has to pass first" in check[1]), check
    assert check[1].endswith("."), check
    assert "\n" not in check[1] + check[2]


BEHIND = "to the address and port that heropixel listens on (docs/proxying.md)"
