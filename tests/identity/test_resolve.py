"""Finding, learning and linking users for pageviews, on a real directory: sections 3 and 4 of the contract."""

from itertools import combinations
from typing import Any

import pytest
from sqlalchemy import select

from heropixel.directory.tables import APP_SHIFT, identifiers, users
from heropixel.identity.identifiers import Claims, Form
from heropixel.identity.resolve import Lookup, Miss, Resolution
from tests.identity.resolving import EMAIL, NOW, Place, digest, list_statements, new_app


@pytest.mark.parametrize(
    ("given_", "matched_on", "form"),
    [
        ({"email": EMAIL}, "EMAIL", Form.STRICT),
        ({"email": " ANN@EXAMPLE.COM"}, "EMAIL", Form.STRICT),
        ({"sha256": digest("sha256", EMAIL)}, "SHA256", Form.STRICT),
        ({"sha1": digest("sha1", EMAIL)}, "SHA1", Form.STRICT),
        ({"md5": digest("md5", EMAIL)}, "MD5", Form.STRICT),
        ({"external_id": "ann"}, "EXTERNAL_ID", None),
        ({"phone": "+14155550100"}, "PHONE", None),
        ({"visitor_id": "browser"}, "VISITOR_ID", None),
        ({"external_id": "ann", "email": EMAIL, "phone": "+14155550100"}, "EXTERNAL_ID", None),
        ({"email": EMAIL, "phone": "+14155550100", "visitor_id": "browser"}, "EMAIL", Form.STRICT),
        ({"md5": digest("md5", EMAIL), "sha1": digest("sha1", EMAIL)}, "SHA1", Form.STRICT),
        ({"phone": "+14155550100", "visitor_id": "browser"}, "PHONE", None),
    ],
)
def test_a_user_is_found_by_each_identifier(
    place: Place, given_: dict[str, Any], matched_on: str, form: Form | None
) -> None:
    known = place.know(
        traits={"plan": "gold"}, email=EMAIL, external_id="ann", phone="+14155550100", visitor_id="browser"
    )
    answer = place.ask(**given_)
    assert answer.user is not None
    assert (answer.user.id, answer.matched_on, answer.form) == (known, matched_on, form)
    assert (answer.found, answer.created, answer.miss) == (True, False, None)
    assert (answer.user.traits, answer.user.external_id, answer.user.created_at) == ('{"plan":"gold"}', "ann", NOW)


@pytest.mark.parametrize(
    ("given_", "miss"),
    [
        ({}, Miss.NO_IDENTIFIER),
        ({"md5": digest("md5", "")}, Miss.NO_IDENTIFIER),
        ({"sha256": digest("sha256", "nobody@example.com")}, Miss.NOT_KNOWN),
        ({"external_id": "nobody"}, Miss.NOT_KNOWN),
        ({"phone": "+14155550199"}, Miss.NOT_KNOWN),
        ({"visitor_id": "nobody"}, Miss.NOT_KNOWN),
        ({"external_id": "nobody", "visitor_id": "nobody", "md5": digest("md5", "x")}, Miss.NOT_KNOWN),
    ],
)
def test_what_is_not_known_is_missed_with_a_reason_and_nobody_is_learned(
    place: Place, given_: dict[str, Any], miss: Miss
) -> None:
    assert place.ask(**given_) == Resolution(miss=miss)
    assert place.count(users) == place.count(identifiers) == 0


# Weakest to strongest; wherever two of them name different users, the stronger one decides.
STRENGTHS = [
    ({"visitor_id": "v"}, "VISITOR_ID"),
    ({"phone": "+14155550100"}, "PHONE"),
    ({"md5": digest("md5", "m@example.com")}, "MD5"),
    ({"sha1": digest("sha1", "s1@example.com")}, "SHA1"),
    ({"sha256": digest("sha256", "s2@example.com")}, "SHA256"),
    ({"external_id": "e"}, "EXTERNAL_ID"),
]


