"""`heropixel shares`, while the server runs and where it does not."""

import json
import re
import shlex
from pathlib import Path

import pytest

from tests.contract.sharing import opened
from tests.launcher import ended, launch
from tests.test_docs import DOCS, shell_blocks
from tests.world import Server, World, command, make_world, running


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("shares") / "data")


def token_of(link: str) -> str:
    return link.strip().partition("#share=")[2]


def test_a_share_is_made_listed_and_revoked_while_the_server_runs(world: World) -> None:
    with running(world) as server:
        made = json.loads(
            command(world, "shares", "create", "For you", "--filter", "country=CH", "--show-people", "--json")
        )
        notice(server)
        assert made["link"].startswith(f"{server.url}/share?id={made['id']}#share=")
        assert opened(server, token_of(made["link"]))["share"]["name"] == "For you"
        (listed,) = json.loads(command(world, "shares", "list", "--json"))
        assert (listed["id"], listed["hasPassword"], listed["showPeople"]) == (made["id"], False, True)
        assert listed["filter"] == {"and": [{"on": {"dimension": "COUNTRY", "is": ["CH"]}}]}
        assert "--yes" in command(world, "shares", "revoke", made["id"], expect=2)
        command(world, "shares", "revoke", made["id"], "--yes")
        notice(server)
        assert opened(server, token_of(made["link"]))["reason"] == "SHARE_REVOKED"
        actions = [entry["action"] for entry in json.loads(command(world, "audit", "--json"))]
        assert actions == ["revokeShare", "createShare"]


def notice(server: Server) -> None:
    """Let the server notice at once what a command has changed: a change of its own makes it look."""
    query = 'mutation ($auth: AuthInput) { createPixel(auth: $auth, name: "x") { code } }'
    assert server.graphql(query, {"auth": server.world.auth})["data"]["createPixel"]["code"] == 200


def test_the_password_of_a_share_is_a_line_of_input_where_nobody_can_be_asked(world: World, tmp_path: Path) -> None:
    link = created(world, tmp_path, "correct horse battery\n")
    with running(world) as server:
        assert opened(server, token_of(link))["reason"] == "SHARE_PASSWORD_NEEDED"
        assert opened(server, token_of(link), "correct horse battery")["code"] == 200
    assert "password must have from 10" in created(world, tmp_path, "short\n")


def created(world: World, folder: Path, typed: str) -> str:
    """What `shares create --password` prints."""
    (folder / "typed").write_text(typed)
    words = ("--data", str(world.folder), "shares", "create", "Locked", "--pixel", "1", "--password")
    with (folder / "typed").open("rb") as given, (folder / "said").open("wb") as said:
        process = launch(*words, stdin=given, stdout=said, stderr=said, environment=world.environment)
    with ended(process):
        process.wait(30)
    return (folder / "said").read_text().partition("\n")[0]


def test_what_a_share_cannot_have_is_refused_in_words(world: World) -> None:
    refused = command(world, "shares", "create", "x", "--pixel", "1", "--embed-on", "example.com", expect=2)
    assert "in a frame (embedOn): up to 20, such as https://example.com" in refused
    refused = command(world, "shares", "create", "x", "--pixel", "1", "--filter", "user=1", expect=2)
    assert "the filter of a share cannot have USER or TRAIT" in refused
    assert "no share with that id" in command(world, "shares", "revoke", "shr_1", "--yes", expect=7)


def test_the_commands_of_the_documentation_work(world: World) -> None:
    lines = [line for block in shell_blocks(DOCS / "shares.md") for line in block.splitlines()]
    made = ""
    for line in lines:
        words = [word.replace("shr_...", made) for word in shlex.split(line)[1:]]
        said = command(world, *words)
        made = (re.findall(r"shr_\w+", said) or [made])[0]
    assert len(lines) == 5
    assert said == f"{made}: revoked\n"
