"""The contract's tests run on PostgreSQL too: in CI, on worlds with directory and journal there."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.databases import STORES
from tests.postgres.server import PostgresServer
from tests.test_docs import ROOT
from tests.world import command, make_world


def test_what_ci_runs_has_the_contract_on_postgresql_in_it() -> None:
    rules = (ROOT / "Makefile").read_text()
    assert "\ncheck: lint test contract-on-postgresql\n" in rules
    assert f"\ncontract-on-postgresql: export {STORES} = postgresql\n" in rules
    assert "\nmake check " in (ROOT / ".ci/run").read_text()


def test_a_world_has_neither_directory_nor_journal_in_its_folder_where_the_variable_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, postgres: PostgresServer
) -> None:
    monkeypatch.setenv(STORES, "postgresql")
    first = make_world(tmp_path / "first")
    assert first.app_id in command(first, "apps", "list")
    assert not [*first.folder.glob("*.sqlite3*")]
    shutil.rmtree(first.folder)
    second = make_world(tmp_path / "second")
    there = {name for (name,) in postgres.run("SELECT datname FROM pg_database")}
    assert [database_of(world.more) in there for world in (first, second)] == [False, True], "it goes with the folder"


def database_of(urls: Mapping[str, str]) -> str:
    """The name of a world's database."""
    return urls["directory_url"].partition("?")[0].rpartition("/")[2]
