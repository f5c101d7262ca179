"""How fast `identifyMany` creates users, and whether merged users are slower to find.

The first is compared with an import of the same users: it writes the same rows without HTTP and GraphQL.
"""

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from statistics import median

import httpx
import msgspec

from benchmarks.line import Line
from benchmarks.servers import Server
from benchmarks.stage import RUN, Stage
from benchmarks.world import World, email, md5
from heropixel.directory import Directory, open_directory
from heropixel.directory.registry import Registry
from heropixel.identity.batch import MergeOrigin, ToIdentify
from heropixel.identity.identifiers import Claims
from heropixel.identity.identify import identify_many
from heropixel.identity.person import Person
from heropixel.identity.resolve import Lookup, Resolver
from heropixel.processes.index import index_of
from heropixel.processes.writer import for_resolving
from heropixel.settings import Settings

USERS_A_SECOND = 8_000
AT_ONCE = 1_000  # users in a call
CONNECTIONS = 4
CALLS = 100

FEW, MANY = 1, 50  # ids that were merged into one
EMAILS = 5_100  # in each directory: they differ in merges, not in size
GROUP = 64  # pageviews
GROUPS = 2_000
NOW = 1_700_000_000_000  # Unix milliseconds

_MANY = (
    'mutation ($users: [UserInput!]!) {{ identifyMany(auth: {{ appId: "{app}", appSecret: "{secret}" }}, users: $users)'
    " {{ code results {{ code result }} }} }}"
)


def measure(stage: Stage) -> Iterator[Line]:
    """Create users over HTTP. Then resolve groups of people with few and with many merged ids, in turns."""
    rate = AT_ONCE * CALLS / _create(stage.server, stage.world)
    yield Line("identifyMany: users", rate, "/s", "target", USERS_A_SECOND, ">=", USERS_A_SECOND, "measured")
    few, many = Merged(FEW), Merged(MANY)
    for _ in range(GROUPS):
        few.resolve_group()
        many.resolve_group()
    yield Line(f"resolving 1 with {MANY} merged ids", many.cost, "µs", f"1 with {FEW}", few.cost, "<=", 1.1)


def _create(server: Server, world: World) -> float:
    """How many seconds it takes to create so many users."""
    query = _MANY.format(app=world.app_id, secret=world.app_secret)
    first = world.users * 10  # beyond the users of other benchmarks
    bodies = [
        msgspec.json.encode(
            {"query": query, "variables": {"users": [_user(first + call * AT_ONCE + n) for n in range(AT_ONCE)]}}
        )
        for call in range(CALLS)
    ]

    def post(body: bytes) -> None:
        answer = client.post(url, content=body, headers={"Content-Type": "application/json"}).json()
        if any(result["result"] != "CREATED" for result in answer["data"]["identifyMany"]["results"]):
            raise RuntimeError("A new user was not created.")

    url = f"http://127.0.0.1:{server.port}/graphql"
    with httpx.Client(timeout=60) as client, ThreadPoolExecutor(CONNECTIONS) as connections:
        began = time.perf_counter()
        list(connections.map(post, bodies))
        return time.perf_counter() - began


def _user(user: int) -> dict[str, object]:
    return {"email": email(user), "traits": {"plan": "plus", "city": "Lyon", "value": user % 1000}}


class Merged:
    """People with so many emails, each of which was a user before a merge, and the time to find them."""

    def __init__(self, merged: int) -> None:
        world = World.make(RUN / f"merged-{merged}")
        settings = Settings(data=world.folder)
        directory = open_directory(settings.url_of_directory())
        self._app = Registry(directory).apps[world.app_id].number
        self._index = index_of(settings, directory)
        people = EMAILS // (merged + 1)
        for person in range(people):
            self._make(directory, [*range(person, EMAILS, people)])
        self._resolver = Resolver(for_resolving(directory), self._index)
        self._chance = random.Random(merged)
        self._seconds: list[float] = []

    def _make(self, directory: Directory, users: list[int]) -> None:
        for one, other in pairwise(users):
            both = [Person(Claims.parse(email=email(one)), {}, (email(other),))]
            identify_many(directory, ToIdentify.of(self._app, both, self._index, MergeOrigin.API, NOW))

    def resolve_group(self) -> None:
        """Resolve random emails, and check that all of them are found."""
        digests = (md5(self._chance.randrange(EMAILS)) for _ in range(GROUP))
        questions = [Lookup(self._app, Claims(md5=digest), None) for digest in digests]
        began = time.perf_counter()
        resolutions = self._resolver.resolve(questions, NOW)
        self._seconds.append(time.perf_counter() - began)
        if not all(resolution.found for resolution in resolutions):
            raise RuntimeError("A merged user was not found.")

    @property
    def cost(self) -> float:
        """Microseconds a pageview."""
        return median(self._seconds) * 1e6 / GROUP
