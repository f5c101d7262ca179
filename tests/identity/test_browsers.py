"""Pages may link so many browsers to a user, and no more; a backend may."""

from typing import Any

import pytest

from heropixel.directory import Directory
from heropixel.directory.claims import add_claims
from heropixel.directory.links import waiting_links
from heropixel.identity.claim import apply_claims, claim_of
from heropixel.identity.identifiers import Claims, Index, keys_of
from heropixel.identity.resolve import LateQuestion, Lookup, Resolver, link

INDEX = Index(b"k" * 32)
EMAIL = "anna@example.com"


@pytest.fixture
def directory(fresh_directory: Directory) -> Directory:
    with fresh_directory.writing() as connection:
        connection.exec_driver_sql("INSERT INTO apps (number, id, name, created_at) VALUES (1, 'app', 'Shop', 1)")
    return fresh_directory


def who(directory: Directory, **claims: str) -> Any:
    """The id of the user that a pageview of a backend finds."""
    (resolution,) = Resolver(directory, INDEX).resolve([Lookup(1, Claims.parse(**claims), None)], now=1)
    return resolution.user.id if resolution.user else None


def visitor(number: int) -> str:
    return f"hp1.{number:032x}"


def linked(directory: Directory, numbers: range) -> list[bool]:
    return [who(directory, visitor_id=visitor(number)) is not None for number in numbers]


@pytest.mark.parametrize("at_once", [True, False])
def test_a_page_links_no_more_browsers_to_a_user_than_are_allowed(directory: Directory, *, at_once: bool) -> None:
    known = who(directory, email=EMAIL)
    questions = [
        LateQuestion(keys_of(Claims.parse(email=EMAIL, visitor_id=visitor(number)), 1, INDEX), 1) for number in range(5)
    ]
    batches = [questions] if at_once else [[question] for question in questions]
    found = [resolution for batch in batches for resolution in link(directory, batch, 2, most_browsers=3)]
    assert [resolution.via for resolution in found] == [known] * 5, "the pageviews are theirs all the same"
    assert [resolution.unlinked for resolution in found] == [False] * 3 + [True] * 2
    assert linked(directory, range(5)) == [True] * 3 + [False] * 2
    link(directory, questions, 3, most_browsers=3)
    assert linked(directory, range(5)) == [True] * 3 + [False] * 2, "however often it is tried"


def test_a_claim_beyond_the_bound_links_nothing_anywhere(directory: Directory) -> None:
    who(directory, email=EMAIL)
    with directory.writing() as connection:
        for number in range(4):
            claims = Claims.parse(email=EMAIL, visitor_id=visitor(number))
            add_claims(connection, [claim_of(1, claims, INDEX, now=2)])
    apply_claims(directory, 2, most_browsers=2)
    assert linked(directory, range(4)) == [True, True, False, False]
    assert [link.visitor_id for _, link in waiting_links(directory.connection, 10)] == [visitor(0), visitor(1)]


def test_a_backend_links_more(directory: Directory) -> None:
    for number in range(5):
        who(directory, email=EMAIL, visitor_id=visitor(number))
    assert linked(directory, range(5)) == [True] * 5
    question = LateQuestion(keys_of(Claims.parse(email=EMAIL, visitor_id=visitor(9)), 1, INDEX), 1)
    link(directory, [question], 2, most_browsers=3)
    assert linked(directory, range(9, 10)) == [False], "theirs count too"


def test_another_user_is_not_concerned(directory: Directory) -> None:
    for email in (EMAIL, "bea@example.com"):
        who(directory, email=email)
    questions = [
        LateQuestion(keys_of(Claims.parse(email=email, visitor_id=visitor(number)), 1, INDEX), 1)
        for number, email in enumerate([EMAIL, "bea@example.com", EMAIL])
    ]
    link(directory, questions, 2, most_browsers=1)
    assert linked(directory, range(3)) == [True, True, False]
