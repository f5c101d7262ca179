"""A backup is of one moment, taken while the server runs; what is restored has the same figures, people and ids."""

import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from tests.callers import calling
from tests.world import Server, World, command, exported, running

WHO = ("anna@example.com", "ben@example.com", "cleo@example.com")
PEOPLE = "externalId,email,first_name\n" + "".join(f"u{at},{email},{email[:3]}\n" for at, email in enumerate(WHO))


def with_people(world: World) -> World:
    file = world.folder.parent / "people.csv"
    file.write_text(PEOPLE)
    command(world, "users", "import", str(file), "--app", world.app_id)
    return world


def restored(world: World, backup: Path, *words: str, name: str = "restored") -> World:
    """The world of a restored backup."""
    new = world._replace(folder=world.folder.parent / name)
    command(new, "restore", str(backup), *words)
    return new


def backed_up(world: World, name: str = "backups/first", *words: str) -> Path:
    folder = world.folder.parent / name
    command(world, "backup", str(folder), *words)
    return folder


def people(world: World) -> Any:
    return json.loads(command(world, "users", "list", "--app", world.app_id, "--json"))


def report(world: World) -> Any:
    words = ("--pixel", "1", "--by", "page", "--by", "user", "--from", "2026-01-01", "--to", "2027-01-01", "--json")
    return json.loads(command(world, "report", *words))["rows"]


def by_id(world: World) -> list[dict[str, Any]]:
    return sorted(exported(world), key=lambda row: str(row["eventId"]))


@pytest.mark.parametrize("serving", [True, False], ids=["a server runs", "none runs"])
def test_what_is_restored_has_the_same_figures_people_and_ids(world: World, *, serving: bool) -> None:
    with_people(world)
    with running(world) as server:
        for at in range(20):
            server.pageview(
                email=WHO[at % 3], url=f"https://example.com/{at % 4}", eventId=f"e{at}", visitorId=f"v{at}"
            )
        backup = backed_up(world) if serving else None
    backup = backup or backed_up(world)
    new = restored(world, backup)
    assert people(new) == people(world)
    assert by_id(new) == by_id(world)
    assert len(by_id(new)) == 20
    assert report(new) == report(world)
    with running(new) as server:
        answer = server.pageview(email=WHO[1], eventId="e0")
        assert answer["data"]["first_name"] == "ann", "the id was answered before, and is answered alike"
    assert len(exported(new)) == 20


def test_a_backup_under_load_is_of_one_moment_and_loses_nothing_that_was_answered_before_it(world: World) -> None:
    with_people(world)
    with running(world) as server:
        sent: list[str] = []
        with calling(partial(keep_sending, server, sent.append)):
            while len(sent) < 300:
                time.sleep(0.01)
            before = {*sent}
            backup = backed_up(world)
        after = len(sent)
    new = restored(world, backup)
    ids = [str(row["eventId"]) for row in exported(new)]
    assert before <= {*ids}
    assert len(ids) == len({*ids}) < after, "the rest came after the moment"
    assert {*ids} == {*sent[: len(ids)]}, "of one moment: all until it, and none after it"


def keep_sending(server: Server, sent: Callable[[str], None], done: Event) -> None:
    at = 0
    while not done.is_set():
        server.pageview(email=WHO[at % 3], eventId=f"load-{at}", visitorId=f"visitor-{at}")
        sent(f"load-{at}")
        at += 1


def test_salts_are_never_in_it_and_only_its_owner_may_read_it(world: World) -> None:
    with running(world) as server:
        server.http.post("/collect", json={}, headers={"origin": "https://example.com"})
        (world.folder / "salt-2026-11-29").write_bytes(b"salt")
        backup = backed_up(world)
    names = [path.name for path in backup.rglob("*")]
    assert not [name for name in names if "salt" in name]
    assert "directory.key" in names
    assert not [path for path in (backup, *backup.rglob("*")) if path.lstat().st_mode & 0o077 and not path.is_symlink()]
    assert not [*(world.folder / "events" / "shadow").glob("backup*")], "its links do not keep what is erased later"


def test_who_was_erased_or_suppressed_after_the_backup_is_so_again_on_restore(world: World) -> None:
    with_people(world)
    with running(world) as server:
        for email in WHO:
            server.pageview(email=email, eventId=email[:3], visitorId=f"v-{email[:3]}")
        first = backed_up(world)
        command(world, "users", "forget", "--yes", "--app", world.app_id, "--email", WHO[0])
        command(world, "suppressions", "add", "--app", world.app_id, "--email", WHO[1])
        alone = restored(world, first, "--erased-in", str(world.folder), name="alone")
        backed_up(world, "backups/second")
    for new in (alone, restored(world, first)):
        assert [user["traits"] for user in people(new)] == [{"first_name": "ben"}, {"first_name": "cle"}]
        assert sorted("userId" in row for row in exported(new)) == [False, True, True]
        with running(new) as server:
            assert [server.pageview(email=email)["message"] for email in WHO] == [
                "User Created",  # somebody new, since no tombstone was asked for
                "User Not Found",
                "User Found",
            ]


def test_a_pixel_that_was_erased_after_the_backup_is_erased_again(world: World) -> None:
    with running(world) as server:
        server.pageview(eventId="one")
        first = backed_up(world)
        command(world, "pixels", "delete", "1", "--pageviews", "erase", "--yes")
    new = restored(world, first, "--erased-in", str(world.folder))
    assert exported(new) == []


def test_a_backup_without_the_key_is_restored_with_the_key_only(world: World) -> None:
    with_people(world)
    backup = backed_up(world, "backups/first", "--without-key")
    assert not (backup / "directory.key").exists()
    target = world._replace(folder=world.folder.parent / "restored")
    assert "was taken without its key" in command(target, "restore", str(backup), expect=6)
    wrong, nowhere = world.folder.parent / "wrong.key", world.folder.parent / "nowhere.key"
    wrong.write_text("ab" * 32)
    assert "made with another key" in command(target, "restore", str(backup), "--key", str(wrong), expect=6)
    assert str(nowhere) in command(target, "restore", str(backup), "--key", str(nowhere), expect=2)
    assert not target.folder.exists()
    assert people(restored(world, backup, "--key", str(world.folder / "directory.key"))) == people(world)


def test_what_cannot_be_restored_is_said_and_nothing_is_made(world: World) -> None:
    backup = backed_up(world)
    target = world._replace(folder=world.folder.parent / "restored")
    assert "is not empty" in command(world, "restore", str(backup), expect=2)
    assert "is no backup" in command(target, "restore", str(world.folder), expect=2)
    file = backup / "directory.sqlite3"
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    assert "directory.sqlite3 is not what was copied" in command(target, "restore", str(backup), expect=12)
    file.unlink()
    assert "directory.sqlite3 cannot be read" in command(target, "restore", str(backup), expect=12)
    assert [path.name for path in target.folder.parent.glob("restored*")] == []


def test_what_cannot_be_backed_up_is_said_and_nothing_is_left(world: World) -> None:
    assert "is not empty" in command(world, "backup", str(world.folder), expect=2)
    target = world.folder.parent / "new"
    said = command(world, "backup", str(target), expect=11, HEROPIXEL_EVENTS_URL="clickhouse://127.0.0.1")
    assert "for ClickHouse BACKUP" in said
    assert not target.exists()


def test_a_backup_that_was_interrupted_leaves_nothing_that_keeps_erased_rows(world: World) -> None:
    left = world.folder / "events" / "shadow" / "backup_1_2" / "store"
    left.mkdir(parents=True)
    with running(world):
        assert not left.parent.exists()
