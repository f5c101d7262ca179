"""Sign-in links: each works once and for a short time. The first one makes the first owner."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select

from heropixel.directory.apps import make_app
from heropixel.directory.member_tables import members, sign_in_links
from heropixel.directory.tables import apps
from heropixel.members.membership import add_member, give_role
from heropixel.members.refusals import LinkInvalid
from heropixel.members.roles import Role
from heropixel.members.tokens import digest, new_token

LINK_MILLISECONDS = 15 * 60_000
INVITATION_MILLISECONDS = 7 * 86_400_000
FIRST_APP = "My sites"


def new_link(connection: Connection, member: str | None, now: int, works_for: int = LINK_MILLISECONDS) -> str:
    """The token of a new link. `member` None: whoever uses it becomes the first owner. Earlier ones end."""
    token = new_token()
    connection.execute(
        delete(sign_in_links).where(
            (sign_in_links.c.member.is_not_distinct_from(member)) | (sign_in_links.c.expires_at <= now)
        )
    )
    connection.execute(insert(sign_in_links).values(sha256=token.sha256, member=member, expires_at=now + works_for))
    return token.text


def first_link(connection: Connection, now: int) -> str | None:
    """The token of a link for the first owner; None where somebody may sign in already."""
    return None if connection.execute(select(members.c.id).limit(1)).first() else new_link(connection, None, now)


def link_is_there(connection: Connection, token: str, now: int) -> bool:
    """Whether a token would work."""
    there = select(sign_in_links.c.expires_at).where(sign_in_links.c.sha256 == digest(token))
    expires_at = connection.execute(there).scalar()
    return expires_at is not None and expires_at > now


def use_link(connection: Connection, token: str, now: int) -> str:
    """The member that a link is for. It does not work again.

    Raises:
        LinkInvalid: it was used, or is too old, or there was never one.
    """
    used = connection.execute(
        delete(sign_in_links)
        .where(sign_in_links.c.sha256 == digest(token), sign_in_links.c.expires_at > now)
        .returning(sign_in_links.c.member)
    ).first()
    if used is None:
        raise LinkInvalid
    return used.member or _first_owner(connection, now)


def _first_owner(connection: Connection, now: int) -> str:
    """A new member who owns every app. Where there is no app yet, one is made, without a secret."""
    if connection.execute(select(members.c.id).limit(1)).first():  # the link was older than they are
        raise LinkInvalid
    owner = add_member(connection, None, now)
    for app in _all_apps(connection) or [make_app(connection, FIRST_APP, now)[0]]:
        give_role(connection, owner, app, Role.OWNER, now)
    return owner


def _all_apps(connection: Connection) -> Sequence[int]:
    return connection.execute(select(apps.c.number)).scalars().all()


def link_of(base: str, token: str) -> str:
    """The address to open. The token is in its fragment, which browsers send to no server."""
    return f"{base.rstrip('/')}/#sign-in={token}"
