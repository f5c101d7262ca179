"""A server whose stores are all on other servers keeps nothing on its machine."""

from pathlib import Path

import pytest

from heropixel.directory import open_directory
from heropixel.processes.index import index_of
from heropixel.processes.own_folder import in_own_folder
from heropixel.processes.steps import originals_of, room_of
from heropixel.settings import Settings
from heropixel.troubles import BackupImpossible, KeyMissing, KeyNotSet
from tests.world import new_directory

KEY = "ab" * 32
ON_SERVERS = {
    "directory_url": "postgresql://user:secret@db/heropixel",
    "journal_url": "postgresql://user:secret@db/heropixel",
    "events_url": "clickhouse://user:secret@events:8123/heropixel",
}


def test_its_folder_is_a_temporary_one_that_is_gone_at_the_end() -> None:
    with in_own_folder(Settings(**ON_SERVERS, key=KEY, data=Path("nowhere"))) as settings:
        assert settings.data.is_dir()
        assert settings.data.stat().st_mode & 0o777 == 0o700
        assert settings.folders() == {}
    assert not settings.data.exists()
    assert not Path("nowhere").exists()


@pytest.mark.parametrize("in_files", [*ON_SERVERS])
def test_a_server_with_a_store_in_files_has_its_data_folder(in_files: str, tmp_path: Path) -> None:
    elsewhere = {name: url for name, url in ON_SERVERS.items() if name != in_files}
    given = Settings(**elsewhere, data=tmp_path)
    with in_own_folder(given) as settings:
        assert settings.data == tmp_path
    assert tmp_path.is_dir()


def test_without_a_key_it_is_refused_with_how_to_make_one() -> None:
    with (
        pytest.raises(KeyNotSet, match=r"HEROPIXEL_KEY is not set.*openssl rand -hex 32"),
        in_own_folder(Settings(**ON_SERVERS)),
    ):
        pass


def test_a_command_without_a_key_is_refused_the_same(tmp_path: Path) -> None:
    directory = new_directory(tmp_path)
    with pytest.raises(KeyNotSet):
        index_of(Settings(**ON_SERVERS), directory)
    directory.close()


def test_no_disk_of_its_machine_refuses_pageviews() -> None:
    room = room_of(Settings(**ON_SERVERS, min_free_disk=1 << 60))
    room.look()
    room.check()


def test_a_backup_says_which_tools_take_one() -> None:
    with pytest.raises(BackupImpossible, match=r"pg_dump with --no-unlogged-table-data.*BACKUP"):
        originals_of(Settings(**ON_SERVERS), with_key=True)


def test_a_node_with_another_key_than_the_directory_is_refused(postgres_url: str) -> None:

    stores = ON_SERVERS | {"directory_url": postgres_url, "journal_url": postgres_url}
    directory = open_directory(postgres_url)
    index_of(Settings(**stores, key=KEY), directory)
    index_of(Settings(**stores, key=KEY), directory)
    with pytest.raises(KeyMissing, match=r"made with another key.*HEROPIXEL_KEY, for\s+all nodes of a cluster"):
        index_of(Settings(**stores, key="cd" * 32), directory)
    directory.close()
