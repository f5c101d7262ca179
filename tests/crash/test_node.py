"""`kill -9` of a node, and a power cut of its PostgreSQL, again and again, under load."""

import json
import random
import signal
import time
from pathlib import Path

from tests.crash.load import Load
from tests.postgres.server import PostgresServer
from tests.world import Server, command, make_world, running


def _kill(node: Server, _database: PostgresServer) -> None:
    node.process.kill()
    node.process.wait()


def _cut(_node: Server, database: PostgresServer) -> None:
    database.stop(signal.SIGQUIT)
    database.start()


def test_nothing_that_a_node_answered_is_missing_and_nothing_is_there_twice(tmp_path: Path) -> None:
    with PostgresServer() as database:
        url = database.url(durability="single")
        world = make_world(tmp_path / "data", {"directory_url": url, "journal_url": url})
        load = Load(world)
        for fault in (_kill, _cut, _kill):
            with running(world) as node, load.against(node):
                time.sleep(random.uniform(0.3, 1.5))
                load.wait_for(30)
                fault(node, database)
                if fault is _cut:
                    load.wait_for(30)  # it goes on by itself
        exported = [json.loads(line)["eventId"] for line in command(world, "pageviews", "export").splitlines()]
        assert len(load.recorded) > 60
        assert len(exported) == len(set(exported)), "something is there twice"
        assert load.recorded.keys() <= set(exported), "something that was answered is missing"
        with running(world) as node:
            email = random.choice(load.learned)
            assert node.pageview(email=email)["message"] == "User Found"
            again = random.choice([*load.recorded])
            email = f"{again}@example.com" if load.recorded[again] == "User Created" else ""
            assert node.pageview(eventId=again, email=email)["message"] == load.recorded[again]
