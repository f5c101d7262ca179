"""How fast a user among many is erased, and how much slower pageviews are meanwhile."""

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import Any

import msgspec

from benchmarks import history, pageviews
from benchmarks.line import Line
from benchmarks.servers import Server, serve_product
from benchmarks.stage import RUN, Stage
from benchmarks.turns import Turns
from benchmarks.world import World, md5
from heropixel.directory import open_directory
from heropixel.directory.registry import Registry
from heropixel.settings import Settings

ANSWER_SECONDS = 1.0
KEPT_SHARE = 0.9
PAGEVIEWS_A_USER = 2

_FORGET = (
    'mutation {{ forget(auth: {{ appId: "{app}", appSecret: "{secret}" }}, by: {{ md5: "{md5}" }})'
    " {{ code message erasure {{ id done }} }} }}"
)
_ERASURE = (
    'query {{ erasure(auth: {{ appId: "{app}", appSecret: "{secret}" }}, id: "{id}") {{ erasure {{ done'
    " erased {{ pageviews }} }} }} }}"
)


def measure(stage: Stage) -> Iterator[Line]:
    """Pageviews without and with users being erased, in turns, on one server."""
    world = World.kept(stage.scale.many).copied_to(RUN / "forget")
    directory = open_directory(Settings(data=world.folder).url_of_directory())
    app = Registry(directory).apps[world.app_id].number
    directory.close()
    history.make(world, app, world.users * PAGEVIEWS_A_USER)
    with serve_product(world.folder) as server:
        forgetting = Forgetting(server, world)
        alone, beside = Turns(pageviews.CONNECTIONS), Turns(pageviews.CONNECTIONS)
        for turn in range(stage.scale.rounds):
            bodies = pageviews.single_bodies(world, seed=turn)
            alone.take(server, bodies, stage.scale.beside)
            with beside.measuring(server), ThreadPoolExecutor(1) as thread:
                load = thread.submit(beside.take_now, server, bodies, stage.scale.beside)
                while not load.done():
                    forgetting.forget_one()
                load.result()
    answered, done = forgetting.answered, forgetting.done
    what = "forget: answered, the slowest"
    yield Line(what, max(answered), "s", "median", median(answered), "<=", ANSWER_SECONDS, "measured")
    yield Line("forget: pageviews erased, the slowest", max(done), "s", "median", median(done))
    note = f"{beside.beside(alone)}; {len(done)} people"
    what = "pageviews while people are forgotten"
    yield Line(what, beside.rate, "/s", "alone", alone.rate, ">=", KEPT_SHARE, note=note)


class Forgetting:
    """Forgets random users, and checks that each is erased."""

    def __init__(self, server: Server, world: World) -> None:
        self._server = server
        self._world = world
        self._users = iter(random.Random(5).sample(range(world.users), 10_000))
        self.answered: list[float] = []  # seconds
        self.done: list[float] = []

    def forget_one(self) -> None:
        """Forget a user, and wait until their pageviews are erased."""
        began = time.monotonic()
        answer = self._ask(_FORGET, md5=md5(next(self._users)).hex())["forget"]
        self.answered.append(time.monotonic() - began)
        if answer["code"] != 200:
            raise RuntimeError(f"Nobody was forgotten: {answer}")
        while not self._ask(_ERASURE, id=answer["erasure"]["id"])["erasure"]["erasure"]["done"]:
            time.sleep(0.05)
        self.done.append(time.monotonic() - began)

    def _ask(self, query: str, **facts: str) -> dict[str, Any]:
        query = query.format(app=self._world.app_id, secret=self._world.app_secret, **facts)
        _, body = self._server.ask("POST", "/graphql", msgspec.json.encode({"query": query}))
        data: dict[str, Any] = msgspec.json.decode(body)["data"]
        return data
