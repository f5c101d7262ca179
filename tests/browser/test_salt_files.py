"""Salts as files: what is particular to a folder and its disk."""

import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import structlog

from heropixel.browser.salt_files import SaltFiles
from heropixel.browser.salts import Salts
from heropixel.settings import Settings
from tests.browser.clock import Clock
from tests.launcher import ended


@pytest.fixture
def clock() -> Clock:
    return Clock("2026-11-26T12:00")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "journal.sqlite3").write_bytes(b"not mine")
    return tmp_path


def salts_of(folder: Path, clock: Clock) -> Salts:
    return Salts(SaltFiles(folder), clock, clock.elapsed)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("salt-"))


def is_anywhere(salt: bytes, folder: Path) -> bool:
    contents = [path.read_bytes() for path in folder.iterdir()]
    return any(salt in content or salt.hex().encode() in content.lower() for content in contents)


def test_a_salt_is_a_file_of_its_day_for_its_owner_alone(folder: Path, clock: Clock) -> None:
    salt = salts_of(folder, clock).today()
    assert names(folder) == ["salt-2026-11-26"]
    assert (folder / "salt-2026-11-26").stat().st_mode & 0o777 == 0o600
    assert (folder / "salt-2026-11-26").read_bytes() == salt


def test_a_destroyed_salt_is_overwritten_and_nothing_else_is_touched(folder: Path, clock: Clock) -> None:
    salts = salts_of(folder, clock)
    first = salts.today()
    inode = (folder / "salt-2026-11-26").open("rb")  # a reader that came before holds on to what was the file
    clock.go_to("2026-11-28T00:00")
    salts.destroy_old()
    assert names(folder) == []
    assert not is_anywhere(first, folder)
    assert inode.read() not in (b"", first), "it was overwritten, not only removed"
    inode.close()
    assert (folder / "journal.sqlite3").read_bytes() == b"not mine"


def test_what_a_process_leaves_that_dies_at_making_a_salt_is_destroyed_with_it(folder: Path, clock: Clock) -> None:
    salts = salts_of(folder, clock)
    salt = salts.today()
    (folder / "salt-2026-11-26.0a1b2c3d").hardlink_to(folder / "salt-2026-11-26")
    (folder / "salt-2026-11-25.ffff0000").write_bytes(b"x" * 7)
    (folder / "salt-2026-02-31").write_bytes(b"no day")
    (folder / "salt-cellar").write_bytes(b"not mine either")
    clock.go_to("2026-11-28T00:00")
    salts.destroy_old()
    assert names(folder) == ["salt-2026-02-31", "salt-cellar"]
    assert not is_anywhere(salt, folder)


def test_a_file_that_a_power_cut_has_left_empty_is_replaced(folder: Path, clock: Clock) -> None:
    (folder / "salt-2026-11-25").touch()
    (folder / "salt-2026-11-26").touch()
    salts = salts_of(folder, clock)
    assert salts.yesterday() is None
    assert (folder / "salt-2026-11-26").read_bytes() == b""
    assert salts.today() == (folder / "salt-2026-11-26").read_bytes()


PROCESS = """
import sys
from pathlib import Path
from heropixel.browser.salt_files import SaltFiles
from heropixel.browser.salts import Salts
salts = Salts(SaltFiles(Path(sys.argv[1])), lambda: 1_795_694_400_000)
print("ready", flush=True)
sys.stdin.readline()
print(salts.today().hex(), flush=True)
"""


@pytest.mark.process
def test_processes_that_start_together_share_one_salt(folder: Path) -> None:
    command = [sys.executable, "-c", PROCESS, str(folder)]
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                ended(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            )
            for _ in range(4)
        ]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        said = {process.communicate(timeout=60)[0].strip() for process in processes}
    assert said == {(folder / "salt-2026-11-26").read_bytes().hex()}
    assert names(folder) == ["salt-2026-11-26"], "nothing else is left"


@contextmanager
def without_room() -> Iterator[None]:
    """As on a disk that is full: no file takes a byte more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_on_a_full_disk_the_salt_is_in_memory_alone_and_in_the_folder_when_there_is_room(
    folder: Path, clock: Clock
) -> None:
    salts = salts_of(folder, clock)
    with structlog.testing.capture_logs() as said:
        with without_room():
            alone = salts.today()
            salts.destroy_old()
            assert salts.today() == alone
            assert names(folder) == [], "nothing is left of the attempt"
        assert [line["event"] for line in said] == ["salts cannot be written, and are kept in memory only"]
        assert alone.hex() not in str(said)
        salts.destroy_old()
    assert salts.today() == alone == (folder / "salt-2026-11-26").read_bytes()
    assert salts_of(folder, clock).today() == alone


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"data": "/srv/shop"}, "/srv/shop"),
        ({"data": "shop"}, f"{Path.cwd()}/shop"),
        ({"journal_url": "sqlite:////var/lib/journal/j.sqlite3"}, "/var/lib/journal"),
        ({"journal_url": "sqlite:///j.sqlite3"}, str(Path.cwd())),
        ({"data": "/srv/shop", "journal_url": "jetstream://host/stream"}, "/srv/shop"),
    ],
)
def test_the_folder_of_the_salts_is_that_of_the_journal(settings: dict[str, str], expected: str) -> None:
    assert str(Settings.model_validate(settings).folder_of_journal()) == expected
