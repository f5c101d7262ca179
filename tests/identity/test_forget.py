"""Forgetting a person, on a real directory: no table keeps anything that names them."""

from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heropixel.directory import Directory
from heropixel.directory.apps import app_number, create_app
from heropixel.directory.erasures import Erasure, find_erasure, finish_erasure, waiting_erasures
from heropixel.directory.merges import merges_of, unmerge
from heropixel.directory.tables import APP_SHIFT, metadata
from heropixel.errors import ContradictoryIdentifiers, ErasureNotFound, UserNotFound
from heropixel.identity.batch import MergeOrigin, Result, ToIdentify
from heropixel.identity.forget import ErasureRequest, forget
from heropixel.identity.identifiers import Claims, Index
from heropixel.identity.identify import identify_many
from heropixel.identity.person import Person, UserSelector
from heropixel.identity.resolve import Lookup, Miss, Resolution, Resolver
from heropixel.identity.suppress import ContactInput, suppress_many, unsuppress_many
from tests.session.examples import examples, spared
from tests.stores.stored import all_that_is_stored

INDEX = Index(b"k" * 32)
NOW = 1_800_000_000_000
TABLES = ("users", "identifiers", "contacts", "merges")


class Place:
    """A directory with an app."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self.resolver = Resolver(self.directory, INDEX)
        self.new_app()

    def new_app(self) -> None:
        with self.directory.writing() as connection:
            self.app = app_number(connection, create_app(connection, "Test", now=1).app_id)

    def identify(self, *emails: str, traits: dict[str, Any] | None = None, **claims: str) -> Result:
        first, *further = emails or ("",)
        person = Person(Claims.parse(email=first, **claims), traits or {}, tuple(further))
        return identify_many(self.directory, ToIdentify.of(self.app, [person], INDEX, MergeOrigin.API, NOW))[0].result

    def pageview(self, **claims: str) -> Resolution:
        return self.resolver.resolve([Lookup(self.app, Claims.parse(**claims), None)], NOW)[0]

    def suppress(self, **contact: str) -> None:
        with self.directory.writing() as connection:
            suppress_many(connection, self.app, INDEX, [ContactInput(**contact).contact("staff")], NOW)

    def unsuppress(self, **contact: str) -> None:
        with self.directory.writing() as connection:
            unsuppress_many(connection, self.app, INDEX, [ContactInput(**contact).contact()], NOW)

    def forget(self, *, tombstone: bool = False, **by: str) -> Erasure:
        return self.forget_by(UserSelector(**by), tombstone=tombstone)

    def forget_by(self, selector: UserSelector, *, tombstone: bool = False) -> Erasure:
        with self.directory.writing() as connection:
            return forget(connection, INDEX, ErasureRequest(self.app, selector, tombstone, "API", NOW))

    def rows(self) -> dict[str, list[Any]]:
        """Every row of every table that holds people of this app."""
        connection = self.directory.connection
        tables = {name: [tuple(row) for row in connection.execute(metadata.tables[name].select())] for name in TABLES}
        return {
            name: [row for row in rows if any(isinstance(x, int) and x >> APP_SHIFT == self.app for x in row)]
            for name, rows in tables.items()
        }


@pytest.fixture
def place(fresh_directory: Directory) -> Place:
    return Place(fresh_directory)


NOTHING: dict[str, list[Any]] = {name: [] for name in TABLES}


def test_whatever_names_a_person_is_gone_and_is_counted(place: Place) -> None:
    place.identify("ann@gmail.com", external_id="ann", phone="+14155550100", traits={"plan": "pro", "city": "Bern"})
    place.identify(external_id="ann", md5="12" * 16)
    place.pageview(external_id="ann", visitor_id="browser")
    erasure = place.forget(email="ann@gmail.com")
    assert erasure.counts == {
        "users": 1,
        "identifiers": 8,  # the email's three digests, the external id, the phone with its two digests, the lone MD5
        "visitors": 1,
        "merges": 0,
        "unlinks": 0,
        "suppressions": 0,
        "contacts": 2,
        "traits": 2,
    }
    assert place.rows() == NOTHING
    assert erasure.users
    assert erasure.done_at is None, "her pageviews are still to be erased"
    with pytest.raises(UserNotFound):
        place.forget(external_id="ann")
    assert place.pageview(email="ann@gmail.com").created, "without a tombstone she may come again"


@pytest.mark.parametrize(
    "by",
    [
        {"email": "ann@example.com"},
        {"sha256": "12" * 32},
        {"external_id": "ann"},
        {"phone": "+14155550100"},
        {"visitor_id": "browser"},
        {"id": "user"},
    ],
    ids=str,
)
def test_a_person_is_forgotten_by_any_identifier_or_id(place: Place, by: dict[str, str]) -> None:
    place.identify("ann@example.com", external_id="ann", phone="+14155550100", visitor_id="browser")
    place.identify(external_id="ann", sha256="12" * 32)
    user = place.pageview(external_id="ann").user
    assert user
    selector = UserSelector(id=str(user.id)) if "id" in by else UserSelector(**by)
    place.forget_by(selector)
    assert place.rows() == NOTHING


def test_merged_users_are_forgotten_together_with_the_log_of_their_merges(place: Place) -> None:
    place.identify(external_id="x")
    place.identify("ann@example.com", "ann@work.example", traits={"plan": "pro"})
    place.identify("ann@example.com", external_id="x")
    erasure = place.forget(email="ann@work.example")
    assert (erasure.counts["users"], erasure.counts["merges"], erasure.counts["contacts"]) == (3, 2, 2)
    assert place.rows() == NOTHING


def test_a_user_unmerged_from_a_forgotten_one_stays_and_can_be_unmerged_further(place: Place) -> None:
    place.identify(external_id="a", traits={"of": "a"})
    place.identify(external_id="b", md5="12" * 16)
    place.identify("carl@example.com", traits={"carl": True})
    place.identify(external_id="a", md5="12" * 16)
    place.identify("carl@example.com", external_id="b")
    a = place.pageview(external_id="a").user
    assert a
    connection = place.directory.connection
    first, second = merges_of(connection, a.id)
    with place.directory.writing() as writing:
        unmerge(writing, first.id, NOW)
    place.forget(external_id="a")
    assert place.pageview(external_id="b").user == place.pageview(email="carl@example.com").user
    with place.directory.writing() as writing:
        unmerge(writing, second.id, NOW)
    b, carl = place.pageview(external_id="b").user, place.pageview(email="carl@example.com").user
    assert b
    assert carl
    assert b != carl
    assert msgspec.json.decode(carl.traits or "{}") == {"carl": True}


@pytest.mark.parametrize("arrives", [{"email": "ann@gmail.com"}, {"external_id": "ann"}, {"phone": "+14155550100"}])
def test_a_tombstone_prevents_learning_the_person_again_until_it_is_lifted(
    place: Place, arrives: dict[str, str]
) -> None:
    place.identify("ann@gmail.com", external_id="ann", phone="+14155550100", visitor_id="browser")
    place.forget(external_id="ann", tombstone=True)
    assert place.pageview(**arrives).miss is Miss.SUPPRESSED
    person = Person(Claims.parse(**arrives), {})
    (told,) = identify_many(place.directory, ToIdentify.of(place.app, [person], INDEX, MergeOrigin.IMPORT, NOW))
    assert told.result is Result.ERASED
    assert place.rows() == NOTHING
    assert place.identify("bob@example.com", visitor_id="browser") is Result.CREATED, "whoever uses her browser now"
    place.unsuppress(email="ann@gmail.com")
    assert place.identify("ann@gmail.com") is Result.CREATED
    assert place.pageview(email="ann@gmail.com").found


def test_a_suppression_of_a_forgotten_person_stays_as_keys_only(place: Place) -> None:
    place.identify("ann@example.com")
    place.suppress(email="ann@example.com")
    assert place.forget(email="ann@example.com").counts["suppressions"] == 1
    assert place.pageview(email="ann@example.com").miss is Miss.SUPPRESSED
    assert place.identify("ann@example.com") is Result.CREATED, "which the operator may tell all the same"
    place.suppress(email="bob@example.com")
    erasure = place.forget(email="bob@example.com")
    assert (erasure.counts, erasure.done_at) == ({"suppressions": 1}, NOW)
    place.directory.scrub()
    assert b"bob@example.com" not in all_that_is_stored(place.directory)


def test_the_bytes_of_what_is_forgotten_are_overwritten(place: Place) -> None:
    for number in range(300):
        place.identify(f"other{number}@example.com", external_id=f"other{number}")
    place.identify("ann@example.com", external_id="ann-external", traits={"secret": "trait-of-ann"})
    place.identify("ann@example.com", external_id="ann-external", traits={"secret": None, "plan": "trait-of-ann"})
    place.directory.scrub()
    words = [b"ann@example.com", b"ann-external", b"trait-of-ann"]
    there = all_that_is_stored(place.directory)
    assert all(word in there for word in words)
    place.forget(external_id="ann-external")
    place.directory.scrub()
    left = all_that_is_stored(place.directory)
    assert not [word for word in words if word in left]


def test_a_receipt_tells_another_app_nothing_and_stays_when_it_is_done(place: Place) -> None:
    place.identify("ann@example.com")
    erasure = place.forget(email="ann@example.com")
    app = place.app
    assert waiting_erasures(place.directory.connection) == [erasure]
    with place.directory.writing() as connection:
        finish_erasure(connection, erasure, pageviews=7, now=NOW + 5)
    assert waiting_erasures(place.directory.connection) == []
    done = find_erasure(place.directory.connection, app, erasure.id)
    assert (done.counts["pageviews"], done.done_at, done.users) == (7, NOW + 5, None)
    place.new_app()
    for receipt in (erasure.id, "era_none"):
        with pytest.raises(ErasureNotFound):
            find_erasure(place.directory.connection, place.app, receipt)


EMAILS = ["ann@gmail.com", "bob@example.com", "carl@example.com"]
CALLS = st.one_of(
    st.tuples(
        st.just("identify"),
        st.lists(st.sampled_from(EMAILS), max_size=2, unique=True),
        st.fixed_dictionaries(
            {},
            optional={
                "external_id": st.sampled_from("xyz"),
                "phone": st.sampled_from(["+14155550100", "+14155550101"]),
                "md5": st.sampled_from(["12" * 16, "34" * 16]),
                "visitor_id": st.sampled_from("vw"),
            },
        ),
    ),
    st.tuples(
        st.just("pageview"),
        st.lists(st.sampled_from(EMAILS), max_size=1),
        st.fixed_dictionaries(
            {}, optional={"external_id": st.sampled_from("xyz"), "visitor_id": st.sampled_from("vw")}
        ),
    ),
)


@settings(max_examples=examples(100), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(calls=st.lists(CALLS, min_size=1, max_size=12))
def test_whoever_is_forgotten_after_any_calls_leaves_no_row_behind(
    place: Place, backend: str, calls: list[Any]
) -> None:
    if spared(backend, calls):
        return
    place.new_app()
    for call, emails, claims in calls:
        if call == "pageview":
            place.pageview(email="".join(emails), **claims)
        elif emails or claims.keys() - {"visitor_id"}:
            with suppress(ContradictoryIdentifiers):
                place.identify(*emails, **claims)
    while people := place.rows()["users"]:
        place.forget(id=str(people[0][0]))
        rows = place.rows()
        there = {row[0] for row in rows["users"]}
        assert {row[1] for row in rows["identifiers"]} <= there
        assert {row[0] for row in rows["contacts"]} <= there
    assert place.rows() == NOTHING


@pytest.mark.parametrize("by", [{"email": "ann@gmail.com"}, {"external_id": "ann"}])
@pytest.mark.parametrize("suppressed", [False, True])
def test_an_erased_person_is_answered_like_an_unknown_one_with_or_without_a_tombstone(
    place: Place, by: dict[str, str], suppressed: bool
) -> None:
    place.identify("ann@gmail.com", external_id="ann")
    if suppressed:
        place.suppress(email="ann@gmail.com")
    place.forget(email="ann@gmail.com", tombstone=True)
    for tombstone in (True, False):
        with pytest.raises(UserNotFound):
            place.forget(tombstone=tombstone, **by)
