"""Sends beacons as a browser does, with the headers of Chromium."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

import httpx

from tests.world import Server, exported

CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    '"Chromium";v="140", "Not=A?Brand";v="24", "Google Chrome";v="140"',
)
SITE = "https://shop.example.com"
VISITOR = "hp1." + "a1" * 16
KNOWN, SUPPRESSED, UNKNOWN = (
    hashlib.sha256(f"{name}@example.com".encode()).hexdigest() for name in ("known", "suppressed", "unknown")
)
NO_LIMITS: dict[str, Any] = {"address_rate": "0", "pixel_rate": "0"}


def headers_of(site: str = SITE, more: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """The headers of a beacon from a page of this site to an endpoint of another; None leaves one out."""
    agent, hints = CHROME
    usual: dict[str, str | None] = {
        "Origin": site,
        "Referer": f"{site}/",
        "User-Agent": agent,
        "Sec-CH-UA": hints,
        "Accept-Language": "de-CH,de;q=0.9",
        "Sec-Fetch-Site": "cross-site",
        "Content-Type": "text/plain;charset=UTF-8",
    }
    given = usual | {name.replace("_", "-").title(): value for name, value in (more or {}).items()}
    return {name: value for name, value in given.items() if value is not None}


def beacon_of(server: Server, site: str = SITE, **fields: Any) -> dict[str, Any]:
    """What the script sends of a page; None leaves a field out."""
    usual = {
        "pixelId": server.world.pixel,
        "id": secrets.token_hex(16),
        "url": f"{site}/shoes?utm_source=news",
        "title": "Shoes",
        "language": "de-CH",
        "timezone": "Europe/Zurich",
        "screen": "1280x720",
        "viewport": "1280x600",
    }
    return {name: value for name, value in (usual | fields).items() if value is not None}


def collect(
    server: Server, site: str = SITE, headers: Mapping[str, str | None] | None = None, **fields: Any
) -> httpx.Response:
    """Send a beacon as a page of the site does."""
    beacon = beacon_of(server, site, **fields)
    return httpx.post(f"{server.url}/collect", json=beacon, headers=headers_of(site, headers), timeout=30, verify=False)


def picture(server: Server, query: dict[str, str], **headers: str | None) -> httpx.Response:
    """Load the image as a page without scripts does."""
    sent = headers_of(more={"Origin": None, "Content_Type": None, **headers})
    asked = {"pixelId": str(server.world.pixel), **query}
    return httpx.get(f"{server.url}/pixel.gif", params=asked, headers=sent, timeout=30, verify=False)


def counted(server: Server, metric: str) -> float:
    """What a metric says."""
    lines = httpx.get(f"{server.url}/metrics", timeout=30, verify=False).text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(metric))


def rows_of(server: Server) -> list[dict[str, Any]]:
    """Every pageview the server has, loaded or not."""
    return exported(server.world)


def told(response: httpx.Response) -> tuple[Any, ...]:
    """All of an answer but the time of day."""
    return response.status_code, [pair for pair in response.headers.raw if pair[0].lower() != b"date"], response.content
