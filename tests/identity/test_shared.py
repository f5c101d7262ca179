"""What several people share joins nobody, and gives back what it alone had joined. On a real directory."""

from typing import Any

import msgspec
import pytest

from heropixel.directory import Directory
from heropixel.identity.batch import Identified
from heropixel.identity.identifiers import Index
from tests.identity.test_merging import Place, sha256

PHONE = "+14155550100"


@pytest.fixture(params=[True, False], ids=["readable", "digests only"])
def place(fresh_directory: Directory, request: pytest.FixtureRequest) -> Place:
    return Place(fresh_directory, Index(b"k" * 32, readable=request.param))


def traits(identified: Identified) -> dict[str, Any]:
    assert identified.user
    return msgspec.json.decode(identified.user.traits or "{}", type=dict[str, Any])


def count_people(place: Place) -> int:
    text = f"SELECT count(*) FROM users WHERE merged_into IS NULL AND id >> 40 = {place.app}"
    return int(place.directory.connection.exec_driver_sql(text).scalar_one())


@pytest.mark.parametrize("one", [{"email": "ann@example.com"}, {"external_id": "ann"}], ids=str)
@pytest.mark.parametrize("other", [{"email": "bob@example.com"}, {"external_id": "bob"}], ids=str)
def test_a_phone_that_two_people_share_joins_neither_and_finds_neither(
    place: Place, one: dict[str, str], other: dict[str, str]
) -> None:
    ann = place.identify(*filter(None, [one.get("email")]), **ids(one), phone=PHONE, traits={"name": "Ann"})
    assert place.id(phone=PHONE) == place.id(**one), "a phone that is one person's own finds her"
    bob = place.identify(*filter(None, [other.get("email")]), **ids(other), phone=PHONE, traits={"name": "Bob"})
    assert (ann.result, bob.result) == ("created", "created")
    assert traits(bob) == {"name": "Bob"}
    assert (bob.conflicts, bob.merges) == (("PHONE",), ()), "and that is told"
    assert (place.user_traits(**one), place.user_traits(**other)) == ({"name": "Ann"}, {"name": "Bob"})
    assert place.id(phone=PHONE) is None
    assert place.id(sha256=sha256(PHONE)) is None
    assert count_people(place) == 2
    carla = place.identify("carla@example.com", phone=PHONE)
    assert (carla.result, carla.conflicts, place.id(phone=PHONE)) == ("created", ("PHONE",), None)


def ids(names: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in names.items() if name != "email"}


def test_the_same_rows_again_change_nothing_and_tell_the_conflict_again(place: Place) -> None:
    persons = [place.person(f"{name}@example.com", external_id=name, phone=PHONE) for name in ("ann", "bob", "carla")]
    assert [each.result for each in place.identify_many(persons)] == ["created"] * 3
    before = dump(place)
    again = place.identify_many(persons)
    assert [(each.result, each.conflicts) for each in again] == [("unchanged", ("PHONE",))] * 3
    assert dump(place) == before


def dump(place: Place) -> list[Any]:
    tables = ("users", "identifiers", "contacts", "merges", "pairs", "unreliable")
    read = place.directory.connection.exec_driver_sql
    return [tuple(row) for table in tables for row in read(f"SELECT * FROM {table} ORDER BY 1, 2")]


def test_a_phone_finds_whoever_is_known_by_nothing_stronger(place: Place) -> None:
    first = place.identify(phone=PHONE, traits={"plan": "pro", "size": "M"})
    ann = place.identify("ann@example.com", phone=PHONE, traits={"name": "Ann", "size": "L"})
    assert (ann.result, ann.added) == ("updated", ("EMAIL",))
    assert traits(ann) == {"plan": "pro", "size": "L", "name": "Ann"}
    assert place.id(phone=PHONE) == place.id(email="ann@example.com") == (first.user and first.user.id)
    assert [merge.evidence for merge in ann.merges] == [["EMAIL", "PHONE"]], "it can be taken back"


