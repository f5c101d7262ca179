"""Claims: a page says who its visitor is after it has sent the pageview."""

from typing import Any

import pytest

from heropixel.directory import Directory
from heropixel.directory.claims import add_claims, waiting_claims
from heropixel.directory.links import waiting_links
from heropixel.directory.users import put_identifiers
from heropixel.identity.claim import apply_claims, claim_of
from heropixel.identity.forget import ErasureRequest, forget
from heropixel.identity.identifiers import Claims, Index
from heropixel.identity.person import UserSelector
from heropixel.identity.resolve import Lookup, Resolver

INDEX = Index(b"k" * 32)
VISITOR = "hp1." + "a" * 32


@pytest.fixture
def directory(fresh_directory: Directory) -> Directory:
    return fresh_directory


def who(directory: Directory, **claims: str) -> Any:
    """The id of the user of app 1 that a pageview finds."""
    (resolution,) = Resolver(directory, INDEX).resolve([Lookup(1, Claims.parse(**claims), None)], now=1)
    return resolution.user.id if resolution.user else None


@pytest.fixture
def known(directory: Directory) -> Any:
    """The id of a known user."""
    with directory.writing() as connection:
        connection.exec_driver_sql("INSERT INTO apps (number, id, name, created_at) VALUES (1, 'app', 'Shop', 1)")
    return who(directory, email="anna@example.com")


def digest(email: str) -> str:
    import hashlib

    return hashlib.sha256(email.encode()).hexdigest()


def claim(directory: Directory, **claims: str) -> None:
    with directory.writing() as connection:
        add_claims(connection, [claim_of(1, Claims.parse(**claims), INDEX, now=2)])


def test_a_claim_with_a_known_identifier_links_its_visitor(directory: Directory, known: int) -> None:
    claim(directory, sha256=digest("anna@example.com"), visitor_id=VISITOR)
    assert who(directory, visitor_id=VISITOR) is None  # not before it is applied
    apply_claims(directory, now=2)
    assert who(directory, visitor_id=VISITOR) == known
    assert [link.user_id for _, link in waiting_links(directory.connection, 10)] == [known]


def test_a_claim_with_an_unknown_identifier_links_and_learns_nobody(directory: Directory, known: int) -> None:
    claim(directory, sha256=digest("bea@example.com"), external_id="c-9", visitor_id=VISITOR)
    apply_claims(directory, now=2)
    assert who(directory, visitor_id=VISITOR) is None
    assert who(directory, external_id="c-9") is None
    assert waiting_claims(directory.connection, 10) == []
    assert waiting_links(directory.connection, 10) == []


def test_a_claim_stores_the_same_for_a_known_and_an_unknown_user(directory: Directory, known: int) -> None:
    claim(directory, sha256=digest("anna@example.com"), visitor_id=VISITOR)
    claim(directory, sha256=digest("bea@example.com"), visitor_id=VISITOR)
    (_, one), (_, other) = waiting_claims(directory.connection, 10)
    assert (one.app, one.visitor_id, len(one.known_by)) == (other.app, other.visitor_id, len(other.known_by))


def test_whoever_is_suppressed_is_not_linked(directory: Directory, known: int) -> None:
    with directory.writing() as connection:
        connection.exec_driver_sql("UPDATE users SET suppressed_until = 100")
    claim(directory, sha256=digest("anna@example.com"), visitor_id=VISITOR)
    apply_claims(directory, now=2)
    assert waiting_links(directory.connection, 10) == []


def test_a_claim_that_says_the_same_again_changes_nothing(directory: Directory, known: int) -> None:
    for _ in range(3):
        claim(directory, sha256=digest("anna@example.com"), visitor_id=VISITOR)
    apply_claims(directory, now=2)
    claim(directory, sha256=digest("anna@example.com"), visitor_id=VISITOR)
    apply_claims(directory, now=3)
    assert {link.user_id for _, link in waiting_links(directory.connection, 10)} == {known}
    assert who(directory, visitor_id=VISITOR) == known


def test_the_external_id_weighs_more_than_the_digest(directory: Directory, known: int) -> None:
    bea = who(directory, email="bea@example.com")
    with directory.writing() as connection:
        key = INDEX.key(1, 1, b"c-2")
        put_identifiers(connection, [(key, bea, 1, 9, True, None)])
    claim(directory, sha256=digest("anna@example.com"), external_id="c-2", visitor_id=VISITOR)
    apply_claims(directory, now=2)
    assert who(directory, visitor_id=VISITOR) == bea


def test_an_erased_user_is_not_linked_and_their_visitor_is_erased_too(directory: Directory, known: int) -> None:
    claim(directory, sha256=digest("anna@example.com"), visitor_id=VISITOR)
    with directory.writing() as connection:
        forget(connection, INDEX, ErasureRequest(1, UserSelector(email="anna@example.com"), False, "API", 3))
    apply_claims(directory, now=4)
    assert who(directory, visitor_id=VISITOR) is None
    assert [link.user_id for _, link in waiting_links(directory.connection, 10)] == [known], "by which it is found"


def test_other_work_has_its_turn_however_many_claims_there_are(
    directory: Directory, known: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heropixel.identity.claim._AT_ONCE", 1)
    for number in range(12):
        claim(directory, sha256=digest("anna@example.com"), visitor_id=f"{VISITOR}{number}")
    apply_claims(directory, now=2)
    assert len(waiting_claims(directory.connection, 100)) == 2
    apply_claims(directory, now=2)
    assert waiting_claims(directory.connection, 100) == []
    assert who(directory, visitor_id=f"{VISITOR}11") == known
