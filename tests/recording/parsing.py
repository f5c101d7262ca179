"""A pageview that is parsed."""

from typing import Any

from heropixel.directory.registry import Pixel
from heropixel.identity.resolve import NOT_KNOWN, Resolution
from heropixel.recording.pageview import Pageview, PageviewEvent
from heropixel.recording.writing import Submission, line_of

NOW = 1_800_000_000_123  # milliseconds

PIXEL = Pixel(
    id=7,
    app=3,
    exact=frozenset({"www.only.example.org", "127.0.0.1", "2001:db8::1"}),
    with_subdomains=frozenset({"example.com", "example.co.uk", "xn--bcher-kva.example", "localhost"}),
)


def parse(**given_: Any) -> Pageview:
    return Pageview.parse(PageviewEvent(**{"pixel_id": 7, "domain": "example.com", **given_}), PIXEL, NOW)


def line(pageview: Pageview, resolution: Resolution = NOT_KNOWN) -> bytes:
    """The entry of a pageview in the journal."""
    return line_of(Submission.of(pageview, live=True), resolution)
