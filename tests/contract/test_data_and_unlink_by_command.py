"""An operator takes a browser from a person, and exports all that is kept of one: by the server, or without one."""

import json
from collections.abc import Iterator

import pytest

from tests.world import Server, World, command, make_world, running

V = "hp1." + "a" * 32
ANN = ("--external-id", "ann")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    world = make_world(tmp_path_factory.mktemp("told") / "data")
    with running(world) as server:
        server.pageview(eventId="before", visitorId=V)
        command(world, "users", "identify", *ANN, "--email", "ann@example.com", "--traits", '{"name": "Ann"}')
        server.pageview(eventId="link", visitorId=V, externalId="ann")
        server.pageview(eventId="after", visitorId=V)
        yield server


def hers(world: World) -> list[str]:
    """Her pageviews, as her document has them."""
    document = json.loads(command(world, "users", "export", "--email", "ann@example.com"))
    return sorted(row["eventId"] for row in document["pageviews"])


@pytest.mark.parametrize("by_server", [True, False], ids=["by the server", "here"])
def test_a_browser_is_taken_from_a_person_and_given_back_by_command(told: Server, *, by_server: bool) -> None:
    if not by_server:
        told.stop()
    assert hers(told.world) == ["after", "before", "link"]
    said = command(told.world, "users", "unlink", V, *ANN)
    assert f"{V} is taken from user " in said
    assert "with 2 pageviews" in said
    assert hers(told.world) == ["link"]
    (unlink,) = [
        each
        for each in json.loads(command(told.world, "users", "show", *ANN, "--json"))["unlinks"]
        if not each["undoneAt"]
    ]
    assert (unlink["visitorId"], unlink["done"], unlink["origin"]) == (V, True, "COMMAND")
    assert f"`heropixel users relink {unlink['id']}`" in said
    assert "is not linked to this user" in command(told.world, "users", "unlink", V, *ANN, expect=7)
    assert f"{V} is a browser of user " in command(told.world, "users", "relink", unlink["id"])
    assert hers(told.world) == ["after", "before", "link"]
    assert "undone already" in command(told.world, "users", "relink", unlink["id"], expect=7)


def test_the_document_of_one_person_is_one_json_object_with_all_tables(world: World) -> None:
    command(world, "users", "identify", *ANN, "--email", "ann@example.com", "--traits", '{"name": "Ann"}')
    file = world.folder.parent / "ann.json"
    command(world, "users", "export", "--email", "ann@example.com", "--output", str(file))
    document = json.loads(file.read_text())
    assert document["users"][0]["traits"] == {"name": "Ann"}
    assert document["contacts"][0]["value"] == "ann@example.com"
    assert document["pageviews"] == []
    said = command(world, "users", "export", *ANN, "--format", "csv", expect=2)
    assert "leave out --format" in said
    assert command(world, "users", "export", "--email", "nobody@example.com", expect=7)
