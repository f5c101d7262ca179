"""Merging users in any order and undoing it, on a real directory."""

from itertools import permutations
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heropixel.directory import Directory
from heropixel.directory.apps import app_number, create_app
from heropixel.directory.merges import Merge, merges_of
from heropixel.identity.batch import MAX_JOINED, Identified, MergeOrigin, ToIdentify
from heropixel.identity.emails import normalise_email
from heropixel.identity.find import find_by_claims
from heropixel.identity.identifiers import Claims, Index
from heropixel.identity.identify import identify_many, merge_by_hand
from heropixel.identity.person import Person
from heropixel.identity.resolve import Lookup, Resolution, Resolver
from heropixel.identity.unmerge import undo_merge
from tests.session.examples import examples, spared

INDEX = Index(b"k" * 32)


class Place:
    """A directory with an app, and how a test speaks to it."""

    def __init__(self, directory: Directory, index: Index = INDEX) -> None:
        self.directory = directory
        self.index = index
        self.resolver = Resolver(self.directory, index)
        self.now = 100
        self.max_joined = MAX_JOINED
        self.new_app()

    def new_app(self) -> None:
        with self.directory.writing() as connection:
            self.app = app_number(connection, create_app(connection, "Test", now=1).app_id)

    def identify(self, *emails: str, traits: dict[str, Any] | None = None, **claims: str) -> Identified:
        (identified,) = self.identify_many([self.person(*emails, traits=traits, **claims)])
        return identified

    def person(self, *emails: str, traits: dict[str, Any] | None = None, **claims: str) -> Person:
        first, *further = [normalise_email(email) or "" for email in emails] or [""]
        return Person(Claims.parse(email=first, **claims), traits or {}, tuple(further))

    def identify_many(self, persons: list[Person]) -> list[Identified]:
        self.now += 1
        batch = ToIdentify.of(self.app, persons, self.index, MergeOrigin.API, self.now, self.max_joined)
        return identify_many(self.directory, batch)

    def pageview(self, **claims: str) -> Resolution:
        (answer,) = self.resolver.resolve([Lookup(self.app, Claims.parse(**claims), None)], self.now)
        return answer

    def id(self, **claims: str) -> int | None:
        """The user of this identifier. The question learns no user."""
        if email := claims.pop("email", None):
            claims["sha256"] = sha256(email)
        user = self.pageview(**claims).user
        return user.id if user else None

    def user_traits(self, **claims: str) -> dict[str, Any]:
        user = self.pageview(**claims).user
        assert user is not None
        return msgspec.json.decode(user.traits or "{}", type=dict[str, Any])

    def merges(self, user: int | None) -> list[Merge]:
        assert user is not None
        return merges_of(self.directory.connection, user)

    def unmerge(self, merge: Merge) -> None:
        self.now += 1
        with self.directory.writing() as connection:
            undo_merge(connection, self.app, self.index, str(merge.id), self.now)

    def merge(self, one: dict[str, str], other: dict[str, str]) -> Identified:
        self.now += 1
        with self.directory.writing() as connection:
            first, second = (
                find_by_claims(connection, self.app, Claims.parse(**by), self.index) for by in (one, other)
            )
            return merge_by_hand(connection, self.index, first, second, MergeOrigin.API, self.now)


def sha256(email: str) -> str:
    import hashlib

    return hashlib.sha256(email.encode()).hexdigest()


@pytest.fixture
def place(fresh_directory: Directory) -> Place:
    return Place(fresh_directory)


def test_several_emails_are_one_person(place: Place) -> None:
    created = place.identify("ann@example.com", "ann@work.example", "ann@home.example", traits={"plan": "pro"})
    assert created.result == "created"
    assert {place.id(email=f"ann@{host}.example") for host in ("work", "home")} == {place.id(email="ann@example.com")}
    assert place.user_traits(email="ann@home.example") == {"plan": "pro"}
    assert place.identify("ann@home.example", "ann@example.com").result == "unchanged"
    assert place.identify("ann@home.example", "ann@new.example").result == "updated"
    assert place.id(email="ann@new.example") == place.id(email="ann@example.com")


