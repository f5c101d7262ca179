"""A group is resolved in few statements, whole or not at all, and as one question after the other."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from heropixel.directory import Directory, open_directory
from heropixel.directory import users as users_of_directory
from heropixel.directory.tables import identifiers, users
from heropixel.identity import resolve
from heropixel.identity.batch import MergeOrigin, ToIdentify
from heropixel.identity.identifiers import Claims
from heropixel.identity.identify import identify_many
from heropixel.identity.person import Person
from heropixel.identity.resolve import Resolution, Resolver
from tests.identity.resolving import EMAIL, INDEX, NOW, Place, digest, list_statements, new_app
from tests.session.examples import examples, spared


@pytest.mark.parametrize("size", [1, 2, 7, 300])
def test_a_group_that_finds_is_one_statement(place: Place, size: int) -> None:
    known = [Person(Claims.parse(email=f"{number}@example.com"), {}) for number in range(size)]
    identify_many(place.directory, ToIdentify.of(place.app, known, INDEX, MergeOrigin.API, NOW))
    questions = [place.question(email=f"{number}@example.com") for number in range(size)]
    assert list_statements(place, lambda: place.resolver.resolve(questions, NOW)) == ["SELECT FROM identifiers"]


@pytest.mark.parametrize("size", [1, 2, 7, 300])
def test_a_group_that_learns_and_links_is_one_statement_a_table(place: Place, size: int) -> None:
    known = [Person(Claims.parse(email=f"{number}@example.com"), {}) for number in range(size)]
    identify_many(place.directory, ToIdentify.of(place.app, known, INDEX, MergeOrigin.API, NOW))
    questions = []
    for number in range(size):
        new = f"n{number}@example.com"
        questions.append(place.question(email=new, visitor_id=new))
        questions.append(place.question(email=f"{number}@example.com", visitor_id=f"v{number}"))
    assert list_statements(place, lambda: place.resolver.resolve(questions, NOW)) == [
        "SELECT FROM identifiers",
        "BEGIN",
        "SELECT FROM identifiers",
        "UPDATE apps SET",
        "INSERT INTO users",
        "INSERT INTO identifiers",
        "INSERT INTO contacts",
        "COMMIT",
    ]


def test_what_is_known_already_is_not_written_again(place: Place) -> None:
    place.ask(email=EMAIL, visitor_id="v", external_id="ann", phone="+14155550100")
    again = list_statements(
        place, lambda: place.ask(email=EMAIL, visitor_id="v", external_id="ann", phone="+14155550100")
    )
    assert again == ["SELECT FROM identifiers"]


def test_a_user_learned_by_another_process_at_the_same_time_is_learned_once(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = Place(place.directory.another(), Resolver(place.directory.another(), INDEX), place.app)
    find = users_of_directory.look_for
    learned: list[Resolution] = []

    def find_and_be_overtaken(*arguments: Any) -> Any:
        found = find(*arguments)
        if not learned:
            learned.append(Resolution())  # the other one looks up as well
            learned[0] = elsewhere.ask(email=EMAIL, external_id="theirs")
        return found

    monkeypatch.setattr(resolve, "look_for", find_and_be_overtaken)
    answer = place.ask(email=EMAIL, external_id="ours", visitor_id="v")
    assert learned[0].created
    assert (answer.found, answer.matched_on) == (True, "EMAIL")
    assert answer.user == learned[0].user
    assert place.count(users) == 1
    assert place.ask(visitor_id="v").user == learned[0].user
    elsewhere.directory.close()


def test_a_group_that_fails_writes_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("no contacts today")

    with monkeypatch.context() as patched:
        patched.setattr(resolve, "add_contacts", fail)
        with pytest.raises(RuntimeError, match="no contacts today"):
            place.ask(email=EMAIL, visitor_id="v")
    assert place.count(users) == place.count(identifiers) == 0
    assert place.ask(email=EMAIL, visitor_id="v").created


def test_users_are_found_by_id_and_those_that_are_gone_left_out(place: Place) -> None:
    ann = place.know(traits={"plan": "gold"}, email=EMAIL, external_id="ann")
    known = place.resolver.users([ann, ann + 1])
    assert known == {ann: place.ask(email=EMAIL).user}
    assert place.resolver.users([]) == {}


def test_learned_users_are_there_when_the_directory_is_opened_again(directory_url: str) -> None:
    first = open_directory(directory_url)
    app = new_app(first)
    created = Place(first, Resolver(first, INDEX), app).ask(email=EMAIL, visitor_id="v")
    first.close()
    second = open_directory(directory_url)
    assert Place(second, Resolver(second, INDEX), app).ask(visitor_id="v").user == created.user
    second.close()


ADDRESSES = [
    "ann@example.com",
    "bob@example.com",
    "jo.hn+x@gmail.com",
    "jo.hn@gmail.com",
    "john@gmail.com",
    "off@example.com",
]

TEXTS = [*ADDRESSES, "john+x@gmail.com"]

POOL: dict[str, list[str]] = {
    "external_id": ["e1", "e2", "e3"],
    "phone": ["+14155550100", "+14155550101"],
    "visitor_id": ["v1", "v2", "v-off"],
}


@st.composite
def people(draw: st.DrawFn) -> tuple[dict[str, Any], bool | None]:
    """Claims of a few people with shared identifiers, and their consent."""
    claims = {name: draw(st.sampled_from(values)) for name, values in POOL.items() if draw(st.booleans())}
    if draw(st.booleans()):
        claims["email"] = draw(st.sampled_from(ADDRESSES))
    else:
        for algorithm in ("sha256", "sha1", "md5"):
            if draw(st.integers(0, 2)) == 0:
                claims[algorithm] = digest(algorithm, draw(st.sampled_from(TEXTS)))
    return claims, draw(st.sampled_from([None, None, True, False]))


def settled(directory: Directory) -> Place:
    """A new app with a known user and a suppressed one."""
    place = Place(directory, Resolver(directory, INDEX), new_app(directory))
    place.know(traits={"plan": "gold"}, email="bob@example.com")
    place.suppress(place.know(email="off@example.com", visitor_id="v-off"))
    return place


def seen(place: Place, answers: Sequence[Resolution]) -> list[tuple[Any, ...]]:
    """Answers, with users numbered by age: ids themselves may have gaps."""
    ages = ages_of(place)
    return [
        (a.user and (ages[a.user.id], a.user.external_id, a.user.traits), a.created, a.matched_on, a.form, a.miss)
        for a in answers
    ]


def ages_of(place: Place) -> dict[int, int]:
    ids = place.rows(select(users.c.id).where(place.has(users.c.id)).order_by(users.c.id))
    return {user_id: age for age, (user_id,) in enumerate(ids)}


def kept(place: Place) -> dict[str, Any]:
    """Everything the directory holds of an app, in terms that do not depend on the app."""
    ages = ages_of(place)
    probes = [{name: value} for name, values in POOL.items() for value in values]
    probes += [{name: digest(name, text)} for name in ("sha256", "sha1", "md5") for text in TEXTS]
    return {
        "users": [
            row[1:]
            for row in place.rows(
                select(users.c.id, users.c.external_id, users.c.traits, users.c.learned, users.c.suppressed_until)
                .where(place.has(users.c.id))
                .order_by(users.c.id)
            )
        ],
        "identifiers": sorted(
            (ages[user_id], kind, form)
            for user_id, kind, form in place.rows(
                select(identifiers.c.user_id, identifiers.c.kind, identifiers.c.form).where(
                    place.has(identifiers.c.user_id)
                )
            )
        ),
        "contacts": sorted((ages[user_id], kind, value) for user_id, kind, value in place.contacts()),
        "found": seen(place, place.resolver.resolve([place.question(**probe) for probe in probes], NOW)),
    }


@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.lists(people(), min_size=1, max_size=12))
def test_a_group_is_answered_as_if_its_questions_came_one_after_the_other(
    directory: Directory, backend: str, asked: list[tuple[dict[str, Any], bool | None]]
) -> None:
    if spared(backend, asked):
        return
    together, apart = settled(directory), settled(directory)
    group = together.resolver.resolve([together.question(consent=c, **claims) for claims, c in asked], NOW)
    singles = [apart.ask(consent=c, **claims) for claims, c in asked]
    assert seen(together, group) == seen(apart, singles)
    assert kept(together) == kept(apart)