def test_what_a_phone_alone_had_joined_is_given_back_when_it_turns_out_to_be_shared(place: Place) -> None:
    place.identify(phone=PHONE, traits={"plan": "pro", "size": "M"})
    place.identify("ann@example.com", phone=PHONE, traits={"name": "Ann", "size": "L"})
    bob = place.identify("bob@example.com", phone=PHONE, traits={"name": "Bob"})
    assert (bob.result, traits(bob), bob.conflicts) == ("created", {"name": "Bob"}, ("PHONE",))
    assert place.user_traits(email="ann@example.com") == {"name": "Ann", "size": "L"}
    assert place.user_traits(phone=PHONE) == {"plan": "pro", "size": "M"}, "the phone finds who it was alone"
    assert len({place.id(phone=PHONE), *(place.id(email=f"{name}@example.com") for name in ("ann", "bob"))}) == 3
    (merge,) = place.merges(place.id(email="ann@example.com"))
    assert merge.undone_at == place.now, "and the log says so"


def test_one_call_that_names_both_people_joins_them_and_the_phone_is_theirs_again(place: Place) -> None:
    place.identify("ann@example.com", phone=PHONE)
    place.identify("bob@example.com", phone=PHONE)
    assert place.id(phone=PHONE) is None
    assert place.identify("ann@example.com", "bob@example.com").result == "merged"
    assert place.id(phone=PHONE) == place.id(email="ann@example.com")
    (merge,) = place.merges(place.id(phone=PHONE))
    place.unmerge(merge)
    assert place.id(phone=PHONE) is None
    assert place.merge({"email": "ann@example.com"}, {"email": "bob@example.com"}).result == "merged"
    assert place.id(phone=PHONE) == place.id(email="bob@example.com")


def test_another_address_under_a_known_external_id_is_added_and_the_answer_says_so(place: Place) -> None:
    place.identify("ann@example.com", external_id="a-1", traits={"plan": "pro", "size": "M"})
    added = place.identify("ann@work.example", external_id="a-1", traits={"size": "L", "job": "cook"})
    assert (added.result, added.added, added.conflicts) == ("updated", ("EMAIL",), ())
    assert traits(added) == {"plan": "pro", "size": "L", "job": "cook"}
    (merge,) = added.merges
    place.unmerge(merge)
    assert place.user_traits(email="ann@example.com") == {"plan": "pro", "size": "M"}, "each one's own traits"
    assert place.user_traits(email="ann@work.example") == {"size": "L", "job": "cook"}


def test_a_second_external_id_of_an_address_is_added_and_can_be_taken_back(place: Place) -> None:
    place.identify("ann@example.com", external_id="1", traits={"is": "first"})
    second = place.identify("ann@example.com", external_id="2", traits={"is": "second"})
    assert (second.result, second.added) == ("updated", ("EXTERNAL_ID",))
    assert place.id(external_id="1") == place.id(external_id="2")
    place.unmerge(second.merges[0])
    assert place.user_traits(external_id="1") == place.user_traits(email="ann@example.com") == {"is": "first"}
    assert place.user_traits(external_id="2") == {"is": "second"}


@pytest.mark.parametrize("shared", [{"external_id": "till"}, {"email": "info@example.com"}], ids=str)
def test_a_name_that_more_than_five_share_gives_back_what_it_alone_had_joined(
    place: Place, shared: dict[str, str]
) -> None:
    of_email = "email" in shared
    names = [{"external_id": f"c-{n}"} if of_email else {"email": f"{n}@example.com"} for n in range(6)]
    emails = [[*filter(None, [{**name, **shared}.get("email")])] for name in names]
    told = [
        place.identify(*email, **ids({**name, **shared}), traits={"n": n})
        for n, (name, email) in enumerate(zip(names, emails, strict=True))
    ]
    assert [each.result for each in told] == ["created", *["updated"] * 4, "created"]
    assert told[5].conflicts == (("EMAIL",) if of_email else ("EXTERNAL_ID",))
    people = [place.id(**name) for name in names]
    assert len(set(people)) == 6
    assert [place.user_traits(**name) for name in names] == [{"n": n} for n in range(6)]
    assert place.id(**shared) not in {None, *people}, "it goes on resolving"


def test_two_who_were_named_together_otherwise_stay_one_when_a_shared_name_gives_back(place: Place) -> None:
    for n in range(5):
        place.identify(f"{n}@example.com", external_id="till")
    place.identify("0@example.com", "1@example.com")
    assert place.identify("5@example.com", external_id="till").conflicts == ("EXTERNAL_ID",)
    assert len({place.id(email=f"{n}@example.com") for n in range(6)}) == 5
    assert place.id(email="0@example.com") == place.id(email="1@example.com")


