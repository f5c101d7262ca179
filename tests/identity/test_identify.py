"""Creating and completing users, many at once, on a real directory."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from heropixel.directory import Directory
from heropixel.directory.apps import app_number, create_app
from heropixel.directory.users import User
from heropixel.identity.batch import MergeOrigin, Result, ToIdentify
from heropixel.identity.deciding import merge_traits
from heropixel.identity.identifiers import Claims, Index
from heropixel.identity.identify import identify_many
from heropixel.identity.person import Person
from heropixel.identity.resolve import Lookup, Resolver
from tests.session.examples import examples, spared

INDEX = Index(b"k" * 32)


class Known:
    """A directory with one app, and how a test speaks to it."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        with self.directory.writing() as connection:
            self.app = app_number(connection, create_app(connection, "Test", now=1).app_id)

    def identify(self, *persons: tuple[dict[str, str], dict[str, Any]]) -> list[str]:
        given = [Person(Claims.parse(**claims), traits) for claims, traits in persons]
        return [
            identified.result.value
            for identified in identify_many(
                self.directory, ToIdentify.of(self.app, given, INDEX, MergeOrigin.API, now=5)
            )
        ]

    def user(self, **claims: str) -> User:
        (answer,) = Resolver(self.directory, INDEX).resolve([Lookup(self.app, Claims.parse(**claims), None)], now=9)
        assert answer.found, answer
        assert answer.user is not None
        return answer.user

    def traits(self, **claims: str) -> str | None:
        return self.user(**claims).traits

    def rows(self, table: str) -> list[Any]:
        return list(self.directory.connection.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2")))


@pytest.fixture
def known(fresh_directory: Directory) -> Known:
    return Known(fresh_directory)


def test_a_person_is_created_completed_and_then_unchanged(known: Known) -> None:
    assert known.identify(({"email": "anna@example.com"}, {"plan": "pro"})) == ["created"]
    assert known.identify(({"email": "ANNA@example.com"}, {"plan": "pro"})) == ["unchanged"]
    assert known.identify(({"email": "anna@example.com", "external_id": "a-1"}, {"city": "Bern"})) == ["updated"]
    assert known.traits(external_id="a-1") == '{"plan":"pro","city":"Bern"}'


def test_two_rows_of_one_person_in_one_call_are_one_user(known: Known) -> None:
    first = ({"email": "anna@example.com"}, {"plan": "pro"})
    second = ({"email": "anna@example.com", "phone": "+14155550100"}, {"plan": "free"})
    assert known.identify(first, second, second) == ["created", "updated", "unchanged"]
    assert known.traits(phone="+14155550100") == '{"plan":"free"}'
    assert len(known.rows("users")) == 1


def test_users_whom_one_call_names_become_one_and_the_older_stays(known: Known) -> None:
    known.identify(({"external_id": "a-1"}, {"is": "a", "old": 1}), ({"email": "ben@example.com"}, {"is": "b", "b": 2}))
    older, newer = (row[0] for row in known.rows("users"))
    both = {"external_id": "a-1", "email": "ben@example.com"}
    assert known.identify((both, {"seen": True})) == ["merged"]
    for claims in ({"external_id": "a-1"}, {"email": "ben@example.com"}):
        assert known.user(**claims).id == older != newer
        assert known.traits(**claims) == '{"is":"a","old":1,"b":2,"seen":true}'
    assert known.identify((both, {"seen": True})) == ["unchanged"]


def test_a_user_known_by_a_digest_alone_is_completed_by_the_address(known: Known) -> None:
    known.identify(({"md5": "6b56db1f84a3997b902509d3fbf0a306"}, {"plan": "pro"}))
    assert known.identify(({"email": "anna@example.com"}, {})) == ["updated"]
    assert known.rows("contacts") == [(known.rows("users")[0][0], "email", "anna@example.com")]


def test_null_removes_a_trait_and_no_traits_are_no_traits() -> None:
    assert merge_traits('{"a":1,"b":2}', {"a": None}) == '{"b":2}'
    assert merge_traits('{"a":1}', {"a": None}) is None
    assert merge_traits(None, {}) is None
    assert merge_traits('{"a":1}', {}) == '{"a":1}'


NAMES = st.sampled_from(["anna", "ben", "carla"])
PERSONS = st.lists(
    st.tuples(
        st.fixed_dictionaries({"email": NAMES.map("{}@example.com".format)}, optional={"external_id": NAMES}),
        st.dictionaries(st.sampled_from("ab"), st.integers(0, 2) | st.none(), max_size=2),
    ),
    max_size=6,
)


@given(persons=PERSONS)
@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_many_at_once_are_the_same_as_one_after_the_other(
    persons: list[tuple[dict[str, str], dict[str, Any]]], open_fresh: Callable[[], Directory], backend: str
) -> None:
    if spared(backend, persons):
        return
    together, single = (Known(open_fresh()) for _ in range(2))
    try:
        assert together.identify(*persons) == [known for person in persons for known in single.identify(person)]
        for table in ("identifiers", "contacts"):
            assert len(together.rows(table)) == len(single.rows(table))
        assert [row[1:3] for row in together.rows("users")] == [row[1:3] for row in single.rows("users")]
        assert set(together.identify(*persons)) <= {Result.UNCHANGED, Result.UPDATED}
    finally:
        together.directory.close()
        single.directory.close()
