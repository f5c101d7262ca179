"""A store that has gone missing or is damaged is named at the start, and is not replaced by an empty one."""

import shutil
from pathlib import Path

import pytest

from heropixel.folder import check_stores
from heropixel.troubles import StoreMissing
from tests.world import World, command, running


@pytest.mark.parametrize(
    ("store", "path"),
    [("directory", "directory.sqlite3"), ("journal", "journal.sqlite3"), ("event store", "events")],
)
def test_a_store_that_is_missing_at_start_is_said_and_not_replaced(world: World, store: str, path: str) -> None:
    with running(world):
        pass
    _remove(world.folder / path)
    said = command(world, "serve", "--port", "0", expect=10)
    assert f"The {store} is missing: there is no {world.folder / path}" in said
    assert not (world.folder / path).exists()
    assert "is missing" in command(world, "apps", "list", expect=10)


def test_without_its_note_the_server_goes_on_with_an_empty_store(world: World) -> None:
    with running(world) as server:
        server.pageview()
    _remove(world.folder / "events")
    (world.folder / "stores.json").rename(world.folder.parent / "away")
    with running(world) as server:
        assert server.pageview()["code"] == 200


@pytest.mark.parametrize("path", ["directory.sqlite3", "journal.sqlite3"])
def test_a_damaged_store_is_named_with_its_file(world: World, path: str) -> None:
    _remove(world.folder / path)
    (world.folder / path).write_bytes(b"no database" * 1_000)
    said = command(world, "serve", "--port", "0", expect=10)
    assert f"{world.folder / path} is damaged (file is not a database)" in said


def test_damaged_rows_of_the_event_store_are_named_and_not_left_out_in_silence(world: World) -> None:
    with running(world) as server:
        server.pageview()
        server.loaded(1)
    for file in (world.folder / "events" / "store").glob("*/*/2*/data.bin"):
        file.write_bytes(file.read_bytes()[:20])
    said = command(world, "serve", "--port", "0", expect=10)
    assert "The event store is damaged: the event engine could not read" in said


def test_a_directory_that_is_missing_beside_its_key_is_missed_also_without_a_note(tmp_path: Path) -> None:
    (tmp_path / "directory.key").write_text("00" * 32)
    with pytest.raises(StoreMissing, match=r"move .*directory\.key away first"):
        check_stores(tmp_path, {"directory": tmp_path / "directory.sqlite3"})


def test_a_store_that_was_never_there_is_not_missed(tmp_path: Path) -> None:
    stores = {"directory": tmp_path / "directory.sqlite3", "journal": tmp_path / "journal.sqlite3"}
    check_stores(tmp_path, stores)
    stores["directory"].touch()
    check_stores(tmp_path, stores)
    stores["journal"].touch()
    check_stores(tmp_path, stores)
    stores["journal"].unlink()
    with pytest.raises(StoreMissing):
        check_stores(tmp_path, stores)


def _remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    for log in path.parent.glob(f"{path.name}-*"):
        log.unlink()
