"""Full disks, wrong folders, an unreachable event store, signals: what the user is told."""

import json
import os
import resource
import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from heropixel import folder
from heropixel.troubles import FolderNotWritable
from tests.contract.beaconing import VISITOR, collect
from tests.launcher import run
from tests.world import PAGEVIEW, Server, World, command, running


def limit_files(server: Server, size: int) -> None:
    """To a server whose files cannot grow it is as if the disk were full."""
    for pid in server.pids():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_on_a_full_disk_pageviews_are_refused_until_there_is_room(world: World) -> None:
    with running(world) as server:
        assert server.pageview(eventId="before")["code"] == 200
        server.loaded(1)
        limit_files(server, 4096)
        for event in ({"eventId": "full"}, {"eventId": "learned", "email": "anna@example.com"}):
            answer = server.pageview(**event)
            assert (answer["code"], answer["reason"], answer["data"]) == (500, "STORAGE_UNAVAILABLE", {})
        limit_files(server, resource.RLIM_INFINITY)
        assert server.pageview(eventId="full")["code"] == 200
        assert server.pageview(eventId="after", email="anna@example.com")["code"] == 200
        assert server.stop() == 0
    exported = [json.loads(line)["eventId"] for line in command(world, "pageviews", "export").splitlines()]
    assert sorted(exported) == ["after", "before", "full"]


def test_ready_is_503_on_a_full_disk_and_health_is_not(world: World) -> None:
    with running(world) as server:
        assert (server.http.get("/ready").status_code, server.http.get("/ready").text) == (200, "ready\n")
        limit_files(server, 4096)
        time.sleep(1.1)  # it is tried once a second
        answer = server.http.get("/ready")
        assert (answer.status_code, answer.text) == (503, "not ready: the disk cannot be written (File too large)\n")
        assert server.http.get("/health").status_code == 200
        limit_files(server, resource.RLIM_INFINITY)
        time.sleep(1.1)
        assert server.http.get("/ready").status_code == 200
    assert not [*world.folder.glob(".ready*")]


def test_on_a_full_disk_beacons_are_answered_try_again_and_none_is_half_recorded(world: World) -> None:
    identity = {"consent": True, "visitorId": VISITOR, "externalId": "c-1"}
    with running(world) as server:
        assert collect(server).status_code == 204
        server.loaded(1)
        limit_files(server, 4096)
        for fields in ({"id": "a1" * 16}, {"event": "identify", **identity}):
            answer = collect(server, **fields)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5"), answer.text
        limit_files(server, resource.RLIM_INFINITY)
        assert collect(server, id="a1" * 16).status_code == 204  # as the script does: the same once more
        assert server.stop() == 0
    assert len(command(world, "pageviews", "export").splitlines()) == 2


def test_a_second_server_on_the_same_folder_refuses_and_says_which_process_has_it(world: World) -> None:
    with running(world) as server:
        said = command(world, "serve", "--port", "0", expect=3)
        assert f"pid {server.process.pid}" in said
        assert "Stop it, or start with another --data" in " ".join(said.split())
        assert server.pageview()["code"] == 200


