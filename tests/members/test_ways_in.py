"""Links, sessions and keys: when they work, when they end, and what is stored of them."""

import pytest

from heropixel.api.callers import CallerKind
from heropixel.api.context import Context
from heropixel.api.credentials import KeyProof, SessionProof
from heropixel.directory.thread import DirectoryThread
from heropixel.errors import InvalidCredentials, PixelNotFound
from heropixel.members.keys import create_key, list_keys, revoke_key
from heropixel.members.links import first_link, link_of, new_link, use_link
from heropixel.members.membership import add_member, give_role, remove_member
from heropixel.members.refusals import AppNotNamed, InvalidScopes, LinkInvalid
from heropixel.members.roles import Role
from heropixel.members.roster import read_sessions
from heropixel.members.sessions import MOST, begin_session, end_every_session, end_sessions
from tests.members.conftest import DAY, NOW, Shop
from tests.stores.stored import all_that_is_stored

MINUTE = 60_000


def member_of(shop: Shop, role: Role = Role.OWNER) -> str:
    with shop.directory.writing() as connection:
        member = add_member(connection, None, NOW)
        give_role(connection, member, shop.number, role, NOW)
    return member


def session_of(shop: Shop, member: str) -> SessionProof:
    with shop.directory.writing() as connection:
        token = begin_session(connection, member, shop.now, "Firefox", by_link=False)
    shop.registry.refresh()
    return SessionProof.of(token)


# --- links ---


def test_a_link_works_once_and_for_fifteen_minutes(shop: Shop) -> None:
    member = member_of(shop)
    with shop.directory.writing() as connection:
        token = new_link(connection, member, NOW)
        assert use_link(connection, token, NOW + 15 * MINUTE - 1) == member
        with pytest.raises(LinkInvalid):
            use_link(connection, token, NOW)
        late = new_link(connection, member, NOW)
        with pytest.raises(LinkInvalid):
            use_link(connection, late, NOW + 15 * MINUTE)


def test_another_link_ends_the_one_before(shop: Shop) -> None:
    member = member_of(shop)
    with shop.directory.writing() as connection:
        earlier, later = new_link(connection, member, NOW), new_link(connection, member, NOW)
        with pytest.raises(LinkInvalid):
            use_link(connection, earlier, NOW)
        assert use_link(connection, later, NOW) == member


def test_whoever_signs_in_first_owns_every_app_and_nobody_does_a_second_time(shop: Shop) -> None:
    with shop.directory.writing() as connection:
        token = first_link(connection, NOW)
        assert token
        owner = use_link(connection, token, NOW)
        assert first_link(connection, NOW) is None
        with pytest.raises(LinkInvalid):
            use_link(connection, new_link(connection, None, NOW), NOW)
    shop.registry.refresh()
    assert shop.callers.roster.members[owner].roles == {shop.number: Role.OWNER}


def test_where_there_is_no_app_yet_the_first_owner_gets_one(shop: Shop) -> None:
    with shop.directory.writing() as connection:
        connection.exec_driver_sql("DELETE FROM apps")
        owner = use_link(connection, first_link(connection, NOW) or "", NOW)
    shop.registry.refresh()
    (app,) = shop.registry.apps.values()
    assert (app.name, app.secrets) == ("My sites", ())
    assert shop.callers.roster.members[owner].roles == {app.number: Role.OWNER}


def test_the_token_stands_in_the_fragment_also_below_a_path() -> None:
    assert link_of("https://stats.example/", "t") == "https://stats.example/#sign-in=t"
    assert link_of("https://example.com/stats", "t") == "https://example.com/stats/#sign-in=t"


# --- sessions ---


def test_a_session_ends_after_fourteen_days_without_a_request(shop: Shop) -> None:
    proof = session_of(shop, member_of(shop))
    for _ in range(3):
        shop.now += 14 * DAY - 1
        assert proof.caller(shop.callers).kind is CallerKind.MEMBER
    shop.now += 14 * DAY
    with pytest.raises(InvalidCredentials):
        proof.caller(shop.callers)


def test_signing_out_everywhere_ends_every_session_of_the_member_and_no_other(shop: Shop) -> None:
    member, other = member_of(shop), member_of(shop)
    proofs, others = [session_of(shop, member) for _ in range(2)], session_of(shop, other)
    with shop.directory.writing() as connection:
        end_sessions(connection, member)
    shop.registry.refresh()
    assert [shop.callers.recognises(proof) for proof in (*proofs, others)] == [False, False, True]


