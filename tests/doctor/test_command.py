"""`heropixel doctor` as an operator runs it: beside a real server, and without one."""

import json
from pathlib import Path

import pytest

from tests.world import command, make_world, running

pytestmark = pytest.mark.process


def test_beside_a_running_server_its_own_settings_are_checked_and_all_is_well(on_disk: Path) -> None:
    world = make_world(on_disk / "data")
    with running(world, key="ab" * 32, trusted_proxies="10.0.0.0/8") as server:
        server.pageview(email="anna@example.com")
        told = json.loads(command(world, "doctor", "--json"))
        said = command(world, "doctor")
    checks = {check["name"]: check for check in told["checks"]}
    assert told["ok"] is True
    assert checks["server"]["found"] == f"heropixel serve, pid {server.process.pid}, at {server.url}, takes pageviews"
    assert checks["proxies"]["found"] == "10.0.0.0/8 give the visitor's address in X-Forwarded-For"
    assert checks["key"]["found"] == "set by HEROPIXEL_KEY, and the server has found that it fits the directory"
    assert checks["event store"]["verdict"] == "OK"
    assert "journal 1, event store" in checks["versions"]["found"]
    assert [check for check in told["checks"] if check["verdict"] == "OK" and check["toDo"]] == []
    assert len(said.splitlines()) >= len(checks) + 2, "a line for each check, and the sum"
    assert "ab" * 32 not in said + json.dumps(told)


def test_a_server_that_refuses_pageviews_breaks_a_promise(on_disk: Path) -> None:
    world = make_world(on_disk / "data")
    with running(world, min_free_disk=str(10**17), nothing="1"):
        said = command(world, "doctor", expect=1, HEROPIXEL_MIN_FREE_DISK="0")
    assert "not ready: less than 100000000000000000 bytes are free on the disk" in said
    assert "no settings, and without effect: HEROPIXEL_NOTHING" in said
    assert "A promise cannot be kept as things are: server, free disk. The report says what to do." in said
