"""Exports as other tools write them."""

import json
from datetime import UTC
from pathlib import Path
from typing import Any

from heropixel.importing.tools.tool import Site
from tests.world import World, command

SITE = Site(7, "example.com", UTC)

UMAMI_ROW = {
    "website_id": "5b1c4d7e-53c2-4a6e-9a8b-1f0f5d0a7a01",
    "session_id": "6e2f0c9a-8f51-5e0d-b5a0-3d1f7a6b9c11",
    "visit_id": "0c7d8a3b-2b0e-5a43-8d51-9b2a4f6e7d12",
    "event_id": "a1e0f4c2-7d35-4b1e-8a53-2c9b6d8f0e13",
    "hostname": "www.example.com",
    "browser": "chrome",
    "os": "Mac OS",
    "device": "laptop",
    "screen": "1440x900",
    "language": "fr-FR",
    "country": "FR",
    "subdivision1": "FR-IDF",
    "city": "Paris",
    "url_path": "/tea",
    "url_query": "utm_source=news&b=1",
    "referrer_path": "/search",
    "referrer_query": "q=tea",
    "referrer_domain": "www.example.org",
    "page_title": "Tea",
    "utm_source": "news",
    "event_type": "1",
    "event_name": "",
    "created_at": "2024-01-05 10:00:00",
}

TEN = 1_704_448_800_000  # 2024-01-05 10:00:00 UTC

MATOMO_VISIT: dict[str, Any] = {
    "idSite": "1",
    "idVisit": "4711",
    "visitIp": "203.0.113.0",
    "visitorId": "8c5e2f7a9b3d1e40",
    "userId": "customer-7",
    "actionDetails": [
        {
            "type": "action",
            "url": "https://www.example.com/tea?b=1",
            "pageTitle": "Tea",
            "pageId": "901",
            "idpageview": "Qx3ZtP",
            "timestamp": 1_704_448_800,
        },
        {"type": "outlink", "url": "https://example.org/", "pageId": "902", "timestamp": 1_704_448_820},
        {"type": "action", "url": "example.com/cup", "pageId": None, "timestamp": "1704448860"},
    ],
    "referrerType": "campaign",
    "referrerName": "spring",
    "referrerKeyword": "",
    "referrerUrl": "https://www.example.org/search",
    "languageCode": "fr-fr",
    "resolution": "1440x900",
    "countryCode": "fr",
    "regionCode": "idf",
    "city": "Paris",
    "browserName": "Chrome",
    "browserVersion": "120.0",
    "operatingSystemName": "Mac",
    "operatingSystemVersion": "14.2",
    "deviceType": "Desktop",
    "serverTimestamp": 1_704_448_860,
}


def flat(visit: dict[str, Any], between: str = "_") -> dict[str, str]:
    """A visit as Matomo writes it as CSV."""
    cells = {name: str(value) for name, value in visit.items() if name != "actionDetails"}
    for number, action in enumerate(visit["actionDetails"]):
        cells |= {
            f"actionDetails{between}{number}{between}{name}": "" if value is None else str(value)
            for name, value in action.items()
        }
    return cells


def imported(world: World, file: Path, *more: str) -> dict[str, Any]:
    """What the command says of a file."""
    done: dict[str, Any] = json.loads(
        command(world, "pageviews", "import", str(file), "--pixel", str(world.pixel), "--json", *more)
    )
    return done