def test_a_member_has_a_bounded_number_of_sessions_and_the_oldest_end(shop: Shop) -> None:
    member = member_of(shop)
    first = session_of(shop, member)
    for _ in range(MOST):
        shop.now += 1
        last = session_of(shop, member)
    assert len(read_sessions(shop.directory.connection)) == MOST
    assert not shop.callers.recognises(first)
    assert shop.callers.recognises(last)


def test_a_member_who_is_removed_is_signed_out(shop: Shop) -> None:
    member_of(shop)
    member = member_of(shop, Role.VIEWER)
    proof = session_of(shop, member)
    with shop.directory.writing() as connection:
        remove_member(connection, shop.number, member)
    shop.registry.refresh()
    assert not shop.callers.recognises(proof)


def test_a_member_of_several_apps_names_one(shop: Shop) -> None:
    member = member_of(shop)
    other = Shop(shop.directory)
    with shop.directory.writing() as connection:
        give_role(connection, member, other.number, Role.VIEWER, NOW)
    proof = session_of(shop, member)
    with pytest.raises(AppNotNamed):
        proof.caller(shop.callers)
    for named, role in ((shop, Role.OWNER), (other, Role.VIEWER)):
        caller = proof._replace(app_id=named.id).caller(shop.callers)
        assert (caller.app.id, caller.role) == (named.id, role)
    with pytest.raises(AppNotNamed):
        proof._replace(app_id="app_of_somebody").caller(shop.callers)


def test_a_restored_backup_has_no_session_and_no_link(shop: Shop) -> None:
    member = member_of(shop)
    proof = session_of(shop, member)
    with shop.directory.writing() as connection:
        token = new_link(connection, member, NOW)
        end_every_session(connection)
        with pytest.raises(LinkInvalid):
            use_link(connection, token, NOW)
    shop.registry.refresh()
    assert not shop.callers.recognises(proof)


async def test_the_last_use_is_written_now_and_then_and_outlives_the_process(shop: Shop) -> None:
    proof = session_of(shop, member_of(shop))
    shop.now += DAY
    proof.caller(shop.callers)
    (before,) = read_sessions(shop.directory.connection).values()
    assert before.used_at == NOW, "no request writes"
    thread = DirectoryThread(shop.directory.another())
    await shop.callers.uses.write(thread)
    thread.close()
    (after,) = read_sessions(shop.directory.connection).values()
    assert after.used_at == NOW + DAY


# --- keys ---


def test_a_key_works_until_it_expires_or_is_revoked(shop: Shop) -> None:
    with shop.directory.writing() as connection:
        lasting = create_key(connection, shop.number, "For ever", ["RECORD"], None, None, NOW)
        ending = create_key(connection, shop.number, "A day", ["RECORD"], None, NOW + DAY, NOW)
    shop.registry.refresh()
    proofs = [KeyProof.of(made.text) for made in (lasting, ending)]
    assert [proof and shop.callers.recognises(proof) for proof in proofs] == [True, True]
    shop.now += DAY
    assert [proof and shop.callers.recognises(proof) for proof in proofs] == [True, False]
    with shop.directory.writing() as connection:
        revoke_key(connection, shop.number, lasting.key.id)
    shop.registry.refresh()
    assert not any(proof and shop.callers.recognises(proof) for proof in proofs)
    assert [key.id for key in list_keys(shop.directory.connection, shop.number)] == [ending.key.id]


def test_a_key_needs_a_scope_and_pixels_of_its_own_app(shop: Shop) -> None:
    with shop.directory.writing() as connection:
        for scopes, pixels in (([], None), (["RECORD"], [])):
            with pytest.raises(InvalidScopes):
                create_key(connection, shop.number, "x", scopes, pixels, None, NOW)
        with pytest.raises(PixelNotFound):
            create_key(connection, shop.number, "x", ["RECORD"], [1], None, NOW)


def test_a_wrong_key_slows_its_address_down_and_an_old_session_does_not(shop: Shop) -> None:
    old = Context(shop.callers, None, session=SessionProof.of("ended"))
    wrong = Context(shop.callers, KeyProof.of("hpk_wrong"))
    for context, noted in ((old, False), (wrong, True)):
        with pytest.raises(InvalidCredentials):
            context.caller(None)
        assert bool(shop.callers.guesses) is noted


def test_neither_a_token_nor_a_key_nor_a_cookie_is_stored(shop: Shop) -> None:
    member = member_of(shop)
    with shop.directory.writing() as connection:
        texts = [
            new_link(connection, member, NOW),
            begin_session(connection, member, NOW, "", by_link=True),
            create_key(connection, shop.number, "x", ["RECORD"], None, None, NOW).text,
        ]
    stored = all_that_is_stored(shop.directory)
    assert [text.encode() in stored for text in texts] == [False, False, False]
