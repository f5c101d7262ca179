"""Members, keys and links by the command, while a server runs or not."""

import json
import re

import pytest

from tests.contract.signed_in import Browser, Client
from tests.world import Server, World, command, make_world, running


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("members") / "data")


def members_of(world: World) -> dict[str, str]:
    return {row["email"]: row["role"] for row in json.loads(command(world, "members", "list", "--json"))}


def test_members_are_invited_changed_and_removed(world: World) -> None:
    printed = command(world, "members", "invite", "anna@example.com", "--role", "owner")
    assert re.search(r"http://127\.0\.0\.1:8000/#sign-in=[\w-]{43}", printed)
    command(world, "members", "invite", "ben@example.com")
    assert members_of(world) == {"anna@example.com": "OWNER", "ben@example.com": "VIEWER"}
    command(world, "members", "change", "ben@example.com", "--role", "EDITOR")
    assert members_of(world)["ben@example.com"] == "EDITOR"
    assert "only owner" in command(world, "members", "remove", "anna@example.com", "--yes", expect=2)
    assert "--yes" in command(world, "members", "remove", "ben@example.com", expect=2)
    command(world, "members", "remove", "ben@example.com", "--yes")
    assert members_of(world) == {"anna@example.com": "OWNER"}
    assert "no such member" in command(world, "members", "change", "ben@example.com", "--role", "EDITOR", expect=7)
    actions = [entry["action"] for entry in json.loads(command(world, "audit", "--json"))]
    assert actions == ["removeMember", "changeMember", "inviteMember", "inviteMember"]


def test_a_link_is_printed_for_the_only_member_or_the_one_that_is_named(world: World) -> None:
    assert "https://stats.example/#sign-in=" in command(
        world, "sign-in-link", HEROPIXEL_PUBLIC_URL="https://stats.example/"
    )
    command(world, "members", "invite", "cleo@example.com")
    assert "Name one of anna@example.com, cleo@example.com" in command(world, "sign-in-link", expect=2)
    assert "#sign-in=" in command(world, "sign-in-link", "cleo@example.com")
    assert "no such member" in command(world, "sign-in-link", "nobody@example.com", expect=7)
    command(world, "members", "remove", "cleo@example.com", "--yes")


def test_a_key_is_made_listed_and_revoked_while_the_server_runs(world: World) -> None:
    with running(world) as server:
        made = json.loads(command(world, "keys", "create", "Sender", "--scope", "record", "--pixel", "1", "--json"))
        key = Client(server, Authorization=f"Bearer {made['key']}")
        event = {"pixelId": 1, "domain": "example.com"}
        query = "mutation ($event: PageviewEventInput!) { pageview(event: $event) { message reason } }"
        wait_until(server, key)
        assert key(query, event=event)["message"] == "User Not Found"
        (listed,) = json.loads(command(world, "keys", "list", "--json"))
        assert (listed["id"], listed["scopes"], listed["pixelIds"]) == (made["id"], ["RECORD"], [1])
        command(world, "keys", "revoke", made["id"], "--yes")
        owner = Browser(server)
        assert owner.sign_in_by(command(world, "sign-in-link"))["role"] == "OWNER"
        assert key(query, event=event)["reason"] == "INVALID_CREDENTIALS"


def wait_until(server: Server, key: Client) -> None:
    """Until the server has noticed what the command has changed; a change of its own makes it look at once."""
    server.graphql(
        'mutation ($auth: AuthInput) { createPixel(auth: $auth, name: "x") { code } }', {"auth": server.world.auth}
    )
    assert key.me()["code"] == 200
