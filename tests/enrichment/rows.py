"""Rows for tests of the rules."""

from typing import Any

from heropixel.columns import Row
from heropixel.enrichment import Owns, enrich, owns_nothing

PLAIN: dict[str, Any] = {
    "app": 1,
    "pixel_id": 1,
    "timestamp": "1",
    "received": "1",
    "event_id": "e",
    "domain": "example.com",
}


def enriched(owns: Owns = owns_nothing, /, **given: Any) -> Row:
    """What the rules make of a pageview of example.com."""
    return enrich(Row(**{**PLAIN, **given}), owns)
