"""`kill -9` at any moment, again and again, under load."""

import hashlib
import json
import random
import threading
import time
import uuid

import httpx

from tests.contract.beaconing import collect
from tests.world import PAGEVIEW, Server, World, command, running

ROUNDS = 5
CALLERS = 8


class Load:
    """Callers that post pageviews without pause, and remember what was answered."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.recorded: dict[str, str] = {}  # event id -> message
        self.learned: list[str] = []  # emails answered "User Created"

    def against(self, server: Server, seconds: float, answered: int) -> None:
        """Post for so long and until so many more were answered; then the server is killed, in the middle of it."""
        enough = len(self.recorded) + answered
        stop = threading.Event()
        callers = [threading.Thread(target=self._call, args=(server.url, stop)) for _ in range(CALLERS)]
        for caller in callers:
            caller.start()
        time.sleep(seconds)
        while len(self.recorded) < enough:  # on a busy machine
            time.sleep(0.01)
        server.process.kill()
        server.process.wait()
        stop.set()
        for caller in callers:
            caller.join()

    def _call(self, url: str, stop: threading.Event) -> None:
        with httpx.Client(base_url=url, timeout=10, verify=False) as http:
            while not stop.is_set():
                event_id = str(uuid.uuid4())
                email = f"{event_id}@example.com" if random.random() < 0.3 else ""
                event = {"pixelId": 1, "domain": "example.com", "eventId": event_id, "email": email}
                request = {"query": PAGEVIEW, "variables": {"auth": self.world.auth, "event": event}}
                try:
                    answer = http.post("/graphql", json=request).json()["data"]["pageview"]
                except httpx.TransportError:
                    continue  # killed before it answered: the pageview may be there or not
                if answer["code"] == 200:
                    self.recorded[event_id] = answer["message"]
                    if answer["message"] == "User Created":
                        self.learned.append(email)


def test_nothing_that_was_answered_is_missing_and_nothing_is_there_twice(world: World) -> None:
    load = Load(world)
    for _ in range(ROUNDS):
        with running(world) as server:
            # Long enough for the loader to be in the middle of a batch, at another place each time.
            load.against(server, seconds=random.uniform(0.3, 2.5), answered=30)
    assert len(load.recorded) > 100

    exported = [json.loads(line)["eventId"] for line in command(world, "pageviews", "export").splitlines()]
    assert len(exported) == len(set(exported)), "something is there twice"
    assert load.recorded.keys() <= set(exported), "something that was answered is missing"

    with running(world) as server:
        some = random.sample(load.learned, 20)
        assert {server.pageview(email=email)["message"] for email in some} == {"User Found"}
        again = random.choice([*load.recorded])
        email = f"{again}@example.com" if load.recorded[again] == "User Created" else ""
        assert server.pageview(eventId=again, email=email)["message"] == load.recorded[again]
    assert len(command(world, "pageviews", "export").splitlines()) == len(exported) + len(some)


def test_a_visitor_whose_beacon_was_answered_is_linked_whenever_the_server_is_killed(world: World) -> None:
    visitors: list[str] = []
    with running(world) as server:
        user = server.pageview(email="anna@example.com")["user"]["id"]
    digest = hashlib.sha256(b"anna@example.com").hexdigest()
    for round_ in range(ROUNDS):
        with running(world, address_rate="0", max_browsers="100000") as server:
            until = time.monotonic() + random.uniform(0.0, 1.5)
            while not visitors[round_:] or time.monotonic() < until:
                visitor = f"hp1.{uuid.uuid4().hex}"
                assert collect(server, consent=True, visitorId=visitor, sha256=digest).status_code == 204
                visitors.append(visitor)
            server.process.kill()
            server.process.wait()
    command(world, "pageviews", "export", HEROPIXEL_MAX_BROWSERS="100000")  # which loads what is left
    with running(world) as server:
        for visitor in (*visitors[:20], *visitors[-20:]):
            assert server.pageview(visitorId=visitor)["user"]["id"] == user
