"""Typed fields, `data` and commands show an object with the same fields: those of its type in the schema."""

import pytest
from graphql import GraphQLObjectType

from heropixel import shown
from heropixel.api.answers import FIELDS
from heropixel.api.schema import load_schema

SCHEMA = load_schema()
# Things by their types, and what a type has beside: other things, which each place shows in its own way.
THINGS = {
    "App": (shown.APP, {"secrets"}),
    "Secret": (shown.SECRET, set()),
    "Pixel": (shown.PIXEL, set()),
    "User": (shown.USER, set()),
    "Session": (shown.SESSION, {"visitSource"}),
    "Merge": (shown.MERGE, set()),
    "Suppression": (shown.SUPPRESSION, set()),
    "Erasure": (shown.ERASURE, set()),
}


@pytest.mark.parametrize("name", THINGS)
def test_all_fields_of_a_thing_are_those_of_its_type(name: str) -> None:
    fields, beside = THINGS[name]
    type_ = SCHEMA.type_map[name]
    assert isinstance(type_, GraphQLObjectType)
    assert {*fields} | beside == {*type_.fields}
    assert {*FIELDS[name]} - beside == {*fields}


def test_an_instant_is_shown_to_the_millisecond_or_in_the_given_form() -> None:
    class Thing:
        id = 7
        created_at = 1_700_000_000_123
        expires_at = None

    assert shown.show(shown.SECRET, Thing) == {"id": 7, "createdAt": "2023-11-14T22:13:20.123Z", "expiresAt": None}
    assert shown.show(shown.SECRET, Thing, ["createdAt"], instant=str) == {"createdAt": "1700000000123"}
    assert shown.getters(shown.SECRET)["createdAt"](Thing) == "2023-11-14T22:13:20.123Z"
