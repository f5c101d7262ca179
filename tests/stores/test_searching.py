"""People are found by a search, and their traits are read, alike on every backend."""

import json
from typing import Any, NamedTuple

import pytest

from heropixel.directory import Directory
from heropixel.directory.people import Search, all_people, count_people, list_people, search_ids, text_words
from heropixel.directory.trait_values import trait_values
from heropixel.directory.users import note_pasts
from heropixel.identity.batch import MergeOrigin, ToIdentify
from heropixel.identity.identifiers import Claims
from heropixel.identity.identify import identify_many
from heropixel.identity.person import Person
from tests.identity.resolving import INDEX, NOW, new_app

PEOPLE: dict[str, tuple[str, str, dict[str, Any]]] = {
    "ann": ("ann@example.com", "+14155550100", {"plan": "Pro", "seats": 12, "beta": True, "city": "München"}),
    "ben": ("Ben.Z@work.example", "", {"plan": "free", "seats": 12.5, "since": "2026-01-31T10:00:00Z"}),
    "cé": ("c@example.com", "", {"plan": None, "seats": "12", "since": "2026-02-01", "beta": "true"}),
    "dora": ("dora@work.example", "", {"tags": ["Pro", {"deep": "Größe"}], "size": 1e300, "nothing": {}}),
    "emil-%_x": ("", "", {"note": "100% + 4 'quoted'", "phone number": "555 17", "tel": "none"}),
}


class Known(NamedTuple):
    directory: Directory
    app: int

    def found(self, search: Search) -> list[str]:
        listed = list_people(self.directory.connection, self.app, search, None, 100)
        assert count_people(self.directory.connection, self.app, search) == len(listed)
        assert search_ids(self.directory.connection, self.app, search, 100) == {each.user.id for each in listed}
        return [str(each.user.external_id) for each in listed]


@pytest.fixture(scope="module")
def known(directory: Directory) -> Known:
    app = new_app(directory)
    for name, (email, phone, traits) in PEOPLE.items():
        given = {"external_id": name} | ({"email": email} if email else {}) | ({"phone": phone} if phone else {})
        person = Person(Claims.parse(**given), {key: value for key, value in traits.items() if value is not None})
        identify_many(directory, ToIdentify.of(app, [person], INDEX, MergeOrigin.API, NOW))
    return Known(directory, app)


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        (Search(), [*PEOPLE]),
        (Search(email_prefix="a"), ["ann"]),
        (Search(email_prefix="ben.z@work"), ["ben"]),
        (Search(trait=("plan", "pro")), ["ann"]),
        (Search(trait=("seats", 12)), ["ann", "cé"]),
        (Search(trait=("seats", "12.0")), ["ann", "cé"]),
        (Search(trait=("seats", 12.5)), ["ben"]),
        (Search(trait=("size", 1e300)), ["dora"]),
        (Search(trait=("beta", True)), ["ann", "cé"]),
        (Search(trait=("beta", "TRUE")), ["ann", "cé"]),
        (Search(trait=("since", "2026-01-31")), ["ben"]),
        (Search(trait=("since", "2026-02-01")), ["cé"]),
        (Search(trait=("city", "MÜNCHEN")), []),
        (Search(trait=("tags", "Pro")), []),
        (Search(learned=True), []),
        (Search(learned=False, unseen=[]), [*PEOPLE]),
        (Search(seen=[]), []),
        *(
            (Search(words=text_words(words), masked=masked), expected)
            for words, masked, expected in (
                ("pro", None, ["ann", "dora"]),
                ("münchen", None, ["ann"]),
                ("GRÖSSE", None, []),
                ("größe", None, ["dora"]),
                ("work.example", None, ["ben", "dora"]),
                ("work.example dora", None, ["dora"]),
                ("4155550100", None, ["ann"]),
                ("%_", None, ["emil-%_x"]),
                ("100% '", None, ["emil-%_x"]),
                ("CÉ", None, ["cé"]),
                ("pro", True, ["ann", "dora"]),
                ("work.example", True, []),
                ("4155550100", True, []),
                ("100%", True, []),
                ("555", True, []),
                ("none", True, ["emil-%_x"]),
                ("emil", True, ["emil-%_x"]),
            )
        ),
    ],
    ids=str,
)
def test_a_search_finds_the_same_people(known: Known, search: Search, expected: list[str]) -> None:
    assert known.found(search) == expected


def test_a_search_may_name_who_was_seen_and_who_was_not(known: Known) -> None:
    ids = {str(each.user.external_id): each.user.id for each in all_people(known.directory.connection, known.app, 2)}
    assert [*ids] == [*PEOPLE], "in pages of two"
    assert known.found(Search(seen=[ids["ben"], ids["ann"]])) == ["ann", "ben"]
    assert known.found(Search(unseen=[ids["ben"], ids["ann"]])) == [*PEOPLE][2:]
    listed = list_people(known.directory.connection, known.app, Search(), ids["dora"], 2, newest=True)
    assert [each.user.external_id for each in listed] == ["cé", "ben"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("plan", {"ann": "Pro", "ben": "free"}),
        ("seats", {"ann": "12", "ben": "12.5", "cé": "12"}),
        ("beta", {"ann": "true", "cé": "true"}),
        ("tags", {"dora": '["Pro",{"deep":"Größe"}]'}),
        ("nothing", {"dora": "{}"}),
        ("nowhere", {}),
    ],
)
def test_the_values_of_a_trait_are_the_same_texts(known: Known, name: str, expected: dict[str, str]) -> None:
    names = {each.user.id: each.user.external_id for each in all_people(known.directory.connection, known.app)}
    lines = b"\n".join(trait_values(known.directory.connection, known.app, name)).splitlines()
    values = [json.loads(line) for line in lines]
    assert {names[value["person"]]: value["value"] for value in values} == expected


def test_what_another_server_knew_makes_a_user_older_and_never_younger(known: Known) -> None:
    ids = [each.user.id for each in all_people(known.directory.connection, known.app)]
    with known.directory.writing() as connection:
        note_pasts(connection, [(ids[0], NOW - 5, True), (ids[1], NOW + 5, False)])
    people = [*all_people(known.directory.connection, known.app)]
    assert [(each.user.created_at, each.learned) for each in people[:2]] == [(NOW - 5, True), (NOW, False)]
    with known.directory.writing() as connection:
        connection.exec_driver_sql(f"UPDATE users SET learned = {people[1].learned!r} WHERE id = {ids[0]}")