@pytest.mark.parametrize(("lesser", "greater"), [*combinations(STRENGTHS, 2)])
def test_the_strongest_identifier_wins(
    place: Place, lesser: tuple[dict[str, Any], str], greater: tuple[dict[str, Any], str]
) -> None:
    (weaker, _), (stronger, name) = lesser, greater
    place.know(**{"email": "weak@example.com", **weaker} if "visitor_id" in weaker else weaker)
    expected = place.know(**stronger)
    answer = place.ask(**weaker, **stronger)
    assert answer.user is not None
    assert (answer.user.id, answer.matched_on) == (expected, name)


def test_an_email_is_weaker_than_an_external_id_and_stronger_than_a_phone(place: Place) -> None:
    by_id, by_email, by_phone = (
        place.know(external_id="e"),
        place.know(email=EMAIL),
        place.know(phone="+14155550100"),
    )
    everything = {"external_id": "e", "email": EMAIL, "phone": "+14155550100"}
    assert place.ask(**everything).user == place.ask(external_id="e").user
    without_id = place.ask(email=EMAIL, phone="+14155550100")
    assert without_id.user is not None
    assert without_id.user.id == by_email
    assert len({by_id, by_email, by_phone}) == 3


def test_public_traffic_merges_nobody_and_takes_no_identifier_away(place: Place) -> None:
    ann, bob = place.know(external_id="ann"), place.know(email="bob@example.com")
    place.ask(external_id="ann", email="bob@example.com")
    by_email = place.ask(email="bob@example.com")
    assert by_email.user is not None
    assert by_email.user.id == bob != ann
    assert place.contacts() == {(bob, "email", "bob@example.com")}


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("jo.hn+news@gmail.com", Form.STRICT),
        ("john+news@gmail.com", Form.GOOGLE),
        ("john@gmail.com", Form.UID2),
    ],
)
@pytest.mark.parametrize("algorithm", ["sha256", "sha1", "md5"])
def test_a_known_address_is_found_by_every_platforms_digest(
    place: Place, text: str, form: Form, algorithm: str
) -> None:
    place.know(email="Jo.Hn+News@Gmail.com")
    answer = place.ask(**{algorithm: digest(algorithm, text)})
    assert (answer.found, answer.form) == (True, form)


@pytest.mark.parametrize("text", ["+14155550100", "14155550100"])
def test_a_known_telephone_number_is_found_by_its_digest_with_and_without_the_plus(place: Place, text: str) -> None:
    ann = place.know(phone="+1 415 555 0100")
    answer = place.ask(sha256=digest("sha256", text))
    assert answer.user is not None
    assert (answer.user.id, answer.matched_on, answer.form) == (ann, "SHA256", None)


def test_an_address_known_by_another_form_alone_is_found_by_that_form(place: Place) -> None:
    known = place.know(sha256=digest("sha256", "john@gmail.com"))
    answer = place.ask(email="jo.hn@gmail.com")
    assert answer.user is not None
    assert (answer.user.id, answer.form) == (known, Form.GOOGLE)


def test_two_apps_know_nothing_of_each_other(place: Place) -> None:
    other = Place(place.directory, place.resolver, new_app(place.directory))
    ann = place.know(email=EMAIL, external_id="ann", phone="+14155550100", visitor_id="v")
    for given_ in (
        {"external_id": "ann"},
        {"phone": "+14155550100"},
        {"visitor_id": "v"},
        {"md5": digest("md5", EMAIL)},
    ):
        assert other.ask(**given_) == Resolution(miss=Miss.NOT_KNOWN)
    answers = place.resolver.resolve([place.question(email=EMAIL), other.question(email=EMAIL)], NOW)
    assert [answer.created for answer in answers] == [False, True]
    assert answers[0].user is not None
    assert answers[1].user is not None
    assert answers[0].user.id == ann
    assert answers[1].user.id >> APP_SHIFT == other.app


