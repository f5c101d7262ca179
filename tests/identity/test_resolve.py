"""Finding, learning and linking users for pageviews, on a real directory: sections 3 and 4 of the contract."""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select, update

from heropixel.directory import Directory, open_directory
from heropixel.directory import users as users_of_directory
from heropixel.directory.apps import app_number, create_app
from heropixel.directory.suppressions import FOREVER
from heropixel.directory.tables import APP_SHIFT, contacts, identifiers, users
from heropixel.identity import resolve
from heropixel.identity.batch import MergeOrigin, ToIdentify
from heropixel.identity.identifiers import Claims, Form, Index, keys_of
from heropixel.identity.identify import identify_many
from heropixel.identity.person import Person
from heropixel.identity.resolve import LateQuestion, Lookup, Miss, Resolution, Resolver, link
from tests.session.examples import examples

NOW = 1_800_000_000_000
INDEX = Index(b"k" * 32)


class Place(NamedTuple):
    """An app in a directory, and a resolver."""

    directory: Directory
    resolver: Resolver
    app: int

    def ask(self, **question: Any) -> Resolution:
        """Resolve one pageview. `consent` and `now` may be given too."""
        now = question.pop("now", NOW)
        (resolution,) = self.resolver.resolve([self.question(**question)], now)
        return resolution

    def question(self, **claims: Any) -> Lookup:
        consent = claims.pop("consent", None)
        return Lookup(self.app, Claims.parse(**claims), consent)

    def know(self, **claims: Any) -> int:
        """Create a user with these claims and, if given, `traits`. Returns the user's id."""
        traits = claims.pop("traits", None)
        identify_many(
            self.directory,
            ToIdentify.of(self.app, [Person(Claims.parse(**claims), traits or {})], INDEX, MergeOrigin.API, NOW),
        )
        found = self.ask(**claims).user
        assert found is not None
        return found.id

    def suppress(self, user_id: int) -> None:
        with self.directory.writing() as connection:
            connection.execute(update(users).where(users.c.id == user_id).values(suppressed_until=FOREVER))

    def rows(self, statement: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.directory.connection.execute(statement)]

    def count(self, table: Any) -> int:
        """How many rows of this app a table has."""
        column = table.c.id if table is users else table.c.user_id
        (row,) = self.rows(select(func.count()).where(column.op(">>")(APP_SHIFT) == self.app))
        return int(row[0])

    def contacts(self) -> set[tuple[int, str, str]]:
        return {
            (user_id, kind, value)
            for user_id, kind, value in self.rows(select(contacts))
            if user_id >> APP_SHIFT == self.app
        }


def _of(column: Any, app: int) -> Any:
    """A column of user ids, restricted to those of an app."""
    return column.between(app << APP_SHIFT, (app + 1) << APP_SHIFT)


def new_app(directory: Directory) -> int:
    with directory.writing() as connection:
        return app_number(connection, create_app(connection, "Test", NOW).app_id)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Directory]:
    """One directory for the file: each test has an app of its own in it, and apps are walls."""
    directory = open_directory(f"sqlite:///{tmp_path_factory.mktemp('directory') / 'directory.sqlite3'}")
    yield directory
    directory.close()


@pytest.fixture
def place(directory: Directory) -> Place:
    return Place(directory, Resolver(directory, INDEX), new_app(directory))


def digest(algorithm: str, text: str) -> str:
    return hashlib.new(algorithm, text.encode()).hexdigest()


EMAIL = "ann@example.com"


# --- finding ---


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


# --- learning ---


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


# --- linking ---


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


# --- bots ---


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


# --- the visitors' door ---


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
    wrote = ["BEGIN IMMEDIATE", *looked, "INSERT INTO identifiers", "COMMIT"]
    assert list_statements(place, lambda: link(place.directory, asked, NOW)) == looked + wrote
    assert list_statements(place, lambda: link(place.directory, asked, NOW)) == looked


# --- suppressed ---


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


# --- the cost ---


def _shape(statement: str) -> str:
    words = statement.replace("EXISTS (SELECT 1 FROM unlinks), EXISTS (SELECT 1 FROM suppressed)", "").split()
    return f"SELECT FROM {words[words.index('FROM') + 1]}" if words[0] == "SELECT" else " ".join(words[:3])


def list_statements(place: Place, work: Any) -> list[str]:
    """The SQL that some work sends to the database, by its verb and table."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(_shape(statement))

    engine = place.directory.connection.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return sent


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
        "BEGIN IMMEDIATE",
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


# --- others at work ---


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


def test_learned_users_are_there_when_the_directory_is_opened_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'directory.sqlite3'}"
    first = open_directory(url)
    app = new_app(first)
    created = Place(first, Resolver(first, INDEX), app).ask(email=EMAIL, visitor_id="v")
    first.close()
    second = open_directory(url)
    assert Place(second, Resolver(second, INDEX), app).ask(visitor_id="v").user == created.user
    second.close()


# --- a group equals one after the other ---

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
    ids = place.rows(select(users.c.id).where(users.c.id.op(">>")(APP_SHIFT) == place.app).order_by(users.c.id))
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
                .where(users.c.id.op(">>")(APP_SHIFT) == place.app)
                .order_by(users.c.id)
            )
        ],
        "identifiers": sorted(
            (ages[user_id], kind, form)
            for user_id, kind, form in place.rows(
                select(identifiers.c.user_id, identifiers.c.kind, identifiers.c.form).where(
                    identifiers.c.user_id.op(">>")(APP_SHIFT) == place.app
                )
            )
        ),
        "contacts": sorted((ages[user_id], kind, value) for user_id, kind, value in place.contacts()),
        "found": seen(place, place.resolver.resolve([place.question(**probe) for probe in probes], NOW)),
    }


@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.lists(people(), min_size=1, max_size=12))
def test_a_group_is_answered_as_if_its_questions_came_one_after_the_other(
    directory: Directory, asked: list[tuple[dict[str, Any], bool | None]]
) -> None:
    together, apart = settled(directory), settled(directory)
    group = together.resolver.resolve([together.question(consent=c, **claims) for claims, c in asked], NOW)
    singles = [apart.ask(consent=c, **claims) for claims, c in asked]
    assert seen(together, group) == seen(apart, singles)
    assert kept(together) == kept(apart)
