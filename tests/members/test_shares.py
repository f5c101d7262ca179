"""Shares in the directory: what a visitor's bearer proves, for how long, and what of it is stored."""

import pytest

from heropixel.api.callers import CallerKind
from heropixel.api.credentials import ShareProof, bearer_of, parse_authorization
from heropixel.directory.pixels import create_pixel
from heropixel.errors import InvalidCredentials
from heropixel.members import shares
from heropixel.members.attempts import OF_ACCOUNT, Attempts
from heropixel.members.embedding import usable_origins
from heropixel.members.refusals import TooManyAttempts
from heropixel.members.share_refusals import TooManyShares
from heropixel.members.shares import SESSION_MILLISECONDS, NewShare, create_share, list_shares
from heropixel.members.tokens import digest
from heropixel.members.uses import write_uses
from tests.members.conftest import DAY, NOW, Shop


def made(shop: Shop, expires_at: int | None = None) -> NewShare:
    with shop.directory.writing() as connection:
        pixel = create_pixel(connection, shop.number, "Site", [], NOW)
        new = create_share(connection, shop.number, pixel, "For you", NOW, expires_at=expires_at)
    shop.registry.refresh()
    return new


def proof_of(shop: Shop, new: NewShare) -> ShareProof:
    proof = parse_authorization(f"Bearer {bearer_of(new.share, new.token, shop.now)}")
    assert isinstance(proof, ShareProof)
    return proof


def test_a_visitor_may_use_the_pixel_of_the_share_and_sees_addresses_masked(shop: Shop) -> None:
    new = made(shop)
    caller = proof_of(shop, new).caller(shop.callers)
    assert (caller.kind, caller.pixels) == (CallerKind.SHARE, frozenset({new.share.pixel}))
    assert (caller.role, caller.id) == (None, None)
    assert (caller.masked, caller.sees_people, caller.is_owner) == (True, False, False)


def test_a_share_is_opened_again_after_twelve_hours(shop: Shop) -> None:
    proof = proof_of(shop, made(shop))
    shop.now += SESSION_MILLISECONDS - 1
    assert shop.callers.recognises(proof)
    shop.now += 1
    with pytest.raises(InvalidCredentials):
        proof.caller(shop.callers)


def test_a_share_ends_when_it_expires_though_it_was_opened_before(shop: Shop) -> None:
    proof = proof_of(shop, made(shop, expires_at=NOW + 1_000))
    assert shop.callers.recognises(proof)
    shop.now += 1_000
    assert not shop.callers.recognises(proof)


def test_what_is_stored_of_a_share_is_no_credential(shop: Shop) -> None:
    new = made(shop)
    stored = {**shop.directory.connection.exec_driver_sql("SELECT * FROM shares").mappings().one()}
    assert new.token not in str(stored)
    assert stored["sha256"] == digest(new.token)
    ends = NOW + SESSION_MILLISECONDS
    signature = new.share.signature(stored["sha256"], ends)
    for token in (stored["sha256"].hex(), stored["id"], ""):
        proof = parse_authorization(f"Bearer hpv_{token}.{ends}.{signature}")
        assert proof is None or not shop.callers.recognises(proof)  # type: ignore[arg-type]  # no Basic here


def test_an_app_has_a_bounded_number_of_shares(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "MOST", 2)
    made(shop)
    made(shop)
    with pytest.raises(TooManyShares, match="The app has 2 shares"):
        made(shop)


def test_the_last_look_at_a_share_is_written(shop: Shop) -> None:
    new = made(shop)
    with shop.directory.writing() as connection:
        write_uses(connection, {digest(new.token): NOW + DAY})
    (kept,) = list_shares(shop.directory.connection, shop.number, new.share.pixel)
    assert kept.used_at == NOW + DAY


def test_an_attempt_that_is_taken_back_does_not_count() -> None:
    attempts = Attempts(elapsed=lambda: 0.0)
    for _ in range(OF_ACCOUNT * 3):
        attempts.note("shr_1", "203.0.113.7")
        attempts.take_back("shr_1", "203.0.113.7")
    for _ in range(OF_ACCOUNT):
        attempts.note("shr_1", "203.0.113.7")
    with pytest.raises(TooManyAttempts):
        attempts.note("shr_1", "203.0.113.7")


def test_origins_are_written_in_one_form() -> None:
    given = ["HTTPS://Zürich.Example/", "http://localhost:8080", "https://xn--zrich-kva.example"]
    assert usable_origins(given) == ("https://xn--zrich-kva.example", "http://localhost:8080")
