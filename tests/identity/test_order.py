"""The people are the same in whatever order calls come, and however many come at once. On a real directory.

The generated worlds have shared identifiers, more people than may share one, and forms of addresses at Gmail.
"""

from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heropixel.directory import Directory
from heropixel.identity.identifiers import Index, email_forms
from tests.identity.test_merging import Place
from tests.session.examples import examples, spared


@pytest.fixture(params=[True, False], ids=["readable", "digests only"])
def place(fresh_directory: Directory, request: pytest.FixtureRequest) -> Place:
    return Place(fresh_directory, Index(b"k" * 32, readable=request.param))


class Said(NamedTuple):
    """One call."""

    emails: tuple[str, ...]
    external_id: str
    phone: str

    @property
    def names(self) -> list[str]:
        return [*([self.external_id] if self.external_id else []), *self.emails]


EMAILS = ["ann@example.com", "bob@example.com", "c@example.com", "d@example.com"]
EMAILS += ["smith+ann@gmail.com", "smith+bob@gmail.com", "s.mith@gmail.com", "smith@gmail.com"]
EMAILS += ["j.doe+x@googlemail.com", "jdoe+x@googlemail.com"]
NEVER_SAID = "jdoe@googlemail.com"
IDS = ["1", "2", "3", "4"]
PHONES = ["+14155550100", "+14155550101"]
SAID = st.builds(
    Said,
    st.lists(st.sampled_from(EMAILS), max_size=2, unique=True).map(tuple),
    st.just("") | st.sampled_from(IDS),
    st.just("") | st.sampled_from(PHONES),
).filter(lambda said: bool(said.names or said.phone))
# A till: far more people than may share it.
CROWD = st.sampled_from(IDS).flatmap(
    lambda till: st.lists(st.sampled_from(EMAILS).map(lambda email: Said((email,), till, "")), min_size=4, max_size=8)
)


def find(place: Place, calls: list[Said], at_once: int, max_joined: int) -> set[frozenset[str]]:
    """Make the calls in an app of their own. Returns which identifiers find the same user."""
    place.new_app()
    place.max_joined = max_joined
    persons = [place.person(*said.emails, external_id=said.external_id, phone=said.phone) for said in calls]
    for start in range(0, len(persons), at_once):
        place.identify_many(persons[start : start + at_once])
    asked = [("email", email) for email in [*EMAILS, NEVER_SAID]]
    asked += [("external_id", each) for each in IDS] + [("phone", phone) for phone in PHONES]
    people: dict[int, set[str]] = {}
    for kind, text in asked:
        if (user := place.id(**{kind: text})) is not None:
            people.setdefault(user, set()).add(text)
    return {frozenset(texts) for texts in people.values()}


def expect(calls: list[Said], max_joined: int) -> set[frozenset[str]]:
    """The same by the definition."""
    names = {name for said in calls for name in said.names}
    pairs = {(one, other) for said in calls for one in said.names for other in said.names if one != other}
    shared = {name for name in names if sum(one == name for one, _ in pairs) > max_joined}
    person = {name: {name} for name in names}
    for one, other in pairs:
        if not {one, other} & shared and person[one] is not person[other]:
            person[one] |= person[other]
            person.update(dict.fromkeys(person[other], person[one]))
    people = {id(each): set(each) for each in person.values()}
    for phone in {said.phone for said in calls if said.phone}:
        have = {id(person[name]) for said in calls if said.phone == phone for name in said.names if name not in shared}
        if len(have) == 1:
            people[have.pop()].add(phone)
        elif any(said.phone == phone and not said.names for said in calls):
            people[-int(phone)] = {phone}
    for address in {*EMAILS, NEVER_SAID} - names:
        have = {id(person[name]) for name in names if address in [text for _, text in email_forms(name)[1:]]}
        if len(have) == 1:
            people[have.pop()].add(address)
    return {frozenset(each) for each in people.values()}


@settings(max_examples=examples(48), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(calls=st.lists(SAID, max_size=10), crowd=st.just([]) | CROWD, max_joined=st.integers(1, 5), data=st.data())
def test_the_people_are_the_same_whatever_the_order_of_calls_that_share_identifiers(
    place: Place, backend: str, calls: list[Said], crowd: list[Said], max_joined: int, data: st.DataObject
) -> None:
    said = calls + crowd
    if spared(backend, said, max_joined):
        return
    assert find(place, said, 1, max_joined) == expect(said, max_joined)
    shuffled = data.draw(st.permutations(said))
    assert find(place, shuffled, data.draw(st.integers(1, 6)), max_joined) == expect(said, max_joined)
