"""A newer version migrates after it has made a way back: the folder as it was, from which `restore` goes back."""

import shutil
import sqlite3
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from heropixel.backup.manifest import write_manifest
from heropixel.backup.way_back import drop_outdated
from heropixel.directory.schema import NEWEST
from heropixel.folder import held
from tests.backup.newer import LATER, killed, newer_version, revision, run_script
from tests.backup.test_backup import WHO, by_id, people, report, restored, with_people
from tests.world import World, command, exported, make_world, running

pytestmark = pytest.mark.process

DAY = 86_400_000  # milliseconds


class Before(NamedTuple):
    """A folder with people and pageviews before an upgrade, what it shows, and the script of the newer version."""

    world: World
    shown: list[Any]
    newer: str


def shown(world: World) -> list[Any]:
    return [people(world), by_id(world), report(world)]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Before:
    folder = tmp_path_factory.mktemp("before")
    world = with_people(make_world(folder / "data"))
    with running(world) as server:
        for at in range(12):
            server.pageview(email=WHO[at % 3], url=f"https://example.com/{at % 4}", eventId=f"e{at}")
        server.stop()
    return Before(world, shown(world), newer_version(folder))


@pytest.fixture
def old(before: Before, tmp_path: Path) -> World:
    """A copy of that folder."""
    shutil.copytree(before.world.folder, tmp_path / "data", symlinks=True)
    return before.world._replace(folder=tmp_path / "data")


def way_back(world: World) -> Path:
    (found,) = world.folder.glob("before-*")
    assert found.name == f"before-{version('heropixel')}", "it is complete"
    return found


def dumped(folder: Path, store: str) -> list[str]:
    with closing(sqlite3.connect(folder / f"{store}.sqlite3")) as connection:
        return [*connection.iterdump()]


def rows(events: Path) -> dict[str, bytes]:
    """The files of rows."""
    files = (path.relative_to(events) for path in events.glob("store/*/*/*_*_*/**/*") if path.is_file())
    return {str(file): (events / file).read_bytes() for file in files if not file.parts[3].startswith("tmp")}


@pytest.mark.parametrize("noted", [True, False], ids=["of this version", "of a version without a note of its schema"])
def test_an_upgraded_folder_goes_back_to_the_same_figures_people_and_ids(
    before: Before, old: World, *, noted: bool
) -> None:
    if not noted:
        (old.folder / "events" / "schema-version").unlink()
    with running(old, script=before.newer) as server:
        server.pageview(email=WHO[0], eventId="after")
        server.stop()
        log = server.log.read_text()
    kept = way_back(old)
    assert f"heropixel --data NEW restore {kept} --erased-in {old.folder}" in log
    assert (revision(old.folder), revision(kept)) == (LATER, NEWEST)
    for store in ("directory", "journal"):
        assert dumped(kept, store) == dumped(before.world.folder, store), "as the earlier version left it"
    assert rows(kept / "events") == rows(before.world.folder / "events")
    assert len(run_script(old, before.newer, "pageviews", "export").stdout.splitlines()) == 13
    assert "was made by a newer version" in command(old, "apps", "list", expect=5)
    assert shown(restored(old, kept)) == before.shown


def test_the_way_back_takes_links_and_no_room_of_the_event_store(before: Before, old: World) -> None:
    there = {path.stat().st_ino for path in (old.folder / "events").glob("store/*/*/*/data.bin")}
    run_script(old, before.newer, "apps", "list")
    linked = {path.stat().st_ino for path in (way_back(old) / "events").glob("store/*/*/*/data.bin")}
    assert linked
    assert linked <= there


def test_who_is_forgotten_after_the_upgrade_is_forgotten_when_it_goes_back(before: Before, old: World) -> None:
    forgotten = run_script(old, before.newer, "users", "forget", "--yes", "--email", WHO[0])
    assert f"{way_back(old)}, still has what was erased" in forgotten.stderr
    run_script(old, before.newer, "suppressions", "add", "--email", WHO[1])
    new = restored(old, way_back(old))  # the folder around it shows who
    assert [user["traits"] for user in people(new)] == [{"first_name": "ben"}, {"first_name": "cle"}]
    assert sum("userId" in row for row in exported(new)) == 8


