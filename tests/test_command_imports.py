"""Commands import only what they need. Otherwise each would take a second to start."""

import subprocess
import sys
from pathlib import Path

import pytest

from heropixel.cli.later import COMMANDS, command_of
from tests.world import World

pytestmark = pytest.mark.process

# What takes long to import, or much memory, and is for other commands.
HEAVY = {"alembic", "chdb", "clickhouse_connect", "graphql", "httpx", "prometheus_client", "psycopg", "pyarrow"}
HEAVY |= {"starlette", "structlog", "uvicorn", "ua_parser", "heropixel.server", "heropixel.events"}
OF_STORES = {"sqlalchemy", "msgspec", "heropixel.settings"}
OF_PEOPLE = {"phonenumbers", "email_validator"}

NOTHING_FOUND = 7

# Runs a command as `heropixel` does, and prints last what of a list it has imported.
AS_HEROPIXEL = """
import sys
from heropixel.cli import main
names = sys.argv.pop(1).split()
try:
    main()
finally:
    print("imported:", *(name for name in names if name in sys.modules))
"""


def imported(names: set[str], *words: str) -> set[str]:
    """Which of these a command has imported by its end."""
    run = [sys.executable, "-c", AS_HEROPIXEL, " ".join(names), *words]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode in (0, NOTHING_FOUND), done.stderr
    return set(done.stdout.splitlines()[-1].split()[1:])


def test_help_imports_neither_stores_nor_settings() -> None:
    assert imported(HEAVY | OF_STORES | OF_PEOPLE, "--help") == set()


READING = ["apps list", "apps show APP", "pixels list", "pixels show 1", "users list --app APP"]
# Of nobody: they look, and find nothing.
FINDING = [
    "users show --app APP --email anna@example.com",
    "suppressions list --app APP",
    "erasures show era_0 --app APP",
    "merges undo 1 --app APP",
    "merges add 1 2 --app APP",
]


@pytest.mark.parametrize("words", [*READING, *FINDING])
def test_a_command_that_reads_the_directory_imports_nothing_of_the_server(world: World, words: str) -> None:
    heavy = HEAVY if words in FINDING else HEAVY | OF_PEOPLE
    run = ["--data", str(world.folder), *words.replace("APP", world.app_id).split()]
    assert imported(heavy | OF_STORES, *run) == OF_STORES


def test_what_is_heavy_is_there_where_it_is_needed(tmp_path: Path) -> None:
    began = imported(HEAVY, "--data", str(tmp_path), "apps", "create", "Shop")
    assert began == {"alembic"}, "a new directory is migrated"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_of_each_what_it_says_itself(name: str) -> None:
    first, _, _ = str(command_of(name).help).partition("\n\n")
    assert COMMANDS[name] == " ".join(first.split())
