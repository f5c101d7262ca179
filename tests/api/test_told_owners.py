"""Who is told what the operator of a server does without: those who may ask for it."""

import pytest

from heropixel.api.callers import Caller, CallerKind
from heropixel.api.signing_in import MeAnswer
from heropixel.members.roles import KeyScope, Role


@pytest.mark.parametrize(
    ("caller", "is_told"),
    [
        (Caller(CallerKind.SECRET, None), True),
        (Caller(CallerKind.MEMBER, None, role=Role.OWNER), True),
        (Caller(CallerKind.MEMBER, None, role=Role.EDITOR), False),
        (Caller(CallerKind.MEMBER, None, role=Role.VIEWER), False),
        (Caller(CallerKind.MEMBER, None), False),
        (Caller(CallerKind.KEY, None, scopes=frozenset({KeyScope.MANAGE})), False),
        (Caller(CallerKind.SHARE, None), False),
    ],
)
def test_only_owners_and_the_secret_are_told_what_a_server_does_not_promise(caller: Caller, is_told: bool) -> None:
    answer = MeAnswer(caller=caller, told_owners=["one disk"])
    assert answer.notices == (["one disk"] if is_told else [])


def test_a_refused_caller_is_told_nothing() -> None:
    assert MeAnswer(told_owners=["one disk"]).notices is None