def test_plus_addresses_of_one_mailbox_with_ids_of_their_own_are_two_people(place: Place) -> None:
    place.identify("smith+anna@gmail.com", external_id="c-201", traits={"first_name": "Anna"})
    assert place.id(email="smith@gmail.com") == place.id(external_id="c-201"), "as long as nobody else has this form"
    ben = place.identify("smith+ben@gmail.com", external_id="c-202", traits={"first_name": "Ben"})
    assert (ben.result, ben.conflicts) == ("created", ())
    for form in ("smith+anna@gmail.com", "SMITH+anna@gmail.com"):
        assert place.user_traits(email=form) == {"first_name": "Anna"}
    assert place.user_traits(sha256=sha256("smith+ben@gmail.com")) == {"first_name": "Ben"}
    assert place.id(email="smith@gmail.com") is None, "the form of both finds neither"
    smith = place.identify("smith@gmail.com", traits={"first_name": "Smith"})
    assert (smith.result, place.user_traits(email="smith@gmail.com")) == ("created", {"first_name": "Smith"})
    assert place.user_traits(email="smith+ben@gmail.com") == {"first_name": "Ben"}


def test_a_weaker_form_never_beats_what_somebody_else_has(place: Place) -> None:
    place.identify("smith+anna@gmail.com", traits={"first_name": "Anna"})
    place.identify("s.mith+x@gmail.com", external_id="x", traits={"first_name": "X"})
    place.identify(phone=PHONE, traits={"first_name": "Bob"})
    assert place.user_traits(email="smith+x@gmail.com", external_id="x") == {"first_name": "X"}
    assert place.user_traits(email="smith.anna@gmail.com", phone=PHONE) == {"first_name": "Bob"}


def test_a_pageview_that_finds_by_a_weaker_form_adds_nothing_to_the_user(place: Place) -> None:
    place.identify("jdoe@gmail.com", traits={"name": "J"})
    found = place.pageview(email="j.doe@gmail.com")
    assert (found.created, found.form and found.form.name) == (False, "GOOGLE")
    other = place.identify("j.doe@gmail.com", external_id="other")
    assert (other.result, traits(other)) == ("created", {})
    assert place.user_traits(email="jdoe@gmail.com") == {"name": "J"}


def test_a_learned_address_takes_no_form_that_two_people_have(place: Place) -> None:
    for name in ("anna", "ben"):
        place.identify(f"smith+{name}@gmail.com")
    assert place.pageview(email="smith+carl@gmail.com").created
    assert place.id(email="smith@gmail.com") is None
    assert place.pageview(email="smith@gmail.com").created, "the address itself is somebody's"
    assert place.id(email="smith@gmail.com") is not None
    assert place.identify("smith@gmail.com", external_id="s").added == ("EXTERNAL_ID",)


def test_googles_present_form_finds_an_address_at_googlemail_and_its_older_forms_go_on_matching(place: Place) -> None:
    place.identify("Jane.Doe+Shopping@googlemail.com", traits={"name": "Jane"})
    digest = "338abf9ef1c8793cadc7bcf51ed595338eb727ed9e06ce3d91d566d60b975937"
    for each in (digest, sha256("janedoe+shopping@googlemail.com"), sha256("jane.doe+shopping@googlemail.com")):
        assert place.user_traits(sha256=each) == {"name": "Jane"}


def test_who_shared_a_phone_with_somebody_who_is_forgotten_is_found_by_it(place: Place) -> None:
    from heropixel.identity.forget import ErasureRequest, forget
    from heropixel.identity.person import UserSelector

    place.identify("ann@example.com", phone=PHONE)
    place.identify("bob@example.com", phone=PHONE, traits={"name": "Bob"})
    with place.directory.writing() as connection:
        by = UserSelector(email="ann@example.com")
        forget(connection, place.index, ErasureRequest(place.app, by, tombstone=False, origin="API", now=place.now))
    assert place.user_traits(phone=PHONE) == {"name": "Bob"}


def test_a_suppression_of_one_is_not_the_others_after_what_was_shared_is_given_back(place: Place) -> None:
    from heropixel.identity.suppress import Contact, suppress_many

    place.identify(phone=PHONE)
    place.identify("ann@example.com", phone=PHONE)
    contact = Contact.of(place.person("ann@example.com").claims, "", None)
    with place.directory.writing() as connection:
        suppress_many(connection, place.app, place.index, [contact], place.now)
    assert place.pageview(phone=PHONE).user is None
    place.identify("bob@example.com", phone=PHONE)
    assert place.pageview(phone=PHONE).user is not None
    assert place.pageview(email="ann@example.com").user is None
