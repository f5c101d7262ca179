"""Each check of the doctor finds the fault that it is for, with no server running, in a real folder."""

import re
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from heropixel import folder
from heropixel.directory import open_directory
from heropixel.doctor.checkup import CHECKS, examine
from heropixel.doctor.diagnosis import Diagnosis, Verdict
from heropixel.doctor.running import subject_of
from heropixel.processes.index import index_of
from heropixel.settings import Settings
from tests.test_docs import DOCS, rows
from tests.world import World, make_first_world


@pytest.fixture
def first(tmp_path: Path) -> World:
    """A world with a directory and its key, and no other store yet."""
    world = make_first_world(tmp_path / "data")
    directory = open_directory(world.settings.url_of_directory())
    index_of(world.settings, directory)
    directory.close()
    return world


def diagnoses(world: World, **settings: Any) -> dict[str, Diagnosis]:
    """What the checks say of a world with these settings."""
    return dict(examine(subject_of(Settings(data=world.folder, **settings))))


def test_every_check_is_documented() -> None:
    text = (DOCS / "operate.md").read_text()
    section = text[text.index("## Is everything well") : text.index("## Commands")]
    documented = [name for names, _ in rows(section, "`") for name in re.findall("`([^`]+)`", names)]
    assert documented == [*CHECKS]


def test_a_folder_that_is_well_has_nothing_broken_but_that_tests_write_to_memory(first: World) -> None:
    found = diagnoses(first, port=0)
    assert {name for name, one in found.items() if one.verdict is Verdict.BROKEN} <= {"file system"}
    assert found["key"].found == f"{first.folder}/directory.key fits the directory"
    assert found["stores"].found == "in the folder: directory"


def lose_directory(world: World) -> None:
    (world.folder / "directory.sqlite3").unlink()


def lose_key(world: World) -> None:
    (world.folder / "directory.key").unlink()


def take_another_key(world: World) -> None:
    (world.folder / "directory.key").write_text("ab" * 32)


def damage_directory(world: World) -> None:
    (world.folder / "directory.sqlite3").write_bytes(b"no database" * 1000)


def begin_a_restore(world: World) -> None:
    folder.unfinished_restore(world.folder).touch()


def let_everybody_read(world: World) -> None:
    world.folder.chmod(0o755)


def write(statement: str) -> Callable[[World], None]:
    """Change the directory."""

    def change(world: World) -> None:
        directory = open_directory(world.settings.url_of_directory())
        with directory.writing() as connection:
            connection.exec_driver_sql(statement)
        directory.close()

    return change


USER = "INSERT INTO users (id, created_at, learned) VALUES (1, {at}, 0)"


@pytest.mark.parametrize(
    ("harm", "check", "said"),
    [
        (lose_directory, "stores", "The directory is missing"),
        (damage_directory, "stores", "directory.sqlite3 is damaged"),
        (begin_a_restore, "stores", "`heropixel restore` was interrupted"),
        (lose_key, "key", "The directory was made with another key. Restore the right `directory.key`"),
        (take_another_key, "key", "The directory was made with another key"),
        (let_everybody_read, "data folder", "every user of this machine may look into"),
        (write("UPDATE alembic_version SET version_num = '9999'"), "versions", "was made by a newer version"),
        (write(USER.format(at=9_999_999_999_999)), "clock", "the directory has an entry of 2286-11-20 17:46:39 UTC"),
    ],
)
def test_a_fault_of_the_folder_is_found_by_its_check(
    first: World, harm: Callable[[World], None], check: str, said: str
) -> None:
    harm(first)
    diagnosis = diagnoses(first)[check]
    assert diagnosis.verdict is Verdict.BROKEN
    assert said in diagnosis.found


@pytest.mark.parametrize(
    ("settings", "check", "verdict", "said"),
    [
        ({"trusted_proxies": "0.0.0.0/0"}, "proxies", Verdict.BROKEN, "HEROPIXEL_TRUSTED_PROXIES cannot be used"),
        ({"place_headers": "CF-IPCountry"}, "contradictions", Verdict.BROKEN, "HEROPIXEL_PLACE_HEADERS has no effect"),
        ({"address_header": "CF-Connecting-IP"}, "contradictions", Verdict.WARNING, "the header is never read"),
        ({"max_waiting": 10}, "contradictions", Verdict.WARNING, "HEROPIXEL_MAX_EVENTS is larger"),
        ({"public_url": "https://pixel.example.com"}, "proxies", Verdict.WARNING, "all visitors have its address"),
        ({"public_url": "pixel.example.com"}, "public URL", Verdict.BROKEN, "no address of a server"),
        ({"public_url": "http://pixel.example.com"}, "public URL", Verdict.WARNING, "nobody can sign in"),
        ({"places": "/nowhere.mmdb"}, "places", Verdict.BROKEN, "/nowhere.mmdb cannot be read as a file of places"),
        ({"min_free_disk": 10**18}, "free disk", Verdict.BROKEN, "less than HEROPIXEL_MIN_FREE_DISK"),
        ({"key": "cd" * 32}, "key", Verdict.BROKEN, "The directory was made with another key"),
    ],
)
def test_settings_that_are_wrong_or_contradict_each_other_are_named(
    first: World, settings: dict[str, Any], check: str, verdict: Verdict, said: str
) -> None:
    diagnosis = diagnoses(first, **settings)[check]
    assert diagnosis.verdict is verdict
    assert said in diagnosis.found


def test_a_setting_that_is_unknown_is_named_with_the_one_that_is_meant(
    first: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEROPIXEL_TRUSTED_PROXY", "::1")
    diagnosis = diagnoses(first)["settings"]
    assert "HEROPIXEL_TRUSTED_PROXY (did you mean HEROPIXEL_TRUSTED_PROXIES?)" in diagnosis.found


def test_syncs_that_are_switched_off_are_noticed(first: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_PRELOAD", "libeatmydata.so")
    assert diagnoses(first)["disk sync"].verdict is Verdict.BROKEN


def test_a_port_that_another_program_has_is_found(first: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        diagnosis = diagnoses(first, port=other.getsockname()[1])["port"]
    assert diagnosis.verdict is Verdict.BROKEN
    assert "Choose another --port" in diagnosis.found


def test_the_lock_of_the_folder_is_not_needed(first: World) -> None:
    with folder.held(first.folder, "heropixel backup"):
        found = diagnoses(first)
    assert found["server"].verdict is Verdict.OK
    assert "another command has it open (heropixel backup, pid" in found["server"].found
    assert found["key"].verdict is Verdict.OK


def hang_up(listening: socket.socket) -> None:
    """Close the next connection."""
    line, _ = listening.accept()
    line.close()


def test_a_server_that_does_not_answer_is_broken(first: World) -> None:
    path = str(first.folder / "hangs-up")
    with folder.held(first.folder, "heropixel serve") as announce, socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        hanging_up = threading.Thread(target=hang_up, args=(listening,))
        hanging_up.start()
        announce("http://127.0.0.1:1", path)
        found = diagnoses(first)
        hanging_up.join()
    assert found["server"].verdict is Verdict.BROKEN
    assert "which does not answer" in found["server"].found
    assert found["sockets"].verdict is Verdict.BROKEN


def test_nothing_is_changed(first: World) -> None:
    before = {path.name: path.read_bytes() for path in first.folder.iterdir()}
    diagnoses(first)
    after = {path.name: path.read_bytes() for path in first.folder.iterdir()}
    assert {name: content for name, content in after.items() if not name.endswith(("-wal", "-shm"))} == before
