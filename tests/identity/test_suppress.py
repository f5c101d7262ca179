"""Suppressing contacts, on a real directory: its effect and its end."""

import hashlib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heropixel.directory import Directory
from heropixel.directory.apps import app_number, create_app
from heropixel.directory.merges import merges_of, unmerge
from heropixel.directory.suppressions import count_suppressions, list_suppressions
from heropixel.errors import InvalidExpiry, Refusal
from heropixel.identity import suppress
from heropixel.identity.batch import MergeOrigin, Result, ToIdentify
from heropixel.identity.identifiers import Claims, Index
from heropixel.identity.identify import identify_many
from heropixel.identity.person import Person
from heropixel.identity.resolve import Lookup, Miss, Resolution, Resolver
from heropixel.identity.suppress import ContactInput, expiry, refresh_suppressed, suppress_many, unsuppress_many
from tests.session.examples import examples, spared

INDEX = Index(b"k" * 32)
HOUR = 3_600_000
ANN = "ann.doe+x@gmail.com"  # of whose digests there are nine


class Place:
    """A directory with an app, and a clock."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self.resolver = Resolver(self.directory, INDEX)
        self.now = 1_800_000_000_000
        self.new_app()

    def new_app(self) -> None:
        with self.directory.writing() as connection:
            self.app = app_number(connection, create_app(connection, "Test", now=1).app_id)

    def suppress(self, *contacts: dict[str, str], expires_at: int | None = None) -> list[str]:
        parsed = [ContactInput(**contact).contact(expires_at=expires_at) for contact in contacts]
        with self.directory.writing() as connection:
            return [*suppress_many(connection, self.app, INDEX, parsed, self.now)]

    def unsuppress(self, *contacts: dict[str, str]) -> list[str]:
        parsed = [ContactInput(**contact).contact() for contact in contacts]
        with self.directory.writing() as connection:
            return [*unsuppress_many(connection, self.app, INDEX, parsed, self.now)]

    def identify(self, *emails: str, **claims: str) -> Result:
        first, *further = emails or ("",)
        batch = ToIdentify.of(
            self.app,
            [Person(Claims.parse(email=first, **claims), {}, tuple(further))],
            INDEX,
            MergeOrigin.API,
            self.now,
        )
        return identify_many(self.directory, batch)[0].result

    def pageview(self, **claims: str) -> Resolution:
        return self.resolver.resolve([Lookup(self.app, Claims.parse(**claims), None)], self.now)[0]

    def misses(self, **claims: str) -> bool:
        return self.pageview(**claims).miss is Miss.SUPPRESSED

    def listed(self) -> list[tuple[str, str | None]]:
        rows = list_suppressions(self.directory.connection, self.app, 0, 100, self.now)
        assert len(rows) == count_suppressions(self.directory.connection, self.app, self.now)
        return [(row.kind, row.value) for row in rows]


@pytest.fixture
def place(fresh_directory: Directory) -> Place:
    return Place(fresh_directory)


def digest(name: str, email: str) -> str:
    return hashlib.new(name, email.encode()).hexdigest()


WAYS: list[dict[str, str]] = [
    {"email": ANN},
    {"md5": digest("md5", ANN)},
    {"sha1": digest("sha1", ANN)},
    {"sha256": digest("sha256", ANN)},
    {"sha256": digest("sha256", "anndoe@gmail.com")},  # UID2's form
]


@pytest.mark.parametrize("suppressed", WAYS, ids=str)
@pytest.mark.parametrize("arrives", WAYS, ids=str)
def test_a_contact_is_suppressed_by_email_or_by_digest_in_every_form(
    place: Place, suppressed: dict[str, str], arrives: dict[str, str]
) -> None:
    assert place.suppress(suppressed) == ["success"]
    if "email" in suppressed or "email" in arrives or suppressed == arrives:
        assert place.misses(**arrives), "nobody known by it: not learned either"
    else:
        assert place.pageview(**arrives).miss is Miss.NOT_KNOWN, "that these are of one email nobody can know"


@pytest.mark.parametrize("told_before", [True, False])
@pytest.mark.parametrize("suppressed", WAYS, ids=str)
def test_whatever_identifier_arrives_a_suppressed_person_is_not_resolved(
    place: Place, told_before: bool, suppressed: dict[str, str]
) -> None:
    def tell() -> None:
        place.identify(ANN, external_id="ann", phone="+14155550100", visitor_id="browser")

    if told_before:
        tell()
        place.suppress(suppressed)
    else:
        place.suppress(suppressed)
        tell()
    for arrives in (*WAYS, {"external_id": "ann"}, {"phone": "+14155550100"}, {"visitor_id": "browser"}):
        assert place.misses(**arrives), arrives
        assert place.misses(**{"visitor_id": "another", **arrives}), arrives
    assert place.pageview(visitor_id="another").miss is Miss.NOT_KNOWN, "nothing was linked"
    assert place.unsuppress(suppressed) == ["success"]
    for arrives in (*WAYS, {"external_id": "ann"}, {"phone": "+14155550100"}, {"visitor_id": "browser"}):
        assert place.pageview(**arrives).found, arrives


def test_an_unknown_contact_that_is_suppressed_is_not_a_user(place: Place) -> None:
    place.suppress({"email": ANN})
    assert place.identify(ANN) is Result.CREATED
    assert place.misses(email=ANN)


def test_a_suppression_ends_at_its_time(place: Place) -> None:
    place.identify(ANN, external_id="ann")
    place.suppress({"email": ANN}, {"email": "bob@example.com"}, expires_at=place.now + HOUR)
    assert (place.misses(external_id="ann"), place.misses(email="bob@example.com")) == (True, True)
    place.now += HOUR
    assert place.listed() == []
    assert place.pageview(external_id="ann").found
    assert place.pageview(email="bob@example.com").created
    assert place.suppress({"email": ANN}) == ["success"], "as if it had never been"
    assert place.listed() == [("EMAIL", ANN)]


def test_a_contact_that_is_suppressed_already_stays_so_until_the_later_of_the_two_ends(place: Place) -> None:
    place.identify(ANN, external_id="ann")
    for hours, outcome in ((2, "success"), (1, "already_suppressed"), (3, "already_suppressed")):
        assert place.suppress({"email": ANN}, expires_at=place.now + hours * HOUR) == [outcome]
    place.now += 3 * HOUR - 1
    assert place.misses(external_id="ann")
    place.now += 1
    assert place.pageview(external_id="ann").found


def test_whoever_is_behind_any_form_of_a_contact_carries_its_later_end(place: Place) -> None:
    place.identify(external_id="ann", sha256=digest("sha256", ANN))
    place.suppress({"email": ANN}, expires_at=place.now + HOUR)
    place.suppress({"md5": digest("md5", ANN)}, expires_at=place.now + 3 * HOUR)
    place.now += 2 * HOUR
    assert place.misses(external_id="ann")


def test_a_digest_and_then_its_email_are_one_suppression(place: Place) -> None:
    md5, sha256 = {"md5": digest("md5", ANN)}, {"sha256": digest("sha256", ANN)}
    assert place.suppress(md5, sha256, {"email": ANN}, md5) == ["success", "success", "success", "already_suppressed"]
    assert place.listed() == [("EMAIL", ANN)]
    assert place.unsuppress(sha256, md5) == ["success", "not_suppressed"]
    assert place.listed() == []
    for contact in (md5, sha256):
        place.suppress(contact)
    assert place.listed() == [("MD5", None), ("SHA256", None)]
    place.suppress({"email": ANN})
    assert place.listed() == [("EMAIL", ANN)]
    place.unsuppress({"email": ANN})
    assert not place.misses(**md5)


def test_contacts_of_one_call_are_decided_as_if_they_came_one_after_the_other(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = hashlib.sha256(ANN.encode()).hexdigest()
    contacts = [{"sha256": digest}, {"email": "bo@example.com"}, {"email": ANN}, {"sha256": digest}, {"email": ANN}]
    told = []
    for at_once in (1_000, 1):  # a call with many contacts is decided in parts
        monkeypatch.setattr(suppress, "MOST_BETWEEN_STATEMENTS", at_once)
        place.new_app()
        told.append((place.suppress(*contacts), place.listed(), place.unsuppress(*contacts), place.listed()))
    assert told[0] == told[1]
    already, lifted = "already_suppressed", "not_suppressed"
    assert told[0][0] == ["success", "success", "success", already, already]
    assert told[0][2] == ["success", "success", lifted, lifted, lifted]


def test_a_person_is_suppressed_as_long_as_one_of_their_contacts(place: Place) -> None:
    place.identify(ANN, external_id="ann", phone="+14155550100")
    place.suppress({"email": ANN}, {"phone": "+14155550100"})
    place.unsuppress({"email": ANN})
    assert place.misses(external_id="ann")
    assert place.misses(email=ANN)
    place.unsuppress({"phone": "+14155550100"})
    assert place.pageview(external_id="ann").found


def test_merging_with_a_suppressed_person_suppresses_both_until_they_are_unmerged(place: Place) -> None:
    place.identify(external_id="ann")
    place.identify("bob@example.com")
    place.suppress({"email": "bob@example.com"})
    assert place.pageview(external_id="ann").found
    assert place.identify("bob@example.com", external_id="ann") is Result.MERGED
    assert place.misses(external_id="ann")
    ann = place.resolver.users([(place.app << 40) + 1])[(place.app << 40) + 1]
    with place.directory.writing() as connection:
        (merge,) = merges_of(connection, ann.id)
        unmerge(connection, merge.id, place.now)
        refresh_suppressed(connection, place.app, INDEX, [merge.older, merge.newer], place.now)
    assert place.pageview(external_id="ann").found
    assert place.misses(email="bob@example.com")


def test_suppressions_of_one_app_do_not_affect_another(place: Place) -> None:
    place.suppress({"email": ANN})
    place.new_app()
    assert place.pageview(email=ANN).created
    assert (place.listed(), place.unsuppress({"email": ANN})) == ([], ["not_suppressed"])


@pytest.mark.parametrize(
    ("contact", "refusal"),
    [
        ({}, "NO_CONTACT"),
        ({"email": " "}, "NO_CONTACT"),
        ({"email": "nonsense"}, "INVALID_EMAIL"),
        ({"email": "undefined"}, "PLACEHOLDER_IDENTIFIER"),
        ({"md5": "12"}, "INVALID_DIGEST"),
        ({"phone": "1"}, "INVALID_PHONE"),
        ({"email": ANN, "md5": "1" * 32}, "CONTRADICTORY_IDENTIFIERS"),
        ({"email": ANN, "reason": "x" * 501}, "FIELD_TOO_LONG"),
        ({"email": ANN, "reason": "\0"}, "INVALID_TEXT"),
    ],
)
def test_an_invalid_contact_is_answered_with_the_reason(contact: dict[str, str], refusal: str) -> None:
    with pytest.raises(Refusal) as raised:
        ContactInput(**contact).contact()
    assert raised.value.reason == refusal


@pytest.mark.parametrize("value", ["soon", "1_9", 5, 1_799_999_999, "nan", "1e400", float("inf"), 1e30])
def test_an_end_that_is_no_time_or_has_passed_is_refused(value: Any) -> None:
    with pytest.raises(InvalidExpiry):
        expiry(value, 1_800_000_000_000)


def test_an_end_may_be_in_seconds_or_milliseconds_or_left_out() -> None:
    now = 1_800_000_000_000
    assert [expiry(value, now) for value in (1_800_000_001, "1800000001000", None, "")] == [now + 1000] * 2 + [None] * 2


CONTACTS = st.sampled_from([*WAYS, {"email": "bob@example.com"}, {"phone": "+14155550100"}])
STEPS = st.one_of(
    st.tuples(st.just("suppress"), st.lists(CONTACTS, max_size=3), st.sampled_from([None, 1, 3])),
    st.tuples(st.just("unsuppress"), st.lists(CONTACTS, max_size=3), st.none()),
    st.tuples(st.just("identify"), CONTACTS, st.none()),
    st.tuples(st.just("wait"), st.none(), st.none()),
)


@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=12))
def test_a_person_is_suppressed_exactly_as_their_contacts_after_any_steps(
    place: Place, backend: str, steps: list[Any]
) -> None:
    if spared(backend, steps):
        return
    place.new_app()
    for step, what, hours in steps:
        match step:
            case "suppress":
                place.suppress(*what, expires_at=place.now + hours * HOUR if hours else None)
            case "unsuppress":
                place.unsuppress(*what)
            case "identify":
                place.identify(
                    what.get("email", ""), external_id="ann", **{k: v for k, v in what.items() if k != "email"}
                )
            case "wait":
                place.now += HOUR
    user = next(iter(place.resolver.users([(place.app << 40) + 1]).values()), None)
    if user is None:
        return
    carried = user.suppressed_until > place.now
    with place.directory.writing() as connection:
        refresh_suppressed(connection, place.app, INDEX, [user.id], place.now)
    (told,) = place.resolver.users([user.id]).values()
    assert carried == (told.suppressed_until > place.now)
    assert place.misses(external_id="ann") == carried
