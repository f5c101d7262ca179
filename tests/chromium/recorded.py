"""The pageviews that the product has recorded of a page, read by its API."""

import time
from typing import Any

from tests.world import Server, through_operators_door

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
    while True:
        through_operators_door(product.world, "POST", "/operator/catch-up")
        answer = product.graphql(LIST, {"auth": product.world.auth, "pixel": pixel})["data"]["pageviews"]
        found = [node for node in answer["nodes"] or [] if _is_of(node["url"], address)]
        if len(found) >= count or time.monotonic() > until:
            break
        time.sleep(0.05)
    assert len(found) == count, found
    return found


def _is_of(url: str, address: str) -> bool:
    """Whether an address is that of a page or below it; other tests have pages whose names begin alike."""
    return url.startswith(address) and url[len(address) : len(address) + 1] in ("", "/", "?", "#")
