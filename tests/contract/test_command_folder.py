"""Which commands create the data folder, and what the others say if there is none."""

import os
import pty
import re
import tempfile
from pathlib import Path

import pytest

from tests.launcher import ended, launch, run
from tests.test_docs import every_command
from tests.world import World, command

APP = ("--app", "app_0")
PIXEL = ("--pixel", "1")
ANNA = ("--email", "anna@example.com")

BEGINNING = {"serve", "apps create", "restore"}

# Of each other command the words that it cannot do without.
OTHERS = {
    "report": PIXEL,
    "verify": ("http://127.0.0.1/",),
    "doctor": (),
    "reprocess": (),
    "backup": ("copy",),
    "move": ("--to-directory", "postgresql://db/x", "--to-events", "clickhouse://events/x", "--yes"),
    "apps list": (),
    "apps show": ("app_0",),
    "apps rotate": ("app_0", "--yes"),
    "apps revoke": ("app_0", "secret", "--yes"),
    "pixels create": ("Web", *APP),
    "pixels list": (),
    "pixels show": ("1",),
    "pixels rename": ("1", "Web"),
    "pixels update": ("1", "--timezone", "UTC"),
    "pixels retain": ("1", "--for-ever"),
    "pixels consent": ("1", "none"),
    "pixels delete": ("1", "--pageviews", "keep", "--yes"),
    "domains add": ("example.com", *PIXEL),
    "domains remove": ("example.com", *PIXEL),
    "return-hosts add": ("pay.example", *PIXEL),
    "return-hosts remove": ("pay.example", *PIXEL),
    "users import": ("people.csv", *APP),
    "users unlink": ("visitor", "--id", "1"),
    "users relink": ("1",),
    "users show": (*ANNA, *APP),
    "users list": APP,
    "users export": APP,
    "users identify": (*ANNA, *APP),
    "users redact": ("--yes",),
    "users forget": (*ANNA, *APP, "--yes"),
    "merges add": ("1", "2", *APP),
    "merges list": APP,
    "merges undo": ("1", *APP),
    "erasures list": APP,
    "erasures show": ("era_0", *APP),
    "suppressions import": ("people.csv", *APP),
    "suppressions add": (*ANNA, *APP),
    "suppressions list": APP,
    "suppressions remove": (*ANNA, *APP),
    "members list": APP,
    "members invite": (*ANNA[1:], "--role", "viewer", *APP),
    "members change": (*ANNA[1:], "--role", "viewer", *APP),
    "members remove": (*ANNA[1:], "--yes", *APP),
    "keys list": APP,
    "keys create": ("Shop", "--scope", "record", *APP),
    "keys revoke": ("key_0", "--yes", *APP),
    "shares create": ("Figures", *PIXEL),
    "shares list": APP,
    "shares revoke": ("shr_0", "--yes", *APP),
    "saved-views list": APP,
    "audit": APP,
    "sign-in-link": (),
    "pageviews export": (),
    "pageviews import": ("pageviews.csv", *PIXEL),
}


def test_every_command_is_one_that_begins_a_world_or_one_of_the_others() -> None:
    assert {*every_command()} == BEGINNING | OTHERS.keys()


@pytest.mark.parametrize("words", OTHERS)
def test_where_there_is_no_folder_a_command_that_begins_no_world_says_so_and_makes_none(
    words: str, tmp_path: Path
) -> None:
    folder = tmp_path / "shpo"
    said = command(None, *words.split(), *OTHERS[words], expect=2, HEROPIXEL_DATA=str(folder))
    assert f"There is no folder {folder}. Is --data right? `heropixel apps create`" in said
    assert not folder.exists()


def test_on_a_terminal_a_command_says_once_which_folder_it_is_if_that_was_not_named(world: World) -> None:
    here = {**world.environment, "COLUMNS": "200"}
    words = ("suppressions", "add", *ANNA, "--app", world.app_id)  # opens the directory twice
    assert on_terminal(*words, at=world.folder.parent, environment=here).splitlines() == [
        f"Using the folder {world.folder}: neither --data nor HEROPIXEL_DATA names one."
    ]
    named = {**here, "HEROPIXEL_DATA": str(world.folder)}
    assert on_terminal("pixels", "list", at=world.folder.parent, environment=named) == ""
    said = run("pixels", "list", folder=world.folder.parent, environment=here)
    assert (said.returncode, said.stderr) == (0, ""), "nobody looks on"


def on_terminal(*words: str, at: Path, environment: dict[str, str]) -> str:
    """What a command prints on its standard error, where that is a terminal."""
    ours, its = pty.openpty()
    with os.fdopen(its, "wb") as terminal, tempfile.TemporaryFile() as out:
        # Cold: a module that is imported looks for the terminal.
        process = launch(*words, folder=at, environment=environment, cold=True, stdout=out, stderr=terminal)
        with ended(process):
            assert process.wait(60) == 0
        printed = out.tell()
    try:
        said = os.read(ours, 10_000)
    except OSError:  # as Linux tells that nothing was written
        said = b""
    os.close(ours)
    assert printed
    return re.sub(r"\x1b\[[0-9;]*m", "", said.decode())


def test_making_an_app_begins_a_world(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "shop"
    command(None, "--data", str(folder), "apps", "create", "Shop")
    assert "Shop" in command(None, "--data", str(folder), "apps", "list")
