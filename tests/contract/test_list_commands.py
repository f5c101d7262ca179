"""`merges list`, `erasures list` and `saved-views list`: what the API lists, from the command line."""

import json
from typing import Any

from heropixel.directory import open_directory
from heropixel.directory.apps import app_number
from heropixel.members.saved_views import save_view
from tests.world import World, command


def test_merges_are_listed_latest_first_in_pages_and_those_undone_too(world: World) -> None:
    for name in ("ann", "bob", "cat"):
        identified(world, "--external-id", name)
        identified(world, "--email", f"{name}@example.com")
        identified(world, "--external-id", name, "--email", f"{name}@example.com")
    first, *rest = listed(world, "merges")
    assert len(rest) == 2
    command(world, "merges", "undo", first["id"])
    (again,) = listed(world, "merges", "--limit", "1")
    assert again == {**first, "undoneAt": again["undoneAt"]}
    assert again["undoneAt"]
    assert listed(world, "merges", "--after", first["id"]) == rest


def test_erasures_are_listed_latest_first_in_pages_and_name_nobody(world: World) -> None:
    for name in ("ann", "bob"):
        identified(world, "--email", f"{name}@example.com")
        command(world, "users", "forget", "--email", f"{name}@example.com", "--app", world.app_id, "--yes")
    last, first = listed(world, "erasures")
    assert first["requestedAt"] <= last["requestedAt"]
    assert last["erased"]["users"] == 1
    assert listed(world, "erasures", "--after", last["id"]) == [first]
    assert "era_0000000000000000" not in command(world, "erasures", "list", "--after", "era_0000000000000000", expect=7)
    said = command(world, "erasures", "list")
    assert "1 user" in said
    assert "ann" not in said


def test_views_that_are_saved_for_everybody_are_listed_and_not_those_of_a_member(world: World) -> None:
    shows = '{"range": {"name": "TODAY"}, "table": "pages"}'
    command(world, "members", "invite", "cleo@example.com", "--role", "viewer")
    (cleo,) = listed(world, "members")
    directory = open_directory(world.settings.url_of_directory())
    with directory.writing() as connection:
        app = app_number(connection, world.app_id)
        save_view(connection, app, None, None, "Pages today", shows, 1)
        save_view(connection, app, cleo["id"], None, "Cleo's", shows, 1)
    directory.close()
    (view,) = listed(world, "saved-views")
    assert (view["name"], view["owner"], view["pixelId"]) == ("Pages today", "APP", None)
    assert (view["shows"]["table"], view["shows"]["range"]) == ("pages", {"name": "TODAY"})


def identified(world: World, *words: str) -> None:
    command(world, "users", "identify", *words)


def listed(world: World, name: str, *words: str) -> list[dict[str, Any]]:
    return list(json.loads(command(world, name, "list", *words, "--json")))