def test_the_older_user_survives_and_the_newer_id_resolves_to_it(place: Place) -> None:
    place.identify(external_id="x")
    place.identify("ann@example.com")
    older, newer = place.id(external_id="x"), place.id(email="ann@example.com")
    assert place.identify("ann@example.com", external_id="x").result == "merged"
    assert older is not None
    assert newer is not None
    assert older < newer
    assert place.id(email="ann@example.com") == place.id(external_id="x") == older
    assert place.resolver.users([newer])[newer].id == older
    assert place.pageview(email="ann@example.com").via == newer, "what is recorded can be taken apart again"


def test_a_merge_stores_its_time_origin_and_evidence(place: Place) -> None:
    place.identify(external_id="x")
    place.identify("ann@example.com")
    place.identify("ann@example.com", external_id="x")
    (merge,) = place.merges(place.id(external_id="x"))
    assert (merge.one_by, merge.other_by, merge.origin, merge.merged_at, merge.undone_at) == (
        "EXTERNAL_ID",
        "EMAIL",
        "API",
        place.now,
        None,
    )


def test_merging_keeps_the_traits_of_both_and_the_older_ones_where_both_have_one(place: Place) -> None:
    place.identify(external_id="x", traits={"plan": "old", "city": "Bern"})
    place.identify("ann@example.com", traits={"plan": "new", "pet": "cat"})
    merged = place.identify("ann@example.com", external_id="x", traits={"seen": 1})
    assert merged.user is not None
    assert msgspec.json.decode(merged.user.traits or "") == {"plan": "old", "city": "Bern", "pet": "cat", "seen": 1}


def test_a_merge_can_be_undone_with_its_traits_and_pageviews(place: Place) -> None:
    place.identify(external_id="x", traits={"plan": "old"})
    place.identify("ann@example.com", traits={"pet": "cat", "size": "M"})
    older, newer = place.id(external_id="x"), place.id(email="ann@example.com")
    place.identify("ann@example.com", external_id="x", traits={"size": "L"})
    place.pageview(email="ann@example.com", visitor_id="browser")
    (merge,) = place.merges(older)
    place.unmerge(merge)
    assert (place.id(external_id="x"), place.id(email="ann@example.com")) == (older, newer)
    assert place.user_traits(external_id="x") == {"plan": "old", "size": "L"}, "what was told since stays"
    assert place.user_traits(email="ann@example.com") == {"pet": "cat", "size": "M"}
    assert place.id(visitor_id="browser") == newer, "the browser was linked by her email"
    assert place.merges(older)[0].undone_at == place.now
    assert place.identify("ann@example.com", external_id="x").result != "merged", "they are kept apart from then on"
    assert place.id(email="ann@example.com") == newer


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_undoing_merges_in_any_order_restores_all_users(place: Place, order: tuple[int, ...]) -> None:
    names: list[dict[str, str]] = [{"external_id": "a"}, {"email": "b@example.com"}, {"phone": "+14155550100"}]
    names.append({"external_id": "d"})
    for number, name in enumerate(names):
        place.identify(*([name["email"]] if "email" in name else []), traits={f"t{number}": number, "all": number}, **{
            kind: value for kind, value in name.items() if kind != "email"
        })  # fmt: skip
    before = [(place.id(**name), place.user_traits(**name)) for name in names]
    place.identify("b@example.com", external_id="d")
    place.identify("b@example.com", phone="+14155550100")
    place.identify("b@example.com", external_id="a")
    assert {place.id(**name) for name in names} == {before[0][0]}
    merges = place.merges(before[0][0])
    assert len(merges) == 3
    for number in order:
        place.unmerge(merges[number])
    assert [(place.id(**name), place.user_traits(**name)) for name in names] == before


