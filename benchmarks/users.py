"""Whether a page of users gets slower with the number of users and the position of the page, over GraphQL."""

import base64
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

import httpx

from benchmarks.line import Line
from benchmarks.resolve import warm
from benchmarks.servers import serve_product
from benchmarks.stage import RUN, Stage
from benchmarks.world import World

PAGE = 100  # users
FAR = 10_000  # the position of the page; in a smaller world the last one
MILLISECONDS = 20
WARM_UP, ROUNDS = 20, 200

_QUERY = (
    'query ($after: String) {{ users(auth: {{ appId: "{app}", appSecret: "{secret}" }}, first: {page}, after: $after)'
    " {{ code nodes {{ id externalId traits firstSeen emails phones }} pageInfo {{ endCursor }} }} }}"
)


def measure(stage: Stage) -> Iterator[Line]:
    """The first page and a far page of a large world, in turns."""
    world = World.kept(stage.scale.many).copied_to(RUN / "people")
    warm(world.folder)
    server = serve_product(world.folder)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=60) as client:
            first, far, number = _measure(client, world)
    finally:
        server.stop()
    of = f"{world.users:,}"
    yield Line(f"users: page of {PAGE} among {of}", first, "ms", "target", MILLISECONDS, "<=", MILLISECONDS, "measured")
    yield Line(f"users: page {number:,} among {of}", far, "ms", "the first page", first, "<=", 1.5)


def _measure(client: httpx.Client, world: World) -> tuple[float, float, int]:
    """The median milliseconds of the first page and of a far page, and the position of the far page."""
    pages = Pages(client, world)
    last = int(pages.ask(None)[1])
    number = min(FAR, world.users // PAGE)
    beyond = last + (number - 2) * PAGE  # the ids of an import have no holes
    cursor = base64.urlsafe_b64encode(f"users:{beyond}".encode()).decode().rstrip("=")
    times: dict[str | None, list[float]] = {None: [], cursor: []}
    for after in [None, cursor] * (WARM_UP + ROUNDS):
        milliseconds, end = pages.ask(after)
        times[after].append(milliseconds)
        if int(end) != (last if after is None else beyond + PAGE):
            raise RuntimeError("A page did not hold the users it should.")
    return median(times[None][WARM_UP:]), median(times[cursor][WARM_UP:]), number


class Pages:
    """Requests pages over one connection."""

    def __init__(self, client: httpx.Client, world: World) -> None:
        self._client = client
        self._query = _QUERY.format(app=world.app_id, secret=world.app_secret, page=PAGE)

    def ask(self, after: str | None) -> tuple[float, str]:
        """The milliseconds of a page, and the id of its last user."""
        body: dict[str, Any] = {"query": self._query, "variables": {"after": after}}
        began = time.perf_counter()
        response = self._client.post("/graphql", json=body)
        took = (time.perf_counter() - began) * 1000
        nodes = response.json()["data"]["users"]["nodes"]
        if len(nodes) != PAGE:
            raise RuntimeError("A page was not full.")
        return took, nodes[-1]["id"]
