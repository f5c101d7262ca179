"""Reports by user print the names of people."""

import json
from pathlib import Path

import pytest

from heropixel.directory.users import User
from heropixel.shown import person_name
from tests.world import World, command, running


@pytest.mark.parametrize(
    ("traits", "emails", "external_id", "name"),
    [
        ({"first_name": "Anna", "last_name": "Keller"}, ["a@example.com"], "u1", "Anna Keller"),
        ({"firstName": "Anna"}, ["a@example.com"], "u1", "Anna"),
        ({"name": " Anna Keller ", "first_name": "A."}, [], None, "Anna Keller"),
        ({"plan": "pro"}, ["a@example.com", "b@example.com"], "u1", "a@example.com"),
        ({"name": None}, [], "u1", "u1"),
        ({}, [], None, ""),
    ],
)
def test_a_person_is_named_by_traits_then_address_then_external_id(
    traits: dict[str, object], emails: list[str], external_id: str | None, name: str
) -> None:
    assert person_name(User(1, external_id, json.dumps(traits), 1), emails) == name


def test_a_report_by_user_prints_names_beside_the_ids(world: World, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("email,first_name,last_name\nanna@example.com,Anna,Keller\n")
    command(world, "users", "import", str(file), "--app", world.app_id)
    with running(world) as server:
        answer = server.pageview(email="anna@example.com")
        printed = command(world, "report", "--pixel", "1", "--by", "user")
        listed = command(world, "report", "--pixel", "1", "--by", "user", "--csv")
    assert f"Anna Keller ({answer['user']['id']})" in printed
    assert listed.splitlines()[1].startswith(f"{answer['user']['id']},"), "a script joins by the id"
