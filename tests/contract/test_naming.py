"""Apps and pixels are named by id or by name, and need no name where there is one."""

import json

import pytest

from tests.world import World, command, make_world


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> World:
    """One app named Test, with one pixel named Site."""
    return make_world(tmp_path_factory.mktemp("alone") / "data")


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = make_world(tmp_path_factory.mktemp("two") / "data")
    command(world, "apps", "create", "Other")
    command(world, "pixels", "create", "Blog", "--app", "other")
    return world


@pytest.mark.parametrize(
    "words",
    ["users list", "suppressions list", "domains add shop.example", "report --by page", "pixels create Second --json"],
)
def test_app_and_pixel_may_be_left_out_where_there_is_one(alone: World, words: str) -> None:
    command(alone, *words.split())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("users list", "Which app is meant? Name one of app_"),
        ("report", "Which pixel is meant? Name one of 1 (Site), 2 (Blog)."),
        ("domains add shop.example", "Which pixel is meant?"),
    ],
)
def test_where_there_are_several_they_are_listed(two: World, words: str, says: str) -> None:
    assert says in command(two, *words.split(), expect=2)


def test_apps_and_pixels_are_named_by_id_or_name_in_any_letter_case(two: World) -> None:
    for app in (two.app_id, "Test", "test"):
        command(two, "users", "list", "--app", app)
    for pixel in ("2", "Blog", "BLOG"):
        assert json.loads(command(two, "pixels", "show", pixel, "--json"))["id"] == 2
        command(two, "report", "--pixel", pixel)
    rotated = json.loads(command(two, "apps", "rotate", "other", "--yes", "--json"))
    assert rotated["appId"].startswith("app_")


@pytest.mark.parametrize(
    ("words", "says"),
    [("users list --app nobody", "There is no app nobody"), ("report --pixel none", "Pixel not found")],
)
def test_a_name_that_is_not_there_is_said(two: World, words: str, says: str) -> None:
    assert says in command(two, *words.split(), expect=7)
