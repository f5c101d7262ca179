"""Members and their roles: added, changed, removed, listed. An app keeps an owner as long as it has members."""

import secrets
from typing import NamedTuple

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from heropixel.directory.member_tables import members, roles, sessions, sign_in_links
from heropixel.directory.revision import bump_revision
from heropixel.directory.view_tables import saved_views
from heropixel.errors import InvalidEmail
from heropixel.identity.emails import normalise_email
from heropixel.members.refusals import LastOwner, MemberNotFound
from heropixel.members.roles import Role

MEMBER_PREFIX = "mem_"


class MemberRow(NamedTuple):
    """A member of an app, as lists show them."""

    id: str
    email: str | None
    role: Role
    added_at: int  # Unix milliseconds


class Invited(NamedTuple):
    """A member who was invited, and whether a link may sign them in."""

    row: MemberRow
    is_new: bool


def usable_email(given: str) -> str:
    """An address to sign in with, normalised.

    Raises:
        InvalidEmail: it is none.
    """
    email = normalise_email(given)
    if email is None:
        raise InvalidEmail
    return email


def add_member(connection: Connection, email: str | None, now: int) -> str:
    """The id of a new member, who has no role yet."""
    member = MEMBER_PREFIX + secrets.token_hex(8)
    connection.execute(insert(members).values(id=member, email=email, created_at=now))
    bump_revision(connection)
    return member


def give_role(connection: Connection, member: str, app: int, role: Role, now: int) -> None:
    """Give a member their first role in an app."""
    connection.execute(insert(roles).values(member=member, app=app, role=role, added_at=now))
    bump_revision(connection)


def invite(connection: Connection, app: int, email: str, role: Role, now: int) -> Invited:
    """Add somebody to an app, or change their role.

    Nobody is told whether they are a member of another app. A link must only be given for one who belongs to this app
    alone and has never had a password: another owner's link would be a way into their account.

    Raises:
        InvalidEmail: the email is none.
        LastOwner: the only owner would be none any more.
    """
    address = usable_email(email)
    found = connection.execute(select(members.c.id, members.c.password).where(members.c.email == address)).first()
    member = found.id if found else add_member(connection, address, now)
    if _role_of(connection, member, app) is None:
        give_role(connection, member, app, role, now)
    else:
        change_role(connection, app, member, role)
    elsewhere = connection.execute(select(roles.c.app).where(roles.c.member == member, roles.c.app != app)).first()
    is_new = elsewhere is None and (found is None or found.password is None)
    return Invited(find_member(connection, app, member), is_new)


def change_role(connection: Connection, app: int, member: str, role: Role) -> None:
    """Give a member of an app another role.

    Raises:
        MemberNotFound: the app has no such member.
        LastOwner: they are its only owner.
    """
    _check_owner_stays(connection, app, member, role)
    connection.execute(update(roles).where(roles.c.member == member, roles.c.app == app).values(role=role))
    bump_revision(connection)


def remove_member(connection: Connection, app: int, member: str) -> None:
    """Take a member out of an app, with the views that they keep there.

    Who is in no app any more is deleted, with sessions and password.

    Raises:
        MemberNotFound: the app has no such member.
        LastOwner: they are its only owner.
    """
    _check_owner_stays(connection, app, member, None)
    for table in (saved_views, roles):
        connection.execute(delete(table).where(table.c.member == member, table.c.app == app))
    if connection.execute(select(roles.c.app).where(roles.c.member == member)).first() is None:
        for table in (sessions, sign_in_links):
            connection.execute(delete(table).where(table.c.member == member))
        connection.execute(delete(members).where(members.c.id == member))
    bump_revision(connection)


def list_members(connection: Connection, app: int) -> list[MemberRow]:
    """The members of an app, oldest first."""
    return [MemberRow(row[0], row[1], Role(row[2]), row[3]) for row in connection.execute(_rows(app))]


def find_member(connection: Connection, app: int, member: str) -> MemberRow:
    """One member of an app.

    Raises:
        MemberNotFound: the app has no such member.
    """
    row = connection.execute(_rows(app).where(members.c.id == member)).first()
    if row is None:
        raise MemberNotFound
    return MemberRow(row[0], row[1], Role(row[2]), row[3])


def member_named(connection: Connection, named: str | None) -> list[tuple[str, str | None]]:
    """The ids and emails of the members with this id or email, of any app; None: of all."""
    every = select(members.c.id, members.c.email).order_by(members.c.created_at)
    if named is not None:
        every = every.where(members.c.email == normalise_email(named) if "@" in named else members.c.id == named)
    return [(row[0], row[1]) for row in connection.execute(every)]


def _rows(app: int) -> Select[str, str | None, str, int]:
    return (
        select(members.c.id, members.c.email, roles.c.role, roles.c.added_at)
        .join(roles, roles.c.member == members.c.id)
        .where(roles.c.app == app)
        .order_by(roles.c.added_at, members.c.id)
    )


def _role_of(connection: Connection, member: str, app: int) -> Role | None:
    role = connection.execute(select(roles.c.role).where(roles.c.member == member, roles.c.app == app)).scalar()
    return None if role is None else Role(role)


def _check_owner_stays(connection: Connection, app: int, member: str, role: Role | None) -> None:
    now = _role_of(connection, member, app)
    if now is None:
        raise MemberNotFound
    if now is Role.OWNER and role is not Role.OWNER:
        owners = select(func.count()).select_from(roles).where(roles.c.app == app, roles.c.role == Role.OWNER)
        if connection.execute(owners).scalar_one() == 1:
            raise LastOwner
