"""The `heropixel` command, from outside."""

import json
import time
from pathlib import Path

import pytest

from heropixel.directory.registry import POLL_SECONDS
from tests.contract.commanding import MD5_OF_ANNA, PEOPLE, as_json
from tests.databases import in_folder
from tests.world import World, command, running


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["serve"],
        ["verify"],
        ["apps"],
        ["apps", "create"],
        ["apps", "list"],
        ["apps", "rotate"],
        ["apps", "revoke"],
        ["apps", "show"],
        ["pixels", "create"],
        ["pixels", "list"],
        ["pixels", "show"],
        ["pixels", "rename"],
        ["pixels", "consent"],
        ["domains", "add"],
        ["domains", "remove"],
        ["return-hosts", "add"],
        ["return-hosts", "remove"],
        ["users", "import"],
        ["users", "show"],
        ["users", "identify"],
        ["pageviews", "export"],
        ["pageviews", "import"],
    ],
    ids=" ".join,
)
def test_every_command_has_help(words: list[str]) -> None:
    said = command(None, *words, "--help")
    assert "Usage: " in said
    assert "heropixel" in said


def test_apps_create_prints_the_id_and_the_secret_once(world: World) -> None:
    made = as_json(world, "apps", "create", "Shop", "--json")
    assert set(made) == {"appId", "appSecret"}
    assert made["appId"].startswith("app_")
    assert made["appSecret"].startswith("hps_")
    assert len(made["appSecret"]) >= 4 + 43  # 256 bits in Base64
    listed = command(world, "apps", "list", "--json")
    assert {"appId": made["appId"], "name": "Shop"} in json.loads(listed)
    assert made["appSecret"] not in listed


def test_pixels_create_prints_the_id_and_pixels_list_shows_the_domains(world: World) -> None:
    words = ("pixels", "create", "Blog", "--app", world.app_id, "--domain", "Example.ORG", "--domain", "bücher.example")
    made = as_json(world, *words, "--json")
    assert made == {"id": 2}
    assert as_json(world, "pixels", "list", "--json")[1] == {
        "id": 2,
        "name": "Blog",
        "appId": world.app_id,
        "domains": ["example.org", "xn--bcher-kva.example"],
        "retentionDays": None,
        "consentMode": "REQUIRED",
        "timezone": "UTC",
        "weekStartsOn": "MONDAY",
        "returnHosts": [],
    }
    made = as_json(world, "pixels", "create", "Forum", "--app", world.app_id, "--consent", "none", "--json")
    assert made == {"id": 3}
    assert as_json(world, "pixels", "show", "3", "--json")["consentMode"] == "NONE"


def test_pixels_create_prints_the_tag_to_paste(world: World) -> None:
    said = command(world, "pixels", "create", "Blog", "--app", world.app_id, "--domain", "example.org")
    assert '\n<script defer src="https://HOST/pixel.js" data-pixel="2"></script>\n' in said


def test_pixels_create_prints_the_domain_that_it_authorises_or_how_to_add_one(world: World) -> None:
    made = ("pixels", "create", "Blog", "--app", world.app_id)
    assert "is ready for example.org." in command(world, *made, "--domain", "https://Example.org/blog")
    assert "has no domain yet. Add one: heropixel domains add example.com --pixel 3\n" in command(world, *made)


@pytest.mark.parametrize("mode", ["implied", "none"])
def test_the_tag_says_what_consent_the_pixel_demands(world: World, mode: str) -> None:
    said = command(world, "pixels", "create", "Blog", "--app", world.app_id, "--consent", mode)
    assert f'data-pixel="2" data-consent="{mode}"></script>\n' in said


@pytest.mark.parametrize(
    ("mode", "tag"),
    [("implied", 'data-consent="implied"'), ("none", 'data-consent="none"'), ("required", "without data-consent")],
)
def test_pixels_consent_says_what_the_tags_have_to_say(world: World, mode: str, tag: str) -> None:
    assert f"Its tags must say the same: {tag}." in command(world, "pixels", "consent", "1", mode)


def test_adding_and_removing_a_domain_twice_says_so_and_changes_nothing(world: World) -> None:
    assert command(world, "domains", "add", "example.net", "--pixel", "1") == "example.net: added\n"
    assert command(world, "domains", "add", "EXAMPLE.net", "--pixel", "1") == "EXAMPLE.net: was there already\n"
    assert command(world, "domains", "remove", "example.net", "--pixel", "1") == "example.net: removed\n"
    assert command(world, "domains", "remove", "example.net", "--pixel", "1") == "example.net: was not there\n"