def test_an_unknown_email_is_learned_with_its_visitor_and_nothing_else(place: Place) -> None:
    created = place.ask(email="New@Example.com", external_id="n", phone="+14155550100", visitor_id="v", now=NOW + 7)
    assert created.user is not None
    assert (created.created, created.found, created.matched_on, created.form) == (True, False, None, None)
    assert (created.user.external_id, created.user.traits, created.user.created_at) == (None, None, NOW + 7)
    assert place.rows(select(users.c.learned).where(users.c.id == created.user.id)) == [(True,)]
    assert place.contacts() == {(created.user.id, "email", "new@example.com")}
    digests = ({name: digest(name, "new@example.com")} for name in ("md5", "sha1", "sha256"))
    for given_ in ({"visitor_id": "v"}, *digests):
        assert place.ask(**given_).user == created.user
    for given_ in ({"external_id": "n"}, {"phone": "+14155550100"}):
        assert place.ask(**given_) == Resolution(miss=Miss.NOT_KNOWN)


def test_learning_an_email_links_the_visitor(place: Place) -> None:
    ann = place.know(email=EMAIL, visitor_id="shared")
    created = place.ask(email="bob@example.com", visitor_id="shared")
    assert created.created
    assert created.user is not None
    assert created.user.id != ann
    assert place.ask(visitor_id="shared").user == created.user


def test_an_unknown_email_is_learned_for_a_user_of_its_own_if_a_stronger_identifier_names_another(place: Place) -> None:
    ann = place.know(external_id="ann")
    answer = place.ask(external_id="ann", email=EMAIL, phone="+14155550100", visitor_id="v")
    assert answer.user is not None
    assert (answer.user.id, answer.matched_on, answer.created) == (ann, "EXTERNAL_ID", False)
    assert place.ask(visitor_id="v").user == answer.user
    by_email = place.ask(email=EMAIL).user
    assert by_email is not None
    assert by_email.id != ann, "only identify can say that the two are one"
    assert place.contacts() == {(by_email.id, "email", EMAIL)}
    assert place.ask(phone="+14155550100") == Resolution(miss=Miss.NOT_KNOWN)


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256"])
def test_an_email_completes_a_user_known_by_its_digest(place: Place, algorithm: str) -> None:
    ann = place.know(**{algorithm: digest(algorithm, EMAIL)})
    assert place.contacts() == set()
    found = place.ask(email=EMAIL)
    assert found.user is not None
    assert (found.user.id, found.matched_on) == (ann, "EMAIL")
    for other in ("md5", "sha1", "sha256"):
        assert place.ask(**{other: digest(other, EMAIL)}).user == found.user
    assert place.contacts() == {(ann, "email", EMAIL)}


def test_a_group_that_learns_somebody_twice_learns_them_once(place: Place) -> None:
    answers = place.resolver.resolve([place.question(email=EMAIL), place.question(email=EMAIL)], NOW)
    assert [answer.created for answer in answers] == [True, False]
    assert answers[0].user == answers[1].user
    assert place.count(users) == 1


@pytest.mark.parametrize("consent", [None, True])
@pytest.mark.parametrize(
    "strong", [{"email": EMAIL}, {"md5": digest("md5", EMAIL)}, {"external_id": "ann"}, {"phone": "+14155550100"}]
)
def test_a_visitor_is_linked_by_whatever_resolves_and_then_found_alone(
    place: Place, strong: dict[str, Any], *, consent: bool | None
) -> None:
    ann = place.know(email=EMAIL, external_id="ann", phone="+14155550100")
    assert not place.ask(visitor_id="v").found
    place.ask(**strong, visitor_id="v", consent=consent)
    alone = place.ask(visitor_id="v", consent=consent)
    assert alone.user is not None
    assert (alone.user.id, alone.matched_on, alone.form) == (ann, "VISITOR_ID", None)


def test_a_visitor_is_linked_again_when_another_user_uses_the_browser(place: Place) -> None:
    ann, bob = place.know(email=EMAIL, visitor_id="v"), place.know(external_id="bob")
    assert ann != bob
    answer = place.ask(external_id="bob", visitor_id="v")
    assert answer.matched_on == "EXTERNAL_ID"
    alone = place.ask(visitor_id="v")
    assert alone.user is not None
    assert alone.user.id == bob


def test_a_visitor_never_overrides_an_identifier_of_a_person(place: Place) -> None:
    ann = place.know(email=EMAIL, visitor_id="v")
    unknown = digest("sha256", "bob@example.com")
    answer = place.ask(sha256=unknown, visitor_id="v")
    assert answer.user is not None
    assert (answer.user.id, answer.matched_on) == (ann, "VISITOR_ID")
    assert place.ask(sha256=unknown) == Resolution(miss=Miss.NOT_KNOWN)


