"""`kill -9` of any part of a server, again and again, under load: the others go on, and nothing is lost."""

import json
import os
import random
import resource
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import cycle, islice
from pathlib import Path

import pytest

from tests.crash.load import Load
from tests.world import PAGEVIEW, Server, World, command, running

WHOLE_WITHIN = 3.0  # seconds
BUSY = 10  # times as long, on a machine that does other things


def part(server: Server, name: str) -> int:
    """The pid of a part; 0 while there is none."""
    for pid in server.pids():
        try:
            if Path(f"/proc/{pid}/comm").read_text().strip() == f"hp:{name}":
                return pid
        except OSError:
            continue
    return 0


@contextmanager
def whole(world: World) -> Iterator[Server]:
    """A server with two doors whose parts are all at work."""
    with running(world, doors="2") as server:
        yield server


def kill(server: Server, name: str) -> int:
    """Kill a part. Returns the pid that it had."""
    while not (pid := part(server, name)):
        time.sleep(0.005)
    os.kill(pid, signal.SIGKILL)
    return pid


def is_alive(pid: int) -> bool:
    """Whether a process is there and has not ended: nobody may take note of the end of one whose parent was killed."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("name", ["writer", "engine", "door-1"])
def test_a_part_may_be_killed_again_and_again_and_nothing_answered_is_missing_or_twice(world: World, name: str) -> None:
    load = Load(world)
    with whole(world) as server:
        others = {other: part(server, other) for other in ("writer", "engine", "door-1", "door-2") if other != name}
        with load.against(server):
            load.wait_for(20)
            for _ in range(6):
                kill(server, name)
                assert load.wait_for(20, BUSY * WHOLE_WITHIN) < BUSY * WHOLE_WITHIN
                time.sleep(random.uniform(0.0, 0.3))
        assert {other: part(server, other) for other in others} == others, "the others go on"
        assert server.http.get("/ready").status_code == 200
    exported = [json.loads(line)["eventId"] for line in command(world, "pageviews", "export").splitlines()]
    assert len(exported) == len(set(exported)), "something is there twice"
    assert load.recorded.keys() <= set(exported), "something that was answered is missing"
    with running(world) as server:
        for email in random.sample(load.learned, min(10, len(load.learned))):
            assert server.pageview(email=email)["message"] == "User Found"


def test_a_dead_writer_is_waited_for_and_no_pageview_with_an_event_id_is_refused(world: World) -> None:
    load = Load(world)
    with whole(world) as server, load.against(server):
        load.wait_for(20)
        for _ in range(3):
            kill(server, "writer")
            load.wait_for(20)
    assert load.refused == []


def test_all_parts_may_be_killed_in_turn(world: World) -> None:
    load = Load(world)
    with whole(world) as server, load.against(server):
        for name in islice(cycle(["engine", "writer", "door-2", "door-1"]), 12):
            kill(server, name)
            load.wait_for(5)
    exported = [json.loads(line)["eventId"] for line in command(world, "pageviews", "export").splitlines()]
    assert len(exported) == len(set(exported))
    assert load.recorded.keys() <= set(exported)


def test_the_parts_of_a_killed_server_go_with_it_and_nothing_holds_the_folder(world: World) -> None:
    with whole(world) as server:
        pids = [part(server, name) for name in ("writer", "engine", "door-1", "door-2")]
        assert all(pids)
        server.process.kill()
        server.process.wait()
        assert command(world, "pixels", "list")
        with running(world) as after:
            assert after.pageview()["code"] == 200
        assert not any(is_alive(pid) for pid in pids)


def test_a_signal_to_all_processes_at_once_stops_them_in_order_and_loses_nothing(world: World) -> None:
    load = Load(world)
    with whole(world) as server:
        with load.against(server):
            load.wait_for(20)
            for pid in server.pids():  # as systemd does
                os.kill(pid, signal.SIGTERM)
            assert server.process.wait(30) == 0
        assert load.refused == []
        log = server.log.read_text()
    assert "has died" not in log
    exported = [json.loads(line)["eventId"] for line in command(world, "pageviews", "export").splitlines()]
    assert load.recorded.keys() <= set(exported)


REPORT = """query ($auth: AuthInput!) {
  report(auth: $auth, report: {range: {name: LAST_7_DAYS}, dimensions: [PAGE]}) { code }
}"""


def test_an_engine_without_memory_takes_no_door_down_and_reports_come_back(world: World) -> None:
    load = Load(world)
    with whole(world) as server, load.against(server):
        load.wait_for(20)
        engine, doors = part(server, "engine"), [part(server, "door-1"), part(server, "door-2")]
        size = int(Path(f"/proc/{engine}/statm").read_text().split()[0]) * resource.getpagesize()
        resource.prlimit(engine, resource.RLIMIT_AS, (size, resource.RLIM_INFINITY))
        for _ in range(5):
            server.graphql(REPORT, {"auth": world.auth})  # whatever it says
        load.wait_for(20)
        assert [part(server, "door-1"), part(server, "door-2")] == doors
        with suppress(ProcessLookupError):  # where it has died of it
            resource.prlimit(engine, resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        until = time.monotonic() + 30
        while server.graphql(REPORT, {"auth": world.auth})["data"]["report"]["code"] != 200:
            assert time.monotonic() < until
            time.sleep(0.05)
    assert load.refused == []


def test_what_one_door_is_told_every_door_obeys(world: World) -> None:
    with whole(world) as server:
        deleting = "mutation ($auth: AuthInput!) { deletePixel(auth: $auth, id: 1, pageviews: KEEP) { code } }"
        assert server.graphql(deleting, {"auth": world.auth})["data"]["deletePixel"]["code"] == 200
        assert server.pageview()["message"] == "Pixel not found", "at once, by the door that was told"
        in_a_row, until = 0, time.monotonic() + 30
        while in_a_row < 40:  # new connections, which the system deals out
            with Server(world, server.process, server.log).http as http:
                request = {"query": PAGEVIEW, "variables": {"auth": world.auth, "event": EVENT}}
                said = http.post("/graphql", json=request).json()["data"]["pageview"]["message"]
            in_a_row = in_a_row + 1 if said == "Pixel not found" else 0
            assert time.monotonic() < until


EVENT = {"pixelId": 1, "domain": "example.com"}
