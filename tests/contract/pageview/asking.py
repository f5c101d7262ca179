"""What a shop knows, and the document that asks it for many pageviews."""

import hashlib
from typing import Any

from tests.world import Server

PAGEVIEWS = """
mutation ($auth: AuthInput, $events: [PageviewEventInput!]!) {
  pageviews(auth: $auth, events: $events) {
    code message data reason
    results { code message data reason eventId user { id } match { found } }
  }
}
"""

KNOWN = "known@example.com"
TRAITS = {"plan": "gold", "name": "Zoë"}


def digest(algorithm: str, text: str) -> str:
    return hashlib.new(algorithm, text.encode()).hexdigest()


def batch(server: Server, events: list[dict[str, Any]]) -> dict[str, Any]:
    body = server.graphql(PAGEVIEWS, {"auth": server.world.auth, "events": events})
    assert "errors" not in body, body
    answer: dict[str, Any] = body["data"]["pageviews"]
    return answer
