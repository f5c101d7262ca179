"""A pageview that is parsed."""

from typing import Any

from heropixel.directory.registry import Pixel
from heropixel.recording.pageview import Pageview, PageviewEvent

NOW = 1_800_000_000_123  # milliseconds

PIXEL = Pixel(
    id=7,
    app=3,
    exact=frozenset({"www.only.example.org", "127.0.0.1", "2001:db8::1"}),
    with_subdomains=frozenset({"example.com", "example.co.uk", "xn--bcher-kva.example", "localhost"}),
)


def parse(**given_: Any) -> Pageview:
    return Pageview.parse(PageviewEvent(**{"pixel_id": 7, "domain": "example.com", **given_}), PIXEL, NOW)