def test_a_shared_visitor_never_merges_two_people(place: Place) -> None:
    place.identify("ann@example.com", visitor_id="tablet")
    place.identify("bob@example.com", visitor_id="tablet")
    place.pageview(email="ann@example.com", visitor_id="tablet")
    place.pageview(email="carla@example.com", visitor_id="tablet")
    ids = {place.id(email=f"{name}@example.com") for name in ("ann", "bob", "carla")}
    assert len(ids) == 3
    assert place.id(visitor_id="tablet") == place.id(email="carla@example.com"), "the last one at it has it"
    assert all(place.merges(user) == [] for user in ids)


def test_an_unlinked_visitor_names_nobody_and_a_linked_one_names_its_user(place: Place) -> None:
    assert place.identify(visitor_id="v", traits={"a": 1}).user is None
    ann = place.identify("ann@example.com", visitor_id="v").user
    again = place.identify(visitor_id="v", traits={"a": 1})
    assert ann is not None
    assert again.user is not None
    assert (again.user.id, again.result) == (ann.id, "updated")


@pytest.mark.parametrize("first_known", [False, True])
def test_an_identifier_that_would_merge_too_many_people_becomes_unreliable(place: Place, *, first_known: bool) -> None:
    emails = [f"{number}@example.com" for number in range(8)]
    if first_known:
        for email in emails:
            place.identify(email)
    for email in emails:
        place.identify(email, external_id="till")
    people = {place.id(email=email) for email in emails}
    assert len(people) == 8, "also those that it had joined before it turned out to be shared"
    assert place.identify("9@example.com", external_id="till").result == "created"
    assert place.id(external_id="till") not in {None, *people}, "it goes on resolving"
    assert place.identify(external_id="till", traits={"till": True}).result == "updated"


def test_a_pageview_merges_nobody_whatever_it_names(place: Place) -> None:
    place.identify(external_id="x")
    place.identify("ann@example.com")
    place.identify(phone="+14155550100")
    ids = [place.id(external_id="x"), place.id(email="ann@example.com"), place.id(phone="+14155550100")]
    answer = place.pageview(external_id="x", email="ann@example.com", phone="+14155550100", visitor_id="v")
    assert answer.via == ids[0]
    assert [place.id(external_id="x"), place.id(email="ann@example.com"), place.id(phone="+14155550100")] == ids


def test_two_users_can_be_merged_by_hand_also_after_they_were_taken_apart(place: Place) -> None:
    ann, x = {"email": "ann@example.com"}, {"external_id": "x"}
    place.identify("ann@example.com", traits={"plan": "pro"})
    place.identify(external_id="x", traits={"city": "Bern"})
    place.identify("ann@example.com", external_id="x")
    (first,) = place.merges(place.id(**x))
    assert place.merge(ann, x).result == "unchanged"
    place.unmerge(first)
    place.identify("ann@example.com", external_id="x")
    assert place.id(**ann) != place.id(**x), "kept apart from what comes by itself"
    assert place.merge(ann, x).result == "merged"
    assert place.id(**ann) == place.id(**x)
    assert place.user_traits(**x) == {"plan": "pro", "city": "Bern"}
    (_, by_hand) = place.merges(place.id(**x))
    assert (by_hand.evidence, first.evidence) == ([], ["EXTERNAL_ID", "EMAIL"])
    place.unmerge(by_hand)
    assert (place.user_traits(**ann), place.user_traits(**x)) == ({"plan": "pro"}, {"city": "Bern"})


def test_a_user_with_many_merged_ids_is_found_in_one_statement(place: Place) -> None:
    for number in range(50):
        place.identify(f"{number}@example.com", f"{number + 1}@example.com")
    assert len({place.id(email=f"{number}@example.com") for number in range(51)}) == 1


# --- whatever the order ---

EMAILS = [f"{letter}@example.com" for letter in "abcd"]
IDS = ["one", "two", "three"]
VISITORS = ["browser", "tablet"]

