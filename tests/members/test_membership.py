"""Members of an app: invited, changed, removed; there is always an owner. And the audit list."""

import pytest

from heropixel.errors import InvalidEmail
from heropixel.members.audit import add_entry, count_entries, list_entries
from heropixel.members.membership import change_role, invite, list_members, remove_member
from heropixel.members.own import set_password
from heropixel.members.refusals import LastOwner, MemberNotFound
from heropixel.members.roles import Role
from tests.members.conftest import DAY, NOW, Shop


def test_an_email_is_one_member_however_it_is_written(shop: Shop) -> None:
    with shop.directory.writing() as connection:
        first = invite(connection, shop.number, " Anna@Example.com", Role.OWNER, NOW)
        again = invite(connection, shop.number, "anna@example.com", Role.OWNER, NOW)
        assert first.row == again.row
        with pytest.raises(InvalidEmail):
            invite(connection, shop.number, "anna", Role.OWNER, NOW)


def test_an_app_keeps_an_owner(shop: Shop) -> None:
    with shop.directory.writing() as connection:
        owner = invite(connection, shop.number, "anna@example.com", Role.OWNER, NOW).row.id
        with pytest.raises(LastOwner):
            change_role(connection, shop.number, owner, Role.EDITOR)
        with pytest.raises(LastOwner):
            remove_member(connection, shop.number, owner)
        with pytest.raises(LastOwner):
            invite(connection, shop.number, "anna@example.com", Role.VIEWER, NOW)
        second = invite(connection, shop.number, "ben@example.com", Role.OWNER, NOW).row.id
        remove_member(connection, shop.number, owner)
        assert [row.id for row in list_members(connection, shop.number)] == [second]


def test_another_owners_invitation_is_no_way_into_an_account(shop: Shop) -> None:
    other = Shop(shop.directory)
    with shop.directory.writing() as connection:
        waiting = invite(connection, shop.number, "anna@example.com", Role.VIEWER, NOW)
        assert waiting.is_new
        assert invite(connection, shop.number, "anna@example.com", Role.EDITOR, NOW).is_new, "she has never signed in"
        assert not invite(connection, other.number, "anna@example.com", Role.VIEWER, NOW).is_new, "of another app too"
        alone = invite(connection, shop.number, "ben@example.com", Role.VIEWER, NOW)
        set_password(connection, alone.row.id, "$argon2id$", "ben@example.com", but=b"")
        assert not invite(connection, shop.number, "ben@example.com", Role.EDITOR, NOW).is_new, "he has a password"


def test_the_members_of_an_app_are_no_business_of_another(shop: Shop) -> None:
    other = Shop(shop.directory)
    with shop.directory.writing() as connection:
        member = invite(connection, shop.number, "anna@example.com", Role.VIEWER, NOW).row.id
        with pytest.raises(MemberNotFound):
            change_role(connection, other.number, member, Role.OWNER)
        with pytest.raises(MemberNotFound):
            remove_member(connection, other.number, member)
        assert list_members(connection, other.number) == []


def test_the_audit_list_is_kept_for_a_year_newest_first_in_pages(shop: Shop) -> None:
    with shop.directory.writing() as connection:
        for days in range(367):
            add_entry(connection, shop.number, NOW + days * DAY, "MEMBER", "mem_1", "forget", f"era_{days}")
        assert count_entries(connection, shop.number) == 366, "the day that is older than a year is gone"
        newest = list_entries(connection, shop.number, None, 2)
        assert [entry.about for entry in newest] == ["era_366", "era_365"]
        assert [entry.about for entry in list_entries(connection, shop.number, newest[-1].id, 1)] == ["era_364"]
        assert list_entries(connection, shop.number + 1, None, 10) == []