def test_a_port_that_is_taken_is_named(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"127.0.0.1:{port}" in command(world, "serve", "--port", str(port), expect=3)


ADD_EVENT_MIGRATION = """
import sys
import clickhouse_connect
client = clickhouse_connect.get_client(dsn=f"chdb://{sys.argv[1]}")
client.insert("heropixel.migrations", [[9999, "later"]], column_names=["number", "name"])
client.close()
"""


@pytest.mark.parametrize("store", ["directory", "journal", "events"])
def test_a_folder_from_a_newer_version_is_refused(store: str, world: World) -> None:
    with running(world) as server:
        server.stop()
    if store == "directory":
        _sql(world.folder / "directory.sqlite3", "UPDATE alembic_version SET version_num = '9999'")
    elif store == "journal":
        _sql(world.folder / "journal.sqlite3", "PRAGMA user_version = 9999")
    else:
        # In another process: an engine opens one folder a process.
        assert run(str(world.folder / "events"), script=ADD_EVENT_MIGRATION).returncode == 0
    said = " ".join(command(world, "serve", "--port", "0", expect=5).split())
    assert "was made by a newer version of heropixel" in said


def _sql(file: Path, statement: str) -> None:
    connection = sqlite3.connect(file)
    connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize("noted", ["99.1.2.3", None])
def test_an_event_store_of_another_engine_is_refused_and_not_touched(noted: str | None, world: World) -> None:
    with running(world) as server:
        assert server.pageview()["code"] == 200
        server.stop()
    note = world.folder / "events" / "engine-version"
    if noted:
        note.write_text(noted)
    else:
        note.unlink()  # as engines did, before any left a note
    before = _contents(world.folder / "events")
    said = " ".join(command(world, "serve", "--port", "0", expect=5).split())
    assert "was made by another version of the event engine" in said
    assert (noted or "no note") in said
    assert "heropixel pageviews export" in said
    assert _contents(world.folder / "events") == before


def _contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_without_permission_to_write_the_folder_is_named(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o555)
    assert "Give this user write permission" in _refused_as_nobody(locked / "data", folder.make)


def test_without_permission_to_write_a_store_it_is_named_before_the_first_pageview(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    data.chmod(0o777)
    (data / "journal.sqlite3").touch(mode=0o444)
    assert "journal.sqlite3" in _refused_as_nobody(data, lambda data: folder.held(data, "test").__enter__())


def _refused_as_nobody(data: Path, open_it: Callable[[Path], object]) -> str:
    """What a user is told who is not root, since root may write everywhere."""
    for parent in (data.parent, *data.parent.parents[:2]):
        parent.chmod(parent.stat().st_mode | 0o055)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        if os.getuid() == 0:
            os.setuid(65534)
        try:
            open_it(data)
        except FolderNotWritable as refused:
            os.write(writing, refused.message.encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as told:
        return told.read()


def test_a_folder_that_cannot_be_made_is_named() -> None:
    assert "/dev/null/data" in command(None, "--data", "/dev/null/data", "apps", "create", "Shop", expect=4)


def test_the_wrong_key_is_refused(world: World) -> None:
    with running(world) as server:
        server.stop()
    (world.folder / "directory.key").write_text("00" * 32)
    assert "another key" in " ".join(command(world, "serve", "--port", "0", expect=6).split())


def test_sigterm_finishes_accepted_requests_and_exits_with_0(world: World) -> None:
    with running(world) as server:
        answered: list[str] = []
        caller = threading.Thread(target=_post_until_refused, args=(server, answered))
        caller.start()
        while len(answered) < 200:
            time.sleep(0.01)
        assert server.stop() == 0
        caller.join()
    assert answered
    exported = [json.loads(line)["eventId"] for line in command(world, "pageviews", "export").splitlines()]
    assert sorted(exported) == sorted(answered)


def _post_until_refused(server: Server, answered: list[str]) -> None:
    import httpx

    with httpx.Client(base_url=server.url, timeout=30, verify=False) as http:
        for number in range(100_000):
            event = {"pixelId": 1, "domain": "example.com", "eventId": f"e-{number}"}
            try:
                body = http.post(
                    "/graphql", json={"query": PAGEVIEW, "variables": {"auth": server.world.auth, "event": event}}
                ).json()
            except httpx.TransportError:
                return
            assert body["data"]["pageview"]["code"] == 200
            answered.append(f"e-{number}")


@pytest.mark.cold  # what it is interrupted in are imports, too
@pytest.mark.parametrize("seconds", [0, 0.1, 0.3])
def test_sigterm_while_it_starts_is_obeyed_with_0(world: World, seconds: float) -> None:
    with running(world, wait=False) as server:
        while not folder.holder_of(world.folder):
            time.sleep(0.01)
        time.sleep(seconds)
        assert server.stop() == 0, server.log.read_text()


def test_a_directory_that_another_process_keeps_locked_is_waited_for_some_seconds(world: World) -> None:
    with running(world) as server:
        other = sqlite3.connect(world.folder / "directory.sqlite3", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        answer = server.pageview(email="new@example.com")
        assert (answer["code"], answer["reason"]) == (500, "STORAGE_UNAVAILABLE")
        assert time.monotonic() - began < 15
        assert server.pageview()["code"] == 200, "who teaches nothing needs no lock"
        other.execute("ROLLBACK")
        other.close()
        assert server.pageview(email="new@example.com")["message"] == "User Created"


def test_sigterm_does_not_wait_for_ever_for_a_caller_that_stalls(world: World) -> None:
    with running(world, drain_seconds="1") as server:
        host, port = server.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as stalled:
            stalled.sendall(
                b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
            )
            assert server.pageview()["code"] == 200
            assert server.stop() == 0


def test_an_unreachable_event_store_is_logged_once_and_loses_nothing(world: World) -> None:
    with running(world, events_url="clickhouse://127.0.0.1:1/") as server:
        for number in range(3):
            assert server.pageview(eventId=f"e-{number}")["code"] == 200
            time.sleep(1.5)
        assert server.stop() == 0
    assert server.log.read_bytes().count(b"pageviews wait in the journal") == 1
    exported = [json.loads(line)["eventId"] for line in command(world, "pageviews", "export").splitlines()]
    assert sorted(exported) == ["e-0", "e-1", "e-2"]


def test_a_kind_of_store_that_is_not_known_is_named_with_those_that_are(world: World) -> None:
    for name, known in (("directory", "sqlite:////path"), ("journal", "sqlite:////path"), ("events", "chdb:///path")):
        said = command(world, "serve", "--port", "0", expect=2, **{f"HEROPIXEL_{name.upper()}_URL": "oracle://host/x"})
        assert known in said


def test_a_secret_never_reaches_the_log(world: World) -> None:
    with running(world) as server:
        for query in (
            '{ app(auth: {appId: "%s", appSecret: "%s"}) { nonsense } }',
            '{ app(auth: {appId: "%s" appSecret: "%s"',
        ):
            server.graphql(query % (world.app_id, world.secret))
        server.pageview(email="anna@example.com", properties={"a": {"b": []}})
        server.stop()
    output = server.log.read_bytes()
    assert b"heropixel accepts pageviews" in output
    assert world.secret.encode() not in output
    assert b"anna" not in output


@pytest.mark.cold
def test_the_server_starts_with_a_folder_that_the_command_alone_made(tmp_path: Path) -> None:
    made = json.loads(command(None, "--data", str(tmp_path / "new"), "apps", "create", "Shop", "--json"))
    world = World(tmp_path / "new", made["appId"], made["appSecret"], 1)
    command(world, "pixels", "create", "Web", "--app", world.app_id, "--domain", "example.com")
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    with running(world) as server:
        assert server.pageview()["code"] == 200