# What the process calls next when it is killed, and whether the way back was complete by then.
POINTS = {
    "heropixel.backup.way_back.write_manifest": False,
    "heropixel.processes.upgrading._write": True,
    "heropixel.processes.upgrading.open_directory": True,
    "heropixel.processes.upgrading.events_of": True,
}


@pytest.mark.parametrize(("point", "complete"), POINTS.items())
def test_an_upgrade_that_is_killed_goes_on_at_the_next_start(
    before: Before, old: World, point: str, *, complete: bool
) -> None:
    killed(old, point, "serve", "--port", "0", script=before.newer)
    left = [path.name for path in old.folder.glob("before-*") if path.suffix != ".part"]
    assert left == [f"before-{version('heropixel')}"] * complete
    with running(old, script=before.newer) as server:
        server.pageview(email=WHO[0], eventId="after")
        server.stop()
    assert revision(old.folder) == LATER
    assert not (old.folder / "upgrading.json").exists()
    kept = way_back(old)
    assert revision(kept) == NEWEST, "not of a folder that is half migrated"
    assert shown(restored(old, kept)) == before.shown


@pytest.mark.parametrize("words", ["serve --port 0", "apps list", "pageviews export"])
def test_without_room_for_the_way_back_nothing_is_changed(before: Before, old: World, words: str) -> None:
    full = "import shutil, types\nshutil.disk_usage = lambda _: types.SimpleNamespace(free=10 << 20)\n"
    done = run_script(old, full + before.newer, *words.split())
    said = " ".join(done.stderr.split())
    assert done.returncode == 4, said
    assert "the disk has 10 MB left. Nothing was changed" in said
    assert revision(old.folder) == NEWEST
    assert [*old.folder.glob("before-*")] == []


def test_only_the_newest_way_back_is_kept(before: Before, old: World) -> None:
    (old.folder / "before-0.0.1").mkdir()
    (old.folder / "before-0.0.2.part").mkdir()
    run_script(old, before.newer, "apps", "list")
    assert way_back(old).is_dir()


def test_a_command_upgrades_the_whole_folder_once(before: Before, old: World) -> None:
    done = run_script(old, before.newer, "users", "list", "--json")
    assert "heropixel --data NEW restore" in done.stderr
    kept = way_back(old).stat().st_ino
    assert revision(old.folder) == LATER
    assert "restore" not in run_script(old, before.newer, "pageviews", "export").stderr
    assert way_back(old).stat().st_ino == kept


def test_a_command_does_not_upgrade_a_folder_that_another_process_has_open(before: Before, old: World) -> None:
    with held(old.folder, "heropixel serve"):
        done = run_script(old, before.newer, "apps", "list")
    assert done.returncode == 3
    assert "restart it with this version" in " ".join(done.stderr.split())
    assert revision(old.folder) == NEWEST


def test_without_days_no_way_back_is_made(before: Before, old: World) -> None:
    run_script(old, before.newer, "apps", "list", HEROPIXEL_WAY_BACK_DAYS="0")
    assert revision(old.folder) == LATER
    assert [*old.folder.glob("before-*")] == []


def test_where_there_is_nothing_to_upgrade_no_way_back_is_made(before: Before) -> None:
    assert [*before.world.folder.glob("before-*")] == []


@pytest.mark.parametrize(("days", "is_there"), [(13, True), (15, False)])
def test_a_way_back_is_deleted_after_its_days(tmp_path: Path, days: int, *, is_there: bool) -> None:
    kept = tmp_path / "before-1.0"
    kept.mkdir()
    write_manifest(kept, 1_000, needs_key=False)
    dropped = drop_outdated(tmp_path, 14, 1_000 + days * DAY)
    assert (kept.exists(), dropped) == (is_there, [kept] * (not is_there))


def test_the_server_deletes_what_is_too_old_and_what_is_not_complete(world: World) -> None:
    for name in ("before-0.0.1", "before-0.0.2.part"):
        (world.folder / name).mkdir()
        write_manifest(world.folder / name, 1_000, needs_key=False)
    with running(world) as server:
        server.pageview()
        server.stop()
        assert "the copy from before an upgrade was deleted" in server.log.read_text()
    assert [*world.folder.glob("before-*")] == []