def test_without_consent_nothing_is_looked_up_linked_or_kept(place: Place) -> None:
    place.know(email=EMAIL)
    before = place.count(identifiers)
    statements = list_statements(place, lambda: place.ask(email=EMAIL, visitor_id="v", consent=False))
    assert statements == []
    assert place.ask(email=EMAIL, visitor_id="v", consent=False) == Resolution(miss=Miss.NO_CONSENT)
    assert place.ask(email="new@example.com", external_id="n", consent=False) == Resolution(miss=Miss.NO_CONSENT)
    assert place.ask(consent=False) == Resolution(miss=Miss.NO_CONSENT)
    assert (place.count(users), place.count(identifiers)) == (1, before)
    assert place.ask(visitor_id="v") == Resolution(miss=Miss.NOT_KNOWN)


def test_a_bot_at_the_visitors_door_is_not_looked_up_linked_or_learned(place: Place) -> None:
    place.know(email=EMAIL)
    before = place.count(identifiers)
    for claims in ({"email": EMAIL, "visitor_id": "v"}, {"email": "new@example.com"}, {"visitor_id": "v"}):
        question = Lookup(place.app, Claims.parse(**claims), None, from_browser=True, bot=True)
        assert list_statements(place, lambda asked=question: place.resolver.resolve([asked], NOW)) == []
        assert place.resolver.resolve([question], NOW) == [Resolution(miss=Miss.BOT)]
    assert (place.count(users), place.count(identifiers)) == (1, before)
    refused = Lookup(place.app, Claims.parse(email=EMAIL), consent=False, from_browser=True, bot=True)
    assert place.resolver.resolve([refused], NOW) == [Resolution(miss=Miss.NO_CONSENT)]


def test_a_user_sent_with_a_bots_agent_by_a_server_is_resolved_and_a_miss_says_bot(place: Place) -> None:
    place.know(email=EMAIL)
    known, unknown = (
        Lookup(place.app, Claims.parse(external_id=name, email=email), None, bot=True)
        for name, email in (("a", EMAIL), ("b", None))
    )
    found, missed = place.resolver.resolve([known, unknown], NOW)
    assert found.user
    assert missed == Resolution(miss=Miss.BOT)


@pytest.mark.parametrize(
    "given_",
    [
        {"email": EMAIL},
        {"md5": digest("md5", EMAIL)},
        {"external_id": "ann"},
        {"phone": "+14155550100"},
        {"visitor_id": "hers"},
        {"email": EMAIL, "external_id": "another", "visitor_id": "another"},
        {"external_id": "another", "phone": "+14155550100"},
    ],
)
def test_a_suppressed_user_is_neither_resolved_nor_linked_nor_learned(place: Place, given_: dict[str, Any]) -> None:
    place.suppress(place.know(email=EMAIL, external_id="ann", phone="+14155550100", visitor_id="hers"))
    before = place.count(users), place.count(identifiers), place.contacts()
    assert place.ask(**given_) == Resolution(miss=Miss.SUPPRESSED)
    assert (place.count(users), place.count(identifiers), place.contacts()) == before
    assert place.ask(visitor_id="another") == place.ask(external_id="another") == Resolution(miss=Miss.NOT_KNOWN)


def test_a_suppressed_user_does_not_take_a_visitor_from_another(place: Place) -> None:
    bob = place.know(email="bob@example.com", visitor_id="v")
    place.suppress(place.know(email=EMAIL))
    assert place.ask(email=EMAIL, visitor_id="v") == Resolution(miss=Miss.SUPPRESSED)
    alone = place.ask(visitor_id="v")
    assert alone.user is not None
    assert alone.user.id == bob


def test_the_browser_of_a_suppressed_user_does_not_hide_a_known_user(place: Place) -> None:
    place.suppress(place.know(email=EMAIL, visitor_id="v"))
    bob = place.know(email="bob@example.com")
    answer = place.ask(email="bob@example.com", visitor_id="v")
    assert answer.user is not None
    assert answer.user.id == bob
