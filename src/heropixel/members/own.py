"""What members change of themselves: password, email, and whether addresses are masked for them."""

from typing import NamedTuple

from sqlalchemy import Connection, select, update

from heropixel.directory.member_tables import members
from heropixel.directory.revision import bump_revision
from heropixel.errors import NotAllowed, Refusal
from heropixel.members.membership import usable_email
from heropixel.members.refusals import EmailMissing, EmailTaken
from heropixel.members.roster import Member
from heropixel.members.sessions import end_sessions


class Account(NamedTuple):
    """What an email signs in to; nothing where nobody has it."""

    id: str | None = None
    password: str | None = None  # encoded


def find_account(connection: Connection, email: str) -> Account:
    """The account with an email."""
    try:
        address = usable_email(email)
    except Refusal:
        return Account()
    row = connection.execute(select(members.c.id, members.c.password).where(members.c.email == address)).first()
    return Account(*row) if row else Account()


def check_new_email(member: Member, given: str | None) -> str:
    """The email of a member who sets a password.

    Raises:
        EmailMissing: they have none, and give none.
        InvalidEmail: it is no email.
        NotAllowed: they have another.
    """
    if member.email is None:
        if not given:
            raise EmailMissing
        return usable_email(given)
    if given and usable_email(given) != member.email:
        raise NotAllowed(why="Your email cannot be changed: ask an owner to invite the new one")
    return member.email


def set_password(connection: Connection, member: str, encoded: str, email: str, *, but: bytes) -> None:
    """Store a password, and end all other sessions of the member.

    Raises:
        EmailTaken: another member has the email.
    """
    if connection.execute(select(members.c.id).where(members.c.email == email, members.c.id != member)).first():
        raise EmailTaken
    connection.execute(update(members).where(members.c.id == member).values(password=encoded, email=email))
    end_sessions(connection, member, but=but)
    bump_revision(connection)


def show_addresses(connection: Connection, member: str, *, on: bool) -> None:
    """Mask addresses for a member, or show them."""
    connection.execute(update(members).where(members.c.id == member).values(show_addresses=on))
    bump_revision(connection)