_identify = st.builds(
    lambda emails, external_id, visitor_id: ("identify", emails, external_id, visitor_id),
    st.lists(st.sampled_from(EMAILS), max_size=2, unique=True),
    st.none() | st.sampled_from(IDS),
    st.none() | st.sampled_from(VISITORS),
).filter(lambda call: bool(call[1] or call[2]))
_pageview = st.builds(
    lambda email, external_id, visitor_id: ("pageview", [email] if email else [], external_id, visitor_id),
    st.none() | st.sampled_from(EMAILS),
    st.none() | st.sampled_from(IDS),
    st.none() | st.sampled_from(VISITORS),
)
_merge = st.builds(
    lambda one, other: ("merge", [*one], other, None),
    st.lists(st.sampled_from(EMAILS), min_size=1, max_size=1),
    st.sampled_from(IDS),
)
Call = tuple[str, list[str], str | None, str | None]


def make(place: Place, calls: list[Call]) -> set[frozenset[str]]:
    """Make the calls in a new app. Returns the groups of emails and external ids that they lead to."""
    place.new_app()
    place.max_joined = 100  # the guard against tills is tested by itself
    for kind, emails, external_id, visitor_id in calls:
        if kind == "identify":
            place.identify(*emails, external_id=external_id or "", visitor_id=visitor_id or "")
        elif kind == "merge":
            place.merge({"email": emails[0]}, {"external_id": external_id or ""})
        else:
            place.pageview(email="".join(emails), external_id=external_id or "", visitor_id=visitor_id or "")
    groups: dict[int, set[str]] = {}
    for field, names in (("email", EMAILS), ("external_id", IDS)):
        for name in names:
            if (user := place.id(**{field: name})) is not None:
                groups.setdefault(user, set()).add(name)
    return {frozenset(group) for group in groups.values()}


def said(calls: list[Call]) -> set[frozenset[str]]:
    """The same by definition: the identifiers of one identify are one person, and a pageview's email is a person."""
    groups: list[set[str]] = []
    for kind, emails, external_id, _ in calls:
        named = {*emails, *([external_id] if external_id and kind != "pageview" else [])}
        if named:
            touching = [group for group in groups if group & named]
            groups = [group for group in groups if not group & named] + [named.union(*touching)]
    return {frozenset(group) for group in groups}


@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(calls=st.lists(_identify | _pageview, max_size=8), data=st.data())
def test_the_groups_are_the_same_whatever_the_order_of_the_calls(
    place: Place, backend: str, calls: list[Call], data: st.DataObject
) -> None:
    if spared(backend, calls):
        return
    assert make(place, calls) == said(calls)
    assert make(place, data.draw(st.permutations(calls))) == said(calls)


@settings(max_examples=examples(100), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(calls=st.lists(_identify | _pageview | _merge, max_size=8), data=st.data())
def test_the_groups_are_the_same_however_identify_pageview_and_merge_calls_interleave(
    place: Place, backend: str, calls: list[Call], data: st.DataObject
) -> None:
    if spared(backend, calls):
        return
    everybody: list[Call] = [("identify", [email], None, None) for email in EMAILS]
    everybody += [("identify", [], external_id, None) for external_id in IDS]
    assert make(place, everybody + calls) == said(everybody + calls)
    assert make(place, everybody + data.draw(st.permutations(calls))) == said(everybody + calls)


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pairs=st.lists(
        st.tuples(st.sampled_from(["identify", "pageview"]), st.sampled_from(EMAILS), st.sampled_from(VISITORS)),
        max_size=12,
    )
)
def test_no_chain_of_visitor_ids_joins_two_emails(
    place: Place, backend: str, pairs: list[tuple[str, str, str]]
) -> None:
    if spared(backend, pairs):
        return
    groups = make(place, [(kind, [email], None, visitor) for kind, email, visitor in pairs])
    assert all(len(group) == 1 for group in groups)