@pytest.mark.parametrize(
    ("words", "exit_code", "says"),
    [
        (("nonsense",), 2, "nonsense"),
        (("domains", "add", "co.uk", "--pixel", "1"), 2, "co.uk cannot be authorised"),
        (("domains", "add", "exam ple.com", "--pixel", "1"), 2, "it is not a host name"),
        (("domains", "add", "*.example.com", "--pixel", "1"), 2, "give example.com: with a registrable domain all its"),
        (("domains", "add", "file:///index.html", "--pixel", "1"), 2, "a file has no host"),
        (("domains", "add", "example.net", "--pixel", "99"), 7, "Pixel not found. See `heropixel pixels list`."),
        (("pixels", "create", "X", "--app", "app_unknown"), 7, "There is no app app_unknown"),
        (("apps", "rotate", "app_unknown", "--yes"), 7, "There is no app app_unknown"),
        (("users", "import", "missing.csv", "--app", "app_unknown"), 7, "There is no app app_unknown"),
        (("pageviews", "export", "--format", "xml"), 2, "xml"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_has_an_exit_code_and_a_sentence(
    world: World, words: tuple[str, ...], exit_code: int, says: str
) -> None:
    said = command(world, *words, expect=exit_code)
    assert says in " ".join(said.split())
    assert "Traceback" not in said


def test_a_file_that_is_missing_or_of_no_known_kind_is_named(world: World, tmp_path: Path) -> None:
    for name in ("missing.csv", "people.xlsx"):
        said = command(world, "users", "import", str(tmp_path / name), "--app", world.app_id, expect=2)
        assert name in said


@in_folder
def test_data_may_be_given_anywhere_and_by_the_environment(world: World) -> None:
    folder = str(world.folder)
    expected = command(world, "pixels", "list", "--json")
    assert command(None, "pixels", "list", "--json", "--data", folder) == expected
    assert command(None, "pixels", f"--data={folder}", "list", "--json") == expected
    assert command(None, "pixels", "list", "--json", HEROPIXEL_DATA=folder) == expected


def test_commands_work_while_a_server_runs_and_it_notices_within_a_second(world: World, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE)
    assert POLL_SECONDS < 1
    with running(world) as server:

        def says(message: str) -> bool:
            """Whether it does soon: ten times as late, on a machine that does other things."""
            until = time.monotonic() + 10
            while server.pageview(domain="example.net", md5=MD5_OF_ANNA)["message"] != message:
                if time.monotonic() > until:
                    return False
                time.sleep(0.05)
            return True

        assert server.pageview(domain="example.net")["message"] == "Domain not authorized"
        command(world, "domains", "add", "example.net", "--pixel", "1")
        command(world, "users", "import", str(file), "--app", world.app_id)
        assert says("User Found")
        command(world, "domains", "remove", "example.net", "--pixel", "1")
        command(world, "apps", "rotate", world.app_id, "--yes")
        assert says("Invalid credentials")


def test_a_name_is_printed_as_it_is(world: World) -> None:
    command(world, "apps", "create", "[/foo] [red]x[/red]")
    assert "[/foo] [red]x[/red]" in command(world, "apps", "list", COLUMNS="200")


def test_where_no_terminal_is_nothing_is_cut_or_folded(world: World) -> None:
    name, domains = "x" * 250, [f"{'shop' * 15}.{'long' * 15}.example{number}.org" for number in range(9)]
    words = [word for domain in domains for word in ("--domain", domain)]
    said = command(world, "pixels", "create", name, "--app", world.app_id, *words)
    assert ", ".join(domains) in said
    (row,) = (line for line in command(world, "pixels", "list").splitlines() if name in line)
    assert world.app_id in row
    assert ", ".join(domains) in row
    assert f"Pixel 2 is now called {name}." in command(world, "pixels", "rename", "2", name).splitlines()


def test_what_is_written_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder, exported = tmp_path / "data", tmp_path / "pageviews.jsonl"
    folder.mkdir(mode=0o755)
    command(None, "apps", "create", "Shop", "--data", str(folder))
    command(None, "pageviews", "export", "--output", str(exported), "--data", str(folder))
    files = [exported, *(file for file in folder.iterdir() if file.is_file())]
    assert {file.stat().st_mode & 0o077 for file in files} == {0}


def test_the_version_is_shown(world: World) -> None:
    assert command(world, "--version").startswith("heropixel 0.")
