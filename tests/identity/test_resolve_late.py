"""Pageviews from browsers are answered before they are resolved, and resolved like those of the API."""

import pytest

from heropixel.directory.tables import identifiers, users
from heropixel.identity.batch import MergeOrigin, ToIdentify
from heropixel.identity.identifiers import Claims, keys_of
from heropixel.identity.identify import identify_many
from heropixel.identity.person import Person
from heropixel.identity.resolve import LateQuestion, Lookup, Resolution, link
from tests.identity.resolving import EMAIL, INDEX, NOW, Place, digest, list_statements


@pytest.mark.parametrize(
    "claims",
    [{"sha256": digest("sha256", EMAIL)}, {"external_id": "ann"}, {"visitor_id": "hers"}, {"external_id": "nobody"}],
)
def test_a_pageview_from_a_browser_is_answered_without_looking_up_its_user(
    place: Place, claims: dict[str, str]
) -> None:
    place.know(email=EMAIL, external_id="ann", visitor_id="hers")
    question = Lookup(place.app, Claims.parse(**{"visitor_id": "v", **claims}), consent=True, from_browser=True)
    answers: list[Resolution] = []
    statements = list_statements(place, lambda: answers.extend(place.resolver.resolve([question], NOW)))
    assert statements == []
    assert answers == [Resolution(known_by=tuple(keys_of(question.claims, place.app, INDEX)))]


def test_beside_the_visitors_door_the_api_is_answered_as_ever(place: Place) -> None:
    ann = place.know(email=EMAIL)
    claims = Claims.parse(email=EMAIL, visitor_id="v")
    asked = [Lookup(place.app, claims, None, from_browser=from_browser) for from_browser in (True, False)]
    late, now = place.resolver.resolve(asked, NOW)
    assert (late.user, now.user and now.user.id) == (None, ann)
    assert place.ask(visitor_id="v").found


def late(place: Place, **claims: str) -> LateQuestion:
    return LateQuestion(keys_of(Claims.parse(**claims), place.app, INDEX), NOW)


def test_late_questions_are_answered_as_by_the_api_but_learn_nobody(place: Place) -> None:
    place.know(email=EMAIL, external_id="ann", visitor_id="hers")
    place.suppress(place.know(external_id="off"))
    for claims in (
        {"sha256": digest("sha256", EMAIL)},
        {"external_id": "ann", "visitor_id": "v"},
        {"external_id": "nobody", "visitor_id": "hers"},
        {"external_id": "off", "visitor_id": "hers"},
        {"external_id": "nobody"},
    ):
        (answer,) = place.resolver.find([late(place, **claims)], NOW)
        assert answer == place.ask(**claims)
    before = place.count(users), place.count(identifiers)
    link(place.directory, [late(place, email="new@example.com", visitor_id="w")], NOW)
    assert (place.count(users), place.count(identifiers)) == before


def test_find_links_nobody_and_later_questions_see_a_link(place: Place) -> None:
    ann = place.know(email=EMAIL)
    asked = [late(place, sha256=digest("sha256", EMAIL), visitor_id="v"), late(place, visitor_id="v")]
    for _ in range(2):
        place.resolver.find(asked, NOW)
        assert not place.ask(visitor_id="v").found
    for _ in range(2):
        answers = link(place.directory, asked, NOW)
        assert [(answer.via, answer.matched_on) for answer in answers] == [(ann, "SHA256"), (ann, "VISITOR_ID")]
    assert place.ask(visitor_id="v").found


def test_the_api_links_a_visitor_again_also_when_the_clock_was_put_back(place: Place) -> None:
    place.know(email=EMAIL)
    bob = place.know(external_id="bob")
    place.resolver.resolve([place.question(email=EMAIL, visitor_id="v")], NOW + 86_400_000)
    place.resolver.resolve([place.question(external_id="bob", visitor_id="v")], NOW)
    alone = place.ask(visitor_id="v")
    assert alone.user is not None
    assert alone.user.id == bob


@pytest.mark.parametrize("size", [1, 7, 300])
def test_a_group_that_links_late_is_one_statement_a_table(place: Place, size: int) -> None:
    known = [Person(Claims.parse(email=f"{number}@example.com"), {}) for number in range(size)]
    identify_many(place.directory, ToIdentify.of(place.app, known, INDEX, MergeOrigin.API, NOW))
    asked = [
        late(place, sha256=digest("sha256", f"{number}@example.com"), visitor_id=f"v{number}") for number in range(size)
    ]
    looked = ["SELECT FROM identifiers", "SELECT FROM erasures"]
    wrote = ["BEGIN", *looked, "INSERT INTO identifiers", "COMMIT"]
    assert list_statements(place, lambda: link(place.directory, asked, NOW)) == looked + wrote
    assert list_statements(place, lambda: link(place.directory, asked, NOW)) == looked
