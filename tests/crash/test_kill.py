"""`kill -9` at any moment, again and again, under load."""

import hashlib
import json
import random
import time
import uuid

from tests.contract.beaconing import collect
from tests.crash.load import Load
from tests.world import World, command, running

ROUNDS = 5


def test_nothing_that_was_answered_is_missing_and_nothing_is_there_twice(world: World) -> None:
    load = Load(world)
    for _ in range(ROUNDS):
        with running(world) as server, load.against(server):
            # Long enough for the loader to be in the middle of a batch, at another place each time.
            time.sleep(random.uniform(0.3, 2.5))
            load.wait_for(30)
            server.process.kill()
            server.process.wait()
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
