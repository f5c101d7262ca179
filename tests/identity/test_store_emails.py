"""With `store_emails = false` only digests are stored. Everything works except showing an address."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heropixel.directory import Directory, open_directory
from heropixel.directory.apps import app_number, create_app
from heropixel.directory.keys import redact, stores_emails
from heropixel.directory.merges import merges_of, unmerge
from heropixel.errors import ContradictoryIdentifiers, UserNotFound
from heropixel.identity.batch import MergeOrigin, ToIdentify
from heropixel.identity.forget import ErasureRequest, forget
from heropixel.identity.identifiers import Claims, Index
from heropixel.identity.identify import identify_many
from heropixel.identity.person import Person, UserSelector
from heropixel.identity.resolve import Lookup, Resolver
from heropixel.identity.suppress import ContactInput, refresh_suppressed, suppress_many, unsuppress_many
from heropixel.settings import Settings
from tests.contract.test_knowing import Growth
from tests.session.directories import NewUrl
from tests.session.examples import examples, spared
from tests.stores.stored import all_that_is_stored
from tests.world import World, command, running

NOW = 1_800_000_000_000
EMAILS = ["ann.doe@gmail.com", "bob@example.com", "carl@example.com"]
PHONES = ["+14155550100", "+14155550101"]


class Place:
    """A directory that stores addresses or does not, and what can be done with it."""

    def __init__(self, directory: Directory, *, readable: bool) -> None:
        self.directory = directory
        self.index = Index(b"k" * 32, readable=readable)
        self.resolver = Resolver(self.directory, self.index)

    def new_app(self) -> None:
        self.now = NOW
        with self.directory.writing() as connection:
            self.app = app_number(connection, create_app(connection, "Test", now=1).app_id)

    def do(self, call: str, emails: list[str], claims: dict[str, str]) -> Any:
        """Do something; what it answers, user ids counted from the first of the app."""
        self.now += 1
        first = emails[0] if emails else None
        with self.directory.writing() as connection, suppress(UserNotFound, ContradictoryIdentifiers):
            match call:
                case "suppress":
                    contacts = [ContactInput(email=email).contact() for email in emails]
                    return suppress_many(connection, self.app, self.index, contacts, self.now)
                case "unsuppress":
                    contacts = [ContactInput(email=email).contact() for email in emails]
                    return unsuppress_many(connection, self.app, self.index, contacts, self.now)
                case "forget" if first:
                    by = UserSelector(email=first)
                    request = ErasureRequest(self.app, by, tombstone=True, origin="API", now=self.now)
                    counts = forget(connection, self.index, request).counts
                    return {name: count for name, count in counts.items() if name != "contacts"}
                case "unmerge":
                    for merge in merges_of(connection, (self.app << 40) + 1):
                        if merge.undone_at is None:
                            unmerge(connection, merge.id, self.now)
                            ids = [merge.older, merge.newer]
                            return refresh_suppressed(connection, self.app, self.index, ids, self.now)
        with suppress(ContradictoryIdentifiers):
            if call == "pageview":
                return self.ask(email=first or "", **claims)
            if call == "identify":
                person = Person(Claims.parse(email=first, **claims), {}, tuple(emails[1:]))
                if person.claims != Claims():
                    told = ToIdentify.of(self.app, [person], self.index, MergeOrigin.API, self.now)
                    return identify_many(self.directory, told)[0].result
        return None

    def ask(self, **claims: str) -> Any:
        (answer,) = self.resolver.resolve([Lookup(self.app, Claims.parse(**claims), None)], self.now)
        return answer.user and answer.user.id - (self.app << 40), answer.created, answer.matched_on, answer.miss


@pytest.fixture(scope="module")
def places(new_directory_url: NewUrl) -> Iterator[tuple[Place, Place]]:
    with new_directory_url() as one, new_directory_url() as other:
        places = Place(open_directory(one), readable=True), Place(open_directory(other), readable=False)
        yield places
        for place in places:
            place.directory.close()


CALLS = st.tuples(
    st.sampled_from(["identify", "identify", "identify", "pageview", "suppress", "unsuppress", "forget", "unmerge"]),
    st.lists(st.sampled_from(EMAILS), max_size=2, unique=True),
    st.fixed_dictionaries(
        {},
        optional={
            "external_id": st.sampled_from("xyz"),
            "phone": st.sampled_from(PHONES),
            "md5": st.sampled_from([hashlib.md5(email.encode()).hexdigest() for email in EMAILS]),
            "visitor_id": st.sampled_from("vw"),
        },
    ),
)


@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(calls=st.lists(CALLS, min_size=1, max_size=12))
def test_every_call_answers_the_same_whether_addresses_are_stored_or_not(
    places: tuple[Place, Place], backend: str, calls: list[Any]
) -> None:
    if spared(backend, calls):
        return
    for place in places:
        place.new_app()
    for call in calls:
        answers = [place.do(*call) for place in places]
        assert answers[0] == answers[1], call
    for claims in (
        *({"md5": hashlib.md5(email.encode()).hexdigest()} for email in EMAILS),
        *({"phone": phone} for phone in PHONES),
        *({"external_id": name} for name in "xyz"),
        *({"visitor_id": name} for name in "vw"),
    ):
        assert places[0].ask(**claims) == places[1].ask(**claims), claims


def test_no_address_is_in_the_file(places: tuple[Place, Place]) -> None:
    for place in places:
        place.new_app()
        place.do("identify", ["dora@example.com"], {"phone": "+14155550177"})
        place.do("pageview", ["emil@example.com"], {})
        place.do("suppress", ["fred@example.com"], {})
        place.directory.scrub()
    words = [b"dora@", b"4155550177", b"emil@", b"fred@"]
    there, absent = ([word in all_that_is_stored(place.directory) for word in words] for place in places)
    assert (there, absent) == ([True] * 4, [False] * 4)


def test_the_directory_remembers_what_was_set_for_commands_too(world: World) -> None:
    with running(world, store_emails="false") as server:
        shop = Growth(server)
        shop.identify(email="ann@example.com", phone="+14155550100", externalId="ann")
        shown = shop.user(email="ann@example.com")
        assert (shown["code"], shown["emails"], shown["phones"]) == (200, [], [])
        assert shop.pageview(md5=hashlib.md5(b"ann@example.com").hexdigest())["message"] == "User Found"
        app = ("--app", shop.auth["appId"])
        command(world, "users", "identify", *app, "--email", "bob@example.com")
        assert shop.user(email="bob@example.com")["emails"] == []
    directory = open_directory(Settings(data=world.folder).url_of_directory())
    assert stores_emails(directory, wanted=None) is False
    assert stores_emails(directory, wanted=True) is True
    directory.close()


def test_what_was_stored_before_can_be_removed_and_is_found_as_before(world: World) -> None:
    with running(world) as server:
        shop = Growth(server)
        shop.identify(email="ann@example.com", phone="+14155550100")
        assert shop.user(phone="+14155550100")["emails"] == ["ann@example.com"]
        assert "2 contacts removed" in command(world, "users", "redact", "--yes")
        for by in ({"email": "ann@example.com"}, {"phone": "+14155550100"}):
            assert (shop.user(**by)["code"], shop.user(**by)["emails"]) == (200, [])
    assert b"ann@example.com" not in (world.folder / "directory.sqlite3").read_bytes()


def test_redacting_a_directory_leaves_nothing_to_read(fresh_directory: Directory) -> None:
    place = Place(fresh_directory, readable=True)
    place.new_app()
    place.do("identify", ["ann@example.com", "ann@work.example"], {})
    place.do("suppress", ["bob@example.com"], {})
    assert redact(place.directory) == 2
    left = all_that_is_stored(place.directory)
    assert not [word for word in (b"ann@", b"bob@") if word in left]
    assert place.do("forget", ["ann@work.example"], {})["users"] == 2


@pytest.mark.parametrize("place", [0, 1], ids=["readable", "digests only"])
def test_a_number_that_two_shared_stays_the_others_when_one_is_forgotten(
    places: tuple[Place, Place], place: int
) -> None:
    phone = {"phone": "+14155550100"}
    one = places[place]
    one.new_app()
    one.do("identify", ["ann.doe@gmail.com"], {"external_id": "x"} | phone)
    one.do("identify", [], {"external_id": "y"} | phone)
    one.do("forget", ["ann.doe@gmail.com"], {})
    assert one.ask(**phone)[0] == 2, "no tombstone of hers keeps it from whom it belongs to now"
