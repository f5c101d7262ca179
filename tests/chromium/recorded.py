"""The pageviews that the product has recorded of a page, read by its API."""

import time
from typing import Any

from tests.world import Server

LIST = """
    query ($auth: AuthInput, $pixel: Int!) {
        pageviews(auth: $auth, pixelIds: [$pixel], first: 100, traffic: [PEOPLE, BOTS, AI_AGENTS]) {
            message
            nodes {
                eventId url domain visitorId userId consent title referrer language timezone screen viewport
                path utmSource channel
            }
        }
    }
"""


def recorded(product: Server, pixel: int, address: str, count: int = 1) -> list[dict[str, Any]]:
    """Wait until so many pageviews of a page are in the event store; they are returned, newest first."""
    until = time.monotonic() + 20
    found: list[dict[str, Any]] = []
    while len(found) < count and time.monotonic() < until:
        time.sleep(0.1)
        answer = product.graphql(LIST, {"auth": product.world.auth, "pixel": pixel})["data"]["pageviews"]
        found = [node for node in answer["nodes"] or [] if node["url"].startswith(address)]
    assert len(found) == count, found
    return found
